package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// namedPayment is a payment that names some of the movers.
type namedPayment struct {
	*Payment
	number      int32
	gone, fresh bool

	unknown bool       // what it has settled
	waits   *wait      // it has settled nothing yet, and waited; nil: it hasn't
	still   bool       // it goes on waiting
	left    int64      // of what has waited, when that was over
	was     []*account // that it has settled
	wasCash bool       // what it named was for cash: what that took wasn't over
	to      []namedPart
	isCash  bool // what it names is for cash
}

// namedPart is what a payment names.
type namedPart struct {
	*mover
	Allocation
}

// seen is a payment with what it named so far.
func (r *ripple) seen(number int32) *namedPayment {
	for _, x := range r.named {
		if x.number == number {
			return x
		}
	}
	p := &r.book.Payments[number]
	x := &namedPayment{Payment: p, number: number}
	r.named = append(r.named, x)
	x.fresh = slices.ContainsFunc(r.added, func(t task) bool { return t.what == stepPayment && t.of == number })
	if x.unknown = p.Amount <= 0 || r.settler.asks(p.key()); x.fresh || x.unknown {
		return x
	}
	for i := range p.Allocations {
		a, kind := r.target(p, i)
		switch {
		case kind == RefCash && len(p.Allocations) == 1:
			x.wasCash = true
		case kind == RefGone:
		case a == nil || !a.opened || a.Opened > p.ValueDay || slices.Contains(x.was, a):
			x.unknown = true
		default:
			x.was = append(x.was, a)
		}
	}
	return x
}

// target is the only account that money goes to which a payment has for something; nil: there is none, or there are more.
func (w *rewriting) target(p *Payment, allocation int) (*account, RefKind) {
	to := w.settler.index.resolve(p.Allocations[allocation].Ref, p.Source)
	if to.kind == RefCredit && to.order == nil && to.own == nil {
		return nil, RefGone // an invoice that is void, or of nothing
	}
	return to.sole(), to.kind
}

// sole is the only account that is meant, of which all is there, once it has opened; nil: there are more, or something else is still to come.
func (m *meaning) sole() *account {
	if m.kind != RefCredit || len(m.bills) > 1 || len(m.bills) == 1 && m.own != nil {
		return nil
	}
	if len(m.bills) == 0 {
		if m.order != nil && m.order.commitment > 0 {
			return nil
		}
		return m.own
	}
	if a := m.bills[0]; a.billsAll(m.order) && (!a.opened || m.order.commitment == 0) {
		return a
	}
	return nil
}

// billsAll says that an account is the invoice of all of an order, of which nothing is to come from its day on.
func (a *account) billsAll(o *orderDoc) bool {
	return slices.ContainsFunc(a.shares, func(s share) bool { return s.of == o && s.billed() >= o.Amount })
}

// means finds what a payment names now. False: it can't be followed.
func (r *ripple) means(x *namedPayment) bool {
	if x.unknown {
		return false
	}
	for _, a := range x.was {
		if r.moverOf(a) == nil {
			return false
		}
	}
	if x.gone {
		return true
	}
	if x.still = r.awaits(x); x.still {
		return true
	}
	var to []namedPart
	for i := range x.Allocations {
		a, kind := r.target(x.Payment, i)
		switch {
		case kind == RefCash && len(x.Allocations) == 1:
			x.isCash = true
			continue
		case kind == RefGone:
			continue
		case a == nil || a.Opened > x.ValueDay && x.waits == nil:
			return false
		}
		m := r.moverOf(a)
		if m == nil || slices.ContainsFunc(to, func(y namedPart) bool { return y.mover == m }) {
			return false
		}
		to = append(to, namedPart{m, x.Allocations[i]})
	}
	x.to = to
	return true
}

// over is what was over of a payment, which named what was paid.
func (r *ripple) over(x *namedPayment) int64 {
	switch {
	case x.fresh || x.waits != nil:
		return 0
	case x.wasCash:
		return x.beyondCash()
	}
	n := x.Amount
	for _, a := range x.was {
		if p := r.settledOn(r.moverOf(a), x.ValueDay, x.key()); p != nil {
			n -= p.amount
		}
	}
	return n
}

// discounts says that a payment gives a discount on something.
func (p *Payment) discounts() bool {
	return slices.ContainsFunc(p.Allocations, func(a Allocation) bool { return a.Discount != 0 })
}

// beyondCash is what a cash order doesn't take.
func (p *Payment) beyondCash() int64 { return p.Amount - p.Allocations[0].most(p.Amount) }

// payments are those of a day, in the order of the agenda.
func (r *ripple) payments(day civil.Day) (list []*namedPayment) {
	for _, x := range r.named {
		if x.ValueDay == day {
			list = append(list, x)
		}
	}
	of := func(x *namedPayment) task { return task{day, stepPayment, x.number} }
	slices.SortFunc(list, func(a, b *namedPayment) int { return r.settler.compareTasks(of(a), of(b)) })
	return list
}

// serve has a payment of the day at a place pay what it names, and says what was over, and what is.
func (r *ripple) serve(x *namedPayment, place int, day *rippledDay) (was, is int64) {
	was = r.over(x)
	switch {
	case x.gone || x.still:
		return was, 0
	case x.wakes():
		x.to[0].is.touch(place)
		x.to[0].is.now.waits = append(slices.Clip(x.to[0].is.now.waits), x.waits)
		return 0, 0
	case x.isCash:
		return was, x.beyondCash()
	}
	is = x.Amount
	for _, y := range x.to {
		most := y.most(is)
		if most == 0 && (y.Amount > 0 || y.Discount == 0) {
			continue
		}
		is -= most
		if n := min(y.Discount, y.left()); n > 0 {
			y.is.touch(place)
			y.is.now.amount, y.is.now.left = y.is.now.amount-n, y.is.now.left-n
			y.is.now.listed = y.is.now.left > 0
			day.decided, y.less = r.days[place].day, y.less+n
		}
		if n := min(most, y.left()); n > 0 {
			y.is.settle(y.portion(r.settledOn(y.mover, x.ValueDay, x.key()), n, x.key(), nil, &r.days[place]), place)
			most -= n
		}
		is += most
	}
	return was, is
}
