package credit_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// way is what a payment names: an invoice, two or three of them, the order that was billed, or nothing.
type way int

const (
	ofOne way = iota
	ofSeveral
	ofOrder
	ofNothing
)

// billing is the trade of a business customer, who orders, is billed for it and pays what it was billed. What is rare is rare by seed, or there is
// none of it at all: of a trade in which there is everything nothing can be followed.
type billing struct {
	*rand.Rand
	ways        []way
	sources     []string
	days        int // one in so many documents is of a new day
	terms, late int // days to pay; days that a document may be late
	// In 40: orders that are no matter of invoices, several orders in one invoice, several invoices of one order and several payments of one invoice,
	// discounts, what isn't as it should be, documents of other kinds, refunds, and changes of what is there.
	plain, parts, discounts, odd, rare, refunds, changes int

	n            int
	day          civil.Day
	docs         []document       // that there are
	later        []document       // that are told after what names them
	billed, paid map[string]int64 // of orders, and of what is to be paid, as far as it goes as it should
}

func newBilling(r *rand.Rand, ways []way) *billing {
	of := func(all ...int) int { return all[r.IntN(len(all))] }
	return &billing{
		Rand: r, ways: ways, day: 20, billed: map[string]int64{}, paid: map[string]int64{},
		sources: [][]string{{""}, {""}, {""}, {""}, {"", "", "", "a"}, {"a", "b"}}[r.IntN(6)],
		days:    of(3, 4, 5, 6), terms: of(2, 5, 14), late: of(0, 2, 5, 5),
		plain: of(0, 4, 12), parts: of(0, 4, 10), discounts: of(0, 0, 6), odd: of(0, 2, 5), rare: of(0, 0, 0, 1, 4), refunds: of(0, 0, 2, 6), changes: of(0, 1, 3, 8),
	}
}

func (b *billing) in(of int) bool  { return b.IntN(40) < of }
func (b *billing) one(of int) bool { return b.IntN(of) == 0 }
func (b *billing) source() string  { return b.sources[b.IntN(len(b.sources))] }

// id is a new one, or one that another system may have too.
func (b *billing) id(prefix string) string {
	if len(b.sources) > 1 && b.one(8) {
		return fmt.Sprint(prefix, max(0, b.n-1-b.IntN(6)))
	}
	return fmt.Sprint(prefix, b.n)
}

// amount is one of few, so that what is paid may be what something else is.
func (b *billing) amount() int64 {
	if b.one(6) {
		return int64(10 * (1 + b.IntN(12)))
	}
	return []int64{20, 40, 60, 100}[b.IntN(4)]
}

// when is the last day, or one before: half of the documents may be late.
func (b *billing) when() civil.Day {
	if b.one(2) {
		return b.day
	}
	return b.day - civil.Day(b.IntN(b.late+1))
}

// of is the documents of a kind that there are or will be, of the last dozen as a rule.
func of[T document](b *billing, is func(T) bool) (all []T) {
	docs := b.docs
	if !b.one(12) {
		docs = docs[max(0, len(docs)-12):]
	}
	for _, list := range [][]document{docs, b.later} {
		for _, d := range list {
			if x, ok := d.(T); ok && is(x) {
				all = append(all, x)
			}
		}
	}
	return all
}

func (b *billing) order() document {
	o := credit.Order{Source: b.source(), ID: b.id("O"), Day: b.when(), Amount: b.amount(), InvoiceExpected: !b.in(b.plain)}
	o.Due, o.Credit = o.Day+civil.Day(b.IntN(b.terms+1)), (!o.InvoiceExpected || !b.one(5)) && !b.in(b.odd)
	return o
}

