package loadgen

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// books are what a reader of all well-formed lines knows, each event once.
type books struct {
	t      rapid.TB
	cfg    Config
	end    time.Time
	events []event
	orders map[string]*kept
	bills  map[string]*kept
	income map[string]event // payments received, by id
}

// kept is a document and what later events say of it.
type kept struct {
	customer  string
	versions  []event
	last      event // of the highest revision
	amount    int64 // of it
	most      int64 // of any revision
	goods     int64 // of it: without freight
	credit    bool
	cancelled bool
	returned  int64
	paid      int64 // by payments that name it, less reversals
	billed    int
}

func (tr *trade) books(t rapid.TB) *books {
	b := &books{
		t: t, cfg: tr.cfg, end: tr.cfg.Start.Add(time.Duration(tr.cfg.Days) * 24 * time.Hour),
		orders: map[string]*kept{}, bills: map[string]*kept{}, income: map[string]event{},
	}
	for i, l := range tr.lines {
		if l.Reason == "" && !l.Duplicate {
			b.events = append(b.events, tr.events[i])
		}
	}
	for _, e := range b.events {
		b.note(e)
	}
	for _, o := range b.orders {
		o.settleVersions()
	}
	return b
}

func (b *books) note(e event) {
	switch {
	case e.Placed != nil, e.Amended != nil, e.Cancelled != nil:
		if b.orders[e.OrderID] == nil {
			b.orders[e.OrderID] = &kept{customer: e.CustomerID}
		}
		b.orders[e.OrderID].versions = append(b.orders[e.OrderID].versions, e)
	case e.Issued != nil:
		b.bills[e.InvoiceID] = &kept{
			customer: e.CustomerID, last: e, amount: e.Issued.AmountMinor, most: e.Issued.AmountMinor, credit: true,
		}
	case e.Received != nil:
		b.income[e.PaymentID] = e
	}
}

func (o *kept) settleVersions() {
	slices.SortFunc(o.versions, func(a, b event) int { return a.Revision - b.Revision })
	var freight int64
	for _, e := range o.versions {
		switch {
		case e.Placed != nil:
			o.amount, freight = e.Placed.AmountMinor, e.Placed.FreightMinor
			o.credit = e.Placed.TermsDays > 0
		case e.Amended != nil:
			o.amount = e.Amended.AmountMinor
		default:
			o.cancelled = true
		}
		o.last, o.most, o.goods = e, max(o.most, o.amount), o.amount-freight
	}
}

// recent says that something that an event names may not have arrived before the end.
func (b *books) recent(e event) bool { return b.end.Sub(at(b.t, e.OccurredAt)) <= 8*24*time.Hour }

// The books agree however often things happen.
func TestBooksAgreeUnderAnyShares(t *testing.T) {
	share := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 500), rapid.IntRange(0, Whole))
	days := rapid.OneOf(rapid.IntRange(1, 60), rapid.IntRange(200, 700))
	rapid.Check(t, func(t *rapid.T) {
		cfg := Default()
		cfg.Customers, cfg.Days = rapid.IntRange(1, 12).Draw(t, "customers"), days.Draw(t, "days")
		cfg.Seed = rapid.Uint64().Draw(t, "seed")
		cfg.Currency = rapid.SampledFrom([]string{"CNY", "JPY", "KWD"}).Draw(t, "currency")
		sh := &cfg.Shares
		for _, knob := range []*int{
			&sh.Cancellations, &sh.Amendments, &sh.Returns, &sh.UnlinkedReturns, &sh.ZeroOrders, &sh.Prepaid,
			&sh.Unallocated, &sh.Bulk, &sh.Overpayments, &sh.Reversals, &sh.FailedAttempts, &sh.Bills,
		} {
			*knob = share.Draw(t, "share")
		}
		tradeOf(t, cfg).checkBooks(t)
	})
}

