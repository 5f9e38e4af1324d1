package credit_test

import (
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// muchFree is so much free money in many pieces that what it pays on day 6 isn't recorded, and a day with so many documents that it is followed all the same.
func muchFree() (docs []document) {
	for n := range 100 {
		docs = append(docs, free(fmt.Sprintf("P%02d", n), 5, 10))
	}
	docs = append(docs, owes("A", 6, 20, 45), credit.Order{ID: "C", Day: 5, Amount: 5})
	for n := range 3000 {
		docs = append(docs, names(free(fmt.Sprintf("C%04d", n), 7, 5), "C"))
	}
	return docs
}

// An account that has been paid on a day of which nothing is recorded isn't taken for one that nothing has come to.
func TestWhereItIsNotRecorded(t *testing.T) {
	for name, d := range map[string]document{
		"gone": gone{owes("A", 6, 20, 45)}, "a day later": owes("A", 7, 20, 45),
		"returned": credit.Return{ID: "R", OrderID: "A", Day: 6, Amount: 45}, "named": names(free("N", 6, 45), "A"),
	} {
		t.Run(name, func(t *testing.T) { rewritten(t, muchFree(), []document{d}) })
	}
}

// What waits came in another order than that of its days.
func TestWhereWaitsCameInAnotherOrder(t *testing.T) {
	rewritten(t, []document{names(free("P1", 5, 30), "O"), names(free("P2", 3, 30), "O"), owes("X", 4, 9, 10), owes("Y", 7, 9, 10)},
		[]document{credit.Order{ID: "O", Day: 1, Amount: 100, InvoiceExpected: true}},
		[]document{credit.Return{ID: "R", OrderID: "O", Day: 4, Amount: 100}})
}

// Returns and notes of one account and day have their effect in the order of the agenda, whichever is told first.
func TestWhereReturnsOfOneOrderComeInAnyOrder(t *testing.T) {
	p := func(id string) credit.Payment { return names(free(id, 2, 50), "A") }
	first := []document{owes("A", 1, 5, 100), p("P1"), p("P2"), owes("C", 7, 20, 5), names(free("PC", 7, 5), "C")}
	later := append(first[:len(first):len(first)], owes("D", 9, 20, 5), names(free("PD", 9, 5), "D"))
	r1, r2 := credit.Return{ID: "R1", OrderID: "A", Day: 7, Amount: 20}, credit.Return{ID: "R2", OrderID: "A", Day: 7, Amount: 60}
	n := credit.Adjustment{ID: "N", InvoiceID: "A", Kind: credit.CreditNote, Day: 7, Amount: 60}
	for name, docs := range map[string][]document{"last": first, "later": later} {
		t.Run(name+" r2 r1", func(t *testing.T) { rewritten(t, docs, []document{r2, r1}) })
		t.Run(name+" r1 n", func(t *testing.T) { rewritten(t, docs, []document{r1, n}) })
		t.Run(name+" n, r1", func(t *testing.T) { rewritten(t, docs, []document{n}, []document{r1}) })
		t.Run(name+" r2, r1", func(t *testing.T) { rewritten(t, docs, []document{r2}, []document{r1}) })
	}
}

// Of many items that are other ones now, each is among what was open on a day in place of the one that it was.
func TestManyItemsAreOthers(t *testing.T) {
	var first, then []document
	for n := range 20 {
		o := owes(fmt.Sprintf("A%02d", n), 3, civil.Day(20+n%3), 100)
		first = append(first, o)
		if o.Amount = 90; n%2 == 0 {
			then = append(then, o)
		}
	}
	first = append(first, free("P", 4, 10), free("Q", 5, 10), owes("Z", 5, 30, 10))
	for n := range 400 { // else it would be less to settle all again
		first = append(first, owes(fmt.Sprintf("B%03d", n), 3, 40, 10))
	}
	rewritten(t, first, then)
}
