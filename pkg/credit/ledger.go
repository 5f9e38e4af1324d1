package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Ledger is what is kept per customer: what is open, what waits, and what the windows still need, by day. Money is
// minor units.
type Ledger struct {
	Items       []Item  // open, by (due day, id, source)
	Money       []Money // settles nothing yet, by (value day, payment id, source)
	Commitments int64   // of orders whose invoices haven't come
	Settled     []SettledDay
	Portions    []Portion
	Sales       []Sale
	FirstSale   civil.Day // of all time, where HasSale
	HasSale     bool
	Invoiced    bool // an invoice was ever issued: what an order's name means is known to the whole book only
	Head        Key  // of the last entry settled
}

// Item is an invoice, or an order with terms, that is not settled.
type Item struct {
	Ref          Ref
	Source       string
	Opened, Due  civil.Day
	Amount, Left int64
}

// Money is a payment, or the rest of one. WaitsFor: it was named for something that hasn't come; the zero Ref: it
// goes to the next item.
type Money struct {
	PaymentID, Source string
	ValueDay          civil.Day
	Left              int64
	WaitsFor          Ref
}

// SettledDay counts the items whose last settlement was on one day.
type SettledDay struct {
	Day           civil.Day
	Settled, Late int64
	Beyond        int64 // sum of days beyond terms, early ones negative
}

// Portion is what was settled on one day, so many days beyond terms.
type Portion struct {
	Day    civil.Day
	Beyond int32
	Amount int64
}

// Sale is what was sold on credit on one day, less what came back of it.
type Sale struct {
	Day    civil.Day
	Amount int64
}

// Key is the place of an entry in the order in which a book is settled.
type Key struct {
	Day    civil.Day
	Phase  int32
	Due    civil.Day
	ID     string
	Source string
}

// Phases of a day.
const (
	phaseNone int32 = iota
	phaseOpen
	phaseReturn
	phaseRefund
	phaseNamed
	phaseMoney
)

// Compare is by day, phase, due day, id, source.
func (k Key) Compare(l Key) int {
	return cmp.Or(cmp.Compare(k.Day, l.Day), cmp.Compare(k.Phase, l.Phase), cmp.Compare(k.Due, l.Due),
		cmp.Compare(k.ID, l.ID), cmp.Compare(k.Source, l.Source))
}

// after says that an entry may be appended. A ledger without entries takes any.
func (k Key) after(head Key) bool { return head.Phase == phaseNone || k.Compare(head) > 0 }

// Clone shares nothing with l.
func (l *Ledger) Clone() Ledger {
	c := *l
	c.Items, c.Money = slices.Clone(l.Items), slices.Clone(l.Money)
	c.Settled, c.Portions, c.Sales = slices.Clone(l.Settled), slices.Clone(l.Portions), slices.Clone(l.Sales)
	return c
}

// Awaits says that money waits for r, as an order's id or an invoice's.
func (l *Ledger) Awaits(r Ref) bool {
	return slices.ContainsFunc(l.Money, func(m Money) bool { return m.WaitsFor.ID != "" && m.WaitsFor.ID == r.ID })
}

func compareItems(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Ref.ID, b.Ref.ID), cmp.Compare(a.Source, b.Source),
		cmp.Compare(rank(a.Ref), rank(b.Ref)))
}

// rank puts an order before an invoice of the same id.
func rank(r Ref) int {
	if r.Invoice {
		return 1
	}
	return 0
}

func compareMoney(a, b Money) int {
	return cmp.Or(cmp.Compare(a.ValueDay, b.ValueDay), cmp.Compare(a.PaymentID, b.PaymentID), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.WaitsFor.ID, b.WaitsFor.ID), cmp.Compare(rank(a.WaitsFor), rank(b.WaitsFor)))
}

// addSettled counts an item whose last settlement was on day.
func (l *Ledger) addSettled(day, due civil.Day) {
	i, found := slices.BinarySearchFunc(l.Settled, day, func(s SettledDay, d civil.Day) int { return cmp.Compare(s.Day, d) })
	if !found {
		l.Settled = slices.Insert(l.Settled, i, SettledDay{Day: day})
	}
	s := &l.Settled[i]
	s.Settled++
	s.Beyond += int64(day - due)
	if day > due {
		s.Late++
	}
}

// addPortion notes that amount was settled on day.
func (l *Ledger) addPortion(day, due civil.Day, amount int64) {
	p := Portion{Day: day, Beyond: int32(day - due), Amount: amount}
	i, found := slices.BinarySearchFunc(l.Portions, p, func(a, b Portion) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Beyond, b.Beyond))
	})
	if found {
		l.Portions[i].Amount += amount
		return
	}
	l.Portions = slices.Insert(l.Portions, i, p)
}

// addSale notes a sale on credit.
func (l *Ledger) addSale(day civil.Day, amount int64) {
	if !l.HasSale || day < l.FirstSale {
		l.FirstSale, l.HasSale = day, true
	}
	i, found := slices.BinarySearchFunc(l.Sales, day, func(s Sale, d civil.Day) int { return cmp.Compare(s.Day, d) })
	if found {
		l.Sales[i].Amount += amount
		return
	}
	l.Sales = slices.Insert(l.Sales, i, Sale{day, amount})
}

// Prune drops what no window can need any more as of today or later.
func (l *Ledger) Prune(cfg Config, today civil.Day) {
	l.Settled = dropBefore(l.Settled, today-civil.Day(cfg.WindowDays), func(s SettledDay) civil.Day { return s.Day })
	l.Portions = dropBefore(l.Portions, today-civil.Day(cfg.PromptnessDays), func(p Portion) civil.Day { return p.Day })
	l.Sales = dropBefore(l.Sales, today-civil.Day(cfg.DSODays), func(s Sale) civil.Day { return s.Day })
}

func dropBefore[T any](list []T, day civil.Day, of func(T) civil.Day) []T {
	i := 0
	for i < len(list) && of(list[i]) < day {
		i++
	}
	return list[i:]
}
