package model

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/processor/model/mutant"
)

// reference is the sequential fold of a log, record by record, with what each record gave.
type reference struct {
	fold    *memory.Fold
	slot    *memory.Slot
	off     int64
	stopped bool                 // the log itself can't be folded
	parts   []string             // the partition's blob after each record
	nexts   []civil.Instant      // the earliest due moment after each
	hist    map[string][]version // of each customer
	out     []caused
	sent    int // outputs of out known to be in the log
	ahead   civil.Instant
	touched int // customers written: a measure of what was to do
	caught  []string
}

type version struct {
	off    int64
	digest string
}

type caused struct {
	off int64
	out []processor.Emission
}

func newReference(stage processor.Stage) *reference {
	r := &reference{slot: memory.NewSlot(), hist: map[string][]version{}}
	f, err := memory.NewFold(stage, r)
	must(err)
	r.fold = f
	return r
}

// Read is the fold's port.
func (f *reference) Read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	return f.slot.Read(ctx, q)
}

// Apply is the fold's port: it learns who was written.
func (f *reference) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	f.caught = f.caught[:0]
	for _, c := range w.Customers {
		f.caught = append(f.caught, c.ID)
	}
	return f.slot.Apply(ctx, w)
}

// step folds the next record.
func (f *reference) step(e *entry) {
	was := f.fold.Status().Now
	f.caught = f.caught[:0]
	out, err := f.fold.Put(e.record(f.off))
	if err != nil {
		f.stopped = true
		return
	}
	if now := f.fold.Status().Now; now > was {
		f.ahead = max(f.ahead, now-e.stamp)
	}
	f.touched += len(f.caught)
	for _, id := range f.caught {
		f.hist[id] = append(f.hist[id], version{f.off, digest(f.slot, id)})
	}
	f.parts = append(f.parts, string(f.slot.Part()))
	f.nexts = append(f.nexts, f.fold.NextDue())
	if len(out) > 0 {
		f.out = append(f.out, caused{f.off, out})
	}
	f.off++
}

// digest is all that a slot has of a customer.
func digest(s *memory.Slot, id string) string {
	r, err := s.Read(context.Background(), processor.Query{Customers: []string{id}, Registers: []processor.Fields{{Customer: id, All: true}}})
	must(err)
	b := append(make([]byte, 0, 1000), r.Blobs[id]...)
	b = strconv.AppendInt(append(b, '|'), int64(s.Due(id)), 10)
	b = strconv.AppendInt(append(b, '|'), int64(s.Wait(id)), 10)
	for _, name := range slices.Sorted(maps.Keys(r.Registers[id])) {
		b = append(append(append(b, name...), '='), r.Registers[id][name]...)
	}
	return string(b)
}

// fix does to the reference what the other writer does to the state.
func (f *reference) fix(k trade) {
	h := head(f.slot)
	_, err := f.slot.Apply(context.Background(), processor.Write{Expect: h.Token, Next: h.Token, Part: h.Part, Last: h.Last, Customers: fixed(k, f.slot)})
	must(err)
	must(f.slot.ForEach(func(id string, _ []byte) error {
		f.hist[id] = append(f.hist[id], version{f.off - 1, digest(f.slot, id)})
		return nil
	}))
}

// refTo is the reference folded to an offset, or as far as the log goes.
func (w *world) refTo(stage, p int, off int64) *reference {
	f := w.ref[stage][p]
	cleanly(func() {
		for l := w.log(stage, p); f.off < off && f.off < int64(len(l)) && !f.stopped; {
			f.step(&l[f.off])
		}
	})
	return f
}

// cleanly runs a reference without the breakage that is on, unless the breakage is one of the definition itself.
func cleanly(f func()) {
	if mutant.Any() && !shared() {
		mutant.Cleanly(f)
		return
	}
	f()
}

// checkApply: what an Apply leaves is the state of the reference at its cursor: the partition, everybody written, and
// everybody that the records from from on should have written.
func (w *world) checkApply(stage, p int, s *memory.Slot, written []processor.CustomerWrite, from, cur int64) {
	f := w.refTo(stage, p, cur)
	if int64(len(f.parts)) < cur || cur == 0 {
		w.bad("STATE s%d p%d applied beyond the reference: %d of %d", stage, p, cur, len(f.parts))
		return
	}
	h := head(s)
	if string(h.Part) != f.parts[cur-1] || h.NextDue != f.nexts[cur-1] {
		w.bad("STATE s%d p%d ->%d the partition's blob or due set differs", stage, p, cur)
	}
	for id, versions := range f.hist {
		i := len(versions) - 1
		for i >= 0 && versions[i].off >= cur {
			i--
		}
		if i < 0 || versions[i].off < from && !slices.ContainsFunc(written, func(c processor.CustomerWrite) bool { return c.ID == id }) {
			continue
		}
		if got := digest(s, id); got != versions[i].digest {
			w.bad("STATE s%d p%d ->%d customer %s: got %q want %q", stage, p, cur, id, got, versions[i].digest)
		}
	}
}

// emitted: every output caused below off is in the output logs. Outputs are in order, so a mark is enough.
func (w *world) emitted(stage, p int, off int64) bool {
	f := w.refTo(stage, p, off)
	for f.sent < len(f.out) && f.out[f.sent].off < off {
		for _, e := range f.out[f.sent].out {
			for _, m := range e.Messages {
				if !w.said[p][text(e.Topic, m)] {
					return false
				}
			}
		}
		f.sent++
	}
	return true
}
