package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/register"
)

// desk is what a book is written on and settled with, again and again.
type desk struct {
	credit.Settler
	book        credit.Book
	shares      []credit.Share
	allocations []credit.Allocation
	told        []credit.Change // see changes
}

// desk is one that nobody sits at.
func (e *environment) desk() *desk {
	if d, ok := e.desks.Get().(*desk); ok {
		return d
	}
	return &desk{Settler: credit.Settler{JournalFrom: e.journalFrom}}
}

// run settles all documents of a customer, in the memory of a settlement that has refused one, if there is one. They are in no order:
// credit.Settle has its own.
func (c *customer) run(refused *credit.Running, env environment) *credit.Running {
	d := env.desk()
	defer env.desks.Put(d)
	d.write(&c.registers, env.calendar)
	return d.RunAgain(refused, &d.book, env.policy.Credit)
}

func (d *desk) write(r *registers, calendar civil.Calendar) {
	d.clear()
	for id, s := range r.orders {
		d.orders(id, s, calendar)
	}
	for id, s := range r.invoices {
		d.invoices(id, s, calendar)
	}
	for id, s := range r.returns {
		d.returns(id, s, calendar)
	}
	for id, s := range r.payments {
		bookPayments(&d.book, id, s, calendar, &d.allocations)
		d.book.Failures = append(d.book.Failures, failedOn(s, calendar)...)
	}
}

func (d *desk) clear() {
	b := &d.book
	*b = credit.Book{Orders: b.Orders[:0], Invoices: b.Invoices[:0], Payments: b.Payments[:0], Adjustments: b.Adjustments[:0]}
	d.shares, d.allocations = d.shares[:0], d.allocations[:0]
}

func (d *desk) orders(id string, s *codec.OrderSlot, calendar civil.Calendar) {
	for i := range s.Entries {
		d.book.Orders = append(d.book.Orders, creditOrder(&s.Entries[i].Body, s.Entries[i].Source, id, calendar))
	}
}

func (d *desk) invoices(id string, s *codec.InvoiceSlot, calendar civil.Calendar) {
	for i := range s.Entries {
		d.book.Invoices = append(d.book.Invoices, invoice(&s.Entries[i].Body, s.Entries[i].Source, id, calendar, &d.shares))
	}
	bookRemarks(&d.book, id, &s.Remarks, calendar)
}

func (d *desk) returns(id string, s *codec.ReturnSlot, calendar civil.Calendar) {
	for _, e := range s.Entries {
		d.book.Returns = append(d.book.Returns, creditReturn(e.Body, e.Source, id, calendar))
	}
}

// changes are the documents of what has changed since the journal was told, in the order of their names. They are good until the desk is
// written on again.
func (d *desk) changes(r *registers, calendar civil.Calendar) []credit.Change {
	slices.SortFunc(r.since, compareNames)
	r.since = slices.Compact(r.since)
	d.clear()
	d.told = d.told[:0]
	for _, n := range r.since {
		if x, is := d.change(r, n, calendar); is {
			d.told = append(d.told, x)
		}
	}
	return d.told
}

// change is the documents of a register; false: it is of none that are settled.
func (d *desk) change(r *registers, n registerName, calendar civil.Calendar) (x credit.Change, is bool) {
	b := &d.book
	was := *b
	switch x.ID = n.id; n.prefix {
	case orderPrefix:
		d.orders(n.id, r.orders[n.id], calendar)
		x.Kind, x.Book.Orders = credit.OfOrders, since(was.Orders, b.Orders)
	case invoicePrefix:
		d.invoices(n.id, r.invoices[n.id], calendar)
		x.Kind, x.Book.Invoices, x.Book.Adjustments = credit.OfInvoices, since(was.Invoices, b.Invoices), since(was.Adjustments, b.Adjustments)
		x.Book.Disputes, x.Book.Promises = since(was.Disputes, b.Disputes), since(was.Promises, b.Promises)
	case returnPrefix:
		d.returns(n.id, r.returns[n.id], calendar)
		x.Kind, x.Book.Returns = credit.OfReturns, since(was.Returns, b.Returns)
	case paymentPrefix:
		bookPayments(b, n.id, r.payments[n.id], calendar, &d.allocations)
		x.Kind, x.Book.Payments, x.Book.Refunds = credit.OfPayments, since(was.Payments, b.Payments), since(was.Refunds, b.Refunds)
	default:
		return x, false
	}
	return x, true
}

