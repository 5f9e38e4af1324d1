package deadletter

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// Wish says what Retry is to put back.
type Wish struct {
	IDs    []ID   // these; none: those of the filter
	Filter Filter // oldest first
	Most   int    // letters at a time; what is left is counted
	// Force also puts back those of which the log no longer tells whether they were (Letter.Unsure).
	Force  bool
	DryRun bool
}

// Result is what Retry has done, or would do.
type Result struct {
	Sent    []Letter // put back, at Again (with DryRun: None), in the order of sending
	Before  []Letter // had been put back before
	Refused []Letter // can't be: see Refusal
	Left    int      // more than Most
}

// Refusal says why Retry refused a letter.
func (w Wish) Refusal(l Letter) string {
	if why := l.Refusal(); why != "" {
		return why
	}
	if l.Unsure && !w.Force {
		return fmt.Sprintf("%s no longer has all records behind offset %d, so whether it was put back can't be seen: --force does it (the scorer drops an event that it has had)", l.Origin.Topic, l.Origin.Offset)
	}
	return ""
}

// Retry puts letters back where they came in, each once, whatever had happened to a former try. One input record may
// have become several letters (ingest had to take it again): it counts as one.
func (b Box) Retry(ctx context.Context, w Wish) (r Result, err error) {
	letters, err := b.chosen(ctx, w)
	if err != nil {
		return r, err
	}
	ends, err := b.look(ctx, letters)
	if err != nil {
		return r, err
	}
	var todo []Letter
	for _, l := range letters {
		switch {
		case l.Again != None:
			r.Before = append(r.Before, l)
		case w.Refusal(l) != "":
			r.Refused = append(r.Refused, l)
		default:
			todo = append(todo, l)
		}
	}
	slices.SortStableFunc(todo, func(a, b Letter) int { return a.Time.Compare(b.Time) })
	if w.Most > 0 && len(todo) > w.Most {
		r.Left = len(todo) - w.Most
		todo = todo[:w.Most]
	}
	if w.DryRun {
		r.Sent = todo
		return r, nil
	}
	r.Sent, err = b.sendAll(ctx, todo, ends)
	return r, err
}

// chosen is the heads of the letters that are wished for, one of each origin.
func (b Box) chosen(ctx context.Context, w Wish) (letters []Letter, err error) {
	if len(w.IDs) == 0 {
		letters, err = b.heads(ctx, w.Filter)
	}
	for _, id := range w.IDs {
		l, err := b.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		letters = append(letters, l.head())
	}
	seen := map[Place]bool{}
	return slices.DeleteFunc(letters, func(l Letter) bool {
		again := seen[l.Origin] && l.Refusal() == ""
		seen[l.Origin] = true
		return again
	}), err
}

// sendBytes bounds one request.
const sendBytes = 512 << 10

// sender puts letters back, in the order of dead-letters, as requests of one lane each.
type sender struct {
	box     Box
	ends    map[lane]int64
	waiting map[lane][]Letter
	size    map[lane]int
	sent    []Letter
	total   int64
}

func (b Box) sendAll(ctx context.Context, todo []Letter, ends map[lane]int64) ([]Letter, error) {
	s := &sender{box: b, ends: ends, waiting: map[lane][]Letter{}, size: map[lane]int{}, total: int64(len(todo))}
	by := map[int]map[int64]bool{}
	for _, l := range todo {
		if by[l.Partition] == nil {
			by[l.Partition] = map[int64]bool{}
		}
		by[l.Partition][l.Offset] = true
	}
	for _, p := range slices.Sorted(maps.Keys(by)) {
		offsets := slices.Sorted(maps.Keys(by[p]))
		err := b.Client.ReadRange(ctx, b.topic(), p, offsets[0], offsets[len(offsets)-1]+1, func(m kafkalog.Message) error {
			if !by[p][m.Offset] {
				return nil
			}
			return s.add(ctx, read(m))
		})
		if err == nil {
			err = s.flush(ctx)
		}
		if err != nil {
			return s.sent, err
		}
	}
	return s.sent, nil
}

func (s *sender) add(ctx context.Context, l Letter) error {
	at := l.lane()
	if s.size[at] > 0 && s.size[at]+l.Size > sendBytes {
		if err := s.send(ctx, at); err != nil {
			return err
		}
	}
	s.waiting[at] = append(s.waiting[at], l)
	s.size[at] += l.Size + len(l.Key) + 100*len(l.Headers)
	return nil
}

func (s *sender) flush(ctx context.Context) error {
	lanes := slices.SortedFunc(maps.Keys(s.waiting), func(a, b lane) int {
		return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.partition, b.partition))
	})
	for _, at := range lanes {
		if err := s.send(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// send is one request. Where it got no answer, the log is asked whether it came: sending it again would be a guess.
func (s *sender) send(ctx context.Context, at lane) error {
	letters := s.waiting[at]
	if len(letters) == 0 {
		return nil
	}
	delete(s.waiting, at)
	s.size[at] = 0
	slices.SortFunc(letters, func(a, b Letter) int { return cmp.Compare(a.Origin.Offset, b.Origin.Offset) })
	ms := make([]kafkalog.Message, len(letters))
	for i, l := range letters {
		ms[i] = l.again()
	}
	base, err := s.box.Client.Produce(ctx, s.box.Prefix+at.topic, at.partition, ms)
	if err == nil {
		for i := range letters {
			letters[i].Again = base + int64(i)
		}
	} else if e := s.arrived(ctx, at, letters); e != nil {
		return fmt.Errorf("putting %d dead letters back, from %s on: %w: they may still arrive: give the same command again, it looks for them first", len(letters), letters[0].ID, err)
	}
	for _, l := range letters {
		s.sent = append(s.sent, l.head())
	}
	if s.box.Progress != nil {
		s.box.Progress(at.topic, int64(len(s.sent)), s.total)
	}
	return nil
}

// How long the log is asked whether a request without an answer has come.
const (
	arrivalTries = 10
	arrivalRest  = 200 * time.Millisecond
)

// arrived waits until the log has the letters.
func (s *sender) arrived(ctx context.Context, at lane, letters []Letter) error {
	for range arrivalTries {
		bounds, err := s.box.Client.Offsets(ctx, s.box.Prefix+at.topic)
		if err == nil && at.partition < len(bounds) {
			again, err := s.box.marks(ctx, at, kafkalog.Bounds{Start: s.ends[at], End: bounds[at.partition].End}, func() {})
			if err == nil && fill(letters, again) {
				return nil
			}
		}
		t := time.NewTimer(arrivalRest)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
	return fmt.Errorf("not there after %d looks", arrivalTries)
}

func fill(letters []Letter, again map[int64]int64) bool {
	for i := range letters {
		offset, ok := again[letters[i].Origin.Offset]
		if !ok {
			return false
		}
		letters[i].Again = offset
	}
	return true
}
