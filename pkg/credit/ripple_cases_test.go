package credit_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// rewritten tells a journal of changes one after the other: it comes to what the plain settlement gives, and goes back to what one that was made
// anew goes back to. What comes a second time takes the place of what there was, or (gone) nothing does.
func rewritten(t *testing.T, first []document, then ...[]document) {
	t.Helper()
	rewrittenBy(t, config, first, then...)
}

func rewrittenBy(t *testing.T, cfg credit.Config, first []document, then ...[]document) {
	t.Helper()
	docs := slices.Clone(first)
	b := bookOf(docs)
	j := credit.NewJournal(&b, cfg)
	for n, more := range then {
		var touched []document
		docs, touched = told(docs, more)
		if !j.Rewrite(changesOf(touched, docs)) {
			t.Fatal("refused")
		}
		if got, want := j.Ledger(), credit.PlainSettle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
			t.Errorf("change %d (%d followed):\n got %+v\nwant %+v", n, j.Followed(), got, want)
		}
	}
	followed := j.Followed()
	if wrong := undone(j, docs, cfg); wrong != "" {
		t.Errorf("%d followed: %s", followed, wrong)
	}
}

// told are the documents that there are once more have come, each in place of what there was of its id, and what has changed.
func told(docs, more []document) (is, touched []document) {
	touched = slices.Clone(more)
	for i, d := range more {
		g, out := d.(gone)
		if out {
			d, touched[i] = g.document, g.document
		}
		docs = slices.DeleteFunc(docs, func(x document) bool {
			if same(x, d) {
				touched = append(touched, x)
			}
			return same(x, d)
		})
		if !out {
			docs = append(docs, d)
		}
	}
	return docs, touched
}

// gone is a document that is there no more.
type gone struct{ document }

func names(p credit.Payment, id string) credit.Payment {
	p.Allocations = []credit.Allocation{{Ref: credit.Ref{ID: id}}}
	return p
}

func free(id string, day civil.Day, amount int64) credit.Payment {
	return credit.Payment{ID: id, ValueDay: day, Amount: amount}
}

func owes(id string, day, due civil.Day, amount int64) credit.Order {
	return credit.Order{ID: id, Day: day, Due: due, Amount: amount, Credit: true}
}

// What is refunded later is found in an item that came late, and was paid by what an earlier refund had left.
func TestWhereRefundedMoneyGoes(t *testing.T) {
	// named: what the order needs less of is free, and what is refunded of it is found where it went
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("P", 2, 100), "A"), credit.Refund{ID: "F1", PaymentID: "P", Day: 3, Amount: 40}, names(free("R", 3, 40), "A"), owes("B", 4, 9, 30)},
		[]document{owes("A", 1, 5, 80)},
		[]document{credit.Refund{ID: "F2", PaymentID: "P", Day: 9, Amount: 60}})
	// of what named it, nothing so far
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("P", 2, 100), "A"), credit.Refund{ID: "F1", PaymentID: "P", Day: 3}, owes("B", 1, 9, 30), owes("D", 4, 9, 30)},
		[]document{owes("A", 1, 5, 80)},
		[]document{credit.Refund{ID: "F2", PaymentID: "P", Day: 9, Amount: 100}})
	// what names it in vain
	rewritten(t, []document{owes("A", 1, 5, 100), free("Q", 1, 100), names(free("P", 2, 60), "A"), credit.Refund{ID: "F1", PaymentID: "P", Day: 3, Amount: 10}, credit.Order{ID: "C", Day: 6, Amount: 5}, names(free("S", 6, 5), "C")},
		[]document{free("Q", 1, 70)},
		[]document{credit.Refund{ID: "F2", PaymentID: "P", Day: 9, Amount: 40}})
	// what a return makes free
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("P", 2, 100), "A"), credit.Refund{ID: "F1", PaymentID: "P", Day: 3, Amount: 40}, names(free("R", 4, 40), "A"), owes("B", 5, 9, 90)},
		[]document{credit.Return{ID: "R", OrderID: "A", Day: 5, Amount: 70}},
		[]document{credit.Refund{ID: "F2", PaymentID: "P", Day: 9, Amount: 60}})
}

