package credit

import "github.com/tierstream/tierstream/pkg/civil"

type orderKey struct{ source, id string }

// index finds the documents of a book by their business ids.
type index struct {
	orders     map[string][]Order // by id, sources ascending
	invoices   map[string][]Invoice
	naming     map[string]bool    // orders that an invoice names
	invoiced   map[orderKey]int64 // what invoices name of an order
	commitment map[orderKey]int64 // what is still expected to be invoiced
}

func newIndex(b Book) index {
	x := index{map[string][]Order{}, map[string][]Invoice{}, map[string]bool{}, map[orderKey]int64{}, map[orderKey]int64{}}
	for _, o := range b.Orders {
		x.orders[o.ID] = insertBySource(x.orders[o.ID], o, func(o Order) string { return o.Source })
	}
	for _, i := range b.Invoices {
		x.invoices[i.ID] = insertBySource(x.invoices[i.ID], i, func(i Invoice) string { return i.Source })
		for _, s := range i.Orders {
			x.bill(i, s)
		}
	}
	for _, o := range b.Orders {
		k := orderKey{o.Source, o.ID}
		x.invoiced[k] = min(x.invoiced[k], o.Amount)
		if o.Credit && o.InvoiceExpected {
			x.commitment[k] = o.Amount - x.invoiced[k]
		}
	}
	return x
}

func insertBySource[T any](list []T, x T, source func(T) string) []T {
	i := 0
	for i < len(list) && source(list[i]) < source(x) {
		i++
	}
	list = append(list, x)
	copy(list[i+1:], list[i:])
	list[i] = x
	return list
}

// bill notes what an invoice names of an order.
func (x index) bill(i Invoice, s Share) {
	x.naming[s.OrderID] = true
	own, ok := x.orderOwner(s.OrderID, i.Source)
	if !ok {
		return
	}
	amount := s.Amount
	for _, o := range x.orders[s.OrderID] {
		if o.Source == own && amount == 0 {
			amount = o.Amount
		}
	}
	x.invoiced[orderKey{own, s.OrderID}] += amount
}

// orderOwner is the source of the order that a reference from another system means: its own, else the first.
func (x index) orderOwner(id, source string) (string, bool) {
	return ownerOf(x.orders[id], source, func(o Order) string { return o.Source })
}

func (x index) invoiceOwner(id, source string) (string, bool) {
	return ownerOf(x.invoices[id], source, func(i Invoice) string { return i.Source })
}

func ownerOf[T any](list []T, source string, of func(T) string) (string, bool) {
	if len(list) == 0 {
		return "", false
	}
	for _, x := range list {
		if of(x) == source {
			return source, true
		}
	}
	return of(list[0]), true
}

// kind says what a reference means.
func (x index) kind(r Ref, source string) (RefKind, string) {
	if own, ok := x.invoiceOwner(r.ID, source); r.Invoice && ok {
		return RefCredit, own
	}
	own, ok := x.orderOwner(r.ID, source)
	for _, o := range x.orders[r.ID] {
		if o.Source == own && o.Credit {
			return RefCredit, own
		}
	}
	switch {
	case x.naming[r.ID] && !r.Invoice:
		return RefCredit, own
	case ok:
		return RefCash, own
	}
	return RefUnknown, ""
}

// due is an invoice's own due day, else that of the first order that it names, else its day.
func (x index) due(i Invoice) civil.Day {
	if i.HasDue {
		return i.Due
	}
	for _, s := range i.Orders {
		own, _ := x.orderOwner(s.OrderID, i.Source)
		for _, o := range x.orders[s.OrderID] {
			if o.Source == own && o.Credit {
				return max(o.Due, o.Day)
			}
		}
	}
	return i.Day
}

// lowerCommitment takes a return from what is still to be invoiced, and says how much of it.
func (x index) lowerCommitment(k orderKey, amount int64) int64 {
	n := min(amount, x.commitment[k])
	x.commitment[k] -= n
	return n
}

func (x index) commitments() (sum int64) {
	for _, n := range x.commitment {
		sum += n
	}
	return sum
}
