package credit_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// clerk keeps a ledger as documents come: by one entry where that will do, else by settling the book again.
type clerk struct {
	book            credit.Book
	ledger          credit.Ledger
	cfg             credit.Config
	appended, again int
}

func (c *clerk) take(d document) {
	done := false
	switch d := d.(type) {
	case credit.Order:
		named := slices.ContainsFunc(c.book.Orders, func(o credit.Order) bool { return o.ID == d.ID }) ||
			slices.ContainsFunc(c.book.Returns, func(r credit.Return) bool { return r.OrderID == d.ID })
		opens := c.ledger.OpensOrder(d, c.cfg)
		done = !named && (d.Standing == credit.Live && agree(opens, true, c.ledger.OpenOrder(d, c.cfg)) ||
			d.Standing != credit.Live && !c.ledger.Awaits(credit.Ref{ID: d.ID}))
	case credit.Payment:
		known := slices.ContainsFunc(c.book.Payments, func(p credit.Payment) bool { return p.ID == d.ID }) ||
			slices.ContainsFunc(c.book.Refunds, func(r credit.Refund) bool { return r.PaymentID == d.ID })
		takes, told := c.ledger.TakesPayment(d, c.kind, c.cfg)
		done = !known && agree(takes, told, c.ledger.TakePayment(d, c.kind, c.cfg))
	case credit.Return:
		done = c.idle(d)
	}
	add(&c.book, d)
	c.appended++
	if !done {
		c.appended--
		c.again++
		c.ledger = credit.Settle(c.book, c.cfg)
	}
}

// agree is what was done, which is what was foretold, if it was.
func agree(foretold, known, done bool) bool {
	if known && foretold != done {
		panic(fmt.Sprintf("foretold %t, done %t", foretold, done))
	}
	return done
}

// idle says that a return is of cash orders, or of unknown ones: no matter of credit.
func (c *clerk) idle(r credit.Return) bool {
	return r.InvoiceID == "" && !slices.ContainsFunc(c.book.Orders, func(o credit.Order) bool { return o.ID == r.OrderID && o.OnCredit() })
}

// kind is what a caller knows of a reference, from the documents themselves, an invoice of the id first.
func (c *clerk) kind(r credit.Ref, source string) (credit.RefKind, string) {
	var list []credit.Invoice
	for _, i := range c.book.Invoices {
		if i.ID == r.ID && i.Rate.Foreign() {
			return credit.RefForeign, ""
		}
		if r.Invoice && i.ID == r.ID {
			list = append(list, i)
		}
	}
	if slices.ContainsFunc(c.book.Orders, func(o credit.Order) bool { return o.ID == r.ID && o.Rate.Foreign() }) {
		return credit.RefForeign, ""
	}
	if len(list) == 0 {
		return c.orderKind(r, source)
	}
	slices.SortFunc(list, func(a, b credit.Invoice) int { return cmp.Compare(a.Source, b.Source) })
	i := list[max(0, slices.IndexFunc(list, func(i credit.Invoice) bool { return i.Source == source }))]
	if i.Standing == credit.Gone {
		return credit.RefGone, i.Source
	}
	return credit.RefInvoice, i.Source
}

// orderKind is that of an order.
func (c *clerk) orderKind(r credit.Ref, source string) (credit.RefKind, string) {
	var list []credit.Order
	for _, o := range c.book.Orders {
		if o.ID == r.ID {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return credit.RefUnknown, ""
	}
	slices.SortFunc(list, func(a, b credit.Order) int { return cmp.Compare(a.Source, b.Source) })
	o := list[max(0, slices.IndexFunc(list, func(o credit.Order) bool { return o.Source == source }))]
	switch {
	case o.Standing == credit.Awaited:
		return credit.RefUnknown, ""
	case o.Standing == credit.Gone:
		return credit.RefGone, o.Source
	case o.OnCredit():
		return credit.RefCredit, o.Source
	}
	return credit.RefCash, o.Source
}

func (c *clerk) agrees(t interface{ Fatalf(string, ...any) }, after any) {
	if want := credit.Settle(c.book, c.cfg); !reflect.DeepEqual(c.ledger, want) {
		t.Fatalf("after %+v:\n%+v\nwant\n%+v", after, c.ledger, want)
	}
}

// However documents come, the kept ledger is that of the whole book.
func TestAppendingIsSettling(t *testing.T) {
	mostly := []string{"order", "order", "order", "order", "payment", "payment", "payment", "payment", "payment", "invoice", "return", "refund", "note", "dispute", "promise"}
	for name, kinds := range map[string][]string{"all kinds": mostly, "orders and payments": {"order", "order", "payment"}} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			docs, c := drawDocuments(t, kinds...), clerk{cfg: config2.Draw(t, "config")}
			if rapid.Bool().Draw(t, "in order") {
				slices.SortStableFunc(docs, func(a, b document) int { return cmp.Compare(dayOf(a), dayOf(b)) })
			}
			for _, d := range docs {
				c.take(d)
				c.agrees(t, d)
			}
		}))
	}
}

