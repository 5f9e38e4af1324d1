package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

// index finds the documents of a book by their ids, and the accounts they make. Ids are looked up once: whatever refers
// to a document leads straight to it from then on.
type index struct {
	names    map[string]*name
	most     int         // names that it has had room for
	expected []*orderDoc // orders whose invoices are to come

	// What pointers and short lists are made from.
	spare    []name
	unknown  []orderDoc
	shares   []share
	orders   []*orderDoc
	invoices []*account
}

// name is whatever an id may mean.
type name struct {
	orders   []*orderDoc // by source
	invoices []*account  // issued, by source
	unknown  *orderDoc   // stands for the orders of the id, of which none has come
	dossier  *dossier    // of a Journal
}

// orderDoc is an order and what refers to it.
type orderDoc struct {
	Order
	invoiced   int64      // what invoices name of it
	commitment int64      // what is still expected to be invoiced
	own        *account   // of an order that is its own invoice
	bills      []*account // of the invoices that name it, by (due day, id)
	waits      []*wait    // for what is still expected

	// Of a Journal.
	filed int64 // of the commitment, in the base currency
	dead  bool  // it is another order now
	named *name // its id
}

// share is what an invoice bills of an order.
type share struct {
	of     *orderDoc
	amount int64 // 0: all of it
}

func (s share) billed() int64 {
	if s.amount == 0 {
		return s.of.Amount
	}
	return s.amount
}

// empty forgets all, and has room for a book.
func (x *index) empty(b *Book) {
	names := len(b.Orders) + len(b.Invoices)
	if x.most = max(x.most, names); x.names == nil || x.most > outgrown(names) {
		x.names, x.most = make(map[string]*name, names), names
	}
	clear(x.names)
	x.expected, x.unknown, x.spare = x.expected[:0], x.unknown[:0], empty(x.spare, names)
	x.orders, x.invoices = empty(x.orders, len(b.Orders)), empty(x.invoices, 2*len(b.Invoices))
	x.shares = empty(x.shares, len(b.Invoices))
}

// outgrown is the size from which on a map is dearer to clear than to make anew for so many.
func outgrown(names int) int { return 1000 + 10*names }

func (x *index) name(id string) *name {
	n := x.names[id]
	if n == nil {
		n = next(&x.spare)
		x.names[id] = n
	}
	return n
}

// next is an element of a slab; pointers into former ones stay good.
func next[T any](slab *[]T) *T {
	if len(*slab) == cap(*slab) {
		*slab = make([]T, 0, max(8, 2*cap(*slab)))
	}
	*slab = (*slab)[:len(*slab)+1]
	p := &(*slab)[len(*slab)-1]
	*p = *new(T)
	return p
}

// single is a list of one, made from a slab.
func single[T any](slab *[]T, x T) []T {
	p := next(slab)
	*p = x
	return (*slab)[len(*slab)-1 : len(*slab) : len(*slab)]
}

// appendTo appends to a list that is made from a slab if it is the first of it.
func appendTo[T any](slab *[]T, list []T, x T) []T {
	if list == nil {
		return single(slab, x)
	}
	return append(list, x)
}

// addOrder makes an order known.
func (x *index) addOrder(d *orderDoc) {
	n := x.name(d.ID)
	if d.named = n; n.orders == nil {
		n.orders = single(&x.orders, d)
		return
	}
	i, _ := slices.BinarySearchFunc(n.orders, d, func(a, b *orderDoc) int { return cmp.Compare(a.Source, b.Source) })
	n.orders = slices.Insert(n.orders, i, d)
}

// addInvoice makes an invoice known, once every order is.
func (x *index) addInvoice(a *account, shares []Share) {
	if n := x.name(a.Ref.ID); n.invoices == nil {
		n.invoices = single(&x.invoices, a)
	} else {
		i, _ := slices.BinarySearchFunc(n.invoices, a, func(a, b *account) int { return cmp.Compare(a.Source, b.Source) })
		n.invoices = slices.Insert(n.invoices, i, a)
	}
	for _, s := range shares {
		is := share{x.order(s.OrderID, a.Source), s.Amount}
		is.of.invoiced += is.billed()
		a.shares = appendTo(&x.shares, a.shares, is)
	}
}

