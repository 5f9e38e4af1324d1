package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// list puts an account among the open ones.
func (s *plainSettler) list(a *plainAccount) {
	if a.listed || !a.opened || a.Left <= s.cfg.Tolerance {
		return
	}
	i, _ := slices.BinarySearchFunc(s.open, a, comparePlain)
	s.open = slices.Insert(s.open, i, a)
	a.listed = true
}

// take serves what a payment names, in its order, until the money is spent. What is over is free.
func (s *plainSettler) take(p Payment, day civil.Day) {
	m := Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: p.Amount}
	for _, a := range p.Allocations {
		s.allocate(a, &m, day)
	}
	s.release(m)
}

func (s *plainSettler) allocate(a Allocation, m *Money, day civil.Day) {
	most := a.most(m.Left)
	if most == 0 && (a.Amount > 0 || a.Discount == 0) {
		return
	}
	to := s.index.resolve(a.Ref, m.Source)
	part := Money{m.PaymentID, m.Source, m.ValueDay, most, a.Ref}
	m.Left -= most
	if to.kind == RefCash { // settled, with nothing over
		payer := plainKey{source: m.Source, id: m.PaymentID}
		s.paid[payer] = append(s.paid[payer], &plainPortion{payer: payer, day: day, amount: most})
		return
	}
	discount := s.serve(to.accounts, &part, a.Discount, day)
	if to.toCome && part.Left+discount > 0 {
		s.waits = append(s.waits, &plainWait{Money: part, discount: discount})
		return
	}
	m.Left += part.Left
}

// serve gives named money to the accounts that have opened. A discount lowers them first and is no payment; what is left
// of it is returned.
func (s *plainSettler) serve(to []*plainAccount, m *Money, discount int64, day civil.Day) int64 {
	for _, a := range to {
		if !a.opened {
			continue
		}
		n := min(discount, a.Left)
		a.Amount, a.Left, discount = a.Amount-n, a.Left-n, discount-n
		s.firm = s.firm || n > 0
		s.pay(a, m, day)
	}
	return discount
}

// wakeAll serves the money that has waited until day, in the order in which it began to. Once nothing is to come of what
// it names, what is over is free.
func (s *plainSettler) wakeAll(day civil.Day) {
	for _, w := range s.waits {
		if w.over || w.Left+w.discount == 0 {
			continue
		}
		to := s.index.resolve(w.WaitsFor, w.Source)
		w.discount = s.serve(to.accounts, &w.Money, w.discount, day)
		if !to.toCome {
			w.over = true
			s.release(w.Money)
		}
	}
}

// pay settles as much of an account as the money can.
func (s *plainSettler) pay(a *plainAccount, m *Money, day civil.Day) {
	n := min(a.Left, m.Left)
	if n <= 0 {
		return
	}
	a.Left -= n
	m.Left -= n
	p := &plainPortion{of: a, payer: plainKey{source: m.Source, id: m.PaymentID}, day: day, amount: n}
	a.portions = append(a.portions, p)
	s.paid[p.payer] = append(s.paid[p.payer], p)
}

// release makes money free for whatever is due first.
func (s *plainSettler) release(m Money) {
	if m.Left <= 0 {
		return
	}
	m.WaitsFor = Ref{}
	i, _ := slices.BinarySearchFunc(s.free, m, compareMoney)
	s.free = slices.Insert(s.free, i, m)
	s.fresh = true
}

// sweep gives free money to open accounts: by (value day, payment id) onto (due day, id). It notes how far it went.
func (s *plainSettler) sweep(day civil.Day) {
	moved, furthest := s.fresh, Item{}
	s.fresh = false
	if s.cfg.Hold {
		return
	}
	for len(s.free) > 0 && len(s.open) > 0 {
		a := s.open[0]
		if a.Left > s.cfg.Tolerance {
			s.pay(a, &s.free[0], day)
			moved, furthest = true, a.Item
		}
		if a.Left <= s.cfg.Tolerance {
			a.listed = false
			s.open = s.open[1:]
		}
		if s.free[0].Left == 0 {
			s.free = s.free[1:]
		}
	}
	switch {
	case len(s.free) > 0 && moved:
		s.head = Key{Day: day, Phase: markDay}
	case moved:
		s.head = itemMark(day, furthest)
	}
}

