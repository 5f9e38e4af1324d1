package credit

import "slices"

func (w *rewriting) takePayments(id string, is []Payment) {
	book := &w.book
	was := w.payments[id]
	left := slices.DeleteFunc(slices.Clone(was), func(t task) bool {
		if t.what != stepPayment || slices.ContainsFunc(is, func(p Payment) bool { return samePayment(p, book.Payments[t.of]) }) {
			return false
		}
		w.pays(t.of, -1)
		w.from, w.gone = min(w.from, t.day), append(w.gone, t)
		w.drop(t)
		w.dead++
		return true
	})
	for _, p := range is {
		if slices.ContainsFunc(was, func(t task) bool { return t.what == stepPayment && samePayment(p, book.Payments[t.of]) }) {
			continue
		}
		book.Payments = append(book.Payments, p.own())
		t := task{p.ValueDay, stepPayment, int32(len(book.Payments) - 1)}
		w.pays(t.of, 1)
		w.put(t)
		left = append(left, t)
	}
	w.keepTasks(id, left)
}

// keepTasks has payments of an id and their refunds be on the agenda, and no other.
func (w *rewriting) keepTasks(id string, is []task) {
	if w.payments[id] = is; len(is) == 0 {
		delete(w.payments, id)
	}
}

// takeRefunds takes those of payments of an id, which have been taken.
func (w *rewriting) takeRefunds(id string, b *Book) {
	book := &w.book
	had := slices.ContainsFunc(w.payments[id], func(t task) bool { return t.what != stepPayment })
	if !had && len(b.Refunds) == 0 {
		return
	}
	var is []task
	for _, r := range b.Refunds {
		i := slices.IndexFunc(b.Payments, func(p Payment) bool { return p.ID == r.PaymentID && p.Source == r.PaymentSource })
		came := never
		if i >= 0 {
			came = b.Payments[i].ValueDay
		}
		switch {
		case i < 0:
		case !had && w.comes(&b.Payments[i]): // else it has gone back without effect so far
			w.refunded = append(w.refunded, b.Payments[i])
		default:
			w.ask(&b.Payments[i])
		}
		book.Refunds = append(book.Refunds, r)
		is = append(is, refundTask(&r, int32(len(book.Refunds)-1), came, i >= 0))
	}
	same := func(a, b task) bool {
		return a.day == b.day && a.what == b.what && book.Refunds[a.of] == book.Refunds[b.of]
	}
	was := w.payments[id]
	left := slices.DeleteFunc(slices.Clone(was), func(t task) bool {
		if t.what == stepPayment || slices.ContainsFunc(is, func(x task) bool { return same(x, t) }) {
			return false
		}
		w.since(t.day)
		w.drop(t)
		w.dead++
		return true
	})
	for _, t := range is {
		if slices.ContainsFunc(was, func(x task) bool { return x.what != stepPayment && same(x, t) }) {
			w.dead++ // the number is not used
			continue
		}
		w.put(t)
		left = append(left, t)
	}
	w.keepTasks(id, left)
}

// comes says that a payment has been put on the agenda.
func (w *rewriting) comes(p *Payment) bool {
	return slices.ContainsFunc(w.added, func(t task) bool {
		return t.what == stepPayment && w.book.Payments[t.of].ID == p.ID && w.book.Payments[t.of].Source == p.Source
	})
}

// ask has it be noted what a payment settles, and what it has settled so far. Where that isn't known, all is settled again from its day on.
func (w *rewriting) ask(p *Payment) {
	if !w.asked(p.key()) && !w.noteSpent(p) {
		w.since(p.ValueDay)
	}
}

// asked says whether it is noted what a payment settles, which it is from now on.
func (w *rewriting) asked(payer docKey) bool {
	_, asked := w.settler.paid[payer]
	if !asked {
		w.settler.paid[payer] = nil
	}
	return asked
}

func samePayment(a, b Payment) bool {
	return a.Source == b.Source && a.ID == b.ID && a.ValueDay == b.ValueDay && a.Amount == b.Amount && a.Bill == b.Bill &&
		a.Matures == b.Matures && a.Rate == b.Rate && slices.Equal(a.Allocations, b.Allocations)
}
