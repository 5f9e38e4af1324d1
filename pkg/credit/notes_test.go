package credit_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// What the manual's examples are too few for, as accounts.
func TestAdjustmentsThatMeet(t *testing.T) {
	for name, text := range map[string]string{
		"an invoice of nothing is raised, and the order leads to it": `
0 order SO1 100 due 30
0 invoice I1 0 due 40 for SO1:20
1 debit-note A1 20 of I1
0 order SO2 20 due 6
5 payment P1 100 for SO1
day 10: open 20, overdue 20, settled 2, unapplied 0`,
		"what was set off is no payment's, whatever its id": `
0 invoice I1 100 due 30
1 netting P1 100 of I1
2 payment P1 50 for SO9
3 return R1 80 of invoice I1
4 refund F1 130 of P1
day 5: open 0, unapplied 80`,
		"two systems' balances are two items": `
0 opening A1@erp 100 of I1 due 20
0 opening A1@crm 50 of I1 due 10
5 payment P1@bank 120 for invoice I1
day 15: open 30, unapplied 0, overdue 0, settled 1, max_days_overdue 0`,
		"a void invoice isn't raised": `
0 invoice I1 100 due 30 void
1 debit-note A1 20 of I1
2 opening A2 30 of I1
day 5: open 0`,
		"a write-off waits for its item": `
5 write-off A1 40 of I1
9 invoice I1 100 due 30
day 10: open 60`,
	} {
		t.Run(name, func(t *testing.T) { play(t, text[1:]) })
	}
}

// An invoice that once named no due day takes an order's still, so the order can't come by itself.
func TestADueDayThatWasTheOrdersOnce(t *testing.T) {
	k := keeper{clerk: clerk{cfg: config}}
	k.running = k.settler.Run(&k.book, k.cfg)
	for _, d := range []document{
		credit.Invoice{ID: "I1", Day: 20, Due: 60, HasDue: true, Amount: 100, Old: []credit.OldDue{{On: 0}}, Orders: []credit.Share{{OrderID: "SO1"}}},
		credit.Order{ID: "SO1", Amount: 100, Credit: true, Due: 30},
	} {
		k.take(d)
		if want := credit.PlainSettle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
			t.Errorf("after %+v:\n%+v\nwant\n%+v", d, k.ledger, want)
		}
	}
}

// Each day on which a warning comes or goes is a due day, and pruning takes none that still counts.
func TestWarningsComeAndGo(t *testing.T) {
	b := credit.Book{
		Invoices: []credit.Invoice{{ID: "I1", Amount: 100, Due: 400, HasDue: true}},
		Promises: []credit.Promise{{ID: "I1", By: 20, Amount: 60}}, Failures: []civil.Day{7, 7},
	}
	whole := credit.Settle(b, config)
	kept, today := whole.Clone(), civil.Day(0)
	seen := func(l *credit.Ledger, day civil.Day) [2]int64 {
		f := l.Figures(config, day)
		return [2]int64{f.FailedPayments, f.BrokenPromises}
	}
	changes := []civil.Day{}
	for day := civil.Day(0); day < 200; day++ {
		if day > 0 && seen(&whole, day) != seen(&whole, day-1) {
			changes = append(changes, day)
		}
		next, ok := kept.NextDay(config, credit.Drift{Warnings: true}, today)
		kept.Prune(config, day)
		if got, want := seen(&kept, day), seen(&whole, day); got != want {
			t.Fatalf("day %d: pruned %v, want %v", day, got, want)
		}
		if ok && next == day {
			today = day
		}
		if n := len(changes); n > 0 && changes[n-1] == day && today != day {
			t.Errorf("day %d changes something, and isn't due", day)
		}
	}
	if want := []civil.Day{7, 21, 98, 112}; !reflect.DeepEqual(changes, want) {
		t.Errorf("warnings change on %v, want %v", changes, want)
	}
}

// A credit note, a promise that is kept, a dispute about what is paid and a balance of former books don't have the whole book
// settled for ever: trade of later days goes on.
func TestTradeGoesOnAfterRemarks(t *testing.T) {
	remarks := []document{
		credit.Adjustment{ID: "A1", InvoiceID: "SO0", Kind: credit.CreditNote, Day: 3, Amount: 10},
		credit.Adjustment{ID: "A2", InvoiceID: "old", Kind: credit.Opening, Day: 3, Amount: 40},
		credit.Promise{ID: "SO0", Day: 3, By: 4, Amount: 90}, credit.Dispute{ID: "SO0"},
	}
	k, c := keeper{clerk: clerk{cfg: config}}, clerk{cfg: config}
	k.running = k.settler.Run(&k.book, k.cfg)
	for n := range 40 {
		id := fmt.Sprint("SO", n)
		docs := []document{
			credit.Order{ID: id, Day: civil.Day(n), Due: civil.Day(n + 10), Credit: true, Amount: 100},
			credit.Payment{ID: fmt.Sprint("P", n), ValueDay: civil.Day(n), Amount: 100, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: id}}}},
		}
		if n == 4 {
			docs = append(docs, remarks...)
		}
		for _, d := range docs {
			k.take(d)
			if p, ok := d.(credit.Payment); ok && n > 4 { // with an invoice in the book a kept ledger doesn't know what a payment names
				p.Allocations = nil
				d = p
			}
			c.take(d)
			if want := credit.PlainSettle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
				t.Fatalf("after %+v:\n%+v\nwant\n%+v", d, k.ledger, want)
			}
			c.agrees(t, d)
		}
	}
	if most := len(remarks) + 1; k.again > most {
		t.Errorf("settled again %d times, want %d", k.again, most)
	}
}
