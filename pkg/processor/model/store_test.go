package model

import (
	"context"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
)

// branch is one primary's history. Reads see now; a failover goes back to one of the snapshots.
type branch struct {
	stage int
	now   *memory.Slot
	snaps []*memory.Slot
	curs  []int64 // cursor of each snapshot
	ops   []int   // world operation number of each
}

func head(s *memory.Slot) processor.Reply {
	r, err := s.Read(context.Background(), processor.Query{Part: true, Last: true})
	must(err)
	return r
}

// apply is the one script: it compares, then writes all, or nothing.
func (b *branch) apply(w *world, p int, x processor.Write) processor.Reply {
	r, err := b.now.Apply(context.Background(), x)
	must(err)
	if !r.Conflict {
		w.checkApply(b.stage, p, b.now, x.Customers, x.Expect.Offset, x.Next.Offset)
		b.snap(w)
	}
	return r
}

func (b *branch) snap(w *world) {
	w.ops++
	b.snaps = append(b.snaps, b.now.Clone())
	b.curs = append(b.curs, head(b.now).Token.Offset)
	b.ops = append(b.ops, w.ops)
}

// back is the branch as a failover to snapshot i leaves it.
func (b *branch) back(i int) *branch {
	return &branch{stage: b.stage, now: b.snaps[i].Clone(), snaps: append([]*memory.Slot(nil), b.snaps[:i+1]...),
		curs: append([]int64(nil), b.curs[:i+1]...), ops: append([]int(nil), b.ops[:i+1]...)}
}

// rollback: a failover loses the tail of one partition, or of all to one moment. Some clients may stay on the
// deposed primary for a while.
func (w *world) rollback() {
	whole := w.r.IntN(3) == 0
	one := w.r.IntN(2 * nparts)
	target := w.ops - w.r.IntN(min(w.ops, 12)+1)
	split := w.r.IntN(3) == 0
	for s := 1; s <= 2; s++ {
		for p := range nparts {
			b := w.redis[s][p]
			if len(b.snaps) == 0 || !whole && one != (s-1)*nparts+p {
				continue
			}
			i := max(0, len(b.snaps)-1-w.r.IntN(7))
			for whole && i < len(b.snaps)-1 && b.ops[i+1] <= target {
				i++
			}
			w.stats["rollback"]++
			w.failover(s, p, b.back(i), split)
		}
	}
}

func (w *world) failover(s, p int, nb *branch, split bool) {
	b := w.redis[s][p]
	w.redis[s][p] = nb
	for _, a := range w.actors {
		if a.br == b && (!split || w.r.IntN(2) == 0) {
			a.br = nb
		}
	}
}

// lose: Redis loses a partition altogether; the owner must stop, the operator rebuilds from the log's start, or,
// where the log no longer has it, leaves the partition stopped.
func (w *world) lose(s, p int) {
	w.stats["lost"]++
	w.failover(s, p, &branch{stage: s, now: memory.NewSlot()}, false)
}

func (w *world) repair(s, p int) {
	if w.halted[s][p] == "" || w.start[s][p] > 0 || !head(w.redis[s][p].now).Missing {
		return
	}
	w.stats["rebuilt"]++
	b := &branch{stage: s, now: memory.NewSlot()}
	w.nonce++
	_, err := b.now.Apply(context.Background(), processor.Write{Next: processor.Token{Epoch: int64(w.stats["rebuilt"]), Nonce: w.nonce}})
	must(err)
	w.failover(s, p, b, false)
	b.snap(w)
	w.halted[s][p] = ""
}

// fix is another writer: with the stage quiet and all sent, it rewrites the blobs at the same cursor and raises the
// epoch, and nothing else of the token: what it restores brings its own. Owners that were merely paused wake up
// afterwards.
func (w *world) fix(s, p int) {
	b := w.redis[s][p]
	h := head(b.now)
	cur := h.Token.Offset
	if len(w.late) > 0 || h.Missing || cur == 0 || w.refTo(s, p, cur).off != cur || !w.emitted(s, p, cur) {
		return
	}
	for _, a := range w.actors {
		if a.stage == s && a.p == p && !a.dead && (a.br != b || a.flight != nil && a.flight != b) {
			return
		}
	}
	w.stats["fix"]++
	w.fixes[s][p]++
	w.ref[s][p].fix(w.kit)
	w.fixSlot(b.now)
	b.snaps, b.curs, b.ops = nil, nil, nil
	b.snap(w) // the writer waits for the replicas
}

// fixSlot does the writer's work on one slot.
func (w *world) fixSlot(s *memory.Slot) {
	h := head(s)
	x := processor.Write{Expect: h.Token, Next: h.Token, Part: h.Part, Last: h.Last, Customers: fixed(w.kit, s)}
	x.Next.Epoch++
	_, err := s.Apply(context.Background(), x)
	must(err)
}

func fixed(k trade, s *memory.Slot) (ws []processor.CustomerWrite) {
	must(s.ForEach(func(id string, blob []byte) error {
		ws = append(ws, processor.CustomerWrite{ID: id, Blob: k.fix(blob), Due: s.Due(id)})
		return nil
	}))
	return ws
}
