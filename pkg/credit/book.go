// Package credit computes how a customer pays: a ledger settled from the documents, ageing, promptness and DSO.
package credit

import "github.com/tierstream/tierstream/pkg/civil"

// Ref names an order, or an invoice, by its business id, whatever system it comes from.
type Ref struct {
	Invoice bool
	ID      string
}

// RefKind says what a Ref is known to be.
type RefKind int

// Kinds of references.
const (
	RefUnknown RefKind = iota
	RefCash
	RefCredit
)

// Order is a live order. Amount is payable, tax and freight included.
type Order struct {
	Source, ID      string
	Day             civil.Day
	Amount          int64
	Credit          bool // not a cash order
	Due             civil.Day
	InvoiceExpected bool
}

// Share is what an invoice bills of an order; Amount 0: all of it.
type Share struct {
	OrderID string
	Amount  int64
}

// Invoice is an issued invoice.
type Invoice struct {
	Source, ID string
	Day, Due   civil.Day
	HasDue     bool
	Amount     int64
	Orders     []Share
}

// Return is goods that came back.
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

// Payment is money that came in, after reversals.
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

// Book is all documents of a customer that count.
type Book struct {
	Orders   []Order
	Invoices []Invoice
	Returns  []Return
	Payments []Payment
	Refunds  []Refund
}
