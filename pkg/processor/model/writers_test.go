package model

import (
	"fmt"
	"math/rand/v2"

	"github.com/tierstream/tierstream/pkg/processor/model/mutant"
)

// ingest keeps no state: it reads events, appends to facts, one request at a time, then commits.
type ingest struct{ *actor }

func (g *ingest) run(done int64) {
	w, p := g.w, g.p
	for !g.isTold() {
		var batch []fact
		var ready bool
		if g.op(false, func() {
			ready = len(w.facts[p]) > 0 || mutant.Is("noinit") // record 0 is there
			ev := w.events[p]
			batch = append(batch, ev[min(done, int64(len(ev))):min(done+int64(1+w.r.IntN(3)), int64(len(ev)))]...)
		}) != nil || !ready || len(batch) == 0 {
			continue
		}
		if w.cfg.event == 0 {
			for i := range batch {
				batch[i].at = g.now()
			}
		}
		if g.op(true, func() { w.put(p, batch...) }) != nil {
			continue
		}
		done += int64(len(batch))
		_ = g.op(false, func() {
			if g.gen == w.gen[0] {
				w.inDone[p] = done
			}
		})
	}
}

// control is a writer of control records of one kind: it has its own sequence and one record in flight. When it
// gets no answer it sends the same again, or gives up and goes on with the next number.
func (w *world) control(a *actor, p int, k kind, n int) {
	seq := map[string]int64{}
	for ; n > 0; n-- {
		for i := w.r.IntN(60); i > 0; i-- {
			a.pt()
		}
		c := ""
		if k == kindOverride {
			c = customerID(p, int64(w.r.IntN(ncust)))
		}
		seq[c]++
		f := fact{kind: k, cust: c, at: a.now(), seq: seq[c], val: seq[c] + 1}
		switch {
		case k == kindLogic:
			f.val = 2
		case k == kindOverride && w.r.IntN(4) == 0:
			f.kind = kindErase
		}
		for {
			ready := false
			err := a.op(true, func() {
				if ready = len(w.facts[p]) > 0; ready {
					w.put(p, f)
				}
			})
			if err == nil && ready {
				w.acked[p] = append(w.acked[p], f)
				break
			}
			if err != nil && w.r.IntN(3) == 0 {
				break
			}
		}
	}
	w.ctlLeft--
}

func customerID(p int, n int64) string { return fmt.Sprintf("p%dc%d", p, n) }

// history makes the events of a replay: sorted, with their Ticks and control records.
func (w *world) history(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for p := range nparts {
		seq := map[string]int64{}
		t := int64(1)
		for n := int64(1); n <= 50; n++ {
			t += int64(r.IntN(6))
			f := fact{kind: kindEvent, at: t, num: n, cust: customerID(p, int64(r.IntN(ncust))), id: n, amt: int64(1 + r.IntN(24)), occ: t}
			switch r.IntN(8) {
			case 0:
				f.kind = []kind{kindPolicy, kindCutoff}[r.IntN(2)]
			case 1:
				f.kind = kindOverride // (no erasure: what comes twice around one is new again)
			case 2, 3:
				f.kind = kindTick
			}
			if n == 50 {
				f.kind, f.at = kindTick, t+200
			}
			if f.kind >= kindPolicy {
				if f.kind < kindOverride {
					f.cust = ""
				}
				key := controlKey(f.kind, f.cust)
				seq[key]++
				f.seq, f.val = seq[key], seq[key]+1
			}
			w.events[p] = append(w.events[p], f)
		}
	}
}

// initPartition is `tierctl init`: again with the same changes nothing.
func (w *world) initPartition(a *actor, p int) {
	for k := w.r.IntN(30); k > 0; k-- {
		a.pt()
	}
	for a.op(true, func() { w.put(p, fact{kind: kindInit}) }) != nil {
		a.pt()
	}
	w.ctlLeft--
}

func (w *world) operators(p int) {
	op := func(f func(*actor)) {
		w.ctlLeft++
		w.launch(&actor{stage: 3, p: p}, f)
	}
	op(func(a *actor) { w.initPartition(a, p) })
	if w.cfg.event > 0 {
		return
	}
	policies := 4
	if w.cfg.busy {
		policies = 15
	}
	op(func(a *actor) { w.control(a, p, kindPolicy, policies) })
	op(func(a *actor) { w.control(a, p, kindCutoff, 4) })
	op(func(a *actor) { w.control(a, p, kindLogic, 1) })
	op(func(a *actor) { w.control(a, p, kindOverride, 8) })
}

// trade adds an event to the stream that ingest reads.
func (w *world) trade(p int) {
	n := int64(len(w.events[p])) + 1
	id, rev := n, int64(0)
	c := customerID(p, int64(w.r.IntN(ncust)))
	if n > 3 && w.r.IntN(4) == 0 {
		id, rev = n-3+w.r.Int64N(3), n
		for _, e := range w.events[p] {
			if e.id == id {
				c = e.cust
			}
		}
	}
	w.events[p] = append(w.events[p], fact{kind: kindEvent, cust: c, num: n, id: id, rev: rev,
		amt: int64(1 + w.r.IntN(24)), occ: w.clock - int64(w.r.IntN(20))})
}
