package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// OpenOrder appends an order that comes after everything settled so far, and that nothing has named yet. False:
// nothing was changed, and the book must be settled again. The result is what Settle gives.
func (l *Ledger) OpenOrder(o Order, cfg Config) bool {
	if o.InvoiceExpected || l.Invoiced || l.Awaits(Ref{ID: o.ID}) {
		return false
	}
	if !o.Credit || o.Amount <= 0 {
		return true
	}
	item := Item{Ref: Ref{ID: o.ID}, Source: o.Source, Opened: o.Day, Due: o.Due, Amount: o.Amount, Left: o.Amount}
	key := openKey(item)
	if !key.after(l.Head) {
		return false
	}
	l.Head = key
	l.addSale(item.Opened, item.Amount)
	last := civil.Day(0)
	for i := range l.Money {
		m := &l.Money[i]
		if n := min(item.Left, m.Left); m.WaitsFor.ID == "" && n > 0 {
			last = max(item.Opened, m.ValueDay)
			m.Left -= n
			item.Left -= n
			l.addPortion(last, item.Due, n)
		}
	}
	l.Money = slices.DeleteFunc(l.Money, func(m Money) bool { return m.Left == 0 })
	l.keep(item, last, cfg)
	return true
}

// keep files an item where it belongs: open, or among the settled.
func (l *Ledger) keep(item Item, last civil.Day, cfg Config) {
	if item.Left <= cfg.Tolerance {
		l.addSettled(last, item.Due)
		return
	}
	i, _ := slices.BinarySearchFunc(l.Items, item, compareItems)
	l.Items = slices.Insert(l.Items, i, item)
}

// TakePayment appends a payment that comes after everything settled so far. kind says what a reference means, and the
// source of what it means. False: nothing was changed, and the book must be settled again.
func (l *Ledger) TakePayment(p Payment, kind func(r Ref, source string) (RefKind, string), cfg Config) bool {
	named := Key{p.ValueDay, phaseNamed, 0, p.ID, p.Source}
	free := Key{p.ValueDay, phaseMoney, 0, p.ID, p.Source}
	first := free
	if len(p.Allocations) > 0 {
		first = named
	}
	if !first.after(l.Head) || cfg.Tolerance > 0 || l.Invoiced && len(p.Allocations) > 0 {
		return false
	}
	next := l.Clone()
	rest := p.Amount
	for _, a := range p.Allocations {
		if a.Discount > 0 {
			return false
		}
		next.allocate(p, a, kind, &rest)
	}
	next.place(p, rest)
	next.Head = free
	*l = next
	return true
}

func (l *Ledger) allocate(p Payment, a Allocation, kind func(Ref, string) (RefKind, string), rest *int64) {
	most := *rest
	if a.Amount > 0 {
		most = min(a.Amount, *rest)
	}
	what, source := kind(a.Ref, p.Source)
	switch what {
	case RefCash: // leaves nothing over
		*rest -= most
	case RefCredit:
		l.pay(a.Ref.ID, source, p.ValueDay, most, rest)
	default:
		if most > 0 {
			l.wait(Money{p.ID, p.Source, p.ValueDay, most, a.Ref})
			*rest -= most
		}
	}
}

// pay settles what is open of one item; one that isn't open is settled.
func (l *Ledger) pay(id, source string, day civil.Day, most int64, rest *int64) {
	for i := range l.Items {
		item := &l.Items[i]
		if item.Ref.ID != id || item.Source != source {
			continue
		}
		n := min(item.Left, most)
		*rest -= n
		l.reduce(i, n, day)
		return
	}
}

// reduce settles n of the open item i.
func (l *Ledger) reduce(i int, n int64, day civil.Day) {
	item := &l.Items[i]
	if n <= 0 {
		return
	}
	day = max(day, item.Opened)
	item.Left -= n
	l.addPortion(day, item.Due, n)
	if item.Left == 0 {
		l.addSettled(day, item.Due)
		l.Items = slices.Delete(l.Items, i, i+1)
	}
}

// place gives free money to what is due first, and keeps what is left.
func (l *Ledger) place(p Payment, rest int64) {
	for rest > 0 && len(l.Items) > 0 {
		n := min(rest, l.Items[0].Left)
		rest -= n
		l.reduce(0, n, p.ValueDay)
	}
	if rest > 0 {
		l.wait(Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: rest})
	}
}

func (l *Ledger) wait(m Money) {
	l.Money = append(l.Money, m)
	slices.SortStableFunc(l.Money, compareMoney)
}
