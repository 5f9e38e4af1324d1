package credit

// bench is memory that is worked with while a journal is rewritten, and the next time again. What comes of the work has memory of its own.
type bench struct {
	rewriting rewriting
	ripple    ripple
	orders    [][]Order // that ids have now
	list      []Order   // what these are parts of
	book      Book      // of what new accounts are made of
	parts     []*dossier
	movers    []*mover
	moving    int // movers that are in use
	place     int // among what was open, of the last that was new
}

// benchMost is how much of a kind stays on the bench when nothing is rewritten.
const benchMost = 64

// tidy forgets the memory of what was large.
func (b *bench) tidy() {
	w, r := &b.rewriting, &b.ripple
	large := max(cap(w.seeds), cap(w.notes), cap(w.fresh), cap(w.added), cap(w.gone), cap(w.refunded), cap(b.list), cap(b.parts), len(b.movers),
		cap(b.book.Orders), cap(b.book.Invoices), cap(b.book.Adjustments), cap(r.rest), cap(r.named), cap(r.edits), cap(r.was), cap(r.plan), cap(r.swaps))
	if large > benchMost {
		*b = bench{}
	}
}

// rewriting is one that begins now.
func (j *Journal) rewriting() *rewriting {
	b := &j.bench
	w := &b.rewriting
	*w = rewriting{Journal: j, from: never, seeds: w.seeds[:0], notes: w.notes[:0], fresh: w.fresh[:0], added: w.added[:0], gone: w.gone[:0],
		refunded: w.refunded[:0]}
	b.orders, b.list, b.moving = b.orders[:0], b.list[:0], 0
	return w
}

// ripple is one for all days; the one before is of no use any more.
func (w *rewriting) ripple() *ripple {
	r := &w.bench.ripple
	*r = ripple{rewriting: w, end: len(w.days), stop: never, movers: r.movers[:0], named: r.named[:0], edits: r.edits[:0], was: r.was[:0], plan: r.plan[:0],
		rest: r.rest[:0], byDue: r.byDue[:0], swaps: r.swaps[:0]}
	return r
}

// mover is one of an account, to which nothing has happened.
func (b *bench) mover(a *account) *mover {
	if b.moving == len(b.movers) {
		b.movers = append(b.movers, new(mover))
	}
	m := b.movers[b.moving]
	b.moving++
	*m = mover{of: a, lowers: m.lowers[:0], old: history{was: m.old.was[:0]}, is: history{was: m.is.was[:0]}}
	return m
}