// since is what a list has more than it had.
func since[T any](was, list []T) []T { return list[len(was):len(list):len(list)] }

// invoice is an invoice as the ledger sees it, its shares appended to a list that many have in common.
func invoice(i *register.Invoice, source, id string, calendar civil.Calendar, shares *[]credit.Share) credit.Invoice {
	doc, at, ok := i.Live()
	if !ok {
		return credit.Invoice{Source: source, ID: id, Standing: credit.Gone}
	}
	out := credit.Invoice{Source: source, ID: id, Day: calendar.DayOf(at), Due: doc.Due, HasDue: doc.HasDue, Amount: doc.Amount, Rate: doc.Rate}
	for _, d := range i.Replaced() {
		out.Old = append(out.Old, credit.OldDue{On: calendar.DayOf(d.Version.OccurredAt), Due: d.Due, HasDue: d.HasDue})
	}
	from := len(*shares)
	for _, o := range doc.Orders {
		*shares = append(*shares, credit.Share{OrderID: o.OrderID, Amount: o.Amount})
	}
	out.Orders = (*shares)[from:len(*shares):len(*shares)]
	return out
}

// bookRemarks adds what is said of the invoices of one business id.
func bookRemarks(b *credit.Book, id string, r *register.Remarks, calendar civil.Calendar) {
	for i := range r.Adjustments {
		b.Adjustments = append(b.Adjustments, creditAdjustment(&r.Adjustments[i], id, calendar))
	}
	for _, d := range r.Disputes {
		if !d.Resolved {
			b.Disputes = append(b.Disputes, credit.Dispute{Source: d.Source, ID: id, Amount: d.Amount, Currency: d.Currency})
		}
	}
	for _, p := range r.Standing(calendar) {
		b.Promises = append(b.Promises, credit.Promise{Source: p.Source, ID: id, Day: calendar.DayOf(p.Version.OccurredAt), By: p.By, Amount: p.Amount, Currency: p.Currency})
	}
}

// creditAdjustment is an adjustment of the invoice of an id as the ledger sees it.
func creditAdjustment(a *register.Adjustment, id string, calendar civil.Calendar) credit.Adjustment {
	return credit.Adjustment{Source: a.Source, ID: a.ID, InvoiceID: id, Kind: credit.AdjustmentKind(a.Kind),
		Day: calendar.DayOf(a.Version.OccurredAt), Due: a.Due, HasDue: a.HasDue, Amount: a.Amount, Rate: a.Rate}
}

func creditReturn(r register.Return, source, id string, calendar civil.Calendar) credit.Return {
	return credit.Return{Source: source, ID: id, OrderID: r.OrderID, InvoiceID: r.InvoiceID, Amount: r.Amount, Day: calendar.DayOf(r.Version.OccurredAt),
		Currency: r.Rate.Code}
}

// bookPayments adds the payments of one business id, less what took each back.
func bookPayments(b *credit.Book, id string, s *codec.PaymentSlot, calendar civil.Calendar, allocations *[]credit.Allocation) {
	for i := range s.Entries {
		e, own := &s.Entries[i], register.Takebacks{}
		for _, r := range s.Reversals {
			if meant(s.Entries, r.Source).Source == e.Source && (r.Amount == 0 || r.Currency == e.Body.Doc.Rate.Code) {
				own.Reversals = append(own.Reversals, r)
			}
		}
		left := own.Effective(e.Body.Doc.Amount)
		if left <= 0 {
			continue // nothing is left to be refunded either
		}
		b.Payments = append(b.Payments, payment(e.Source, id, &e.Body, left, calendar, allocations))
		for _, r := range s.Refunds {
			if meant(s.Entries, r.Source).Source == e.Source {
				b.Refunds = append(b.Refunds, credit.Refund{Source: r.Source, ID: r.ID, PaymentID: id, PaymentSource: e.Source, Amount: r.Amount, Day: calendar.DayOf(r.Version.OccurredAt),
					Currency: r.Currency})
			}
		}
	}
}
