package credit

import (
	"cmp"
	"iter"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// payer is the payment that something goes back of.
func (r *Refund) payer() docKey { return docKey{r.PaymentID, r.PaymentSource} }

func compareRefunds(a, b Refund) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.PaymentID, b.PaymentID), cmp.Compare(a.PaymentSource, b.PaymentSource))
}

// lowers says that a return is a matter of credit: it names an invoice, or an order on credit.
func (s *settler) lowers(r *Return) bool {
	return r.InvoiceID != "" || s.index.order(r.OrderID, r.Source).OnCredit()
}

// giveBack lowers what a return names: what is still expected to be invoiced, then the items. The excess is ignored.
func (s *settler) giveBack(r *Return, day civil.Day) {
	left := r.Amount
	if r.InvoiceID != "" {
		left = s.giveBackInvoice(r, left, day)
	}
	o := s.index.order(r.OrderID, r.Source)
	if !o.OnCredit() {
		return
	}
	if n := s.lowerCommitment(o, left); n > 0 {
		left, s.firm = left-n, true
	}
	s.lowerAll(func(yield func(*account) bool) {
		if o.own == nil || yield(o.own) {
			slices.Values(o.bills)(yield)
		}
	}, left, day)
}

// lowerAll takes amount off accounts in their order, and says what is left of it. Those that have opened come first: what comes
// later takes nothing of it away from them.
func (s *settler) lowerAll(accounts iter.Seq[*account], amount int64, day civil.Day) int64 {
	for _, opened := range []bool{true, false} {
		for a := range accounts {
			if a.opened == opened {
				amount -= s.lower(a, amount, day)
			}
		}
	}
	return amount
}

// lowerCommitment takes amount from what is expected of an order, and says how much that was. Where nothing is left to
// come, nothing waits for it.
func (s *settler) lowerCommitment(o *orderDoc, amount int64) int64 {
	n := min(amount, o.commitment)
	if n <= 0 {
		return n
	}
	s.past.keepOrder(o)
	if o.commitment -= n; o.commitment == 0 {
		s.woken = append(s.woken, o.waits...)
	}
	return n
}

// giveBackInvoice lowers the invoice that a return names, and says what is left of the return. An invoice that isn't
// known is waited for, so that an order that turns out to be it can't be opened unseen.
func (s *settler) giveBackInvoice(r *Return, left int64, day civil.Day) int64 {
	s.firm = true
	to := s.index.resolve(Ref{true, r.InvoiceID}, r.Source)
	if to.kind == RefUnknown {
		w := next(&s.named)
		w.number = s.waited
		s.waited++
		w.Money = Money{PaymentID: r.ID, Source: r.Source, ValueDay: day, WaitsFor: Ref{true, r.InvoiceID}}
		s.waits = append(s.waits, w)
	}
	return s.lowerAll(to.accounts, left, day)
}

// lower takes amount off an account, and says how much it was. What was already paid of it becomes free, the latest
// first.
func (s *settler) lower(a *account, amount int64, day civil.Day) int64 {
	n, over := takenOff(amount, a.Amount, a.Left)
	s.past.keep(a)
	a.Amount, a.sale = a.Amount-n, a.sale-n
	a.Left -= n - over
	s.firm, s.sweeps.tangled = s.firm || over > 0, s.sweeps.tangled || over > 0
	for over > 0 {
		p := a.portions[len(a.portions)-1]
		if p.shared() {
			s.tell(a, len(a.portions)-1, day)
			continue
		}
		back := min(over, p.amount)
		over -= back
		s.past.keepPart(p)
		p.amount -= back
		s.release(Money{PaymentID: p.payer.id, Source: p.payer.source, ValueDay: day, Left: back})
		s.drop(a, day)
	}
	return n
}

// takenOff is how much of an amount is taken off what was billed, of which so much is left, and how much of that was paid.
func takenOff(amount, billed, left int64) (n, over int64) {
	n = min(amount, billed)
	return n, n - min(n, left)
}

// drop forgets the portions of which nothing is left.
func (s *settler) drop(a *account, day civil.Day) {
	a.noted.back = max(a.noted.back, day)
	a.portions = slices.DeleteFunc(s.past.own(a.portions), func(p *portion) bool { return p.amount == 0 })
}

// refund takes back what came in with a payment: what is unapplied of it, then what it settled, the latest first. Money
// that went to a cash order is simply gone. In an item, other unapplied credit takes its place, else the item is open
// again.
func (s *settler) refund(r *Refund, day civil.Day) {
	left := r.Amount
	payer := r.payer()
	s.keepFree()
	for i := range s.free {
		if m := &s.free[i]; m.payer() == payer {
			n := min(left, m.Left)
			left, m.Left = left-n, m.Left-n
		}
	}
	for _, w := range s.waits {
		if n := min(left, w.Left); n > 0 && !w.over && w.payer() == payer {
			s.past.keepWait(w)
			left, w.Left = left-n, w.Left-n // it waits on: what it named may be a cash order, and then it was never to be had
		}
	}
	for _, p := range slices.Backward(s.paid[payer]) {
		if p.swept != nil && p.of == nil {
			left = s.takeSwept(p, left, day)
		} else {
			left = s.takeBack(p, left, day)
		}
	}
	s.free = slices.DeleteFunc(s.free, func(m Money) bool { return m.Left == 0 })
}

// takeSwept takes back what free money of a payment has settled, and says what is left to take.
func (s *settler) takeSwept(of *portion, left int64, day civil.Day) int64 {
	for _, part := range slices.Backward(of.swept.spent(of.payer)) {
		a := part.of
		if left == 0 {
			break
		}
		if i := slices.Index(a.portions, part); i >= 0 {
			s.past.keep(a)
			s.tell(a, i, day)
		}
		for _, p := range slices.Backward(slices.Clone(a.portions)) {
			if p.swept == of.swept && p.payer == of.payer {
				left = s.takeBack(p, left, day)
			}
		}
	}
	return left
}

// takeBack takes back what has been settled, and says what is left to take.
func (s *settler) takeBack(p *portion, left int64, day civil.Day) int64 {
	n := min(left, p.amount)
	switch {
	case n == 0:
		return left
	case p.of == nil:
		s.past.keepPart(p)
		p.amount -= n
	default:
		s.past.keepPart(p)
		s.reopen(p, n, day)
	}
	return left - n
}

// reopen takes n out of what settled an item. Free money takes its place where there is some, and the item stays as it is.
func (s *settler) reopen(p *portion, n int64, day civil.Day) {
	a := p.of
	s.past.keep(a)
	p.amount -= n
	for i := range s.free {
		if k := min(n, s.free[i].Left); k > 0 && !s.cfg.Hold {
			n -= k
			s.past.fill(s.free[i].payer())
			q := s.spend(&s.free[i], a, k, p.day)
			a.portions = slices.Insert(s.past.own(a.portions), slices.Index(a.portions, p), q)
		}
	}
	a.Left += n
	s.drop(a, day)
	s.list(a)
	s.woken = append(s.woken, a.waits...)
}