// What a return makes free takes the place of what is refunded on the day, before anything pays that on it.
func TestWhereReturnsMeetRefundsOfTheDay(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("P", 2, 100), "A"), owes("B", 1, 6, 50), names(free("Q", 2, 50), "B"),
		credit.Refund{ID: "F", PaymentID: "Q", Day: 7, Amount: 50}, names(free("R", 7, 50), "B")},
		[]document{credit.Return{ID: "R", OrderID: "A", Day: 7, Amount: 30}})
}

// An order that goes has no account any more, whatever else there is of its id.
func TestWhereAnInvoiceOfTheIDIsVoid(t *testing.T) {
	void := credit.Invoice{ID: "D", Standing: credit.Gone}
	rewritten(t, []document{void, owes("D", 1, 5, 100), owes("E", 1, 6, 100), free("P", 3, 150), owes("G", 4, 6, 10)},
		[]document{gone{owes("D", 1, 5, 100)}}, []document{free("Q", 4, 70)})
}

// Money of one payment that two returns of a day have made free stands in the order of these, not of their arrival.
func TestWhereReturnsOfADayComeInAnyOrder(t *testing.T) {
	first := []document{owes("A", 1, 5, 100), owes("B", 1, 6, 100), free("P", 5, 200), owes("D", 7, 5, 10), credit.Payment{ID: "Q", ValueDay: 7, Amount: 10, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "D"}}}}}
	r1, r2 := credit.Return{ID: "R1", OrderID: "A", Day: 7, Amount: 20}, credit.Return{ID: "R2", OrderID: "B", Day: 7, Amount: 30}
	rewritten(t, first, []document{r2}, []document{r1})
	rewritten(t, first, []document{r2, r1})
	rewritten(t, first, []document{r1, r2})
}

// What named a cash order and names nothing any more is found where it went when it is refunded again.
func TestWhereRefundedMoneyOfACashOrderGoes(t *testing.T) {
	rewritten(t, []document{credit.Order{ID: "C", Day: 1, Amount: 90}, owes("A", 1, 5, 100), names(free("P", 2, 90), "C"), credit.Refund{ID: "F1", PaymentID: "P", Day: 3, Amount: 10}, names(free("S", 6, 5), "C")},
		[]document{free("P", 2, 90)},
		[]document{credit.Refund{ID: "F2", PaymentID: "P", Day: 9, Amount: 70}})
}

// What is left of a day's money takes the place of what is refunded on the very day on which it came.
func TestWhereMoneyMeetsLateRefunds(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 5, 60), owes("B", 1, 6, 50), names(free("P", 5, 50), "B"), credit.Refund{ID: "F", PaymentID: "P", Day: 4, Amount: 50}, free("Q", 5, 120), owes("D", 6, 9, 10)},
		[]document{free("Q", 5, 80)}, []document{free("Q", 5, 90)})
}

// What is left now of former days takes the place of what is refunded, before anything of the day pays that.
func TestWhereMoneyMeetsRefunds(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 5, 100), free("P", 2, 100), owes("B", 1, 6, 50), names(free("Q", 2, 50), "B"),
		credit.Refund{ID: "F", PaymentID: "Q", Day: 5, Amount: 50}, names(free("R", 5, 50), "B")},
		[]document{owes("A", 1, 5, 60)})
}