// invoice bills an order, a part of it or several of them.
func (b *billing) invoice() document {
	orders := of(b, func(o credit.Order) bool {
		return o.Standing == credit.Live && (o.InvoiceExpected && b.billed[o.ID] < o.Amount || b.in(b.odd))
	})
	if len(orders) == 0 {
		return b.order()
	}
	b.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	part, several := b.in(b.parts), b.in(b.parts)
	if !several {
		orders = orders[:1]
	}
	i := credit.Invoice{Source: b.source(), ID: b.id("I"), HasDue: !b.one(6)}
	for _, o := range orders[:min(len(orders), 3)] {
		s, left := credit.Share{OrderID: o.ID}, o.Amount-b.billed[o.ID]
		if part && !several && left > 10 {
			left = left / 20 * 10
		}
		if left = max(left, 10); left < o.Amount {
			s.Amount = left
		}
		i.Orders, i.Amount, i.Day = append(i.Orders, s), i.Amount+left, max(i.Day, o.Day)
		b.billed[o.ID] += left
	}
	if i.Day = min(b.day, i.Day+civil.Day(b.IntN(3))); b.one(3) {
		i.Day = b.when()
	}
	if i.Due = i.Day + civil.Day(b.IntN(b.terms+1)); b.in(b.odd) {
		i.Amount = max(10, i.Amount+int64(10*(b.IntN(5)-2)))
	}
	return i
}

// claim is what may be paid: an invoice, or an order that is its own.
type claim struct {
	credit.Ref
	order string // that it bills, if any
	day   civil.Day
	left  int64
}

