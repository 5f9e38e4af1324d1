package register

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// LinkedReturn is a return that names an order, as it is noted with that order: Value is what counts for value (amount
// less tax), Amount what counts for credit, Cost what the goods had cost, where that was given, all in minor units of the
// currency of Rate; Day is the return's own.
type LinkedReturn struct {
	Source, ID    string
	Value, Amount int64
	Day           civil.Day
	Cost          int64
	HasCost       bool
	Rate          fx.Rate // the return's own
}

// Return is goods that came back; OrderID is empty where no order is named. Amounts are minor units of the
// currency of Rate, tax included. The zero value is 'nothing known yet'.
type Return struct {
	Version            Version
	OrderID, InvoiceID string
	Amount, Tax        int64
	Cost               int64 // what the goods had cost, where that was given
	HasCost            bool
	Rate               fx.Rate
}

// Value is what the return takes from value: tax left out, never below 0.
func (r Return) Value() int64 { return max(0, r.Amount-r.Tax) }

// Take keeps the newer of two states of a return, and says whether that is v.
func (r *Return) Take(v Return) bool {
	if r.Version != (Version{}) && !v.Version.Newer(r.Version) {
		return false
	}
	*r = v
	return true
}

// Share is what an invoice bills of an order; 0: all of it.
type Share struct {
	OrderID string
	Amount  int64
}

// InvoiceDoc is the full state of an invoice. Amounts are minor units of the currency of Rate, tax included.
type InvoiceDoc struct {
	Amount, Tax int64
	Due         civil.Day
	HasDue      bool
	Orders      []Share
	Rate        fx.Rate
}

// Issued is the winning full state of an invoice.
type Issued struct {
	Version Version
	Doc     InvoiceDoc
}

// Invoice is all that can still matter of one invoice.
type Invoice struct {
	Issued *Issued
	Voided *Version
	Old    []OldDue // of states that newer ones have replaced, ascending
}

// Issue takes a full state, and says whether anything changed. Of one that a newer state has replaced, the due day stays.
func (i *Invoice) Issue(v Version, doc InvoiceDoc) bool {
	was := i.Issued
	if was != nil && v == was.Version {
		return false
	}
	if was != nil && !v.Newer(was.Version) {
		return i.remember(v, doc)
	}
	if was != nil {
		i.remember(was.Version, was.Doc)
	}
	i.Issued = &Issued{v, doc}
	return true
}

// remember keeps the due day of a state that a newer one has replaced, and says whether it is new.
func (i *Invoice) remember(v Version, doc InvoiceDoc) (changed bool) {
	i.Old, changed = insertNewest(i.Old, OldDue{v, doc.Due, doc.HasDue}, func(d OldDue) Version { return d.Version })
	return changed
}

// Void takes the invoice back, and says whether anything changed.
func (i *Invoice) Void(v Version) bool {
	if !older(i.Voided, v) {
		return false
	}
	i.Voided = &v
	return true
}

// Live is the invoice as it stands; false while it hasn't been issued, and once it is void, unless a higher revision
// issued it again.
func (i *Invoice) Live() (doc InvoiceDoc, at civil.Instant, ok bool) {
	if i.Issued == nil || i.Voided != nil && i.Voided.Revision >= i.Issued.Version.Revision {
		return InvoiceDoc{}, 0, false
	}
	return i.Issued.Doc, i.Issued.Version.OccurredAt, true
}

// Link gives the notes of an order, sorted by (source, id), with that of one return added or replaced. Which state of
// the return is the newest is the return's own register's to say.
func Link(links []LinkedReturn, r LinkedReturn) []LinkedReturn {
	i, found := findLink(links, r.Source, r.ID)
	links = slices.Clone(links)
	if found {
		links[i] = r
		return links
	}
	return slices.Insert(links, i, r)
}

// Unlink gives the notes of an order without a return that names another order now.
func Unlink(links []LinkedReturn, source, id string) []LinkedReturn {
	if i, found := findLink(links, source, id); found {
		return slices.Delete(slices.Clone(links), i, i+1)
	}
	return links
}

func findLink(links []LinkedReturn, source, id string) (int, bool) {
	return slices.BinarySearchFunc(links, id, func(l LinkedReturn, id string) int {
		return cmp.Or(cmp.Compare(l.Source, source), cmp.Compare(l.ID, id))
	})
}
