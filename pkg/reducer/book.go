package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/register"
)

// book is all documents of a customer that count, from every register.
func (c *customer) book(calendar civil.Calendar) credit.Book {
	var b credit.Book
	for _, id := range sortedKeys(c.registers.orders) {
		for _, e := range c.registers.orders[id].Entries {
			if o, ok := creditOrder(e.Body, e.Source, id, calendar); ok {
				b.Orders = append(b.Orders, o)
			}
		}
	}
	for _, id := range sortedKeys(c.registers.invoices) {
		for _, e := range c.registers.invoices[id].Entries {
			if i, ok := invoice(e.Body, e.Source, id, calendar); ok {
				b.Invoices = append(b.Invoices, i)
			}
		}
	}
	for _, id := range sortedKeys(c.registers.returns) {
		for _, e := range c.registers.returns[id].Entries {
			b.Returns = append(b.Returns, creditReturn(e.Body, e.Source, id, calendar))
		}
	}
	for _, id := range sortedKeys(c.registers.payments) {
		bookPayments(&b, id, c.registers.payments[id], calendar)
	}
	return b
}

func invoice(i register.Invoice, source, id string, calendar civil.Calendar) (credit.Invoice, bool) {
	doc, at, ok := i.Live()
	out := credit.Invoice{Source: source, ID: id, Day: calendar.DayOf(at), Due: doc.Due, HasDue: doc.HasDue, Amount: doc.Amount}
	for _, o := range doc.Orders {
		out.Orders = append(out.Orders, credit.Share{OrderID: o.OrderID, Amount: o.Amount})
	}
	return out, ok
}

func creditReturn(r register.Return, source, id string, calendar civil.Calendar) credit.Return {
	return credit.Return{Source: source, ID: id, OrderID: r.OrderID, InvoiceID: r.InvoiceID, Amount: r.Amount, Day: calendar.DayOf(r.Version.OccurredAt)}
}

// bookPayments adds the payments of one business id, less what took each back.
func bookPayments(b *credit.Book, id string, s *codec.PaymentSlot, calendar civil.Calendar) {
	for _, e := range s.Entries {
		own := register.Takebacks{}
		for _, r := range s.Reversals {
			if o, _ := owner(s.Entries, r.Source); o == e.Source {
				own.Reversals = append(own.Reversals, r)
			}
		}
		if left := own.Effective(e.Body.Doc.Amount); left > 0 {
			b.Payments = append(b.Payments, payment(e.Source, id, e.Body, left, calendar))
		}
		for _, r := range s.Refunds {
			if o, _ := owner(s.Entries, r.Source); o == e.Source {
				b.Refunds = append(b.Refunds, credit.Refund{Source: r.Source, ID: r.ID, PaymentID: id, PaymentSource: e.Source, Amount: r.Amount, Day: calendar.DayOf(r.Version.OccurredAt)})
			}
		}
	}
}
