package register

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// TermsKind says how an order is to be paid.
type TermsKind int

// With neither days nor a date an order is a cash order.
const (
	Cash TermsKind = iota
	Days
	Date
)

// Terms are the terms of payment.
type Terms struct {
	Kind TermsKind
	Days int32     // after the order's day, for Days
	Due  civil.Day // for Date
}

// DueDay is when an order of that day is due; a cash order has none.
func (t Terms) DueDay(day civil.Day) (civil.Day, bool) {
	switch t.Kind {
	case Days:
		return day + civil.Day(t.Days), true
	case Date:
		return t.Due, true
	}
	return 0, false
}

// OrderDoc is the full state of an order. Amounts are minor units of the currency of Rate, tax and freight included.
type OrderDoc struct {
	Amount, Tax, Freight int64
	Cost                 int64
	HasCost              bool
	Terms                Terms
	InvoiceExpected      bool
	Categories           []Category // what its lines say; empty: it has none
	Rate                 fx.Rate    // the one it was taken in with; of Live, the order's
}

// Category is what the lines of an order add up to in one category: their amounts without tax, and where lines give their
// cost, that cost and the part of the amount that it is of.
type Category struct {
	Name                 string // empty: lines without one, and what is beyond CategoriesMost
	Amount, Cost, Costed int64
}

// CategoriesMost is how many named categories of one order are told apart.
const CategoriesMost = 12

// OrderPatch changes what it names; nil is unchanged.
type OrderPatch struct {
	Amount, Tax, Freight, Cost *int64
	Terms                      *Terms
	InvoiceExpected            *bool
	Categories                 []Category
	Rate                       *fx.Rate // of the currency that it names
}

func (p OrderPatch) apply(d OrderDoc) OrderDoc {
	set(&d.Amount, p.Amount)
	set(&d.Tax, p.Tax)
	set(&d.Freight, p.Freight)
	set(&d.Terms, p.Terms)
	set(&d.InvoiceExpected, p.InvoiceExpected)
	set(&d.Rate, p.Rate)
	if p.Cost != nil {
		d.Cost, d.HasCost = *p.Cost, true
	}
	if p.Categories != nil {
		d.Categories = p.Categories
	}
	return d
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Categorise gives the categories of an order by name, from lines in any order that are as categories of one line each: the
// CategoriesMost largest, ties by name, and all others together without a name.
func Categorise(lines []Category) []Category {
	var out []Category
	for _, l := range lines {
		out = join(out, l)
	}
	for len(out) > CategoriesMost && (out[0].Name != "" || len(out) > CategoriesMost+1) {
		least := -1
		for i := range out {
			if out[i].Name != "" && (least < 0 || out[i].Amount <= out[least].Amount) {
				least = i
			}
		}
		rest := out[least]
		rest.Name = ""
		out = join(slices.Delete(out, least, least+1), rest)
	}
	return out
}

// join adds a category to those by name.
func join(list []Category, x Category) []Category {
	i, found := slices.BinarySearchFunc(list, x.Name, func(c Category, name string) int { return cmp.Compare(c.Name, name) })
	if !found {
		return slices.Insert(list, i, x)
	}
	c := &list[i]
	c.Amount += x.Amount
	c.Cost += x.Cost
	c.Costed += x.Costed
	return list
}

// Placed is the winning full state of an order.
type Placed struct {
	Version Version
	Doc     OrderDoc
}

// Amendment is a patch that is newer than the winning full state, or waits for one.
type Amendment struct {
	Version Version
	Patch   OrderPatch
}

// Order is all that can still matter of one order.
type Order struct {
	Placed     *Placed
	Amendments []Amendment // ascending
	Cancelled  *Version    // the newest
	Old        []OldTerms  // ascending
	Rates      []OldRate   // of states that newer ones have replaced, by currency
}

// Place takes a full state, and says whether anything changed. Of one that a newer state has replaced, the terms stay.
func (o *Order) Place(v Version, doc OrderDoc) bool {
	if o.Placed != nil {
		switch v.Compare(o.Placed.Version) {
		case 0:
			return false
		case -1:
			rated := o.rated(v, &doc.Rate)
			return o.remember(OldTerms{v, true, doc.Terms}) || rated
		}
		o.remember(OldTerms{o.Placed.Version, true, o.Placed.Doc.Terms})
		o.rated(o.Placed.Version, &o.Placed.Doc.Rate)
	}
	o.Placed = &Placed{v, doc}
	for _, a := range o.Amendments {
		if a.Version.Newer(v) {
			continue
		}
		o.rated(a.Version, a.Patch.Rate)
		if a.Patch.Terms != nil {
			o.remember(OldTerms{a.Version, false, *a.Patch.Terms})
		}
	}
	o.Amendments = slices.DeleteFunc(slices.Clone(o.Amendments), func(a Amendment) bool { return !a.Version.Newer(v) })
	return true
}

// Amend takes a patch, and says whether anything changed. Before its order has come it waits; once a newer full state
// has come it says nothing any more, but for the due day that the order had.
func (o *Order) Amend(v Version, p OrderPatch) (changed bool) {
	if o.Placed != nil && !v.Newer(o.Placed.Version) {
		rated := o.rated(v, p.Rate)
		return p.Terms != nil && o.remember(OldTerms{v, false, *p.Terms}) || rated
	}
	o.Amendments, changed = insert(o.Amendments, Amendment{v, p}, func(a Amendment) Version { return a.Version })
	return changed
}

// Cancel takes the order back, before or after it has been placed, and says whether anything changed.
func (o *Order) Cancel(v Version) bool {
	if !older(o.Cancelled, v) {
		return false
	}
	o.Cancelled = &v
	return true
}

// Live is the order as it stands, and when its winning full state occurred, which gives the order its day; false while
// it hasn't been placed, and once it is cancelled. A cancellation is final unless a higher revision places again.
func (o *Order) Live() (doc OrderDoc, at civil.Instant, ok bool) {
	if o.Placed == nil || o.Cancelled != nil && o.Cancelled.Revision >= o.Placed.Version.Revision {
		return OrderDoc{}, 0, false
	}
	doc = o.Placed.Doc
	for _, a := range o.Amendments {
		doc = a.Patch.apply(doc)
	}
	doc.Rate = o.rate(doc.Rate)
	return doc, o.Placed.Version.OccurredAt, true
}
