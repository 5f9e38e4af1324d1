package credit

import (
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
	late := freeOf(l.Money) > 0 || l.Head.covers(item.Opened, item)
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
	case item.Left == 0 && (!late || !l.sweeps.reach(item, last)):
		l.addSale(item.Opened, item.Amount)
		l.addSettled(last, item.Due)
	case !late:
		l.addSale(item.Opened, item.Amount)
		l.insert(item)
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

// waitsFor says that money waits for an item that there was not: an order answers to its id as an invoice's too.
func (m *Money) waitsFor(r Ref) bool {
	return m.WaitsFor.ID != "" && m.WaitsFor.ID == r.ID && (m.WaitsFor.Invoice || !r.Invoice)
}

// insert puts an item among the open ones.
func (l *Ledger) insert(item Item) {
	l.count(&item, 1)
	i, _ := slices.BinarySearchFunc(l.Items, item, compareItems)
	l.insertItem(i, item)
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
		left := freeOf(l.Money)
		l.Head = itemMark(item.Opened, item)
		l.sweeps.add(l.Head, left)
		if left > 0 {
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

// remove takes an open item away.
func (l *Ledger) remove(i int) {
	l.count(&l.Items[i], -1)
	l.deleteItem(i)
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
	l.deleteItem(i)
	return true
}
