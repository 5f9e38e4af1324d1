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

// today is a document of a trade at its n-th turn, mostly of the last day, and sometimes of one of the days before. Ids are few, so that
// documents name each other before and after they come, and so are amounts, which meet.
func today(r *rand.Rand, day civil.Day, n int) document {
	id := func(prefix string) string { return fmt.Sprint(prefix, max(0, n-r.IntN(6))) }
	if r.IntN(8) == 0 {
		day -= civil.Day(r.IntN(4))
	}
	amount := int64(10 * (1 + r.IntN(4)))
	switch x := r.IntN(40); {
	case x < 9:
		return credit.Order{ID: fmt.Sprint("O", n), Day: day, Amount: 20 + amount, Credit: r.IntN(12) > 0, Due: day + civil.Day(r.IntN(4)), InvoiceExpected: r.IntN(12) == 0}
	case x < 15:
		i := credit.Invoice{ID: fmt.Sprint("I", n), Day: day, Amount: 20 + amount, Due: day + 2, HasDue: r.IntN(4) > 0}
		if r.IntN(6) == 0 {
			i.Orders = []credit.Share{{OrderID: id("O"), Amount: amount}}
		}
		return i
	case x < 27:
		p := credit.Payment{ID: fmt.Sprint("P", n), ValueDay: day, Amount: amount}
		if r.IntN(2) == 0 { // before others of the day
			p.ID = fmt.Sprint("P-", 1000-n)
		}
		for range max(1, r.IntN(9)-6) {
			a := credit.Allocation{Ref: credit.Ref{ID: id("O")}}
			if r.IntN(3) == 0 {
				a.Ref = credit.Ref{Invoice: true, ID: id("I")}
			}
			if r.IntN(4) == 0 {
				a.Amount = int64(10 * (1 + r.IntN(4)))
			}
			if r.IntN(12) == 0 {
				a.Discount = 10
			}
			p.Allocations = append(p.Allocations, a)
		}
		if r.IntN(25) == 0 {
			p.Allocations = nil
		}
		return p
	case x < 33:
		payment := id("P")
		if r.IntN(2) == 0 {
			payment = fmt.Sprint("P-", 1000-n+r.IntN(8))
		}
		return credit.Refund{ID: fmt.Sprint("F", n), PaymentID: payment, Day: day, Amount: amount - int64(r.IntN(2)*5)}
	case x < 37:
		return credit.Return{ID: fmt.Sprint("R", n), OrderID: id("O"), Day: day, Amount: amount + int64(r.IntN(2)*30)}
	}
	kind := []credit.AdjustmentKind{credit.CreditNote, credit.WriteOff, credit.Netting, credit.DebitNote}[r.IntN(4)]
	return credit.Adjustment{ID: fmt.Sprint("N", n), InvoiceID: id([]string{"O", "I"}[r.IntN(2)]), Kind: kind, Day: day, Amount: amount}
}

const books = 3000

// What comes to a day that has been settled already comes to what the plain settlement gives, whether it is settled after all else
// of that day or with the day, and so does what goes back to before it later.
func TestWhatComesLaterInADay(t *testing.T) {
	appended, rippled := 0, 0
	for seed := range uint64(books) {
		r := rand.New(rand.NewPCG(seed, 9))
		cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9, Hold: r.IntN(20) == 0, Tolerance: int64(r.IntN(20) / 19 * 15)}
		day := civil.Day(5)
		var docs []document
		j := credit.NewJournal(&credit.Book{}, cfg)
		for n := range 40 {
			if r.IntN(7) == 0 {
				day++
			}
			var touched []document
			for range 1 + r.IntN(5)/4 {
				d := today(r, day, n)
				if slices.ContainsFunc(docs, func(x document) bool { return same(x, d) }) {
					continue
				}
				docs = append(docs, d)
				touched = append(touched, d)
				if at := r.IntN(25 * len(docs)); at < len(docs) {
					touched = append(touched, docs[at])
					docs = slices.Delete(docs, at, at+1)
				}
			}
			changes := changesOf(touched, docs)
			if !j.Rewrite(changes) {
				j = nil
			}
			b := bookOf(docs)
			if j == nil {
				j = credit.NewJournal(&b, cfg)
			}
			if got, want := j.Ledger(), credit.PlainSettle(b, cfg); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, n %d, after %+v of\n%+v\n got %+v\nwant %+v", seed, n, changes, docs, got, want)
			}
		}
		appended += j.Appended()
		rippled += j.Followed()
	}
	if appended == 0 {
		t.Error("nothing was appended")
	}
	t.Log(appended, "appended", rippled, "rippled")
}

