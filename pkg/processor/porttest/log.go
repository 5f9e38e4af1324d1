package porttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Partition is a partition under test: the log as its owner sees it, and what the test does behind the owner's back.
type Partition struct {
	Log processor.Log
	// Put appends to the input log as another producer does.
	Put func(t *testing.T, ms ...processor.Message)
	// Sent is everything in the partition of an output topic, or of "facts", in order.
	Sent func(t *testing.T, topic string) []processor.Message
	// Outputs are two topics that the owner may write to.
	Outputs [2]string
	// Takeover makes another owner of the partition. From then on the log of the former one is fenced.
	Takeover func(t *testing.T) processor.Log
	// Committed is the consumer group's offset; -1: none.
	Committed func(t *testing.T) int64
	// Trim deletes the records of the input log below offset.
	Trim func(t *testing.T, offset int64)
}

// Log runs the suite of processor.Log. open gives a partition with empty topics that no other test uses.
func Log(t *testing.T, open func(t *testing.T) Partition) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Partition)
	}{
		{"an empty log has bounds and no records", emptyLog},
		{"records come in order, from the offset asked for", inOrder},
		{"beyond the end there is nothing and the bounds say so", beyondTheEnd},
		{"below the start there is nothing and the bounds say so", belowTheStart},
		{"a fetch waits for records, not for all of its wait", wakesUp},
		{"a fetch without wait returns at once", noWait},
		{"a fetch ends with its context", fetchEnds},
		{"an emission arrives whole, in order, byte for byte", emission},
		{"two topics don't mix", twoTopics},
		{"Append says where the record is", appends},
		{"a commit is seen by the next owner", commits},
		{"the former owner is fenced", fenced},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

const patience = 10 * civil.Second

func messages(n int) (ms []processor.Message) {
	for i := range n {
		ms = append(ms, processor.Message{Key: fmt.Sprint("k", i), Value: fmt.Appendf(nil, "v%d", i)})
	}
	return ms
}

// fetch gives the records from offset on, at most most, waiting until there is at least one.
func (p Partition) fetch(t *testing.T, offset int64, most int) processor.Fetched {
	t.Helper()
	f, err := p.Log.Fetch(t.Context(), offset, most, patience)
	if err != nil {
		t.Fatalf("Fetch from %d: %v", offset, err)
	}
	return f
}

func emptyLog(t *testing.T, p Partition) {
	f, err := p.Log.Fetch(t.Context(), 0, 10, civil.Second/100)
	if err != nil || len(f.Records) != 0 || f.Start != 0 || f.End != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func inOrder(t *testing.T, p Partition) {
	before := civil.FromTime(time.Now()) - patience
	ms := messages(5)
	ms[3].Value = []byte{}
	p.Put(t, ms...)
	for offset := int64(0); offset < 5; {
		f := p.fetch(t, offset, 3)
		if len(f.Records) == 0 || len(f.Records) > 3 || f.Start != 0 || f.End != 5 {
			t.Fatalf("from %d: %d records, log [%d, %d)", offset, len(f.Records), f.Start, f.End)
		}
		for _, r := range f.Records {
			want := ms[offset]
			if r.Offset != offset || r.Key != want.Key || string(r.Value) != string(want.Value) || r.Appended < before {
				t.Errorf("want offset %d %s=%s after %s, got %+v", offset, want.Key, want.Value, before, r)
			}
			offset++
		}
	}
}

func beyondTheEnd(t *testing.T, p Partition) {
	p.Put(t, messages(3)...)
	p.fetch(t, 0, 10)
	for _, offset := range []int64{3, 7} {
		f, err := p.Log.Fetch(t.Context(), offset, 10, civil.Second/100)
		if err != nil || len(f.Records) != 0 || f.Start != 0 || f.End != 3 {
			t.Errorf("from %d: %+v, %v", offset, f, err)
		}
	}
}

func belowTheStart(t *testing.T, p Partition) {
	p.Put(t, messages(6)...)
	p.fetch(t, 0, 10)
	p.Trim(t, 4)
	f, err := p.Log.Fetch(t.Context(), 1, 10, civil.Second/100)
	if err != nil || len(f.Records) != 0 || f.Start != 4 || f.End != 6 {
		t.Errorf("from 1: %+v, %v", f, err)
	}
	if f = p.fetch(t, 4, 10); len(f.Records) == 0 || f.Records[0].Offset != 4 || f.Start != 4 {
		t.Errorf("from 4: %+v", f)
	}
}

func wakesUp(t *testing.T, p Partition) {
	p.Put(t, messages(1)...)
	p.fetch(t, 0, 10)
	got := make(chan processor.Fetched)
	go func() {
		f, _ := p.Log.Fetch(t.Context(), 1, 10, 60*civil.Second)
		got <- f
	}()
	p.Put(t, messages(1)...)
	select {
	case f := <-got:
		if len(f.Records) != 1 || f.Records[0].Offset != 1 {
			t.Errorf("%+v", f)
		}
	case <-time.After(time.Duration(patience) * time.Microsecond):
		t.Error("the fetch has not returned")
	}
}

func noWait(t *testing.T, p Partition) {
	p.Put(t, messages(1)...)
	p.fetch(t, 0, 10)
	start := time.Now()
	f, err := p.Log.Fetch(t.Context(), 1, 10, 0)
	if err != nil || len(f.Records) != 0 || time.Since(start) > 5*time.Second {
		t.Errorf("%+v, %v after %s", f, err, time.Since(start))
	}
}

func fetchEnds(t *testing.T, p Partition) {
	p.Put(t, messages(1)...)
	p.fetch(t, 0, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		_, _ = p.Log.Fetch(ctx, 1, 10, 60*civil.Second)
		close(done)
	}()
	cancel()
	select {
	case <-done:
	case <-time.After(time.Duration(patience) * time.Microsecond):
		t.Error("the fetch goes on after its context has ended")
	}
}

func wantSent(t *testing.T, p Partition, topic string, want []processor.Message) {
	t.Helper()
	got := p.Sent(t, topic)
	if len(got) != len(want) {
		t.Fatalf("%s has %d messages, want %d", topic, len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		same := g.Key == w.Key && string(g.Value) == string(w.Value) && len(g.Headers) == len(w.Headers)
		for j := range w.Headers {
			same = same && g.Headers[j].Key == w.Headers[j].Key && string(g.Headers[j].Value) == string(w.Headers[j].Value)
		}
		if !same {
			t.Errorf("%s message %d: %+v, want %+v", topic, i, g, w)
		}
	}
}

func emission(t *testing.T, p Partition) {
	ms := messages(700)
	ms[0] = processor.Message{Key: "k", Value: []byte{0, 255, '\n'}, Headers: []processor.Header{{Key: "ce_id", Value: []byte("1")}, {Key: "ce_type", Value: []byte{}}}}
	ms[1] = processor.Message{Key: "", Value: []byte("no key")}
	ms[2] = processor.Message{Key: "k", Value: []byte{}}
	for range 2 {
		if err := p.Log.Produce(t.Context(), processor.Emission{Topic: p.Outputs[0], Messages: ms}); err != nil {
			t.Fatalf("Produce: %v", err)
		}
	}
	wantSent(t, p, p.Outputs[0], append(ms[:700:700], ms...))
}

func twoTopics(t *testing.T, p Partition) {
	for i, topic := range p.Outputs {
		e := processor.Emission{Topic: topic, Messages: []processor.Message{{Key: "k", Value: fmt.Append(nil, i)}}}
		if err := p.Log.Produce(t.Context(), e); err != nil {
			t.Fatalf("Produce: %v", err)
		}
	}
	for i, topic := range p.Outputs {
		wantSent(t, p, topic, []processor.Message{{Key: "k", Value: fmt.Append(nil, i)}})
	}
}

func appends(t *testing.T, p Partition) {
	for i := range int64(3) {
		m := processor.Message{Value: fmt.Append(nil, "tick ", i)}
		offset, err := p.Log.Append(t.Context(), m)
		if err != nil {
			t.Fatalf("Append: %v", err)
		}
		all := p.Sent(t, "facts")
		if offset != int64(len(all)-1) || string(all[offset].Value) != string(m.Value) {
			t.Errorf("offset %d of %d facts", offset, len(all))
		}
	}
}

func commits(t *testing.T, p Partition) {
	if n := p.Committed(t); n != -1 {
		t.Errorf("%d is committed before any commit", n)
	}
	p.Put(t, messages(9)...)
	for _, offset := range []int64{0, 4, 9} {
		if err := p.Log.Commit(t.Context(), offset); err != nil {
			t.Fatalf("Commit: %v", err)
		}
		if n := p.Committed(t); n != offset {
			t.Errorf("%d is committed, want %d", n, offset)
		}
	}
	p.Takeover(t)
	if n := p.Committed(t); n != 9 {
		t.Errorf("the next owner sees %d, want 9", n)
	}
}

func fenced(t *testing.T, p Partition) {
	p.Put(t, messages(9)...)
	if err := p.Log.Commit(t.Context(), 2); err != nil {
		t.Fatalf("Commit: %v", err)
	}
	next := p.Takeover(t)
	if err := p.Log.Commit(t.Context(), 3); !errors.Is(err, processor.ErrFenced) {
		t.Errorf("the former owner commits: %v, want ErrFenced", err)
	}
	if n := p.Committed(t); n != 2 {
		t.Errorf("%d is committed, want 2", n)
	}
	if err := next.Commit(t.Context(), 5); err != nil || p.Committed(t) != 5 {
		t.Errorf("the new owner commits 5: %v, committed %d", err, p.Committed(t))
	}
}
