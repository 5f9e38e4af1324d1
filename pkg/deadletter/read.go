package deadletter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Box is the dead letters of a deployment.
type Box struct {
	Client *kafkalog.Client
	Prefix string // of its topics
	// Progress is told how many of how many records have been read of the topic; nil: nobody.
	Progress func(topic string, done, total int64)
}

// Filter says which letters; its zero value is all.
type Filter struct {
	Reason codec.Code
	Topic  string    // that they came in by, without prefix
	Since  time.Time // rejected then or later
}

func (f Filter) has(l Letter) bool {
	return (f.Reason == "" || f.Reason == l.Reason) && (f.Topic == "" || f.Topic == l.Origin.Topic) && !l.Time.Before(f.Since)
}

// window is how many records are read at once on the way back from the end.
const window = 1000

// List gives the heads of at most most letters, the newest first.
func (b Box) List(ctx context.Context, f Filter, most int) ([]Letter, error) {
	bounds, err := b.Client.Offsets(ctx, b.topic())
	if err != nil {
		return nil, err
	}
	seen := b.counter(topics.DeadLetters, records(bounds))
	var all []Letter
	for p, at := range bounds {
		found, err := b.newest(ctx, p, at, f, most, seen)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b Letter) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Partition, b.Partition), cmp.Compare(b.Offset, a.Offset))
	})
	return all[:min(most, len(all))], nil
}

// newest reads one partition from its end back until it has enough.
func (b Box) newest(ctx context.Context, partition int, at kafkalog.Bounds, f Filter, most int, seen func()) (all []Letter, err error) {
	for to := at.End; to > at.Start && len(all) < most; {
		from := max(at.Start, to-window)
		late := false
		var found []Letter
		err := b.Client.ReadRange(ctx, b.topic(), partition, from, to, func(m kafkalog.Message) error {
			seen()
			late = late || !m.Time.Before(f.Since)
			if l := read(m).head(); f.has(l) {
				found = append(found, l)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		slices.Reverse(found)
		all, to = append(all, found...), from
		if !late {
			break
		}
	}
	return all[:min(most, len(all))], nil
}

// Get gives one letter whole.
func (b Box) Get(ctx context.Context, id ID) (l Letter, err error) {
	bounds, err := b.Client.Offsets(ctx, b.topic())
	if err != nil {
		return l, err
	}
	if id.Partition < 0 || id.Partition >= len(bounds) || id.Offset < bounds[id.Partition].Start || id.Offset >= bounds[id.Partition].End {
		return l, fmt.Errorf("there is no dead letter %s (any more): see tierctl dlq list", id)
	}
	err = b.Client.ReadRange(ctx, b.topic(), id.Partition, id.Offset, id.Offset+1, func(m kafkalog.Message) error {
		l = read(m)
		return nil
	})
	return l, err
}

// heads gives the head of every letter that the filter has, the oldest of each partition first.
func (b Box) heads(ctx context.Context, f Filter) (all []Letter, err error) {
	bounds, err := b.Client.Offsets(ctx, b.topic())
	if err != nil {
		return nil, err
	}
	seen := b.counter(topics.DeadLetters, records(bounds))
	for p, at := range bounds {
		err := b.Client.ReadRange(ctx, b.topic(), p, at.Start, at.End, func(m kafkalog.Message) error {
			seen()
			if l := read(m).head(); f.has(l) {
				all = append(all, l)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (b Box) topic() string { return b.Prefix + topics.DeadLetters }

func records(bounds []kafkalog.Bounds) (n int64) {
	for _, at := range bounds {
		n += at.End - at.Start
	}
	return n
}

// counter counts records on their way.
func (b Box) counter(topic string, total int64) func() {
	done := int64(0)
	return func() {
		if done++; b.Progress != nil && (done == total || done%window == 0) {
			b.Progress(topic, done, total)
		}
	}
}