func (tr *trade) checkBooks(t rapid.TB) {
	b := tr.books(t)
	b.checkOrders()
	b.checkInvoices()
	b.checkReturns()
	b.checkPayments()
	b.checkTotals()
}

func (b *books) checkOrders() {
	for id, o := range b.orders {
		for i, e := range o.versions {
			if e.Revision != i && !b.recent(e) {
				b.t.Errorf("order %s: revision %d stands in place %d", id, e.Revision, i)
			}
			if e.Placed != nil {
				b.checkPlaced(e)
			}
			if a := e.Amended; a != nil && (a.AmountMinor < 0 || a.TaxMinor > a.AmountMinor || a.CostMinor > a.AmountMinor) {
				b.t.Errorf("order %s amended to %+v", id, *a)
			}
		}
	}
}

func (b *books) checkPlaced(e event) {
	p := e.Placed
	if p.AmountMinor < 0 || p.TaxMinor+p.FreightMinor+p.CostMinor > p.AmountMinor || p.Currency != b.cfg.Currency {
		b.t.Errorf("order %s placed as %+v", e.OrderID, *p)
	}
	if p.InvoiceExpected && p.TermsDays == 0 {
		b.t.Errorf("order %s expects an invoice and has no terms", e.OrderID)
	}
	var goods, tax int64
	for _, line := range p.Lines {
		goods, tax = goods+line.AmountMinor, tax+line.TaxMinor
		if line.AmountMinor < 0 || line.TaxMinor < 0 || line.Quantity < 1 {
			b.t.Errorf("order %s has line %+v", e.OrderID, line)
		}
	}
	if len(p.Lines) > 0 && (goods != p.AmountMinor-p.FreightMinor || tax != p.TaxMinor) {
		b.t.Errorf("order %s: lines add up to %d and tax %d, order is %+v", e.OrderID, goods, tax, *p)
	}
}

func (b *books) checkInvoices() {
	for id, bill := range b.bills {
		var sum int64
		for _, part := range bill.last.Issued.Orders {
			sum += part.AmountMinor
			o := b.orders[part.OrderID]
			if o == nil || o.versions[0].Placed == nil {
				b.mayMiss(bill.last, "invoice "+id, part.OrderID)
				continue
			}
			if o.billed++; o.billed > 1 || o.cancelled || o.customer != bill.customer ||
				!o.versions[0].Placed.InvoiceExpected || o.amount != part.AmountMinor && !b.recent(bill.last) {
				b.t.Errorf("invoice %s bills %+v of order %+v", id, part, *o)
			}
		}
		if sum != bill.amount || bill.last.Issued.DueDate <= bill.last.OccurredAt[:10] {
			b.t.Errorf("invoice %s: orders add up to %d, it is %+v", id, sum, *bill.last.Issued)
		}
	}
}

func (b *books) checkReturns() {
	for _, e := range b.events {
		if e.Returned == nil || e.OrderID == "" {
			continue
		}
		o := b.orders[e.OrderID]
		if o == nil {
			b.mayMiss(e, "return", e.OrderID)
			continue
		}
		o.returned += e.Returned.AmountMinor
		if o.returned > o.goods || o.cancelled || e.Returned.TaxMinor > e.Returned.AmountMinor || o.customer != e.CustomerID {
			b.t.Errorf("return %+v of order %s over %d, cancelled: %t", *e.Returned, e.OrderID, o.amount, o.cancelled)
		}
	}
}

func (b *books) mayMiss(e event, what, id string) {
	if !b.recent(e) {
		b.t.Errorf("%s of %s names %s, which never came", what, e.OccurredAt, id)
	}
}

// document is what an allocation names; nil if it is not there.
func (b *books) document(a allocation) *kept {
	if a.OrderID != "" {
		return b.orders[a.OrderID]
	}
	return b.bills[a.InvoiceID]
}

