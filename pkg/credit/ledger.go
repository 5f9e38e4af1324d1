package credit

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Ledger is what is kept per customer: what is open, what waits, and what the windows still need, by day. Money is
// minor units of the base currency.
type Ledger struct {
	Items       []Item  // open, by (due day, id, source)
	Money       []Money // settles nothing yet, by (value day, payment id, source)
	Commitments int64   // of orders whose invoices haven't come
	Settled     []SettledDay
	Portions    []Portion
	Sales       []Sale
	Bills       []Bill    // that came in as payments, by the day on which they mature
	Failed      []Failed  // attempts to pay, by day
	Promises    []Unkept  // by (by, missing)
	FirstSale   civil.Day // of all time, where HasSale
	HasSale     bool
	LastLoss    civil.Day // on which something was written off, where HasLoss
	HasLoss     bool
	Invoiced    bool // an invoice was ever issued: what an order's name means is known to the whole book only
	Remarked    bool // something was said of what isn't known, is disputed, or was written off in part: the whole book alone knows what that does
	Head        Key  // what comes later may be appended
	Foreign     bool // something on credit is of another currency: the whole book alone can be settled

	// Changed is told which entries of the lists by day change: an open item by its due day and id, any other by its day alone.
	// What Prune drops is not told. Nil: nobody asks.
	Changed func(day civil.Day, id string)
	Carried *Carried  // nil: each who asks adds up for themselves
	sweeps  *sweeps   // nil: nobody knows
	room    *itemRoom // of the items; nil: it has no journal, or is a copy
}

func (l *Ledger) tell(day civil.Day, id string) {
	if l.Changed != nil {
		l.Changed(day, id)
	}
}

// Item is an invoice, or an order with terms, that is not settled. Amount is after returns and discounts; what is paid
// of it is Amount - Left.
type Item struct {
	Ref          Ref
	Source       string
	Opened, Due  civil.Day
	Amount, Left int64
	Disputed     int64 // of Left

	// Of another currency than the base currency: it, and what is left in it.
	Currency     fx.Code
	DocumentLeft int64

	Place uint32 // where whoever stores items has found by its id that it belongs; 0: nobody has yet. It is no part of what the item is
}

// Money is a payment, or the rest of one. WaitsFor: it was named for something that hasn't come; the zero Ref: it
// goes to the next item. Left 0: no money, but a discount or a return that waits.
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

// Bill is what trade bills bring that mature on one day: until then it may still fail.
type Bill struct {
	Matures civil.Day
	Amount  int64
}

// Key is how far a ledger is decided: what belongs before it can only be had by settling the book again.
type Key struct {
	Day    civil.Day
	Phase  int32 // how much of Day is decided: nothing at all, up to an item, or all
	Due    civil.Day
	ID     string
	Source string
}

// Phases of a Key.
const (
	markNone int32 = iota
	markItem       // free money went no further on Day than to the item of Due, ID and Source
	markDay
)

// itemMark says that free money went as far as item on day.
func itemMark(day civil.Day, item Item) Key {
	return Key{day, markItem, item.Due, item.Ref.ID, item.Source}
}

// covers says that what happens to item on day comes too late to be appended.
func (k Key) covers(day civil.Day, item Item) bool {
	if k.Phase != markItem || day != k.Day {
		return k.Phase != markNone && day <= k.Day
	}
	return cmp.Or(cmp.Compare(item.Due, k.Due), cmp.Compare(item.Ref.ID, k.ID), cmp.Compare(item.Source, k.Source)) <= 0
}

// Clone shares nothing with l, tells nobody of its changes, and carries no sums.
func (l *Ledger) Clone() Ledger {
	c := *l
	c.Changed, c.Carried, c.sweeps, c.room = nil, nil, nil, nil
	c.Items, c.Money = slices.Clone(l.Items), slices.Clone(l.Money)
	c.Bills, c.Failed, c.Promises = slices.Clone(l.Bills), slices.Clone(l.Failed), slices.Clone(l.Promises)
	c.Settled, c.Portions, c.Sales = slices.Clone(l.Settled), slices.Clone(l.Portions), slices.Clone(l.Sales)
	return c
}

