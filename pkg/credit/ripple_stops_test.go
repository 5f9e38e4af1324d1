package credit_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// billedAs is an order of 100 with its invoice, both of a day.
func billedAs(id string, day, due civil.Day) []document {
	return []document{
		credit.Order{ID: id, Day: day, Due: due, Amount: 100, Credit: true, InvoiceExpected: true},
		credit.Invoice{ID: "I" + id, Day: day, Due: due, HasDue: true, Amount: 100, Orders: []credit.Share{{OrderID: id}}},
	}
}

// each is a payment for several invoices, of each so much.
func each(id string, day civil.Day, invoices ...string) credit.Payment {
	p := credit.Payment{ID: id, ValueDay: day}
	for _, v := range invoices {
		p.Amount += 100
		p.Allocations = append(p.Allocations, credit.Allocation{Ref: credit.Ref{Invoice: true, ID: v}, Amount: 100})
	}
	return p
}

// debit is a note that raises an invoice.
func debit(id, invoice string, day civil.Day, amount int64) credit.Adjustment {
	return credit.Adjustment{ID: id, InvoiceID: invoice, Kind: credit.DebitNote, Day: day, Amount: amount}
}

// What comes late of the ordinary trade of a customer who is billed is followed, as far as that goes, and comes to what the plain settlement gives.
func TestWhatIsBilledIsFollowed(t *testing.T) {
	discounted := each("P", 4, "IA")
	discounted.Amount, discounted.Allocations[0].Amount, discounted.Allocations[0].Discount = 97, 97, 3
	bank := each("P", 3, "IC")
	for name, c := range map[string]struct {
		first, then []document
		empty       int
	}{
		"an order with its invoice":          {nil, billedAs("C", 2, 3), 0},
		"its invoice":                        {billedAs("C", 2, 3)[:1], billedAs("C", 2, 3)[1:], 0},
		"a payment of two":                   {append(billedAs("C", 2, 3), billedAs("D", 2, 3)...), []document{each("P", 3, "IC", "ID")}, 0},
		"a payment of two, one of them paid": {append(billedAs("C", 2, 3), each("Q", 3, "IC")), []document{each("P", 3, "IC", "IA")}, 0},
		"a discount":                         {nil, []document{discounted}, 0},
		"an invoice after its payment":       {append(billedAs("C", 2, 3)[:1], bank), billedAs("C", 2, 3)[1:], 0},
		"one that opens after its payment":   {append(billedAs("C", 2, 3)[:1], names(free("P", 3, 100), "C")), billedAs("C", 4, 5)[1:], 0},
		"one after all of another payment":   {append(billedAs("C", 2, 3)[:1], names(free("P", 3, 130), "C")), billedAs("C", 4, 5)[1:], 0},
		"what waits goes on waiting":         {[]document{names(free("P", 3, 100), "C")}, billedAs("C", 2, 3)[:1], 0},
		"a return by its order":              {append(billedAs("C", 2, 3), each("P", 3, "IC")), []document{credit.Return{ID: "R", OrderID: "C", Day: 4, Amount: 40}}, 0},
		"a payment that bounces":             {append(billedAs("C", 2, 3), each("P", 3, "IC", "IA")), []document{gone{each("P", 3, "IC", "IA")}}, 0},
		"an invoice that is void":            {append(billedAs("C", 2, 3), each("P", 3, "IC")), []document{credit.Invoice{ID: "IC", Day: 2, Due: 3, Standing: credit.Gone, Amount: 100}}, 0},
		"a debit note":                       {append(billedAs("C", 2, 3), each("P", 3, "IC")), []document{debit("N", "IC", 4, 30)}, 0},
		"a debit note of today":              {billedAs("C", 2, 9), []document{debit("N", "IC", 6, 30)}, 0},
		"a debit note by its order":          {append(billedAs("C", 2, 3), each("P", 4, "IC")), []document{debit("N", "C", 3, 30)}, 0},
		"a debit note on an order":           {[]document{owes("C", 2, 3, 100)}, []document{debit("N", "C", 4, 30)}, 0},
		"a day on which nothing was":         {nil, []document{free("P", 5, 100)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			first := append(append(billedAs("A", 1, 7), billedAs("B", 2, 8)...), owes("Y", 3, 9, 10), free("F", 4, 50), free("G", 6, 60), owes("Z", 6, 9, 100))
			followed(t, append(first, c.first...), c.then, c.empty)
		})
	}
}

// followed tells a journal of what comes, which it follows to the end: it settles nothing again but days on which nothing was.
func followed(t *testing.T, first, then []document, empty int) {
	t.Helper()
	cfg := credit.Config{WindowDays: 90, PromptnessDays: 90, DSODays: 90}
	b := bookOf(first)
	j := credit.NewJournal(&b, cfg)
	docs, touched := told(slices.Clone(first), then)
	ran := j.Ran()
	if !j.Rewrite(changesOf(touched, docs)) || j.Followed() == 0 || j.Ran()-ran > empty {
		t.Errorf("%d followed, %d days settled again", j.Followed(), j.Ran()-ran)
	}
	if got, want := j.Ledger(), credit.PlainSettle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if wrong := undone(j, docs, cfg); wrong != "" {
		t.Error(wrong)
	}
}
