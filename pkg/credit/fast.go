package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// OpenOrder appends an order of which no document has said anything yet, under its id, in any system. False: nothing
// was changed, and the book must be settled again. The result is what Settle gives for the book with the order.
func (l *Ledger) OpenOrder(o Order, cfg Config) bool {
	if l.Awaits(Ref{ID: o.ID}) {
		return false
	}
	if !o.OnCredit() {
		return true
	}
	return !l.Invoiced && !l.Remarked && !l.abroad(o.Rate) && l.openOrder(o, cfg) // else an invoice may name it
}

// OpensOrder says whether OpenOrder will do, and changes nothing.
func (l *Ledger) OpensOrder(o Order, cfg Config) bool {
	switch {
	case l.Awaits(Ref{ID: o.ID}):
		return false
	case !o.OnCredit():
		return true
	case l.Invoiced || l.Remarked || l.abroad(o.Rate):
		return false
	}
	return o.InvoiceExpected || o.Amount <= 0 || !l.Head.covers(o.Day, Item{Ref: Ref{ID: o.ID}, Source: o.Source, Due: o.dueDay(cfg)})
}

// openOrder appends an order on credit that nothing names.
func (l *Ledger) openOrder(o Order, cfg Config) bool {
	if o.InvoiceExpected {
		l.Commitments += o.Amount
		return true
	}
	return l.openItem(Item{Ref: Ref{ID: o.ID}, Source: o.Source, Opened: o.Day, Due: o.dueDay(cfg), Amount: o.Amount}, cfg)
}

// openItem appends an item, if nothing that has been decided depends on it. Money may have waited for it.
func (l *Ledger) openItem(item Item, cfg Config) bool {
	if slices.ContainsFunc(l.Money, func(m Money) bool { return m.waitsFor(item.Ref) }) {
		return l.openAwaited(item, cfg)
	}
	if item.Amount <= 0 {
		return true
	}
	item.Left = item.Amount
	if !l.Head.covers(item.Opened, item) {
		l.addSale(item.Opened, item.Amount)
		l.open(item, cfg)
		return true
	}
	return cfg.Tolerance == 0 && l.openLate(item, item.Opened)
}

// openAwaited appends an item that takes all that waits for it. It does so before free money, which must not have come to the item
// before: that might come first on a day.
func (l *Ledger) openAwaited(item Item, cfg Config) bool {
	if cfg.Tolerance != 0 {
		return false
	}
	late := l.hasFree() || l.Head.covers(item.Opened, item)
	item.Left = item.Amount
	last := item.Opened
	for i := range l.Money {
		m := &l.Money[i]
		if !m.waitsFor(item.Ref) {
			continue
		}
		if m.Left == 0 || m.Left > item.Left || late && l.sweeps.refunds(m) {
			return false
		}
		item.Left -= m.Left
		last = max(last, m.ValueDay)
	}
	switch {
	case !late:
		l.addSale(item.Opened, item.Amount)
		l.fileOpened(item, last)
	case item.Left == 0 && !l.sweeps.reach(item, last):
		l.addSale(item.Opened, item.Amount)
		l.addSettled(last, item.Due)
	case item.Left == 0 || !l.openLate(item, last):
		return false
	}
	for i := range l.Money {
		if m := &l.Money[i]; m.waitsFor(item.Ref) {
			day := max(m.ValueDay, item.Opened)
			l.addPortion(day, int64(day-item.Due), m.Left)
		}
	}
	l.Money = slices.DeleteFunc(l.Money, func(m Money) bool { return m.waitsFor(item.Ref) })
	l.normalise()
	return true
}

// fileOpened files an item of which the last was settled on a day: open, or among the settled.
func (l *Ledger) fileOpened(item Item, last civil.Day) {
	if item.Left == 0 {
		l.addSettled(last, item.Due)
		return
	}
	l.insert(item)
}

// openLate appends an item of which something is left for free money on a day and from then on: none of that has come to it, or what
// is left pays all of it.
func (l *Ledger) openLate(item Item, from civil.Day) bool {
	day, paid := l.sweeps.pay(item, from, &l.Head)
	switch {
	case paid:
		l.addPortion(day, int64(day-item.Due), item.Left)
		l.addSettled(day, item.Due)
		l.spendFree(item.Left)
	case l.sweeps.reach(item, never):
		return false
	default:
		l.insert(item)
	}
	l.addSale(item.Opened, item.Amount)
	l.normalise()
	return true
}

// spendFree takes an amount off free money, of which there is as much.
func (l *Ledger) spendFree(amount int64) {
	for i := range l.Money {
		if m := &l.Money[i]; m.WaitsFor.ID == "" {
			n := min(amount, m.Left)
			amount, m.Left = amount-n, m.Left-n
		}
	}
	l.dropSpent()
}

// dropSpent forgets free money of which nothing is left.
func (l *Ledger) dropSpent() {
	l.Money = slices.DeleteFunc(l.Money, func(m Money) bool { return m.WaitsFor.ID == "" && m.Left == 0 })
}

// free is how much money is free.
func (l *Ledger) free() (sum int64) {
	for i := range l.Money {
		if m := &l.Money[i]; m.WaitsFor.ID == "" {
			sum += m.Left
		}
	}
	return sum
}

// waitsFor says that money waits for an item that there was not: an order answers to its id as an invoice's too.
func (m *Money) waitsFor(r Ref) bool {
	return m.WaitsFor.ID != "" && m.WaitsFor.ID == r.ID && (m.WaitsFor.Invoice || !r.Invoice)
}