// lowers says that a return is a matter of credit: it names an invoice, or an order on credit.
func (s *plainSettler) lowers(r Return) bool {
	_, o := s.index.order(r.OrderID, r.Source)
	return r.InvoiceID != "" || o.OnCredit()
}

// giveBack lowers what a return names: what is still expected to be invoiced, then the items. The excess is ignored.
func (s *plainSettler) giveBack(r Return, day civil.Day) {
	left := r.Amount
	if r.InvoiceID != "" {
		left = s.giveBackInvoice(r, left, day)
	}
	k, o := s.index.order(r.OrderID, r.Source)
	if !o.OnCredit() {
		return
	}
	n := s.index.lowerCommitment(k, left)
	left, s.firm = left-n, s.firm || n > 0
	s.lowerAll(slices.Concat(plainPresent(s.index.own[k]), s.index.bills[k]), left, day)
}

// lowerAll takes amount off accounts, first off those that have opened, and says what is left of it.
func (s *plainSettler) lowerAll(accounts []*plainAccount, amount int64, day civil.Day) int64 {
	var later []*plainAccount
	for _, a := range accounts {
		if !a.opened {
			later = append(later, a)
			continue
		}
		amount -= s.lower(a, amount, day)
	}
	for _, a := range later {
		amount -= s.lower(a, amount, day)
	}
	return amount
}

// giveBackInvoice lowers the invoice that a return names, and says what is left of the return. An invoice that isn't
// known is waited for, so that an order that turns out to be it can't be opened unseen.
func (s *plainSettler) giveBackInvoice(r Return, left int64, day civil.Day) int64 {
	to := s.index.resolve(Ref{true, r.InvoiceID}, r.Source)
	if to.kind == RefUnknown {
		s.waits = append(s.waits, &plainWait{Money: Money{PaymentID: r.ID, Source: r.Source, ValueDay: day, WaitsFor: Ref{true, r.InvoiceID}}})
	}
	return s.lowerAll(to.accounts, left, day)
}

// lower takes amount off an account, and says how much it was. What was already paid of it becomes free, the latest
// first.
func (s *plainSettler) lower(a *plainAccount, amount int64, day civil.Day) int64 {
	n := min(amount, a.Amount)
	a.Amount, a.sale = a.Amount-n, a.sale-n
	over := n - min(n, a.Left)
	a.Left -= n - over
	s.firm = s.firm || over > 0
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
func (a *plainAccount) drop() {
	a.portions = slices.DeleteFunc(a.portions, func(p *plainPortion) bool { return p.amount == 0 })
}

// refund takes back what came in with a payment: what is unapplied of it, then what it settled, the latest first. Money
// that went to a cash order is simply gone. In an item, other unapplied credit takes its place, else the item is open
// again.
func (s *plainSettler) refund(r Refund) {
	left := r.Amount
	payer := plainKey{source: r.PaymentSource, id: r.PaymentID}
	for i := range s.free {
		if m := &s.free[i]; m.PaymentID == payer.id && m.Source == payer.source {
			left -= spend(m, left)
		}
	}
	for _, w := range s.waits {
		if w.PaymentID == payer.id && w.Source == payer.source && !w.over {
			left -= spend(&w.Money, left) // it waits on: what it named may be a cash order, and then it was never to be had
		}
	}
	for _, p := range slices.Backward(s.paid[payer]) {
		n := min(left, p.amount)
		left, p.amount = left-n, p.amount-n
		if p.of == nil || n == 0 {
			continue
		}
		for i := range s.free {
			m := &s.free[i]
			if s.cfg.Hold {
				break
			}
			if k := spend(m, n); k > 0 {
				n -= k
				q := &plainPortion{of: p.of, payer: plainKey{source: m.Source, id: m.PaymentID}, day: p.day, amount: k}
				p.of.portions = slices.Insert(p.of.portions, slices.Index(p.of.portions, p), q)
				s.paid[q.payer] = append(s.paid[q.payer], q)
			}
		}
		p.of.Left += n
		p.of.drop()
		s.list(p.of)
	}
	s.free = slices.DeleteFunc(s.free, func(m Money) bool { return m.Left == 0 })
}

// spend takes up to most off money, and says how much it was.
func spend(m *Money, most int64) int64 {
	n := min(most, m.Left)
	m.Left -= n
	return n
}
