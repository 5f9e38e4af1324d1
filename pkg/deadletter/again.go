package deadletter

import (
	"context"
	"slices"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// lane is a partition of an input.
type lane struct {
	topic     string
	partition int
}

func (l Letter) lane() lane { return lane{l.Origin.Topic, l.Origin.Partition} }

// Look fills in, for each letter, where it has been put back. It reads the inputs behind the letters' origins: nothing
// else remembers. A record that has been put back lies behind its origin in the same partition.
func (b Box) Look(ctx context.Context, letters []Letter) error {
	_, err := b.look(ctx, letters)
	return err
}

// look also gives where each lane ended: whatever is put back later lies from there on.
func (b Box) look(ctx context.Context, letters []Letter) (map[lane]int64, error) {
	by := map[lane][]*Letter{}
	for i := range letters {
		if l := &letters[i]; slices.Contains(topics.Inputs(), l.Origin.Topic) && l.Origin.Offset != None {
			by[l.lane()] = append(by[l.lane()], l)
		}
	}
	ends := map[lane]int64{}
	for _, topic := range topics.Inputs() {
		if err := b.lookInto(ctx, topic, by, ends); err != nil {
			return nil, err
		}
	}
	return ends, nil
}

func (b Box) lookInto(ctx context.Context, topic string, by map[lane][]*Letter, ends map[lane]int64) error {
	wanted, total := map[lane]kafkalog.Bounds{}, int64(0)
	var bounds []kafkalog.Bounds
	for at, letters := range by {
		if at.topic != topic {
			continue
		}
		if bounds == nil {
			var err error
			if bounds, err = b.Client.Offsets(ctx, b.Prefix+topic); err != nil {
				return err
			}
		}
		if at.partition < 0 || at.partition >= len(bounds) {
			continue // the topic was made anew: sending will say so
		}
		r := behind(letters, bounds[at.partition])
		wanted[at], ends[at] = r, r.End
		total += r.End - r.Start
	}
	seen := b.counter(topic, total)
	for at, r := range wanted {
		again, err := b.marks(ctx, at, r, seen)
		if err != nil {
			return err
		}
		for _, l := range by[at] {
			if offset, ok := again[l.Origin.Offset]; ok {
				l.Again, l.Unsure = offset, false
			}
		}
	}
	return nil
}

// behind is what has to be read to find the letters' marks. Where the log no longer has the record next to a letter's origin,
// a mark may be gone with it.
func behind(letters []*Letter, log kafkalog.Bounds) kafkalog.Bounds {
	from := log.End
	for _, l := range letters {
		from = min(from, l.Origin.Offset+1)
		l.Again, l.Unsure = None, l.Origin.Offset+1 < log.Start || l.Origin.Offset >= log.End
	}
	return kafkalog.Bounds{Start: max(from, log.Start), End: log.End}
}

// marks gives, for each offset that a record of the range says it is again, where that record is.
func (b Box) marks(ctx context.Context, at lane, r kafkalog.Bounds, seen func()) (map[int64]int64, error) {
	again := map[int64]int64{}
	err := b.Client.ReadRange(ctx, b.Prefix+at.topic, at.partition, r.Start, r.End, func(m kafkalog.Message) error {
		seen()
		if of := mark(m); of != None {
			if _, ok := again[of]; !ok {
				again[of] = m.Offset
			}
		}
		return nil
	})
	return again, err
}
