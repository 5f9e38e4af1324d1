package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// mover is an account that may be settled otherwise.
type mover struct {
	of     *account
	from   int // place of the first day on which something may be different
	gone   bool
	fresh  bool
	named  []namedPart // by (day, payment id)
	lowers []lowerPart // in the order of the agenda

	now  moving // so far
	was  []dayWas
	pays int64 // of free money on the day in hand
}

// dayWas is what a mover was before the day at a place, on which something happens to it.
type dayWas struct {
	place int
	moving
}

// touch notes what the mover is, which is about to change on the day at a place.
func (m *mover) touch(place int) {
	if n := len(m.was); n == 0 || m.was[n-1].place != place {
		m.now.portions = slices.Clip(m.now.portions)
		m.was = append(m.was, dayWas{place, m.now})
	}
}

// open has the mover count from a day on.
func (m *mover) open(place int) {
	m.touch(place)
	m.now.opened, m.now.listed = true, m.now.left > 0
}

// settle has so much of the mover be settled.
func (m *mover) settle(x *portion, place int) {
	m.touch(place)
	m.now.left -= x.amount
	m.now.listed, m.now.portions = m.now.left > 0, append(m.now.portions, x)
}

// left is what is left to be paid, where its day has come.
func (m *mover) left() int64 {
	if !m.now.opened {
		return 0
	}
	return m.now.left
}

// before is what the mover is before the day at a place.
func (m *mover) before(place int) *moving {
	for i := range m.was {
		if m.was[i].place >= place {
			return &m.was[i].moving
		}
	}
	return &m.now
}

// namedPart is a payment that names an account alone.
type namedPart struct {
	of          *Payment
	was         *portion // what it settled; nil: nothing
	gone, fresh bool
}

// mover is an account with what has settled it; nil: that is more than payments that name it alone, and free money.
func (r *ripple) mover(a *account) *mover {
	if d := r.dossier(a.Ref.ID); !r.alone(d) || !a.counts || a.gone || a.noted.back || len(a.shares)+len(a.waits)+len(a.lost) > 0 {
		return nil
	}
	m := &mover{of: a}
	for _, x := range a.portions {
		if x.swept != nil {
			continue
		}
		p, gone := r.payment(x.payer)
		if p == nil || r.settler.asks(x.payer) || r.soleAccount(p) != a {
			return nil
		}
		m.named = append(m.named, namedPart{of: p, was: x, gone: gone})
	}
	if p := r.inVain(a); p != nil && len(m.named) == 0 {
		m.named = append(m.named, namedPart{of: p})
	}
	return m
}

// inVain is the only payment that names an account, which may have found it paid; nil: there is none, or it is new.
func (r *ripple) inVain(a *account) *Payment {
	d := r.dossier(a.Ref.ID)
	if d.money != 1 || !a.opened { // before, it waits
		return nil
	}
	p := &r.book.Payments[d.payer]
	is := func(t task) bool { return t.what == stepPayment && t.of == d.payer }
	if slices.ContainsFunc(r.added, is) || !slices.ContainsFunc(r.payments[p.ID], is) || r.settler.asks(docKey{p.Source, p.ID}) || r.soleAccount(p) != a {
		return nil
	}
	return p
}

// payment is that of a key, and whether it is to be gone; nil: it isn't in the book.
func (w *rewriting) payment(payer docKey) (p *Payment, gone bool) {
	for _, list := range [][]task{w.gone, w.payments[payer.id]} {
		for _, t := range list {
			if t.what != stepPayment {
				continue
			}
			if p := &w.book.Payments[t.of]; p.ID == payer.id && p.Source == payer.source {
				return p, len(w.gone) > 0 && slices.Contains(w.gone, t)
			}
		}
	}
	return nil, false
}

// moverOf is the mover that an account is, which it may become; nil: it can't.
func (r *ripple) moverOf(a *account) *mover {
	for _, m := range r.movers {
		if m.of == a {
			return m
		}
	}
	m := r.mover(a)
	if m != nil {
		r.movers = append(r.movers, m)
	}
	return m
}

// complete says that all that names an account is known, and that none of it has to wait.
func (r *ripple) complete(m *mover) bool {
	slices.SortFunc(m.named, func(a, b namedPart) int {
		return cmp.Or(cmp.Compare(a.of.ValueDay, b.of.ValueDay), cmp.Compare(a.of.ID, b.of.ID), cmp.Compare(a.of.Source, b.of.Source))
	})
	if m.gone {
		return true
	}
	n := int32(0)
	for _, x := range m.named {
		if x.gone {
			continue
		}
		if n++; x.of.ValueDay < m.of.Opened || r.soleAccount(x.of) != m.of {
			return false
		}
	}
	return n == r.dossier(m.of.Ref.ID).money
}

// rewind has a mover as it was before the day at a place.
func (r *ripple) rewind(m *mover, place int) {
	a, day := m.of, r.days[place].day
	m.from, m.now = place, moving{amount: a.Amount, left: a.Amount, sale: a.sale}
	if m.gone || m.fresh || a.Opened >= day {
		return
	}
	for _, x := range a.portions {
		if x.day < day {
			m.now.left, m.now.portions = m.now.left-x.amount, append(m.now.portions, x)
		}
	}
	m.now.opened, m.now.listed = true, m.now.left > 0
}

// sweptOn is what free money has settled of a mover on a day; nil: nothing.
func (m *mover) sweptOn(day civil.Day) *portion {
	for _, x := range m.of.portions {
		if x.swept != nil && x.day == day {
			return x
		}
	}
	return nil
}

// serve has the payments of the day at a place pay the mover that they name. What is over is free.
func (r *ripple) serve(m *mover, place int, comes, goes []Money) (_, _ []Money) {
	d := &r.days[place]
	for _, x := range m.named {
		p := x.of
		if p.ValueDay != d.day {
			continue
		}
		was, is, n := p.Amount, p.Amount, int64(0)
		if x.was != nil {
			was -= x.was.amount
		}
		if x.fresh {
			was = 0
		}
		if x.gone {
			is = 0
		} else {
			n = min(m.left(), p.Amount)
			is -= n
		}
		if n > 0 {
			m.settle(m.portion(x.was, n, docKey{p.Source, p.ID}, nil, d), place)
		}
		if was == is {
			continue
		}
		over := Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay}
		if over.Left = was; was > 0 {
			goes = append(goes, over)
		}
		if over.Left = is; is > 0 {
			comes = append(comes, over)
		}
	}
	return comes, goes
}

// portion is what settles so much of a mover, the one that did if that is of the same account and amount.
func (m *mover) portion(was *portion, n int64, payer docKey, x *swept, d *journalDay) *portion {
	if was != nil && was.amount == n && was.of == m.of && was.swept == x {
		return was
	}
	return &portion{of: m.of, payer: payer, day: d.day, amount: n, swept: x, made: d.past.number}
}