// insert puts an item among the open ones.
func (l *Ledger) insert(item Item) {
	l.count(&item, 1)
	i, _ := slices.BinarySearchFunc(l.Items, item, compareItems)
	l.Items = slices.Insert(l.Items, i, item)
}

// open gives an item the free money that there is, and files it: open, or among the settled.
func (l *Ledger) open(item Item, cfg Config) {
	for i := range l.Money {
		m := &l.Money[i]
		if n := min(item.Left, m.Left); m.WaitsFor.ID == "" && n > 0 && item.Left > cfg.Tolerance && !cfg.Hold {
			m.Left -= n
			item.Left -= n
			l.addPortion(item.Opened, int64(item.Opened-item.Due), n)
		}
	}
	l.dropSpent()
	if item.Left < item.Amount {
		l.Head = itemMark(item.Opened, item)
		l.sweeps.add(l.Head, l.free())
		if l.hasFree() {
			l.Head = Key{Day: item.Opened, Phase: markDay}
		}
	}
	switch {
	case item.Left > cfg.Tolerance:
		l.insert(item)
	case item.Left < item.Amount:
		l.addSettled(item.Opened, item.Due)
	}
	l.normalise()
}

func (l *Ledger) hasFree() bool {
	return slices.ContainsFunc(l.Money, func(m Money) bool { return m.WaitsFor.ID == "" })
}

// normalise has one form for nothing, so that equal ledgers are equal.
func (l *Ledger) normalise() {
	if len(l.Money) == 0 {
		l.Money = nil
	}
	if len(l.Items) == 0 {
		l.Items = nil
	}
	if len(l.Portions) == 0 {
		l.Portions = nil
	}
	if len(l.Settled) == 0 {
		l.Settled = nil
	}
	if len(l.Bills) == 0 {
		l.Bills = nil
	}
	if len(l.Sales) == 0 {
		l.Sales = nil
	}
}

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

// close takes away an open item of which nothing has been settled, and its sale. False: it isn't one, or of its day it isn't known whether
// more was sold, of which nothing is left.
func (l *Ledger) close(r Ref, source string, amount int64, known bool) bool {
	i := l.untouched(r, source, amount)
	if i < 0 {
		return false
	}
	item := l.Items[i]
	n, found := slices.BinarySearchFunc(l.Sales, item.Opened, func(s Sale, d civil.Day) int { return cmp.Compare(s.Day, d) })
	if !found || l.Sales[n].Amount <= amount && !known {
		return false
	}
	l.addSale(item.Opened, -amount)
	if l.Sales[n].Amount == 0 {
		l.Sales = slices.Delete(l.Sales, n, n+1)
		l.FirstSale, l.HasSale = 0, false
		if len(l.Sales) > 0 {
			l.FirstSale, l.HasSale = l.Sales[0].Day, true
		}
	}
	l.remove(i)
	l.normalise()
	return true
}

// untouched is the place of an open item of an amount, all of which is open; -1: it isn't one.
func (l *Ledger) untouched(r Ref, source string, amount int64) int {
	i := l.item(r, source)
	if i >= 0 && (l.Items[i].Left != amount || l.Items[i].Amount != amount || l.Items[i].Disputed != 0) {
		return -1
	}
	return i
}

// amend has an open item of which nothing has been settled be of another amount. False: it isn't one.
func (l *Ledger) amend(r Ref, source string, was, is int64) bool {
	i := l.untouched(r, source, was)
	if i < 0 {
		return false
	}
	item := &l.Items[i]
	l.count(item, -1)
	item.Amount, item.Left = is, is
	l.count(item, 1)
	l.addSale(item.Opened, is-was)
	return true
}

// lower takes amount off an open item that is not disputed. False: it isn't one, or that leaves nothing of what is paid in part.
func (l *Ledger) lower(r Ref, source string, day civil.Day, amount int64) bool {
	i := l.item(r, source)
	if i < 0 || l.Items[i].Disputed != 0 || amount > l.Items[i].Left || amount == l.Items[i].Left && amount < l.Items[i].Amount {
		return false
	}
	item := &l.Items[i]
	l.count(item, -1)
	item.Amount, item.Left = item.Amount-amount, item.Left-amount
	l.addSale(item.Opened, -amount)
	l.sweeps.decide(day - 1)
	if l.Head.before(day - 1) {
		l.Head = Key{Day: day - 1, Phase: markDay}
	}
	if item.Left > 0 {
		l.count(item, 1)
		return true
	}
	l.Items = slices.Delete(l.Items, i, i+1) // which has been told
	l.normalise()
	return true
}

// remove takes an open item away.
func (l *Ledger) remove(i int) {
	l.count(&l.Items[i], -1)
	l.Items = slices.Delete(l.Items, i, i+1)
}

// count tells of an open item that comes (1) or goes (-1), and has the sums go on with it.
func (l *Ledger) count(item *Item, sign int64) {
	l.tell(item.Due, item.Ref.ID)
	if l.carries() {
		l.Carried.add(item, sign)
	}
}

// reduce settles n of the open item i, and says whether it is settled.
func (l *Ledger) reduce(i int, n int64, day civil.Day, tolerance int64) bool {
	item := &l.Items[i]
	l.count(item, -1)
	item.Left -= n
	l.addPortion(day, int64(day-item.Due), n)
	if item.Left > tolerance {
		l.count(item, 1)
		return false
	}
	l.addSettled(day, item.Due)
	l.Items = slices.Delete(l.Items, i, i+1)
	return true
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
	l.sweeps.add(far, l.free())
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
