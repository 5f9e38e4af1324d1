package register

import (
	"bytes"
	"slices"

	"github.com/tierstream/tierstream/pkg/fx"
)

// OldRate is the rate that a state of an order was taken in with which a newer one has replaced.
type OldRate struct {
	Version Version
	Rate    fx.Rate
}

// rated keeps the rate of a state of the order that a newer one has replaced, if it is the first in its currency, and says
// whether it is. A state of the base currency has none; neither has one that names no currency.
func (o *Order) rated(v Version, r *fx.Rate) bool {
	if r == nil || !r.Foreign() {
		return false
	}
	i, found := slices.BinarySearchFunc(o.Rates, r.Code, func(x OldRate, c fx.Code) int { return bytes.Compare(x.Rate.Code[:], c[:]) })
	switch {
	case !found:
		o.Rates = slices.Insert(slices.Clone(o.Rates), i, OldRate{v, *r})
	case o.Rates[i].Version.Newer(v):
		o.Rates = slices.Clone(o.Rates)
		o.Rates[i] = OldRate{v, *r}
	default:
		return false
	}
	return true
}

// rate is the order's: that which the first of all its states in a currency was taken in with. What changes the order later
// counts by it too, and so do its returns.
func (o *Order) rate(is fx.Rate) fx.Rate {
	if !is.Foreign() {
		return is
	}
	var first *OldRate
	look := func(v Version, r *fx.Rate) {
		if r != nil && r.Code == is.Code && (first == nil || first.Version.Newer(v)) {
			first = &OldRate{v, *r}
		}
	}
	look(o.Placed.Version, &o.Placed.Doc.Rate)
	for i := range o.Amendments { // one of them may have brought the currency
		look(o.Amendments[i].Version, o.Amendments[i].Patch.Rate)
	}
	for i := range o.Rates {
		look(o.Rates[i].Version, &o.Rates[i].Rate)
	}
	return first.Rate
}

// Foreign says that a state of the order is of another currency than the base currency.
func (o *Order) Foreign() bool {
	return len(o.Rates) > 0 || o.Placed != nil && o.Placed.Doc.Rate.Foreign() ||
		slices.ContainsFunc(o.Amendments, func(a Amendment) bool { return a.Patch.Rate != nil && a.Patch.Rate.Foreign() })
}

// InBase is the order in the base currency. Each amount that a figure takes is rounded once: what is payable, and that without
// tax, and without freight.
func (d OrderDoc) InBase() OrderDoc {
	r := d.Rate
	if !r.Foreign() {
		return d
	}
	amount, net := r.Base(d.Amount), r.Base(d.Amount-d.Tax)
	bare := r.Base(d.Amount - d.Tax - d.Freight)
	d.Amount, d.Tax, d.Freight, d.Cost = amount, amount-net, net-bare, r.Base(d.Cost)
	d.Categories = slices.Clone(d.Categories)
	for i := range d.Categories {
		c := &d.Categories[i]
		c.Amount, c.Cost, c.Costed = r.Base(c.Amount), r.Base(c.Cost), r.Base(c.Costed)
	}
	d.Rate = fx.Rate{}
	return d
}

// InBase is the note in the base currency, beside an order: by the order's rate, or by its own where it is of another
// currency than the order.
func (l LinkedReturn) InBase(order fx.Rate) LinkedReturn {
	r := l.Rate
	if r.Code == order.Code {
		r = order
	}
	l.Value, l.Amount, l.Cost, l.Rate = r.Base(l.Value), r.Base(l.Amount), r.Base(l.Cost), fx.Rate{}
	return l
}

// InBase is a return that names no order in the base currency, by its own rate.
func (r Return) InBase() Return {
	amount := r.Rate.Base(r.Amount)
	r.Tax = amount - r.Rate.Base(r.Value())
	r.Amount, r.Cost, r.Rate = amount, r.Rate.Base(r.Cost), fx.Rate{}
	return r
}
