package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// docKey is a document; unknown: an order that something names and that hasn't come.
type docKey struct {
	source, id string
	unknown    bool
}

// index finds the documents of a book and the accounts they make.
type index struct {
	orders     map[string][]Order // by id, by source
	invoices   map[string][]string
	invoiced   map[docKey]int64      // what invoices name of an order
	own        map[docKey]*account   // of an order that is its own invoice
	bills      map[docKey][]*account // of the invoices that name an order, by (due day, id)
	issued     map[docKey]*account
	commitment map[docKey]int64 // what is still expected to be invoiced
}

func newIndex(b Book) *index {
	x := &index{map[string][]Order{}, map[string][]string{}, map[docKey]int64{}, map[docKey]*account{},
		map[docKey][]*account{}, map[docKey]*account{}, map[docKey]int64{}}
	for _, o := range b.Orders {
		x.orders[o.ID] = append(x.orders[o.ID], o)
	}
	for _, list := range x.orders {
		slices.SortFunc(list, func(a, b Order) int { return cmp.Compare(a.Source, b.Source) })
	}
	for _, i := range b.Invoices {
		x.invoices[i.ID] = append(x.invoices[i.ID], i.Source)
		for _, s := range i.Orders {
			k, o := x.order(s.OrderID, i.Source)
			x.invoiced[k] += billed(s, o)
		}
	}
	for _, list := range x.invoices {
		slices.Sort(list)
	}
	return x
}

// billed is what a share of an invoice takes of an order.
func billed(s Share, o Order) int64 {
	if s.Amount == 0 {
		return o.Amount
	}
	return s.Amount
}

// order is the order that an id means when a document of source names it.
func (x *index) order(id, source string) (docKey, Order) {
	list := x.orders[id]
	if len(list) == 0 {
		return docKey{id: id, unknown: true}, Order{}
	}
	i := max(0, slices.IndexFunc(list, func(o Order) bool { return o.Source == source }))
	return docKey{source: list[i].Source, id: id}, list[i]
}

// invoice is the issued invoice that an id means when a document of source names it.
func (x *index) invoice(id, source string) (docKey, bool) {
	list := x.invoices[id]
	if len(list) == 0 {
		return docKey{}, false
	}
	return docKey{source: list[max(0, slices.Index(list, source))], id: id}, true
}

// add makes the accounts of a book known.
func (x *index) add(a *account) {
	if !a.Ref.Invoice {
		x.own[docKey{source: a.Source, id: a.Ref.ID}] = a
		return
	}
	x.issued[docKey{source: a.Source, id: a.Ref.ID}] = a
	for _, s := range a.shares {
		k, _ := x.order(s.OrderID, a.Source)
		if list := x.bills[k]; !slices.Contains(list, a) {
			i, _ := slices.BinarySearchFunc(list, a, compareAccounts)
			x.bills[k] = slices.Insert(list, i, a)
		}
	}
}

func (o Order) onCredit() bool { return o.Credit || o.InvoiceExpected }

// meaning is what a reference of a payment leads to.
type meaning struct {
	kind     RefKind
	accounts []*account // in the order in which money goes to them
	expected bool       // invoices are still to come
}

// resolve says what a payment of source means by r. An order with terms is its own invoice, so it answers to both.
func (x *index) resolve(r Ref, source string) meaning {
	if k, ok := x.invoice(r.ID, source); ok && r.Invoice {
		return meaning{kind: RefCredit, accounts: present(x.issued[k])}
	}
	k, o := x.order(r.ID, source)
	m := meaning{accounts: slices.Concat(x.bills[k], present(x.own[k])), expected: x.commitment[k] > 0}
	switch {
	case o.onCredit() || len(m.accounts) > 0:
		m.kind = RefCredit
	case !k.unknown:
		m.kind = RefCash
	}
	return m
}

func present(a *account) []*account {
	if a == nil {
		return nil
	}
	return []*account{a}
}

// due is an invoice's own due day, else that of the first order with terms that it names, else its day.
func (x *index) due(i Invoice) civil.Day {
	if i.HasDue {
		return i.Due
	}
	for _, s := range i.Orders {
		if _, o := x.order(s.OrderID, i.Source); o.Credit {
			return o.Due
		}
	}
	return i.Day
}

// bill takes what an invoice names from what is still expected.
func (x *index) bill(a *account) {
	for _, s := range a.shares {
		k, o := x.order(s.OrderID, a.Source)
		x.lowerCommitment(k, billed(s, o))
	}
}

// lowerCommitment takes amount from what is expected of an order, and says how much that was.
func (x *index) lowerCommitment(k docKey, amount int64) int64 {
	n := min(amount, x.commitment[k])
	if n > 0 {
		x.commitment[k] -= n
	}
	return n
}

func (x *index) commitments() (sum int64) {
	for _, n := range x.commitment {
		sum += n
	}
	return sum
}