func (b *billing) claims() (all []claim) {
	for _, i := range of(b, func(i credit.Invoice) bool { return i.Standing == credit.Live }) {
		all = append(all, claim{credit.Ref{Invoice: true, ID: i.ID}, i.Orders[0].OrderID, i.Day, i.Amount - b.paid[i.ID]})
	}
	for _, o := range of(b, func(o credit.Order) bool { return o.Standing == credit.Live && !o.InvoiceExpected }) {
		all = append(all, claim{credit.Ref{ID: o.ID}, "", o.Day, o.Amount - b.paid[o.ID]})
	}
	all = slices.DeleteFunc(all, func(c claim) bool { return c.left <= 0 && !b.in(b.odd) })
	b.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// payment pays what is left of one claim, or of several, less a discount.
func (b *billing) payment() document {
	claims, how := b.claims(), b.ways[b.IntN(len(b.ways))]
	if len(claims) == 0 || how == ofSeveral && len(claims) == 1 && !b.one(4) {
		return b.invoice()
	}
	if how == ofOne || how == ofOrder || how == ofNothing && !b.one(4) {
		claims = claims[:1]
	}
	p := credit.Payment{Source: b.source(), ID: b.id(fmt.Sprint("P", b.IntN(2))), ValueDay: b.when()}
	told := !b.one(3) // else they are paid in turn
	for _, c := range claims[:min(len(claims), 2+b.IntN(2))] {
		a, pays := credit.Allocation{Ref: c.Ref}, max(10, c.left)
		if b.in(b.parts) { // in instalments
			pays = max(10, pays/20*10)
		}
		if b.paid[c.ID] += pays; how != ofNothing && b.in(b.discounts) {
			a.Discount = 3
			pays -= a.Discount
		}
		if p.Amount += pays; told || a.Discount > 0 {
			a.Amount = pays
		}
		if how == ofOrder && c.order != "" {
			a.Ref = credit.Ref{ID: c.order}
		}
		if how != ofNothing {
			p.Allocations = append(p.Allocations, a)
		}
		if !b.one(4) {
			p.ValueDay = max(p.ValueDay, min(b.day, c.day))
		}
	}
	if b.in(b.odd) {
		p.Amount = max(5, p.Amount+int64(5*(b.IntN(9)-4)))
	}
	return p
}

// refund gives a payment back, or a part of it, mostly one of the last day; one of which something has gone back already now and then.
func (b *billing) refund() document {
	day := max(b.when(), b.day-civil.Day(b.IntN(2)*b.late))
	all := of(b, func(p credit.Payment) bool { return p.ValueDay == day || b.one(6) })
	if gone := of(b, func(credit.Refund) bool { return true }); len(gone) > 0 && b.one(4) {
		f := gone[b.IntN(len(gone))]
		all = of(b, func(p credit.Payment) bool { return p.ID == f.PaymentID })
	}
	if len(all) == 0 {
		return b.payment()
	}
	p := all[b.IntN(len(all))]
	f := credit.Refund{Source: b.source(), ID: b.id("F"), PaymentID: p.ID, PaymentSource: p.Source, Day: day, Amount: p.Amount}
	if !b.one(3) {
		f.Amount = min(p.Amount, []int64{5, 10, p.Amount / 2, p.Amount + 10}[b.IntN(4)])
	}
	return f
}

// other is a document of a kind that is rare.
func (b *billing) other() document {
	invoices := of(b, func(credit.Invoice) bool { return true })
	if len(invoices) == 0 {
		return b.order()
	}
	i, day, amount := invoices[b.IntN(len(invoices))], b.when(), b.amount()
	switch b.IntN(10) {
	case 0, 1, 2, 3:
		r := credit.Return{Source: b.source(), ID: b.id("R"), Day: day, Amount: amount}
		if orders := of(b, func(credit.Order) bool { return true }); len(orders) > 0 && b.one(2) {
			r.OrderID = orders[b.IntN(len(orders))].ID
		} else {
			r.InvoiceID = i.ID
		}
		return r
	case 4:
		return credit.Dispute{Source: i.Source, ID: i.ID, Amount: amount * int64(b.IntN(2))}
	case 5:
		return credit.Promise{Source: i.Source, ID: i.ID, Day: day, By: day + civil.Day(b.IntN(4)), Amount: amount * int64(b.IntN(2))}
	}
	kinds := []credit.AdjustmentKind{credit.CreditNote, credit.CreditNote, credit.WriteOff, credit.Netting, credit.DebitNote, credit.Rounding}
	return credit.Adjustment{Source: b.source(), ID: b.id("N"), InvoiceID: i.ID, Kind: kinds[b.IntN(len(kinds))], Day: day, Amount: []int64{amount, i.Amount}[b.IntN(2)]}
}

func (b *billing) document() document {
	switch b.n++; {
	case b.in(b.rare):
		return b.other()
	case b.in(b.refunds):
		return b.refund()
	case b.one(3):
		return b.order()
	case b.one(2):
		return b.invoice()
	}
	return b.payment()
}

// next is a document that is told now, which may have been there for a while, and named.
func (b *billing) next() document {
	if len(b.later) > 0 && b.one(3) {
		d := b.later[0]
		b.later = b.later[1:]
		return d
	}
	d := b.document()
	if kind, _ := under(d); kind <= credit.OfInvoices && b.in(b.odd) {
		b.later = append(b.later, d)
		return b.next()
	}
	return d
}

// again is another state of a document that is there, or none.
func (b *billing) again(was document) (is document, stays bool) {
	shift := civil.Day(b.IntN(5) - 2)
	switch d := was.(type) {
	case credit.Order:
		switch b.IntN(5) {
		case 0:
			d.Standing = credit.Gone - d.Standing
		case 1:
			d.Day, d.Due = min(b.day, d.Day+shift), d.Due+shift
		case 2:
			d.InvoiceExpected = !d.InvoiceExpected
		default:
			d.Amount = b.amount()
		}
		return d, true
	case credit.Invoice:
		return b.corrected(d, shift), true
	case credit.Payment:
		return b.booked(d, shift)
	case credit.Refund:
		d.Amount = 10
		return d, b.one(2)
	}
	return nil, false
}

// corrected is an invoice that is void, after which its orders may be billed anew, or that says something else.
func (b *billing) corrected(i credit.Invoice, shift civil.Day) credit.Invoice {
	switch b.IntN(5) {
	case 0, 1:
		for _, s := range i.Orders {
			delete(b.billed, s.OrderID)
		}
		i.Standing = credit.Gone - i.Standing
	case 2:
		i.Day = min(b.day, i.Day+shift)
	case 3:
		if b.one(2) { // it is told when it was said
			i.Old = append(slices.Clone(i.Old), credit.OldDue{On: i.Day, Due: i.Due, HasDue: i.HasDue})
		}
		i.Due, i.HasDue = i.Due+shift, true
	default:
		i.Amount = b.amount()
	}
	return i
}

// booked is a payment that was booked otherwise, or was reversed: then what it was for may be paid anew.
func (b *billing) booked(p credit.Payment, shift civil.Day) (is document, stays bool) {
	switch b.IntN(6) {
	case 0, 1:
		for _, a := range p.Allocations {
			delete(b.paid, a.Ref.ID)
		}
		return nil, false
	case 2:
		p.ValueDay = min(b.day, p.ValueDay+shift)
	case 3:
		p.Amount = max(5, p.Amount/20*10)
	case 4:
		p.Allocations = nil
	default:
		if claims := b.claims(); len(claims) > 0 {
			p.Allocations = []credit.Allocation{{Ref: claims[0].Ref}}
		}
	}
	return p, true
}

// turn changes some documents, and says which.
func (b *billing) turn() (touched []document) {
	if b.one(b.days) {
		b.day++
	}
	for range 1 + b.IntN(8)/7*(1+b.IntN(3)) {
		if n := len(b.docs); n > 0 && b.in(b.changes) {
			at := n - 1 - b.IntN(min(n, []int{3, 12, 12, n}[b.IntN(4)]))
			touched = append(touched, b.docs[at])
			if is, stays := b.again(b.docs[at]); stays {
				b.docs[at] = is
			} else {
				b.docs = slices.Delete(b.docs, at, at+1)
			}
			continue
		}
		if d := b.next(); !slices.ContainsFunc(b.docs, func(x document) bool { return same(x, d) }) {
			b.docs, touched = append(b.docs, d), append(touched, d)
		}
	}
	return touched
}

// bills runs a trade in which payments say in certain ways what they are for.
func bills(ways []way, seed uint64, changes int) (followed int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 80))
	m := newBilling(r, ways)
	cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9, Hold: r.IntN(40) == 0, Tolerance: int64(r.IntN(40) / 39 * 15), Forgive: r.IntN(2) == 0}
	for range r.IntN(2) * r.IntN(12) { // that there are when the journal is made
		m.turn()
	}
	book := bookOf(m.docs)
	j := credit.NewJournal(&book, cfg)
	for range changes {
		touched := m.turn()
		book := bookOf(m.docs)
		if !j.Rewrite(changesOf(touched, m.docs)) {
			followed += j.Followed()
			j = credit.NewJournal(&book, cfg)
		}
		if got, want := j.Ledger(), credit.PlainSettle(book, cfg); !reflect.DeepEqual(got, want) {
			return 0, fmt.Sprintf("touched %+v\nchanges %+v of\n%s\n got %+v\nwant %+v", touched, changesOf(touched, m.docs), lines(m.docs), got, want)
		}
	}
	followed += j.Followed()
	return followed, undone(j, m.docs, cfg)
}

// Orders that are billed, whole, in parts or together, and paid as customers do: by naming one invoice or several, the order, or nothing.
func TestWhereBilledMoneyGoes(t *testing.T) {
	for name, ways := range map[string][]way{
		"one": {ofOne}, "several": {ofSeveral}, "order": {ofOrder, ofOrder, ofOne}, "nothing": {ofNothing},
		"mostly one": {ofOne, ofOne, ofOne, ofOne, ofSeveral, ofOrder, ofNothing}, "mixed": {ofOne, ofSeveral, ofOrder, ofNothing},
	} {
		t.Run(name, func(t *testing.T) {
			all, followed := trades(t, books/36, func(seed uint64) int { return 10 + int(seed*7%51) }, func(seed uint64, changes int) (int, string) { return bills(ways, seed, changes) })
			if followed < all/4 {
				t.Errorf("of %d changes %d were followed", all, followed)
			}
		})
	}
}
