package value_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// account is a customer in the small: registers, and the state that follows from them.
type account struct {
	orders  map[string]*register.Order
	linked  map[string][]register.LinkedReturn
	state   value.State
	anomaly int64
}

func newAccount() *account {
	return &account{orders: map[string]*register.Order{}, linked: map[string][]register.LinkedReturn{}}
}

// change edits an order, or the returns that name it, and replaces its share of the state.
func (a *account) change(id string, edit func(*register.Order)) {
	if a.orders[id] == nil {
		a.orders[id] = &register.Order{}
	}
	lost := false
	if share, ok := a.share(id); ok {
		lost = a.state.Remove(share)
	}
	edit(a.orders[id])
	if share, ok := a.share(id); ok {
		a.state.Add(share)
	}
	if lost {
		a.state.LastOrderAt = 0
		for _, o := range a.orders {
			if _, at, ok := o.Live(); ok {
				a.state.LastOrderAt = max(a.state.LastOrderAt, at)
			}
		}
	}
}

func (a *account) share(id string) (value.Share, bool) {
	doc, at, ok := a.orders[id].Live()
	share, anomaly := plain.OfOrder(doc, at, civil.Calendar{}.DayOf(at), a.linked[id])
	a.anomaly = anomaly
	return share, ok
}

func (a *account) place(id string, doc register.OrderDoc) func(register.Version) {
	return func(v register.Version) { a.change(id, func(o *register.Order) { o.Place(v, doc) }) }
}

func (a *account) amend(id string, p register.OrderPatch) func(register.Version) {
	return func(v register.Version) { a.change(id, func(o *register.Order) { o.Amend(v, p) }) }
}

func (a *account) cancel(id string) func(register.Version) {
	return func(v register.Version) { a.change(id, func(o *register.Order) { o.Cancel(v) }) }
}

func (a *account) giveBack(id string, r register.Return) func(register.Version) {
	return func(v register.Version) {
		day := civil.Calendar{}.DayOf(v.OccurredAt)
		if r.OrderID == "" {
			a.state.Add(value.OfReturn(r, day))
			return
		}
		a.change(r.OrderID, func(*register.Order) {
			a.linked[r.OrderID] = register.Link(a.linked[r.OrderID], register.LinkedReturn{ID: id, Value: r.Value(), Amount: r.Amount, Day: day})
		})
	}
}

// row is the account's figures as the manual writes them.
func (a *account) row(today civil.Day) string {
	f := a.state.Figures(window30, today, value.Profile{})
	next := "none"
	if d, ok := a.state.NextDay(window30, today); ok {
		next = d.String()
	}
	money := func(n int64) string { return fmt.Sprintf("%.2f", float64(n)/100) }
	return fmt.Sprintf("%s | %s | %s | %d | %d | %s | %s | %s", money(f.Gross), money(f.Returns), money(f.Net), f.Orders, f.ReturnCount,
		civil.Calendar{}.DayOf(f.LastOrderAt), f.MeanGap, next)
}

// The worked example of the manual is what the code does, day by day.
func TestWorkedExample(t *testing.T) {
	text := manual(t)
	a, more := newAccount(), int64(70000)
	nothing := func(register.Version) {}
	story := []struct {
		day, what string
		do        func(register.Version)
	}{
		{"2026-01-05", "SO1 placed: 1200.00, of it tax 200.00 and freight 50.00", a.place("SO1", register.OrderDoc{Amount: 120000, Tax: 20000, Freight: 5000})},
		{"2026-01-15", "SO2 placed: 600.00", a.place("SO2", register.OrderDoc{Amount: 60000})},
		{"2026-01-20", "R1 returned of SO1: 240.00, of it tax 40.00", a.giveBack("R1", register.Return{OrderID: "SO1", Amount: 24000, Tax: 4000})},
		{"2026-01-25", "SO3 placed: 0.00, a sample", a.place("SO3", register.OrderDoc{})},
		{"2026-01-28", "R2 returned, of no order: 30.00", a.giveBack("R2", register.Return{Amount: 3000})},
		{"2026-02-02", "SO2 amended: 700.00", a.amend("SO2", register.OrderPatch{Amount: &more})},
		{"2026-02-05", "SO1 rolls off, and R1 with it", nothing},
		{"2026-02-10", "SO3 cancelled", a.cancel("SO3")},
		{"2026-02-12", "R3 returned of SO2: 800.00, which is 100.00 too much", a.giveBack("R3", register.Return{OrderID: "SO2", Amount: 80000})},
		{"2026-02-15", "SO2 rolls off, and R3 with it", nothing},
		{"2026-02-28", "R2 rolls off", nothing},
	}
	for i, s := range story {
		day, err := civil.ParseDay(s.day)
		if err != nil {
			t.Fatal(err)
		}
		s.do(register.Version{OccurredAt: noon(day), EventID: fmt.Sprint("e", i)})
		if row := fmt.Sprintf("| %s | %s | %s |\n", s.day, s.what, a.row(day)); !strings.Contains(text, row) {
			t.Errorf("the manual lacks %s", row)
		}
	}
	if rows := strings.Count(text, "\n| 2026-"); rows != len(story) {
		t.Errorf("the manual has %d rows, the story %d", rows, len(story))
	}
	if a.anomaly != 10000 {
		t.Errorf("returned beyond SO2: %d, want 100.00", a.anomaly)
	}
}

func TestManualOfClasses(t *testing.T) {
	text := manual(t)
	for _, c := range value.Classify(nets("C6=-20 C4=60 C1=500 C3=100 C5=40 C2=300"), portfolio.DefaultClasses()) {
		end := fmt.Sprintf("| %s | %s |\n", c.Class, c.Share)
		if !strings.HasSuffix(line(text, "| "+c.ID+" |"), end) {
			t.Errorf("%s: the manual doesn't say %s", c.ID, end)
		}
	}
}

func line(text, prefix string) string {
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	return ""
}

func manual(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/value.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