// checkPayments: nobody pays more for a document than it ever was, and no payment goes back twice.
func (b *books) checkPayments() {
	back := map[string]int64{}
	for _, e := range b.events {
		switch {
		case e.Received != nil:
			b.allocate(e, 1)
		case e.Reversed != nil && e.Reversed.AmountMinor == 0:
			back[e.PaymentID] += b.income[e.PaymentID].amountReceived()
			b.allocate(b.income[e.PaymentID], -1)
		case e.Reversed != nil:
			back[e.PaymentID] += e.Reversed.AmountMinor
			b.allocatePart(b.income[e.PaymentID], e.Reversed.AmountMinor)
		case e.Refunded != nil:
			back[e.PaymentID] += e.Refunded.AmountMinor
		}
	}
	for id, amount := range back {
		if paid, ok := b.income[id]; ok && amount > paid.Received.AmountMinor {
			b.t.Errorf("of payment %s over %d went back %d", id, paid.Received.AmountMinor, amount)
		}
	}
	for _, documents := range []map[string]*kept{b.orders, b.bills} {
		for id, d := range documents {
			short := d.versions != nil && !d.credit && d.paid > 0 && d.paid != d.amount && !b.recent(d.last)
			if d.paid > d.most || short || d.cancelled && d.paid > 0 {
				b.t.Errorf("%s over %d (cancelled: %t) was paid with %d", id, d.most, d.cancelled, d.paid)
			}
		}
	}
}

func (e event) amountReceived() int64 {
	if e.Received == nil {
		return 0
	}
	return e.Received.AmountMinor
}

func (b *books) allocate(e event, sign int64) {
	if e.Received == nil {
		return // reversed before the payment itself has arrived
	}
	var sum int64
	for _, a := range e.Received.Allocations {
		if sum += a.AmountMinor; a.AmountMinor <= 0 {
			b.t.Errorf("payment %s allocates %+v", e.PaymentID, a)
		}
		if d := b.document(a); d != nil {
			d.paid += sign * a.AmountMinor
		} else {
			b.mayMiss(e, "payment", a.OrderID+a.InvoiceID)
		}
	}
	if sum > e.Received.AmountMinor || e.Received.AmountMinor <= 0 {
		b.t.Errorf("payment %s over %d allocates %d", e.PaymentID, e.Received.AmountMinor, sum)
	}
}

func (b *books) allocatePart(e event, amount int64) {
	if e.Received == nil || len(e.Received.Allocations) == 0 {
		return
	}
	if d := b.document(e.Received.Allocations[0]); d != nil {
		d.paid -= amount
	}
}

// checkTotals: what a customer has paid and not got back is at most what they ordered, but for deliberate
// overpayments and for documents still on their way at the end.
func (b *books) checkTotals() {
	room := map[string]int64{}
	for _, o := range b.orders {
		if !o.cancelled {
			room[o.customer] += o.most
		}
	}
	for _, e := range b.events {
		switch {
		case e.Received != nil:
			room[e.CustomerID] -= e.Received.AmountMinor - b.outside(e.Received)
		case e.Reversed != nil && e.Reversed.AmountMinor == 0:
			room[e.CustomerID] += b.income[e.PaymentID].amountReceived()
		case e.Reversed != nil:
			room[e.CustomerID] += e.Reversed.AmountMinor
		case e.Refunded != nil:
			room[e.CustomerID] += e.Refunded.AmountMinor
		}
	}
	for id, left := range room {
		if left < 0 {
			b.t.Errorf("customer %s has paid %d more than they ordered", id, -left)
		}
	}
}

// outside is what a payment holds beyond documents that are known: a surplus, or an order that has not come.
func (b *books) outside(r *received) int64 {
	if len(r.Allocations) == 0 {
		return 0
	}
	known := int64(0)
	for _, a := range r.Allocations {
		if b.document(a) != nil {
			known += a.AmountMinor
		}
	}
	return r.AmountMinor - known
}