// order is the order that an id means when a document of source names it; one that isn't known is one of nothing.
func (x *index) order(id, source string) *orderDoc { return x.orderOf(x.name(id), source) }

func (x *index) orderOf(n *name, source string) *orderDoc {
	if len(n.orders) == 0 {
		if n.unknown == nil {
			n.unknown = next(&x.unknown)
			n.unknown.Standing = Awaited
		}
		return n.unknown
	}
	return n.orders[register.Meant(n.orders, source, func(o *orderDoc) string { return o.Source })]
}

// invoice is the invoice that an id means when a document of source names it; nil: there is none.
func (x *index) invoice(id, source string) *account {
	n := x.names[id]
	if n == nil {
		return nil
	}
	return n.invoice(source)
}

func (n *name) invoice(source string) *account {
	if len(n.invoices) == 0 {
		return nil
	}
	return n.invoices[register.Meant(n.invoices, source, func(a *account) string { return a.Source })]
}

// tell makes the account of an invoice known to the orders that it names.
func (x *index) tell(a *account) {
	for _, s := range a.shares {
		switch list := s.of.bills; {
		case list == nil:
			s.of.bills = single(&x.invoices, a)
		case !slices.Contains(list, a):
			i, _ := slices.BinarySearchFunc(list, a, compareAccounts)
			s.of.bills = slices.Insert(list, i, a)
		}
	}
}

// meaning is what a reference of a payment leads to.
type meaning struct {
	kind  RefKind
	own   *account   // what it names itself, which money goes to last
	bills []*account // in the order in which money goes to them
	order *orderDoc  // where it is an order
}

// accounts yields what money goes to, in order.
func (m meaning) accounts(yield func(*account) bool) {
	for _, a := range m.bills {
		if !yield(a) {
			return
		}
	}
	if m.own != nil {
		yield(m.own)
	}
}

// toCome says that something of it is still to come: all of it, its invoices, or their days.
func (m meaning) toCome() bool {
	if m.kind == RefUnknown || m.order != nil && m.order.commitment > 0 {
		return true
	}
	for a := range m.accounts {
		if !a.opened {
			return true
		}
	}
	return false
}

// resolve says what a payment of source means by r. An order with terms is its own invoice, so it answers to both. A void
// invoice is one of nothing.
func (x *index) resolve(r Ref, source string) meaning {
	n := x.name(r.ID)
	if r.Invoice {
		if a := n.invoice(source); a != nil {
			return meaning{kind: RefCredit, own: a.present()}
		}
	}
	o := x.orderOf(n, source)
	m := meaning{own: o.own, bills: o.bills, order: o}
	switch {
	case o.OnCredit() || len(o.bills) > 0:
		m.kind = RefCredit
	case o.Standing == Live:
		m.kind = RefCash
	case o.Standing == Gone:
		m.kind = RefGone
	}
	return m
}

// present is the account, if it has anything to be paid.
func (a *account) present() *account {
	if !a.counts {
		return nil
	}
	return a
}

// dueOf is the due day of an invoice: a later one doesn't count that was given after the one before had passed, unless
// the policy forgives that.
func (a *account) dueOf(i *Invoice, cfg Config) civil.Day {
	due := a.dueSaid(i.HasDue, i.Due, i.Day)
	if cfg.Forgive || len(i.Old) == 0 {
		return due
	}
	var d register.DueDay
	for _, o := range i.Old {
		d.Give(o.On, a.dueSaid(o.HasDue, o.Due, o.On))
	}
	d.Give(i.Day, due)
	return d.Day
}

// dueSaid is an invoice's own due day, else that of the first order with terms that it names, else the day on which it
// says so.
func (a *account) dueSaid(own bool, due, on civil.Day) civil.Day {
	if own {
		return due
	}
	for _, s := range a.shares {
		if s.of.Credit {
			return s.of.Due
		}
	}
	return on
}

func (x *index) commitments() (sum int64) {
	for _, o := range x.expected {
		sum += o.Rate.Base(o.commitment)
	}
	return sum
}
