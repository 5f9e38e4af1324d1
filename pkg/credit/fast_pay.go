package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// TakePayment appends a payment of which no document has said anything yet, under its id. kind says what a reference
// of a document of source means, and the source of what it means. False: the ledger is of no use any more, and the book must be
// settled again. The result is what Settle gives for the book with the payment.
func (l *Ledger) TakePayment(p Payment, kind func(r Ref, source string) (RefKind, string), cfg Config) bool {
	if l.Invoiced && len(p.Allocations) > 0 || l.Remarked || l.abroad(p.Rate) {
		return false
	}
	return l.takePayment(p, kind, cfg)
}

// TakesPayment says whether TakePayment will do, where that can be told without doing it, and changes nothing.
func (l *Ledger) TakesPayment(p Payment, kind func(r Ref, source string) (RefKind, string), cfg Config) (takes, known bool) {
	if l.Invoiced && len(p.Allocations) > 0 || l.Remarked || l.abroad(p.Rate) {
		return false, true
	}
	if len(p.Allocations) != 1 || p.Allocations[0].Discount != 0 {
		return false, false
	}
	a := p.Allocations[0]
	what, source := kind(a.Ref, p.Source)
	if what != RefCredit && what != RefInvoice {
		return false, false
	}
	m, most := Money{ValueDay: p.ValueDay, Left: p.Amount}, a.most(p.Amount)
	i := l.item(Ref{Invoice: what == RefInvoice, ID: a.Ref.ID}, source)
	if i < 0 || cfg.Tolerance != 0 || !l.payable(i, most, &m) {
		return false, most > 0
	}
	return true, most == p.Amount && most <= l.Items[i].Left
}

// takePayment is TakePayment for a book in which nothing forbids it.
func (l *Ledger) takePayment(p Payment, kind func(r Ref, source string) (RefKind, string), cfg Config) bool {
	m := Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: p.Amount}
	for _, a := range p.Allocations {
		if !l.allocate(a, &m, kind, cfg) {
			return false
		}
	}
	if m.Left > 0 && !l.place(m, cfg) {
		return false
	}
	l.addBill(&p)
	l.normalise()
	return true
}

// allocate serves what a payment names.
func (l *Ledger) allocate(a Allocation, m *Money, kind func(Ref, string) (RefKind, string), cfg Config) bool {
	most := a.most(m.Left)
	if most == 0 || a.Discount > 0 {
		return a.Discount == 0
	}
	switch what, source := kind(a.Ref, m.Source); what {
	case RefCash: // settled, with nothing over
		m.Left -= most
		return true
	case RefForeign: // none of what it can settle, unless there is another of the id
		return false
	case RefGone: // it needs nothing
		return true
	case RefCredit, RefInvoice:
		named := Ref{Invoice: what == RefInvoice, ID: a.Ref.ID}
		i := l.item(named, source)
		return i >= 0 && cfg.Tolerance == 0 && l.payNamed(i, most, m)
	default:
		l.wait(Money{m.PaymentID, m.Source, m.ValueDay, most, a.Ref})
		m.Left -= most
		return true
	}
}

// item is the place of an open item; -1: it isn't open. Of a customer who buys much there are many, and what is paid is among the
// first that fall due, as a rule, else among the last.
func (l *Ledger) item(r Ref, source string) int {
	is := func(x *Item) bool { return x.Ref.ID == r.ID && x.Ref.Invoice == r.Invoice && x.Source == source }
	for i, j := 0, len(l.Items)-1; i <= j; i, j = i+1, j-1 {
		switch {
		case is(&l.Items[i]):
			return i
		case is(&l.Items[j]):
			return j
		case i == itemSome:
			if at := l.known(r.ID, is); at >= 0 {
				return at
			}
		}
	}
	return -1
}

// payNamed settles up to most of item i, if no payment of a later day has had a say in it.
func (l *Ledger) payNamed(i int, most int64, m *Money) bool {
	if !l.payable(i, most, m) {
		return false
	}
	item := &l.Items[i]
	n := min(item.Left, most)
	m.Left -= n
	l.reduce(i, n, max(m.ValueDay, item.Opened), 0)
	return true
}

func (l *Ledger) payable(i int, most int64, m *Money) bool {
	item := l.Items[i]
	day := max(m.ValueDay, item.Opened)
	if l.Head.covers(day, item) && !l.payableLate(&item, most) {
		return false
	}
	paid := item.Left < item.Amount
	switch {
	case most > item.Left && (m.ValueDay < item.Opened || paid && l.lastPaid() >= day):
		return false // what is over isn't this payment's alone, or not free yet
	case most >= item.Left && paid && l.lastPaid() > day:
		return false // settled by a later payment
	}
	return true
}

// payableLate says that so much of an open item can be paid on any day since it has opened: that has been left of it all the time, so free
// money has come to it for other parts of it, if at all. A promise to pay it, or what bills it, may be kept now.
func (l *Ledger) payableLate(item *Item, most int64) bool {
	return most <= item.Left && l.sweeps.falls() && len(l.Promises) == 0
}

// lastPaid is the day of the last portion that is kept, else a day before all. Head covers what was pruned.
func (l *Ledger) lastPaid() civil.Day {
	if n := len(l.Portions); n > 0 {
		return l.Portions[n-1].Day
	}
	return -1 << 31
}

// place gives free money to what was open on its day, by what is due first, and keeps what is left. Payments of one
// day may be spent in any order, as long as nothing is left of them and no tolerance leaves something of an item.
func (l *Ledger) place(m Money, cfg Config) bool {
	if cfg.Hold {
		l.wait(m)
		return true
	}
	sameDay := l.Head.Phase != markNone && l.Head.Day == m.ValueDay
	if l.Head.covers(m.ValueDay, Item{Due: 1<<31 - 1}) || l.lastPaid() > m.ValueDay || sameDay && cfg.Tolerance > 0 {
		return false
	}
	head, far := Key{Day: m.ValueDay, Phase: markDay}, Key{Day: m.ValueDay}
	for i := 0; i < len(l.Items) && m.Left > 0; {
		item := l.Items[i]
		if item.Opened > m.ValueDay {
			i++
			continue
		}
		n := min(m.Left, item.Left)
		m.Left -= n
		head = itemMark(m.ValueDay, item)
		far = head
		if !l.reduce(i, n, m.ValueDay, cfg.Tolerance) {
			i++
		}
	}
	if m.Left > 0 {
		if sameDay || l.lastSale() > m.ValueDay {
			return false // it isn't this payment's alone, or an item that opened later has had it
		}
		head = Key{Day: m.ValueDay, Phase: markDay}
		l.wait(m)
	}
	l.Head = head
	l.sweeps.add(far, freeOf(l.Money))
	return true
}

// lastSale is the day on which the last item opened, as far as that is kept, else a day before all.
func (l *Ledger) lastSale() civil.Day {
	if n := len(l.Sales); n > 0 {
		return l.Sales[n-1].Day
	}
	return -1 << 31
}

func (l *Ledger) wait(m Money) {
	i, _ := slices.BinarySearchFunc(l.Money, m, compareMoney)
	l.Money = slices.Insert(l.Money, i, m)
}
