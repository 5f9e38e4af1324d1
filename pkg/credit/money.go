package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// list puts an account among the open ones.
func (s *settler) list(a *account) {
	if a.listed || !a.opened || a.Left <= s.cfg.Tolerance {
		return
	}
	i, _ := slices.BinarySearchFunc(s.open, a, compareAccounts)
	s.open = slices.Insert(s.open, i, a)
	s.past.keep(a)
	a.listed = true
}

// take serves what a payment names, in its order, until the money is spent. What is over is free.
func (s *settler) take(p *Payment, day civil.Day) {
	m := Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: p.Amount}
	for _, a := range p.Allocations {
		s.allocate(a, &m, day)
	}
	s.release(m)
}

func (s *settler) allocate(a Allocation, m *Money, day civil.Day) {
	most := a.most(m.Left)
	if most == 0 && (a.Amount > 0 || a.Discount == 0) {
		return
	}
	to := s.index.resolve(a.Ref, m.Source)
	part := Money{m.PaymentID, m.Source, m.ValueDay, most, a.Ref}
	m.Left -= most
	if to.kind == RefCash { // settled, with nothing over
		s.spend(&part, nil, most, day)
		return
	}
	discount := s.serve(to, &part, a.Discount, day)
	if part.Left+discount > 0 && to.toCome() {
		s.wait(to, part, discount)
		return
	}
	m.Left += part.Left
}

// wait keeps named money for what is still to come of what it names.
func (s *settler) wait(to meaning, m Money, discount int64) {
	w := next(&s.named)
	*w = wait{Money: m, number: s.waited, discount: discount}
	s.waited++
	s.waits = append(s.waits, w)
	for x := range to.accounts {
		s.past.keep(x)
		x.waits = appendTo(&s.claims, x.waits, w)
	}
	if to.order != nil {
		s.past.keepOrder(to.order)
		to.order.waits = appendTo(&s.claims, to.order.waits, w)
	}
}

// most is what an allocation may take of what is left of its payment.
func (a Allocation) most(left int64) int64 {
	if a.Amount == 0 && a.Discount == 0 {
		return left
	}
	return min(a.Amount, left)
}

// serve gives named money to the accounts that have opened. A discount lowers them first and is no payment; what is left
// of it is returned.
func (s *settler) serve(to meaning, m *Money, discount int64, day civil.Day) int64 {
	for a := range to.accounts {
		if !a.opened {
			continue
		}
		if n := min(discount, a.Left); n > 0 {
			s.past.keep(a)
			a.Amount, a.Left, discount = a.Amount-n, a.Left-n, discount-n
			s.firm = true
		}
		s.pay(a, m, day)
	}
	return discount
}

// wake serves money that has waited until day. Once nothing is to come of what it names, what is over is free.
func (s *settler) wake(w *wait, day civil.Day) {
	if w.over {
		return
	}
	to := s.index.resolve(w.WaitsFor, w.Source)
	s.past.keepWait(w)
	w.discount = s.serve(to, &w.Money, w.discount, day)
	if w.Left+w.discount == 0 || !to.toCome() {
		w.over, w.done = true, day
		s.sweeps.tangled = s.sweeps.tangled || w.Left > 0 && w.ValueDay < day
		s.release(w.Money)
	}
}

// pay settles as much of an account as the money can.
func (s *settler) pay(a *account, m *Money, day civil.Day) {
	n := min(a.Left, m.Left)
	if n <= 0 {
		return
	}
	s.past.keep(a)
	a.Left -= n
	p := s.spend(m, a, n, day)
	a.portions = appendTo(&s.lists, a.portions, p)
}

// spend takes n off money, and notes what for where a refund may ask.
func (s *settler) spend(m *Money, of *account, n int64, day civil.Day) *portion {
	m.Left -= n
	p := next(&s.parts)
	*p = portion{of: of, payer: m.payer(), day: day, amount: n}
	if s.past != nil {
		p.made = s.past.number
	}
	if s.asks(p.payer) {
		s.settled(p)
	}
	return p
}

// release makes money free for whatever is due first.
func (s *settler) release(m Money) {
	if m.Left <= 0 {
		return
	}
	m.WaitsFor = Ref{}
	s.keepFree()
	i, _ := slices.BinarySearchFunc(s.free, m, compareMoney)
	s.free = slices.Insert(s.free, i, m)
	s.fresh = true
}

// freeOf is how much of the money is free.
func freeOf(list []Money) (sum int64) {
	for i := range list {
		if list[i].WaitsFor.ID == "" {
			sum += list[i].Left
		}
	}
	return sum
}

// sweep gives free money to open accounts: by (value day, payment id) onto (due day, id). It notes how far it went.
func (s *settler) sweep(day civil.Day) {
	moved, furthest := s.fresh, Item{}
	s.fresh = false
	if s.cfg.Hold {
		return
	}
	x := s.sweeping(day, moved)
	if len(s.free) > 0 && len(s.open) > 0 {
		s.keepFree()
	}
	for len(s.free) > 0 && len(s.open) > 0 {
		a := s.open[0]
		if a.Left > s.cfg.Tolerance {
			s.give(a, x, day)
			moved, furthest = true, a.Item
		}
		if a.Left <= s.cfg.Tolerance {
			s.past.keep(a)
			a.listed = false
			s.open = s.open[1:]
		}
		if len(s.free) > 0 && s.free[0].Left == 0 {
			s.free = s.free[1:]
		}
	}
	if !moved {
		return
	}
	far := Key{Day: day}
	if furthest.Ref.ID != "" {
		far = itemMark(day, furthest)
	}
	went := sweep{far, freeOf(s.free)}
	s.head = went.head()
	s.sweeps.add(went.Key, went.left)
}
