package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// docKey is a document; unknown: an order that something names and that hasn't come.
type plainKey struct {
	source, id string
	unknown    bool
}

// index finds the documents of a book and the accounts they make.
type plainIndex struct {
	orders     map[string][]Order // by id, by source
	invoices   map[string][]string
	invoiced   map[plainKey]int64           // what invoices name of an order
	own        map[plainKey]*plainAccount   // of an order that is its own invoice
	bills      map[plainKey][]*plainAccount // of the invoices that name an order, by (due day, id)
	issued     map[plainKey]*plainAccount
	live       map[plainKey]*plainAccount // every invoice that isn't void, also those of nothing
	commitment map[plainKey]int64         // what is still expected to be invoiced
	forgive    bool
}

func newPlainIndex(b Book, forgive bool) *plainIndex {
	x := &plainIndex{map[string][]Order{}, map[string][]string{}, map[plainKey]int64{}, map[plainKey]*plainAccount{},
		map[plainKey][]*plainAccount{}, map[plainKey]*plainAccount{}, map[plainKey]*plainAccount{}, map[plainKey]int64{}, forgive}
	for _, o := range b.Orders {
		if o.Standing != Live {
			o = Order{Source: o.Source, ID: o.ID, Standing: o.Standing}
		}
		x.orders[o.ID] = append(x.orders[o.ID], o)
	}
	for _, list := range x.orders {
		slices.SortFunc(list, func(a, b Order) int { return cmp.Compare(a.Source, b.Source) })
	}
	for _, i := range b.Invoices {
		x.invoices[i.ID] = append(x.invoices[i.ID], i.Source)
		if i.Standing == Gone {
			continue
		}
		for _, s := range i.Orders {
			k, o := x.order(s.OrderID, i.Source)
			x.invoiced[k] += plainBilled(s, o)
		}
	}
	for _, list := range x.invoices {
		slices.Sort(list)
	}
	return x
}

// billed is what a share of an invoice takes of an order.
func plainBilled(s Share, o Order) int64 {
	if s.Amount == 0 {
		return o.Amount
	}
	return s.Amount
}

// order is the order that an id means when a document of source names it.
func (x *plainIndex) order(id, source string) (plainKey, Order) {
	list := x.orders[id]
	if len(list) == 0 {
		return plainKey{id: id, unknown: true}, Order{Standing: Awaited}
	}
	i := max(0, slices.IndexFunc(list, func(o Order) bool { return o.Source == source }))
	return plainKey{source: list[i].Source, id: id}, list[i]
}

// invoice is the issued invoice that an id means when a document of source names it.
func (x *plainIndex) invoice(id, source string) (plainKey, bool) {
	list := x.invoices[id]
	if len(list) == 0 {
		return plainKey{}, false
	}
	return plainKey{source: list[max(0, slices.Index(list, source))], id: id}, true
}

// add makes the accounts of a book known.
func (x *plainIndex) add(a *plainAccount) {
	if !a.Ref.Invoice {
		x.own[plainKey{source: a.Source, id: a.Ref.ID}] = a
		return
	}
	x.issued[plainKey{source: a.Source, id: a.Ref.ID}] = a
	for _, s := range a.shares {
		k, _ := x.order(s.OrderID, a.Source)
		if list := x.bills[k]; !slices.Contains(list, a) {
			i, _ := slices.BinarySearchFunc(list, a, comparePlain)
			x.bills[k] = slices.Insert(list, i, a)
		}
	}
}

// meaning is what a reference of a payment leads to.
type plainMeaning struct {
	kind     RefKind
	accounts []*plainAccount // in the order in which money goes to them
	toCome   bool            // all of it, its invoices, or their days
}

// resolve says what a payment of source means by r. An order with terms is its own invoice, so it answers to both.
func (x *plainIndex) resolve(r Ref, source string) plainMeaning {
	if k, ok := x.invoice(r.ID, source); ok && r.Invoice {
		return plainMeaning{kind: RefCredit, accounts: plainPresent(x.issued[k])}.look()
	}
	k, o := x.order(r.ID, source)
	m := plainMeaning{accounts: slices.Concat(x.bills[k], plainPresent(x.own[k])), toCome: x.commitment[k] > 0}
	switch {
	case o.OnCredit() || len(m.accounts) > 0:
		m.kind = RefCredit
	case o.Standing == Live:
		m.kind = RefCash
	case o.Standing == Gone:
		m.kind = RefGone
	default:
		m.toCome = true
	}
	return m.look()
}

func (m plainMeaning) look() plainMeaning {
	m.toCome = m.toCome || slices.ContainsFunc(m.accounts, func(a *plainAccount) bool { return !a.opened })
	return m
}

func plainPresent(a *plainAccount) []*plainAccount {
	if a == nil {
		return nil
	}
	return []*plainAccount{a}
}

// due is an invoice's own due day, else that of the first order with terms that it names, else its day.
func (x *plainIndex) due(i Invoice) civil.Day {
	said := func(own bool, due, on civil.Day) civil.Day {
		if own {
			return due
		}
		for _, s := range i.Orders {
			if _, o := x.order(s.OrderID, i.Source); o.Credit {
				return o.Due
			}
		}
		return on
	}
	is := said(i.HasDue, i.Due, i.Day)
	if x.forgive || len(i.Old) == 0 {
		return is
	}
	old := said(i.Old[0].HasDue, i.Old[0].Due, i.Old[0].On)
	for _, o := range append(slices.Clone(i.Old[1:]), OldDue{i.Day, is, true}) {
		if next := said(o.HasDue, o.Due, o.On); next < old || o.On <= old {
			old = next
		}
	}
	return old
}

// bill takes what an invoice names from what is still expected.
func (x *plainIndex) bill(a *plainAccount) {
	for _, s := range a.shares {
		k, o := x.order(s.OrderID, a.Source)
		x.lowerCommitment(k, plainBilled(s, o))
	}
}

// lowerCommitment takes amount from what is expected of an order, and says how much that was.
func (x *plainIndex) lowerCommitment(k plainKey, amount int64) int64 {
	n := min(amount, x.commitment[k])
	if n > 0 {
		x.commitment[k] -= n
	}
	return n
}

func (x *plainIndex) commitments() (sum int64) {
	for _, n := range x.commitment {
		sum += n
	}
	return sum
}
