package credit

import "slices"

// refundAll has refunds of the last day take back what was settled of accounts that the day has left alone, and follows where the money of the day
// goes then. False: it isn't for that, and whatever has been done is undone where the day is gone back to.
func (w *rewriting) refundAll() bool {
	s, r := &w.settler, w.today()
	if r == nil {
		return false
	}
	place, last := r.first, &w.days[r.first]
	if last.past.unswept || last.has(stepReturn) || last.has(stepLower) || len(last.past.openFree(s)) > 0 {
		return false
	}
	for _, t := range w.added {
		if t.day != last.day || !w.refundable(&w.book.Refunds[t.of], last) {
			return false
		}
	}
	r.refund(last)
	if !r.reach() || !r.follow(place) || r.end <= place {
		return false
	}
	s.sweeps.rises = true
	r.plan[0].decided = last.day
	r.keep()
	return true
}

// openFree is the money that was free when the day began, which is the last.
func (p *past) openFree(s *settler) []Money {
	if p.freed {
		return p.free
	}
	return s.free
}

// refundable says that all that a payment has is what it has settled of accounts of which nothing is said on a day.
func (w *rewriting) refundable(r *Refund, d *journalDay) bool {
	s := &w.settler
	payer := r.payer()
	mine := func(m *Money) bool { return m.payer() == payer }
	if slices.ContainsFunc(s.free, func(m Money) bool { return mine(&m) }) || slices.ContainsFunc(s.waits, func(x *wait) bool { return mine(&x.Money) }) {
		return false
	}
	alone := func(a *account) bool { return a != nil && w.leaves(d, a) }
	for _, p := range s.paid[payer] {
		if p.swept == nil && !alone(p.of) {
			return false
		}
		if p.swept != nil && slices.ContainsFunc(p.swept.spent(payer), func(x *portion) bool { return !alone(x.of) }) {
			return false
		}
	}
	return true
}

// leaves says that a day has left an account alone, and that nothing that names it is of that day.
func (w *rewriting) leaves(d *journalDay, a *account) bool {
	if a.noted.kept == d.past.number || len(a.waits) > 0 || a.billsUnknown() {
		return false
	}
	for _, x := range a.papers {
		if w.noted(x, d.day) < never || slices.ContainsFunc(x.payers, func(n int32) bool { return w.book.Payments[n].ValueDay == d.day }) {
			return false
		}
	}
	return true
}

// refund takes back what refunds on the agenda take back on a day. What is open again is a mover.
func (r *ripple) refund(d *journalDay) {
	s, place := &r.settler, r.first
	slices.SortFunc(r.added, s.compareTasks)
	free, n := s.free, len(d.past.accounts)
	s.past = d.past
	s.keepFree()
	s.free = nil // there was none when the day began, and what has come since is given to what is open
	for _, t := range r.added {
		s.refund(&r.book.Refunds[t.of], d.day)
	}
	s.past, s.free = nil, free
	for i, a := range d.past.accounts[n:] {
		was := &d.past.were[n+i]
		m := r.bench.mover(a)
		m.from = place
		m.old.now, m.is.now = was.moving, was.moving
		m.old.touch(place)
		m.is.touch(place)
		m.old.now.listed, m.is.now = a.listed, a.moving()
		m.is.now.portions = slices.Clip(a.portions)
		r.movers = append(r.movers, m)
	}
}
