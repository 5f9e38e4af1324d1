// Package credit computes how a customer pays: a ledger settled from the documents, ageing, promptness and DSO.
//
// Settle is a function of the set of documents, so the order in which they came can't be seen. OpenOrder and
// TakePayment append to a ledger where the result is what Settle would give, and Running does so for books with invoices.
// docs/credit.md is the manual, rule by rule.
package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Ref names an order, or an invoice, by its business id, whatever system it comes from. Where several systems use the
// id, it means the one of the document that refers, else the first by source (register.Meant).
type Ref struct {
	Invoice bool
	ID      string
}

// RefKind says what a Ref is known to be.
type RefKind int

// Kinds of references: to nothing that is known yet, to a cash order, to an order on credit, to an issued invoice, to an
// order that is cancelled or an invoice that is void, to a document of another currency.
const (
	RefUnknown RefKind = iota
	RefCash
	RefCredit
	RefInvoice
	RefGone
	RefForeign
)

// Standing says whether a document counts. References mean the others too: a system means its own document, whatever
// has become of it.
type Standing int8

// An order is awaited while it has only been amended. What is cancelled or void is gone.
const (
	Live Standing = iota
	Awaited
	Gone
)

// Order is an order. Of one that isn't live, only Source, ID and Standing count. Amount is payable, tax and freight
// included.
type Order struct {
	Source, ID      string
	Standing        Standing
	Day             civil.Day
	Amount          int64
	Credit          bool // it has terms: it is due on Due
	Due             civil.Day
	OldDue          civil.Day // where HasOld: had passed when Due was given
	HasOld          bool
	InvoiceExpected bool // commitment until invoices name it
	Rate            fx.Rate
}

// dueDay is Due, unless it was given too late and the policy doesn't forgive that.
func (o *Order) dueDay(cfg Config) civil.Day {
	if o.HasOld && !cfg.Forgive {
		return o.OldDue
	}
	return o.Due
}

// known is what counts of an order.
func (o *Order) known(cfg Config) Order {
	if o.Standing != Live {
		return Order{Source: o.Source, ID: o.ID, Standing: o.Standing}
	}
	k := *o
	k.Due = o.dueDay(cfg)
	return k
}

// OnCredit says that a live order is no cash order.
func (o *Order) OnCredit() bool { return o.Credit || o.InvoiceExpected }

// Share is what an invoice bills of an order; Amount 0: all of it.
type Share struct {
	OrderID string
	Amount  int64
}

// Invoice is an invoice. Of one that is Gone, only Source and ID count; none is Awaited.
type Invoice struct {
	Source, ID string
	Standing   Standing
	Day, Due   civil.Day
	HasDue     bool     // else that of the first order with terms that it names, else Day
	Old        []OldDue // what it said of that before, oldest first
	Amount     int64
	Orders     []Share
	Rate       fx.Rate
}

// OldDue is the due day that an invoice was given on a day, as Due and HasDue.
type OldDue struct {
	On, Due civil.Day
	HasDue  bool
}

// Return is goods that came back. Without an OrderID and an InvoiceID it is not linked, and no matter of credit.
type Return struct {
	Source, ID         string
	OrderID, InvoiceID string
	Day                civil.Day
	Amount             int64
	Currency           fx.Code
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
	Bill        bool // a trade bill, which matures on Matures
	Matures     civil.Day
	Rate        fx.Rate
}

func (p *Payment) key() docKey { return docKey{p.ID, p.Source} }

// Refund is money that went back to the customer.
type Refund struct {
	Source, ID               string
	PaymentID, PaymentSource string
	Day                      civil.Day
	Amount                   int64
	Currency                 fx.Code // its payment's, or it takes nothing back
}

// AdjustmentKind says what an adjustment does to an item.
type AdjustmentKind int32

// Kinds of adjustments, by their numbers in the contract.
const (
	Opening    AdjustmentKind = iota + 1 // what was open when the books were taken over
	DebitNote                            // more is owed
	CreditNote                           // less is owed
	WriteOff                             // it is owed, and won't be paid
	Recovery                             // money for what was written off
	Netting                              // set off against what the customer is owed
	Rounding                             // less is owed, by a little
)

// lowers says that it takes from what is owed, and is no payment.
func (k AdjustmentKind) lowers() bool { return k == CreditNote || k == Rounding }

// Adjustment changes what is owed under an invoice's id without goods or money moving.
type Adjustment struct {
	Source, ID string
	InvoiceID  string
	Kind       AdjustmentKind
	Day, Due   civil.Day
	HasDue     bool // Due counts for what is an item of its own
	Amount     int64
	Rate       fx.Rate
}

// Dispute says that the customer contests an amount of the invoice of an id; 0: all of it. One that is over is in no book.
type Dispute struct {
	Source, ID string // of the invoice
	Amount     int64
	Currency   fx.Code // of Amount
}

// Promise is what a customer has promised on Day to pay of an invoice, up to and including By; 0: all of it. One that was
// replaced by another in time is in no book.
type Promise struct {
	Source, ID string // of the invoice
	Day, By    civil.Day
	Amount     int64
	Currency   fx.Code // of Amount
}

// Book is all documents of a customer that count, each (source, id) of a kind once, an adjustment once per invoice's id,
// in any order. Amounts are minor units of each document's currency.
type Book struct {
	Orders      []Order
	Invoices    []Invoice
	Returns     []Return
	Payments    []Payment
	Refunds     []Refund
	Adjustments []Adjustment
	Disputes    []Dispute
	Promises    []Promise
	Failures    []civil.Day // of attempts to pay that failed
}

// size is the number of documents.
func (b *Book) size() int {
	return len(b.Orders) + len(b.Invoices) + len(b.Returns) + len(b.Payments) + len(b.Refunds) + len(b.Adjustments) + len(b.Disputes) + len(b.Promises)
}