// What comes back, or is credited, of an order that is billed in part lowers its invoices, too.
func TestWhereMoneyOfInvoicesGoes(t *testing.T) {
	first := []document{owes("A", 1, 5, 100), credit.Invoice{ID: "I", Day: 1, Due: 4, HasDue: true, Amount: 60, Orders: []credit.Share{{OrderID: "A", Amount: 60}}},
		free("P", 2, 100), owes("B", 6, 9, 90), credit.Invoice{ID: "K", Day: 1, Due: 4, HasDue: true, Amount: 20}, free("Q", 3, 20)}
	for _, amount := range []int64{20, 70} {
		rewritten(t, first, []document{credit.Return{ID: "R", OrderID: "A", Day: 6, Amount: amount}})
		rewritten(t, append(first, owes("E", 1, 4, 50), free("S", 3, 50)), []document{credit.Return{ID: "R", OrderID: "E", InvoiceID: "K", Day: 6, Amount: amount}})
		rewritten(t, first, []document{credit.Adjustment{ID: "N", InvoiceID: "A", Kind: credit.CreditNote, Day: 6, Amount: amount}})
	}
}

// A payment of an order that was amended since is refunded where it is now, and once, whatever is gone back to.
func TestWhereAmendedOrdersAreRefunded(t *testing.T) {
	first := []document{owes("A", 1, 5, 100), names(free("P", 2, 100), "A"), owes("B", 3, 6, 40), owes("D", 9, 12, 10), owes("E", 8, 12, 10)}
	rewritten(t, first, []document{owes("A", 1, 4, 100)}, []document{credit.Refund{ID: "F", PaymentID: "P", Day: 9, Amount: 40}})
	rewritten(t, first, []document{owes("A", 1, 4, 100)}, []document{credit.Refund{ID: "F", PaymentID: "P", Day: 9, Amount: 40}},
		[]document{credit.Return{ID: "R", OrderID: "A", Day: 1, Amount: 10}}, []document{credit.Refund{ID: "G", PaymentID: "P", Day: 9, Amount: 60}})
}

// Where little is left of an item that is as good as settled, what a return makes free stops there.
func TestWhereToleranceIsKept(t *testing.T) {
	cfg := config
	cfg.Tolerance = 15
	docs := []document{owes("A", 1, 5, 180), names(free("P", 2, 90), "A"), names(free("Q", 3, 90), "A"), owes("B", 4, 6, 100), owes("D", 4, 7, 70)}
	rewrittenBy(t, cfg, docs, []document{credit.Return{ID: "R", OrderID: "A", Day: 4, Amount: 180}})
}

// Money that a return makes free, and that goes back on the day, was there all the same.
func TestWhereFreeMoneyWentBack(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("Q", 2, 100), "A"), credit.Return{ID: "R", OrderID: "A", Day: 4, Amount: 30},
		credit.Refund{ID: "F", PaymentID: "Q", Day: 4, Amount: 30}, credit.Order{ID: "C", Day: 6, Amount: 5}, names(free("S", 6, 5), "C")},
		[]document{owes("Z", 4, 9, 30)})
}

// What free money of the last day has paid, and no longer does, is as if the day had not touched it.
func TestWhereTheLastDayDoesNothingAnyMore(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 9, 100), free("P", 5, 40), credit.Order{ID: "C", Day: 5, Amount: 5}, names(free("S", 5, 5), "C")},
		[]document{gone{free("P", 5, 40)}}, []document{names(free("Q", 5, 30), "A")})
}

// What an earlier refund has left of a payment pays an order that comes late, on a day on which free money had done nothing, and a later refund finds that.
func TestWhereMoneyOfARefundedPaymentGoes(t *testing.T) {
	rewritten(t, []document{free("M", 3, 100), credit.Refund{ID: "F1", PaymentID: "M", Day: 4, Amount: 40}, credit.Order{ID: "C", Day: 6, Amount: 5}, names(free("Q", 6, 5), "C")},
		[]document{owes("Z", 6, 10, 60)},
		[]document{credit.Refund{ID: "F2", PaymentID: "M", Day: 9, Amount: 60}})
}

