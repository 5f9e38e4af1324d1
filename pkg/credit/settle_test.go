package credit_test

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// Settle gives what the plain settlement gives, to the last field, whatever the documents.
func TestSettleIsThePlainSettlement(t *testing.T) {
	var settler credit.Settler // the same for all, so that nothing of one book is found in the next
	rapid.Check(t, func(t *rapid.T) {
		var b credit.Book
		for range rapid.IntRange(1, 3).Draw(t, "times") { // long books and short ones
			for _, d := range drawDocuments(t, allKinds...) {
				if !has(b, d) {
					add(&b, d)
				}
			}
		}
		cfg := config2.Draw(t, "config")
		if got, want := settler.Settle(&b, cfg), credit.PlainSettle(b, cfg); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\n got %+v\nwant %+v", b, got, want)
		}
	})
}

// has says that a book has a document of the kind under its source and id.
func has(b credit.Book, d document) bool {
	of := func(list, d any) bool {
		for l, v := reflect.ValueOf(list), reflect.ValueOf(d); l.Len() > 0; l = l.Slice(1, l.Len()) {
			if l.Index(0).FieldByName("ID").Equal(v.FieldByName("ID")) && l.Index(0).FieldByName("Source").Equal(v.FieldByName("Source")) {
				return true
			}
		}
		return false
	}
	switch d.(type) {
	case credit.Order:
		return of(b.Orders, d)
	case credit.Invoice:
		return of(b.Invoices, d)
	case credit.Return:
		return of(b.Returns, d)
	case credit.Payment:
		return of(b.Payments, d)
	case credit.Adjustment:
		return of(b.Adjustments, d)
	case credit.Dispute:
		return of(b.Disputes, d)
	case credit.Promise:
		return of(b.Promises, d)
	}
	return of(b.Refunds, d)
}

// BenchmarkSettle is a customer of twenty invoiced orders, of whom fifteen are paid: 55 documents.
func BenchmarkSettle(b *testing.B) {
	var book credit.Book
	for n := range 20 {
		order, invoice, day := fmt.Sprintf("SO%04d", n), fmt.Sprintf("I%04d", n), civil.Day(5*n)
		book.Orders = append(book.Orders, credit.Order{ID: order, Day: day, Amount: 1000, Credit: true, InvoiceExpected: true})
		book.Invoices = append(book.Invoices, credit.Invoice{ID: invoice, Day: day + 1, HasDue: true, Due: day + 31, Amount: 1000, Orders: []credit.Share{{OrderID: order}}})
		if n < 15 {
			book.Payments = append(book.Payments, credit.Payment{ID: fmt.Sprintf("P%04d", n), ValueDay: day + 30, Amount: 1000,
				Allocations: []credit.Allocation{{Ref: credit.Ref{Invoice: true, ID: invoice}}}})
		}
	}
	b.ReportAllocs()
	var settler credit.Settler
	for b.Loop() {
		settler.Settle(&book, config)
	}
}
