package credit

import "slices"

// appendAll settles what has been put on the agenda of the last day after all else of that day, if that comes to the same as in its
// place: an item that nothing has named opens, a payment pays what is owed to the last of it. False: it is not so, and whatever has been done is undone where the day is gone back to.
func (w *rewriting) appendAll() bool {
	s, last := &w.settler, &w.days[len(w.days)-1]
	other := func(t task) bool { return t.what != stepOpen && t.what != stepPayment }
	if !last.ran || last.past == nil || !w.quiet(last) || slices.ContainsFunc(w.added, other) {
		return false
	}
	slices.SortFunc(w.added, s.compareTasks)
	s.past = last.past
	defer func() { s.past = nil }()
	for _, t := range w.added {
		if t.day != last.day || !w.appendTask(t, last) {
			return false
		}
	}
	w.appended++
	return true
}

// exact says that free money goes to what is due first, and settles it to the last of it.
func (w *rewriting) exact() bool { return !w.settler.cfg.Hold && w.settler.cfg.Tolerance == 0 }

// quiet says that no money was free on a day that has been settled.
func (w *rewriting) quiet(d *journalDay) bool {
	s := &w.settler
	n := len(s.sweeps.days)
	return w.exact() && len(s.free)+len(d.past.free) == 0 && (n == 0 || s.sweeps.days[n-1].Day < d.day)
}

func (w *rewriting) appendTask(t task, d *journalDay) bool {
	if t.what == stepOpen {
		return w.appendOpen(w.settler.numbered[t.of])
	}
	return w.appendPayment(&w.book.Payments[t.of], d)
}

// appendOpen opens an account, which is new.
func (w *rewriting) appendOpen(a *account) bool {
	if len(a.shares)+len(a.waits) > 0 || !a.counts {
		return false // what it bills, or waits for it, may be of other days
	}
	w.settler.opens(a)
	return true
}

// appendPayment has a payment pay what it names, of which there is enough. Of this day nobody else has paid it.
func (w *rewriting) appendPayment(p *Payment, d *journalDay) bool {
	s := &w.settler
	a := w.soleAccount(p)
	if a == nil || !a.opened || a.Left < p.Amount || a.noted.kept == d.past.number && !w.unpaid(a, d) {
		return false
	}
	w.moved(a)
	s.take(p, d.day)
	if a.Left == 0 {
		s.unlistOne(a)
	}
	return true
}

// unpaid says of an account that a day has changed that it only opened on it, was raised or lowered, all of which comes before payments.
func (w *rewriting) unpaid(a *account, d *journalDay) bool {
	if len(a.portions)+len(a.lost) > 0 || a.billsUnknown() || d.tasks[len(d.tasks)-1].what > stepPayment {
		return false
	}
	for _, x := range a.papers {
		if x.discount > 0 {
			return false
		}
	}
	return true
}

// soleAccount is the only account that a payment is for, with all that it brings; nil: there is none.
func (w *rewriting) soleAccount(p *Payment) *account {
	if len(p.Allocations) != 1 || p.Amount <= 0 || p.Allocations[0].Discount != 0 || p.Allocations[0].most(p.Amount) < p.Amount {
		return nil
	}
	to := w.settler.index.resolve(p.Allocations[0].Ref, p.Source)
	if a := to.sole(); a != nil && len(a.waits) == 0 && (to.order == nil || len(to.order.waits) == 0) {
		return a
	}
	return nil
}

// unlistOne forgets an account that has just been settled.
func (s *settler) unlistOne(a *account) {
	if i, found := slices.BinarySearchFunc(s.open, a, compareAccounts); found && a.listed {
		s.open, a.listed = slices.Delete(s.open, i, i+1), false
	}
}