// A return of what has come back already changes nothing, but what goes on takes the days before it as decided.
func TestWhereDaysAreDecidedByAReturn(t *testing.T) {
	k := keeper{clerk: clerk{cfg: config}}
	k.settler.JournalFrom = 1
	for _, d := range []document{owes("A", 0, 5, 100), free("P", 5, 150), owes("C", 1, 3, 10), credit.Return{ID: "R0", OrderID: "C", Day: 2, Amount: 10},
		credit.Order{ID: "cash", Day: 7, Amount: 5}, names(free("S", 7, 5), "cash")} {
		add(&k.book, d)
	}
	k.running = k.settler.Run(&k.book, k.cfg)
	for _, d := range []document{credit.Return{ID: "R", OrderID: "C", Day: 7, Amount: 10}, owes("B", 4, 9, 50)} {
		k.take(d)
		k.settled(t, d)
	}
}

// What a return made free went back on the day: when other free money of the day is gone, there was some all the same.
func TestWhereFreeMoneyWentBackAndOtherIsGone(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 5, 100), names(free("Q", 2, 100), "A"), credit.Return{ID: "R", OrderID: "A", Day: 4, Amount: 30},
		credit.Refund{ID: "F", PaymentID: "Q", Day: 4, Amount: 30}, free("P", 4, 20), credit.Order{ID: "C", Day: 6, Amount: 5}, names(free("S", 6, 5), "C")},
		[]document{gone{free("P", 4, 20)}})
}

// Who paid what comes back is known when it is known what was free on that day: another return that is told with it may have changed that.
func TestWhereLateReturnsMeet(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 20, 100), names(free("PA", 2, 100), "A"), owes("C", 1, 5, 60), owes("B", 4, 6, 100),
		free("P1", 5, 50), free("P2", 5, 50), owes("D3", 3, 20, 10), owes("D6", 6, 20, 10), owes("D", 9, 20, 10)},
		[]document{credit.Return{ID: "R1", OrderID: "A", Day: 3, Amount: 40}, credit.Return{ID: "R2", OrderID: "B", Day: 6, Amount: 100}})
}

// Once money has been said to be somebody's, as where a late return makes it free, nothing can come before it unseen.
func TestWhereMoneyComesBeforeWhatCameBack(t *testing.T) {
	rewritten(t, []document{owes("A", 1, 20, 100), free("P1", 2, 50), free("P2", 2, 50), owes("D3", 3, 20, 10), owes("D", 9, 8, 10), names(free("PD", 9, 10), "D")},
		[]document{credit.Return{ID: "R", OrderID: "A", Day: 3, Amount: 30}},
		[]document{free("P0", 2, 50)})
}

// What a day has changed of an item is known again when a later day on which the item changed is there no more: what is then said of the day is
// found to be neither the first nor the last of it.
func TestLaterDayIsGone(t *testing.T) {
	billed := []document{
		credit.Order{ID: "O", Day: 1, Amount: 100, InvoiceExpected: true},
		credit.Invoice{ID: "I", Day: 1, Due: 9, HasDue: true, Amount: 100, Orders: []credit.Share{{OrderID: "O"}}},
	}
	pays := func(id string, day civil.Day, amount int64) credit.Payment {
		p := free(id, day, amount)
		p.Allocations = []credit.Allocation{{Ref: credit.Ref{Invoice: true, ID: "I"}}}
		return p
	}
	// paid on the day on which it opens, and no more: free money finds it
	rewritten(t, append(billed, pays("P", 2, 100)), []document{gone{pays("P", 2, 100)}}, []document{pays("Q", 1, 100)}, []document{gone{pays("Q", 1, 100)}},
		[]document{free("X", 3, 100)})
	// paid before what paid it on that day already, which is what becomes free first
	rewritten(t, append(billed, pays("R", 1, 40), pays("S", 2, 20)), []document{gone{pays("S", 2, 20)}}, []document{pays("Q", 1, 40)},
		[]document{credit.Return{ID: "X", InvoiceID: "I", Day: 3, Amount: 60}})
}