// One order, two days of payments, discounts, refunds and write-offs of it in any order, and a return that frees what came last.
func TestWhoComesFirstInADay(t *testing.T) {
	for seed := range uint64(6000) {
		r := rand.New(rand.NewPCG(seed, 10))
		docs := []document{credit.Order{ID: "O", Day: 5 + civil.Day(r.IntN(2)), Amount: 100, Credit: true, Due: 9}, credit.Order{ID: "other", Day: 6, Amount: 50, Credit: true, Due: 9}}
		for n, amount := range [][]int64{{}, {40}, {60, 40}, {100}, {60, 60}}[r.IntN(5)] { // before the day
			docs = append(docs, credit.Payment{ID: fmt.Sprint("Q", n), ValueDay: 5, Amount: amount, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "O"}}}})
		}
		docs = append(docs, credit.Payment{ID: "other", ValueDay: 6, Amount: 10, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "other"}}}})
		b := bookOf(docs)
		j := credit.NewJournal(&b, credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9})
		for n, id := range r.Perm(8) {
			day, amount := civil.Day(6), int64(10*(1+r.IntN(4)))
			p := credit.Payment{ID: fmt.Sprint("P", id), ValueDay: day, Amount: amount, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "O"}}}}
			payer := fmt.Sprint([]string{"P", "Q"}[r.IntN(2)], r.IntN(4))
			var d document = p
			switch r.IntN(9) {
			case 0:
				p.Amount, p.Allocations[0].Amount, p.Allocations[0].Discount = 0, 0, amount
				d = p
			case 1:
				d = credit.Adjustment{ID: fmt.Sprint("N", id), InvoiceID: "O", Kind: []credit.AdjustmentKind{credit.WriteOff, credit.Netting}[r.IntN(2)], Day: day, Amount: amount}
			case 2, 3:
				d = credit.Refund{ID: fmt.Sprint("F", id), PaymentID: payer, Day: day + civil.Day(r.IntN(6)/5), Amount: amount + int64(r.IntN(2)*30)}
			case 4:
				p.ValueDay--
				d = p
			case 5: // one that pays something else
				p.Allocations[0].Ref.ID, p.Amount = "other", 5
				d = p
			}
			if n == 7 {
				d = credit.Return{ID: "R", OrderID: "O", Day: 7, Amount: 40 + amount}
			}
			docs = append(docs, d)
			if !j.Rewrite(changesOf([]document{d}, docs)) {
				t.Fatal("refused")
			}
			if got, want := j.Ledger(), credit.PlainSettle(bookOf(docs), credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, after %+v of\n%+v\n got %+v\nwant %+v", seed, d, docs, got, want)
			}
		}
	}
}

// What goes on with a book where it can, and asks its journal where it can't, comes to the same, also after what was settled after all else of a day:
// what is free, opens late or is taken back then meets what the journal has left.
func TestRunningAfterWhatComesLaterInADay(t *testing.T) {
	back := 0
	for seed := range uint64(books) {
		r, draw := rand.New(rand.NewPCG(seed, 11)), today
		if seed%2 > 0 {
			draw = spending
		}
		k := keeper{clerk: clerk{cfg: credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}}}
		k.settler.JournalFrom = 1 + r.IntN(8)
		k.running = k.settler.Run(&k.book, k.cfg)
		day := civil.Day(5)
		for n := range 40 {
			if r.IntN(7) == 0 {
				day++
			}
			d := draw(r, day, n)
			if slices.ContainsFunc(documentsOf(k.book), func(x document) bool { return same(x, d) }) {
				continue
			}
			k.take(d)
			if want := credit.Settle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
				t.Fatalf("seed %d, n %d, after %+v of\n%+v\n got %+v\nwant %+v", seed, n, d, k.book, k.ledger, want)
			}
		}
		back += k.back
	}
	if back == 0 {
		t.Error("no journal was rewritten")
	}
}
