package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

func compareRefunds(a, b Refund) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.PaymentID, b.PaymentID), cmp.Compare(a.PaymentSource, b.PaymentSource))
}

// lowers says that a return is a matter of credit: it names an invoice, or an order on credit.
func (s *settler) lowers(r *Return) bool {
	return r.InvoiceID != "" || s.index.order(r.OrderID, r.Source).onCredit()
}

// giveBack lowers what a return names: what is still expected to be invoiced, then the items. The excess is ignored.
func (s *settler) giveBack(r *Return, day civil.Day) {
	left := r.Amount
	if r.InvoiceID != "" {
		left = s.giveBackInvoice(r, left, day)
	}
	o := s.index.order(r.OrderID, r.Source)
	if !o.onCredit() {
		return
	}
	left -= o.lowerCommitment(left)
	if o.own != nil {
		left -= s.lower(o.own, left, day)
	}
	for _, a := range o.bills {
		left -= s.lower(a, left, day)
	}
}

// giveBackInvoice lowers the invoice that a return names, and says what is left of the return. An invoice that isn't
// known is waited for, so that an order that turns out to be it can't be opened unseen.
func (s *settler) giveBackInvoice(r *Return, left int64, day civil.Day) int64 {
	to := s.index.resolve(Ref{true, r.InvoiceID}, r.Source)
	if to.kind == RefUnknown {
		s.waits = append(s.waits, &wait{Money: Money{PaymentID: r.ID, Source: r.Source, ValueDay: day, WaitsFor: Ref{true, r.InvoiceID}}})
	}
	for a := range to.accounts {
		left -= s.lower(a, left, day)
	}
	return left
}

// lower takes amount off an account, and says how much it was. What was already paid of it becomes free, the latest
// first.
func (s *settler) lower(a *account, amount int64, day civil.Day) int64 {
	n := min(amount, a.Amount)
	a.Amount, a.sale = a.Amount-n, a.sale-n
	over := n - min(n, a.Left)
	a.Left -= n - over
	for over > 0 {
		p := a.portions[len(a.portions)-1]
		back := min(over, p.amount)
		over -= back
		p.amount -= back
		s.release(Money{PaymentID: p.payer.id, Source: p.payer.source, ValueDay: day, Left: back})
		a.drop()
	}
	return n
}

// drop forgets the portions of which nothing is left.
func (a *account) drop() {
	a.portions = slices.DeleteFunc(a.portions, func(p *portion) bool { return p.amount == 0 })
}

// refund uses unapplied credit, the payment's own first, then reopens what the payment settled, the latest first.
func (s *settler) refund(r *Refund) {
	left := r.Amount
	payer := docKey{r.PaymentSource, r.PaymentID}
	own := func(m Money) bool { return m.PaymentID == payer.id && m.Source == payer.source }
	left = s.useFree(left, own)
	for _, w := range s.waits {
		if n := min(left, w.Left); n > 0 && !w.over && own(w.Money) {
			left, w.Left = left-n, w.Left-n // it waits on: what it named may be a cash order, and then it was never to be had
		}
	}
	left = s.useFree(left, func(Money) bool { return true })
	for _, p := range slices.Backward(s.paid[payer]) {
		n := min(left, p.amount)
		if n <= 0 {
			continue
		}
		left, p.amount, p.of.Left = left-n, p.amount-n, p.of.Left+n
		p.of.drop()
		s.list(p.of)
	}
}

// useFree takes up to amount of the free money that may be used, and says what is still wanted.
func (s *settler) useFree(amount int64, may func(Money) bool) int64 {
	for i := range s.free {
		if m := &s.free[i]; may(*m) {
			n := min(amount, m.Left)
			amount, m.Left = amount-n, m.Left-n
		}
	}
	s.free = slices.DeleteFunc(s.free, func(m Money) bool { return m.Left == 0 })
	return amount
}
