package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// flow is what a payment has paid of an account on a day.
type flow struct {
	payer  docKey
	of     *account
	amount int64
}

// flows are all of a day, in their order.
func (x *swept) flows() (list []flow) {
	i, used := 0, int64(0)
	for _, p := range x.parts {
		for left := p.amount; left > 0; {
			n := min(left, x.money[i].Left-used)
			list = append(list, flow{x.money[i].payer(), p.of, n})
			left, used = left-n, used+n
			if used == x.money[i].Left {
				i, used = i+1, 0
			}
		}
	}
	return list
}

// stopWhereAsked has all be settled again from the first day on, on which somebody asks who has paid what of what is swept on a day that is
// paid by somebody else now.
func (r *ripple) stopWhereAsked(x *rippledDay) {
	old := x.swept
	if len(old.told)+len(old.asked) == 0 {
		return
	}
	is := &swept{money: slices.Clone(old.money), parts: slices.Clone(old.parts)}
	is.edit(x)
	a, b := old.flows(), is.flows()
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for _, f := range slices.Concat(a, b) {
		for _, t := range old.told {
			if t.of == f.of {
				r.stopAt(t.day)
			}
		}
		if slices.Contains(old.asked, f.payer) {
			r.stopAt(r.refundOf(f.payer, x.day))
		}
	}
}

// refundOf is the first day after one on which something of a payment goes back that has been settled.
func (r *ripple) refundOf(payer docKey, after civil.Day) (first civil.Day) {
	first = never
	for _, t := range r.Journal.payments[payer.id] {
		if t.what != stepPayment && t.day > after && r.book.Refunds[t.of].PaymentSource == payer.source && !slices.Contains(r.added, t) {
			first = min(first, t.day)
		}
	}
	return first
}