// awaitsNoMoney says that something waits for an id that is no money, or none any more.
func (l *Ledger) awaitsNoMoney(id string) bool {
	return slices.ContainsFunc(l.Money, func(m Money) bool { return m.WaitsFor.ID == id && m.Left == 0 })
}

// Awaits says that money waits for r, as an order's id or an invoice's.
func (l *Ledger) Awaits(r Ref) bool {
	return slices.ContainsFunc(l.Money, func(m Money) bool { return m.WaitsFor.ID != "" && m.WaitsFor.ID == r.ID })
}

// SortItems puts open items into the order that a ledger has them in.
func SortItems(items []Item) { slices.SortFunc(items, compareItems) }

func compareItems(a, b Item) int { return byDue(&a, &b) }

func compareAccounts(a, b *account) int {
	if a == b {
		return 0
	}
	return byDue(&a.Item, &b.Item)
}

// byDue compares texts only where it comes to that: most items differ by their days.
func byDue(a, b *Item) int {
	if a.Due != b.Due {
		return cmp.Compare(a.Due, b.Due)
	}
	if c := strings.Compare(a.Ref.ID, b.Ref.ID); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(rank(a.Ref), rank(b.Ref)), bytes.Compare(a.Currency[:], b.Currency[:]))
}

// rank puts an order before an invoice of the same id.
func rank(r Ref) int {
	if r.Invoice {
		return 1
	}
	return 0
}

func compareMoney(a, b Money) int {
	if a.ValueDay != b.ValueDay {
		return cmp.Compare(a.ValueDay, b.ValueDay)
	}
	if c := strings.Compare(a.PaymentID, b.PaymentID); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.WaitsFor.ID, b.WaitsFor.ID),
		cmp.Compare(rank(a.WaitsFor), rank(b.WaitsFor)), cmp.Compare(a.Left, b.Left))
}

// addSettled counts an item whose last settlement was on day.
func (l *Ledger) addSettled(day, due civil.Day) { l.countSettled(oneSettled(day, due)) }

// oneSettled is an item whose last settlement was on day.
func oneSettled(day, due civil.Day) SettledDay {
	late := int64(0)
	if day > due {
		late = 1
	}
	return SettledDay{day, 1, late, int64(day - due)}
}

func (l *Ledger) countSettled(x SettledDay) {
	l.tell(x.Day, "")
	if l.carries() {
		l.Carried.addSettled(x)
	}
	i, found := l.settledOn(x.Day)
	if !found {
		l.Settled = slices.Insert(l.Settled, i, SettledDay{Day: x.Day})
	}
	s := &l.Settled[i]
	s.Settled += x.Settled
	s.Beyond += x.Beyond
	s.Late += x.Late
}

// addPortion notes that amount was settled on day, so many days beyond terms.
func (l *Ledger) addPortion(day civil.Day, beyond, amount int64) {
	l.tell(day, "")
	p := Portion{Day: day, Beyond: int32(beyond), Amount: amount}
	if l.carries() {
		l.Carried.addPortion(p)
	}
	i, found := l.portion(p.Day, p.Beyond)
	if found {
		l.Portions[i].Amount += amount
		return
	}
	l.Portions = slices.Insert(l.Portions, i, p)
}

// settledOn is the place of a day among the settled ones.
func (l *Ledger) settledOn(day civil.Day) (int, bool) {
	return latelyOn(l.Settled, day, settledDay)
}

// portion is the place of what was settled on a day, so many days beyond terms.
func (l *Ledger) portion(day civil.Day, beyond int32) (int, bool) {
	i := lately(l.Portions, func(p *Portion) bool { return p.Day < day || p.Day == day && p.Beyond < beyond })
	return i, i < len(l.Portions) && l.Portions[i].Day == day && l.Portions[i].Beyond == beyond
}

