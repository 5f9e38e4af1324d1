package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// lowerAll has returns and adjustments that have been put on the agenda of the last day have their effect on accounts that the day has left
// alone so far, and follows where the money goes that becomes free of it. False: nothing has changed.
func (w *rewriting) lowerAll() bool {
	s, r := &w.settler, w.today()
	if r == nil {
		return false
	}
	place, last := r.first, &w.days[r.first]
	r.lowered = make([]lowered, 0, len(w.added))
	decided := last.day - 1
	for _, t := range w.added {
		a, amount := w.lowering(t)
		if t.day != last.day || t.what == stepRaise || a == nil || !a.opened || a.noted.kept == last.past.number || r.lowers(a) != nil {
			return false
		}
		r.lowered = append(r.lowered, lowered{a, amount >= a.Left})
		if !t.what.loose() { // it takes what is left, and nothing becomes free
			decided = last.day
			continue
		}
		_, over := takenOff(amount, a.Amount, a.Left)
		_, free := takenBack(a.portions, over)
		for _, m := range free {
			if m.ValueDay = last.day; s.asks(m.payer()) || last.has(stepRefund) {
				return false
			}
			r.edits = append(r.edits, moneyEdit{Money: m})
			decided = last.day
		}
	}
	if !r.reach() || !r.follow(place) {
		return false
	}
	s.past = last.past
	slices.SortFunc(w.added, s.compareTasks)
	for _, t := range w.added {
		if t.what == stepReturn {
			s.giveBack(&s.book.Returns[t.of], t.day)
		} else {
			s.note(t.of, t.day)
		}
	}
	for _, x := range r.lowered {
		if x.of.Left == 0 {
			s.unlistOne(x.of)
		}
	}
	s.sweeps.rises = s.sweeps.rises || decided == last.day
	s.past, s.firm, s.fresh, r.plan[0].decided = nil, false, false, decided
	r.keep()
	return true
}

// today is a ripple of the last day alone, once that has been settled; nil: it can't be followed.
func (w *rewriting) today() *ripple {
	place := len(w.days) - 1
	if last := &w.days[place]; !w.exact() || !last.ran || last.past == nil {
		return nil
	}
	r := w.ripple()
	r.first = place
	return r
}

// lowerPart is what is taken off a mover on a day; an amount below 0 raises it.
type lowerPart struct {
	day    civil.Day
	amount int64
}

// lowerLate has them do so on accounts that the day has not left alone. False: nothing has changed.
func (w *rewriting) lowerLate() bool {
	if !w.exact() {
		return false
	}
	r := w.ripple()
	r.late = true
	if !r.begin(nil) || r.end < len(r.days) {
		return false
	}
	from, ok := r.goThrough()
	return ok && from == never
}

// admitLowering takes a return, a credit note or a debit note of a day gone by, of an account of which nothing else is known but payments.
func (r *ripple) admitLowering(t task) bool {
	a, amount := r.lowering(t)
	if a == nil || a.Opened > t.day {
		return false
	}
	m := r.moverOf(a)
	if m == nil {
		return false
	}
	m.lowers = append(m.lowers, lowerPart{t.day, amount})
	return true
}

// lower takes off a mover what is to be taken off on the day at a place. False: what becomes free of it may be asked for, or who paid it is being
// worked out.
func (r *ripple) lower(m *mover, place int, x *rippledDay) bool {
	d := &r.days[place]
	for _, l := range m.lowers {
		if l.day != d.day {
			continue
		}
		m.is.touch(place)
		n, over := takenOff(l.amount, m.is.now.amount, m.is.now.left)
		m.is.now.amount, m.is.now.sale, m.is.now.left = m.is.now.amount-n, m.is.now.sale-n, m.is.now.left-n+over
		m.is.now.listed = m.is.now.left > 0
		if l.amount < 0 {
			x.decided, x.rises = d.day, true
			continue
		}
		if x.decided = max(x.decided, d.day-1); over == 0 {
			continue
		}
		x.decided, x.freed = d.day, true
		planned := func(p *portion) bool { return p.shared() && p.day >= r.days[r.first].day }
		if slices.ContainsFunc(m.is.now.portions, planned) {
			return false
		}
		left, money := takenBack(m.is.now.portions, over)
		for i := range money {
			if money[i].ValueDay = d.day; d.has(stepRefund) || r.settler.asks(money[i].payer()) {
				return false
			}
		}
		for _, p := range m.is.now.portions {
			if p.shared() && !slices.Contains(left, p) {
				x.told = append(x.told, p)
			}
		}
		m.is.now.portions, x.comes = left, append(x.comes, money...)
	}
	return true
}

// lowered is an account of which something has been taken off, or settled.
type lowered struct {
	of   *account
	paid bool // before free money is given: nothing is left
}

// lowers is an account that is lowered; nil: it isn't.
func (r *ripple) lowers(a *account) *lowered {
	for i := range r.lowered {
		if r.lowered[i].of == a {
			return &r.lowered[i]
		}
	}
	return nil
}

func (r *ripple) paid(a *account) bool {
	x := r.lowers(a)
	return x != nil && x.paid
}

// lowering is the only account that a task lowers or settles, and by how much at most, or raises (less than 0). Nil: there are more or none, or it does something else.
func (w *rewriting) lowering(t task) (*account, int64) {
	s := &w.settler
	switch t.what {
	case stepReturn:
		r := &w.book.Returns[t.of]
		if o := s.index.order(r.OrderID, r.Source); r.InvoiceID == "" {
			to := meaning{kind: RefCredit, own: o.own, bills: o.bills, order: o}
			return to.sole(), r.Amount
		}
	case stepRaise:
		n := &s.notes[t.of]
		return n.to, -n.Amount
	case stepLower, stepNet, stepWriteOff:
		n := &s.notes[t.of]
		to := s.index.resolve(Ref{true, n.InvoiceID}, n.Source)
		return to.sole(), n.Amount
	default:
	}
	return nil, 0
}

// takenBack is what is left of what settled an account, of which so much is taken back, the latest first, and the money that becomes free.
func takenBack(portions []*portion, amount int64) (left []*portion, free []Money) {
	for amount > 0 {
		last := len(portions) - 1
		each := portions[last].each()
		portions = portions[:last:last]
		for i := len(each) - 1; i >= 0 && amount > 0; i-- {
			x := *each[i]
			n := min(amount, x.amount)
			free = append(free, Money{PaymentID: x.payer.id, Source: x.payer.source, Left: n})
			if amount, x.amount = amount-n, x.amount-n; x.amount == 0 {
				each = each[:i]
			} else {
				each[i] = &x
			}
		}
		portions = append(portions, each...)
	}
	return portions, free
}
