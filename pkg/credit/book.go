// Package credit computes how a customer pays: a ledger settled from the documents, ageing, promptness and DSO.
//
// Settle is a function of the set of documents, so the order in which they came can't be seen. OpenOrder and
// TakePayment append to a ledger where the result is what Settle would give, and Running does so for books with invoices. docs/credit.md is the manual, rule by rule.
package credit

import "github.com/tierstream/tierstream/pkg/civil"

// Ref names an order, or an invoice, by its business id, whatever system it comes from. Where several systems use the
// id, it means the one of the document that refers, else the first by source.
type Ref struct {
	Invoice bool
	ID      string
}

// RefKind says what a Ref is known to be.
type RefKind int

// Kinds of references: to nothing that is known yet, to a cash order, to an order on credit, to an issued invoice.
const (
	RefUnknown RefKind = iota
	RefCash
	RefCredit
	RefInvoice
)

// Order is a live order: one that is cancelled is in no book. Amount is payable, tax and freight included.
type Order struct {
	Source, ID      string
	Day             civil.Day
	Amount          int64
	Credit          bool // not a cash order
	Due             civil.Day
	InvoiceExpected bool // commitment until invoices name it; such an order is on Credit
}

// Share is what an invoice bills of an order; Amount 0: all of it.
type Share struct {
	OrderID string
	Amount  int64
}

// Invoice is an issued invoice, not voided.
type Invoice struct {
	Source, ID string
	Day, Due   civil.Day
	HasDue     bool // else that of the first order with terms that it names, else Day
	Amount     int64
	Orders     []Share
}

// Return is goods that came back. Without an OrderID and an InvoiceID it is not linked, and no matter of credit.
type Return struct {
	Source, ID         string
	OrderID, InvoiceID string
	Day                civil.Day
	Amount             int64
}

// Allocation is what a payment names; Amount and Discount 0: as much as the item needs.
type Allocation struct {
	Ref              Ref
	Amount, Discount int64
}

// Payment is money that came in. Amount is what reversals left of it; one wholly reversed is in no book.
type Payment struct {
	Source, ID  string
	ValueDay    civil.Day
	Amount      int64
	Allocations []Allocation
}

// Refund is money that went back to the customer.
type Refund struct {
	Source, ID               string
	PaymentID, PaymentSource string
	Day                      civil.Day
	Amount                   int64
}

// Book is all documents of a customer that count, each (source, id) of a kind once, in any order.
type Book struct {
	Orders   []Order
	Invoices []Invoice
	Returns  []Return
	Payments []Payment
	Refunds  []Refund
}