// addSale notes a sale on credit.
func (l *Ledger) addSale(day civil.Day, amount int64) {
	l.tell(day, "")
	if l.carries() {
		l.Carried.addSale(Sale{day, amount})
	}
	if !l.HasSale || day < l.FirstSale {
		l.FirstSale, l.HasSale = day, true
	}
	i, found := latelyOn(l.Sales, day, saleDay)
	if found {
		l.Sales[i].Amount += amount
		return
	}
	l.Sales = slices.Insert(l.Sales, i, Sale{day, amount})
}

// findFirstSale is for ledgers of which nothing has been pruned.
func (l *Ledger) findFirstSale() {
	l.FirstSale, l.HasSale = 0, false
	if len(l.Sales) > 0 {
		l.FirstSale, l.HasSale = l.Sales[0].Day, true
	}
}

// addBill notes a payment that is a trade bill.
func (l *Ledger) addBill(p *Payment) {
	if p.Bill && p.Amount > 0 {
		l.mature(Bill{p.Matures, p.Rate.Base(p.Amount)})
	}
}

// mature adds to what matures on a day.
func (l *Ledger) mature(x Bill) {
	i, found := slices.BinarySearchFunc(l.Bills, x.Matures, func(b Bill, d civil.Day) int { return cmp.Compare(b.Matures, d) })
	if found {
		l.Bills[i].Amount += x.Amount
		return
	}
	l.Bills = slices.Insert(l.Bills, i, x)
}

// Prune drops what no window can need any more, today or later. What came before what is dropped can't be appended.
func (l *Ledger) Prune(cfg Config, today civil.Day) {
	if l.carries() && (l.Carried.windows != windowsOf(&cfg) || l.Carried.today != today) {
		l.Carried.ok = false // they may be of what is dropped now
	}
	l.Settled, _ = dropBefore(l.Settled, today-civil.Day(cfg.WindowDays), func(s SettledDay) civil.Day { return s.Day })
	portions, paid := dropBefore(l.Portions, today-civil.Day(cfg.PromptnessDays), func(p Portion) civil.Day { return p.Day })
	sales, sold := dropBefore(l.Sales, today-civil.Day(cfg.DSODays), func(s Sale) civil.Day { return s.Day })
	if n := len(l.Portions) - len(portions); n > 0 && l.Head.before(paid) {
		l.Head = Key{Day: paid, Phase: markDay}
	}
	if n := len(l.Sales) - len(sales); n > 0 && l.Head.before(sold) {
		l.Head = Key{Day: sold, Phase: markDay}
	}
	l.Portions, l.Sales = portions, sales
	l.Failed, _ = dropBefore(l.Failed, today-WarningDays, func(f Failed) civil.Day { return f.Day })
	l.Promises, _ = dropBefore(l.Promises, today-WarningDays-1, func(u Unkept) civil.Day { return u.By })
	if l.HasLoss && l.LastLoss < today-civil.Day(cfg.WindowDays) {
		l.LastLoss, l.HasLoss = 0, false
	}
	l.Bills, _ = dropBefore(l.Bills, today+1, func(b Bill) civil.Day { return b.Matures })
}

// addLoss notes that something was written off.
func (l *Ledger) addLoss(day civil.Day) {
	if !l.HasLoss || day > l.LastLoss {
		l.LastLoss, l.HasLoss = day, true
	}
}

// before says that something of day is still undecided.
func (k Key) before(day civil.Day) bool {
	return k.Phase == markNone || k.Day < day || k.Day == day && k.Phase == markItem
}

// dropBefore is what is left of a list by day, and the day of the last that was dropped.
func dropBefore[T any](list []T, day civil.Day, of func(T) civil.Day) (left []T, last civil.Day) {
	i, _ := slices.BinarySearchFunc(list, day, func(x T, day civil.Day) int { return cmp.Compare(of(x), day) })
	if i > 0 {
		last = of(list[i-1])
	}
	if i == len(list) {
		return nil, last
	}
	return list[i:], last
}
