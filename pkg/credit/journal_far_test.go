package credit_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// What is told late and stays open is put among what was open on days before and after one on which most of that was paid.
func TestLateAmongManyThatArePaid(t *testing.T) {
	for _, n := range []int{10, 250, 257, 305, 600} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var docs []document
			for i := range n {
				docs = append(docs, credit.Order{ID: fmt.Sprintf("O%05d", i), Day: 1, Due: civil.Day(10 + i), Amount: 10, Credit: true})
			}
			docs = append(docs, credit.Payment{ID: "P", ValueDay: 3, Amount: 10 * (int64(n) - 5)})
			for d := range 12 {
				docs = append(docs, credit.Order{ID: fmt.Sprintf("Z%d", d), Day: civil.Day(1 + d), Due: civil.Day(90_000 + d), Amount: 10, Credit: true})
			}
			cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}
			b := bookOf(docs)
			j := credit.NewJournal(&b, cfg)
			late := credit.Order{ID: "L", Day: 2, Due: civil.Day(8 + n), Amount: 10, Credit: true}
			docs = append(docs, late)
			if !j.Rewrite(changesOf([]document{late}, docs)) {
				t.Fatal("the journal is of no use")
			}
			if got, want := j.Ledger(), credit.PlainSettle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

// What free money did on days is what it does without an order that has paid for itself of it, once that is gone or of a later day.
func TestMoneyOfAnOrderThatIsGone(t *testing.T) {
	for _, again := range []civil.Day{0, 3} { // 0: it doesn't come again
		t.Run(fmt.Sprint(again), func(t *testing.T) {
			cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}
			var b credit.Book
			add(&b, credit.Order{ID: "A", Day: 1, Due: 5, Amount: 10, Credit: true})
			add(&b, credit.Payment{ID: "P", ValueDay: 1, Amount: 100})
			w := credit.Settler{JournalFrom: 1}
			r := w.Run(&b, cfg)
			x := credit.Order{ID: "X", Day: 1, Due: 9, Amount: 90, Credit: true}
			if !r.Order(x, cfg) {
				t.Fatal("the first is refused")
			}
			is := credit.Change{Kind: credit.OfOrders, ID: "X"}
			if again > 0 {
				x.Day = again
				add(&b, x)
				add(&is.Book, x)
			}
			if !r.Rewrite([]credit.Change{is}, cfg) {
				t.Fatal("the journal is of no use")
			}
			y := credit.Order{ID: "Y", Day: 1, Due: 10, Amount: 30, Credit: true}
			add(&b, y)
			if !r.Order(y, cfg) {
				var now credit.Book
				add(&now, y)
				if !r.Rewrite([]credit.Change{{Kind: credit.OfOrders, ID: "Y", Book: now}}, cfg) {
					t.Fatal("the journal is of no use")
				}
			}
			got, want := r.Ledger(), credit.PlainSettle(b, cfg)
			if got.Changed, want.Changed = nil, nil; !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v\nwant %+v", got, want)
			}
		})
	}
}
