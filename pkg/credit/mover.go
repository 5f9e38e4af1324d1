package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// mover is an account that may be settled otherwise.
type mover struct {
	of     *account
	from   int // place of the first day on which something may be different
	gone   bool
	fresh  bool
	lowers []lowerPart // in the order of the agenda

	complicated bool // see ripple.complicated
	old, is     history
	pays        int64 // of free money on the day in hand
	less        int64 // by discounts of that day

	place int      // among what was open, on the last day on which it was put there or taken away
	next  *account // that was at that place, before the mover was put there, if it was; nil: none was
}

// history is what an account has been, and is.
type history struct {
	was []dayWas
	now moving
}

// dayWas is what an account was before the day at a place, on which something happens to it.
type dayWas struct {
	place int
	moving
}

// before is what it was before the day at a place.
func (h *history) before(place int) *moving {
	for i := range h.was {
		if h.was[i].place >= place {
			return &h.was[i].moving
		}
	}
	return &h.now
}

// touch notes what it is, which is about to change on the day at a place.
func (h *history) touch(place int) {
	if n := len(h.was); n == 0 || h.was[n-1].place != place {
		h.now.portions = slices.Clip(h.now.portions)
		h.was = append(h.was, dayWas{place, h.now})
	}
}

// untouch forgets that something happened to it on a day, if it is as it was.
func (h *history) untouch(place int) {
	n := len(h.was) - 1
	if n < 0 || h.was[n].place != place {
		return
	}
	if was := &h.was[n]; was.amount == h.now.amount && was.left == h.now.left && was.opened == h.now.opened && slices.Equal(was.portions, h.now.portions) && slices.Equal(was.waits, h.now.waits) {
		h.was = h.was[:n]
	}
}

// open has it count from a day on.
func (h *history) open(place int) {
	h.touch(place)
	h.now.opened, h.now.listed = true, h.now.left > 0
}

// settle has so much of it be settled.
func (h *history) settle(x *portion, place int) {
	h.touch(place)
	h.now.left -= x.amount
	h.now.listed, h.now.portions = h.now.left > 0, append(h.now.portions, x)
}

// left is what is left to be paid, where its day has come.
func (m *mover) left() int64 {
	if !m.is.now.opened {
		return 0
	}
	return m.is.now.left
}

// papers yields the ids under which something may be said of an account, with what is known of them.
func (a *account) papers(yield func(*name, *dossier) bool) {
	if !yield(a.named, a.named.about(a.Ref.ID)) {
		return
	}
	for _, s := range a.shares {
		if n := s.of.named; s.of.ID != "" && n != a.named && !yield(n, n.about(s.of.ID)) {
			return
		}
	}
}

// moverOf is the mover that an account is, which it may become from the day in hand on; nil: it can't.
func (r *ripple) moverOf(a *account) *mover {
	place := r.first + len(r.plan)
	return r.moverFrom(a, place, r.days[place].day)
}

// moverFrom is the mover that an account is, which it may become from the day at a place on, whose effects have to be known from a day on.
func (r *ripple) moverFrom(a *account, place int, from civil.Day) *mover {
	if m := r.moves(a); m != nil {
		return m
	}
	if !a.counts || a.gone || r.lowers(a) != nil {
		return nil
	}
	m := r.bench.mover(a)
	if a.billsUnknown() {
		return nil // who names the order isn't known
	}
	for n, d := range a.papers {
		if !n.plain(d, from) {
			return nil
		}
	}
	m.complicated = r.complicated(a, r.days[place].day, from)
	r.recall(m, place, from)
	r.movers = append(r.movers, m)
	for _, d := range a.papers {
		for _, number := range d.payers {
			if p := &r.book.Payments[number]; p.ValueDay >= from && !r.means(r.seen(number)) {
				r.stopAt(p.ValueDay)
			}
		}
	}
	return m
}

// billsUnknown says that an account is the invoice of an order that isn't there.
func (a *account) billsUnknown() bool {
	return slices.ContainsFunc(a.shares, func(s share) bool { return s.of.ID == "" })
}

// recall finds what an account was before the day at a place, and what it has been since.
func (r *ripple) recall(m *mover, place int, from civil.Day) {
	if m.from = place; m.complicated {
		r.recallAll(m, from)
	} else {
		r.recallPaid(m, r.days[place].day)
	}
	if m.is.now = *m.old.before(place); m.gone {
		m.is.now = moving{}
	}
	m.is.now.portions = slices.Clip(m.is.now.portions)
}

// complicated says that more has happened to an account from a day on than that it opened and was paid. Where something else has been said of it
// on another day or later, it stops.
func (r *ripple) complicated(a *account, day, from civil.Day) bool {
	complicated := a.noted.back >= day || a.billsUnknown() || slices.ContainsFunc(r.gone, func(t task) bool { return r.book.Payments[t.of].discounts() })
	for _, d := range a.papers {
		complicated = complicated || d.discount > 0
		if r.noted(d, day) < never {
			complicated = true
			r.stopAt(r.noted(d, from))
		}
	}
	return complicated
}

// recallPaid is for an account that has been paid, and nothing else.
func (r *ripple) recallPaid(m *mover, day civil.Day) {
	a, h := m.of, &m.old
	h.now = moving{amount: a.Amount, left: a.Amount, sale: a.sale, lost: a.lost, waits: a.waits}
	n := 0
	for n < len(a.portions) && a.portions[n].day < day {
		h.now.left -= a.portions[n].amount
		n++
	}
	if h.now.portions = a.portions[:n:n]; a.Opened < day {
		h.now.opened, h.now.listed = true, h.now.left > 0
	} else if a.opened {
		place, _ := r.day(a.Opened)
		h.open(place)
	}
	for ; n < len(a.portions); n++ {
		place, _ := r.day(a.portions[n].day)
		h.touch(place)
		h.now.left -= a.portions[n].amount
		h.now.listed, h.now.portions = h.now.left > 0, a.portions[:n+1:n+1]
	}
}

// recallAll looks through all days, and stops where something may have been taken back for a refund.
func (r *ripple) recallAll(m *mover, from civil.Day) {
	a := m.of
	for i := m.from; i < len(r.days); i++ {
		d := &r.days[i]
		if !d.ran {
			continue
		}
		at := d.past.place(a)
		if at < 0 {
			continue
		}
		if d.day >= from && (d.has(stepRefund) || d.has(stepLate)) {
			r.stopAt(d.day)
			break
		}
		m.old.was = append(m.old.was, dayWas{i, d.past.were[at].moving})
	}
	m.old.now = a.moving()
}

// sweptOn is what free money has settled of a mover on a day; nil: nothing.
func (r *ripple) sweptOn(m *mover, day civil.Day) *portion {
	return r.settledOn(m, day, docKey{})
}

// settledOn is what a payment has settled of a mover on a day; nil: nothing.
func (r *ripple) settledOn(m *mover, day civil.Day, payer docKey) *portion {
	for _, x := range m.old.before(r.end).portions {
		if x.day == day && x.payer == payer && (x.swept == nil || x.shared()) {
			return x
		}
	}
	return nil
}

// portion is what settles so much of a mover, the one that did if that is of the same amount.
func (m *mover) portion(was *portion, n int64, payer docKey, x *swept, d *journalDay) *portion {
	if was != nil && was.amount == n && was.of == m.of && was.swept == x {
		return was
	}
	return &portion{of: m.of, payer: payer, day: d.day, amount: n, swept: x, made: d.past.number}
}