// The same for many small trades of one system, in which days, amounts and names collide often: 4,000 books of up to
// twelve documents, always the same ones.
func TestAppendingInCrowdedTrades(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := clerk{cfg: credit.Config{WindowDays: 365, PromptnessDays: 1 + r.IntN(4), DSODays: 1 + r.IntN(4), Tolerance: []int64{0, 0, 15}[r.IntN(3)]}}
		for _, n := range r.Perm(12) {
			d := crowded(r, n)
			c.take(d)
			c.agrees(t, fmt.Sprintf("%+v, seed %d", d, seed))
		}
	}
}

// crowded is document n of a trade: six orders, then payments, a return and a refund among them.
func crowded(r *rand.Rand, n int) document {
	day, order := civil.Day(r.IntN(5)), func() string { return fmt.Sprintf("SO%d", r.IntN(6)) }
	switch {
	case n < 6:
		return credit.Order{ID: fmt.Sprintf("SO%d", n), Day: day, Amount: int64(1+r.IntN(5)) * 10, Credit: r.IntN(8) > 0, Due: day + civil.Day(r.IntN(4))}
	case n == 9 && r.IntN(3) == 0:
		return remark(r, order(), day)
	case n == 10 && r.IntN(3) == 0:
		return credit.Return{ID: "R", OrderID: order(), Day: day, Amount: 10}
	case n == 11 && r.IntN(3) == 0:
		return credit.Refund{ID: "F", PaymentID: "P7", Day: day, Amount: 30}
	}
	p := credit.Payment{ID: fmt.Sprintf("P%d", n), ValueDay: day, Amount: int64(1+r.IntN(5)) * 10}
	if r.IntN(3) > 0 {
		a := credit.Allocation{Ref: credit.Ref{ID: order()}, Amount: []int64{0, 10, 20, 30}[r.IntN(4)]}
		if r.IntN(8) == 0 {
			a.Discount = 5
		}
		p.Allocations = append(p.Allocations, a)
	}
	return p
}

// remark is what is said of an item beside what it is.
func remark(r *rand.Rand, of string, day civil.Day) document {
	switch r.IntN(5) {
	case 0:
		return credit.Dispute{ID: of, Amount: int64(r.IntN(3)) * 10}
	case 1:
		return credit.Promise{ID: of, Day: day, By: day + civil.Day(r.IntN(4)), Amount: int64(r.IntN(3)) * 10}
	}
	return credit.Adjustment{ID: "A", InvoiceID: of, Kind: credit.AdjustmentKind(1 + r.IntN(7)), Day: day, Amount: int64(1+r.IntN(4)) * 10}
}

// What is pruned can't be appended to: the figures stay those of the whole book.
func TestAppendingAfterPruning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, c := drawDocuments(t, "order", "order", "payment", "payment", "return"), clerk{cfg: config2.Draw(t, "config")}
		today := civil.Day(0)
		for _, d := range docs {
			c.take(d)
			today += civil.Day(rapid.IntRange(0, 4).Draw(t, "days pass"))
			c.ledger.Prune(c.cfg, today)
			whole := credit.Settle(c.book, c.cfg)
			for day := today; day < today+15; day++ {
				if got, want := c.ledger.Figures(c.cfg, day), whole.Figures(c.cfg, day); got != want {
					t.Fatalf("day %d, after %+v: %+v, want %+v", day, d, got, want)
				}
			}
		}
	})
}

func dayOf(d document) civil.Day {
	v := reflect.ValueOf(d)
	if f := v.FieldByName("ValueDay"); f.IsValid() {
		return civil.Day(f.Int())
	}
	if f := v.FieldByName("Day"); f.IsValid() {
		return civil.Day(f.Int())
	}
	return 0 // it has none
}

// A customer who orders all day long and pays in between is never settled again, whether payments name orders or not,
// nor when a bank's value days lie a few days back.
func TestADailyTradeIsAppended(t *testing.T) {
	for _, back := range []civil.Day{0, 2} {
		for _, named := range []bool{false, true} {
			c := clerk{cfg: config}
			id := func(n int) string { return fmt.Sprintf("SO%05d", n) }
			const daily = 5
			for n := range 60 * daily {
				day := civil.Day(n / daily)
				c.take(credit.Order{ID: id(n), Day: day, Amount: 100, Credit: true, Due: day + 20})
				if paid := n - 15*daily; paid >= 0 {
					p := credit.Payment{ID: fmt.Sprintf("P%05d", n), ValueDay: day - back, Amount: 100}
					if named {
						p.Allocations = []credit.Allocation{{Ref: credit.Ref{ID: id(paid)}, Amount: 100}}
					}
					c.take(p)
				}
			}
			c.agrees(t, "all")
			if c.again > 0 {
				t.Errorf("named %v, %d days back: settled again %d times of %d", named, back, c.again, c.again+c.appended)
			}
		}
	}
}
