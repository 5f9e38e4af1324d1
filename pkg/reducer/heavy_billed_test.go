package reducer_test

import (
	"fmt"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// billed is a scene in which each order on terms has an invoice of its own, which payments and adjustments name instead.
func billed(of scene) scene {
	return func(n int, now civil.Instant) (before []*pb.Fact, event *pb.Fact) {
		first, event := of(n, now)
		for _, f := range append(first, event) {
			before = append(before, bill(f)...)
		}
		last := len(before) - 1
		return before[:last], before[last]
	}
}

// bill is a fact of a customer who is billed, with the invoice if it is an order.
func bill(f *pb.Fact) []*pb.Fact {
	switch e := f.Body.(type) {
	case *pb.Fact_Order:
		id, placed := e.Order.OrderId, e.Order.GetPlaced()
		switch {
		case e.Order.GetCancelled() != nil:
			return []*pb.Fact{f, voided("i"+id, "anna", civil.Instant(f.At))}
		case placed == nil:
			return []*pb.Fact{f}
		}
		at := civil.FromTime(e.Order.OccurredAt.AsTime())
		is := toldAt(civil.Instant(f.At), invoiced("i"+id, id, "anna", at, placed.AmountMinor/100))
		is.GetInvoice().Revision, is.GetInvoice().EventId = e.Order.Revision, "i"+e.Order.EventId
		is.GetInvoice().GetIssued().DueDate = at.Time().AddDate(0, 0, int(placed.GetTermsDays())).Format(time.DateOnly)
		placed.InvoiceExpected = true
		return []*pb.Fact{f, is}
	case *pb.Fact_Payment:
		for _, a := range e.Payment.GetReceived().GetAllocations() {
			a.InvoiceId = "i" + a.InvoiceId
		}
	case *pb.Fact_Invoice:
		e.Invoice.InvoiceId = "i" + e.Invoice.InvoiceId
	}
	return []*pb.Fact{f}
}

// billedAgo is an order of some days ago with its invoice of that day, both told now.
func billedAgo(order string, now civil.Instant, ago, terms int) []*pb.Fact {
	return bill(owed(order, now, ago, terms))
}

// yesterdays is a payment of yesterday that is told now, and says how much of it each invoice gets.
func yesterdays(id string, now civil.Instant, parts ...*pb.Allocation) *pb.Fact {
	sum := int64(0)
	for _, a := range parts {
		sum += a.AmountMinor
	}
	f := late(paid("p"+id, "", "anna", now, sum/100), now, 1)
	f.GetPayment().GetReceived().Allocations = parts
	return f
}

// placedScene is an order whose invoice is to come. That of the one before has come and been paid.
func placedScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	is := billedAgo(order, now, 0, 5)
	if n == 0 {
		return nil, is[0]
	}
	last := fmt.Sprintf("a%d", n-1)
	return []*pb.Fact{billedAgo(last, now, 0, 5)[1], paid("p"+last, "i"+last, "anna", now, 100)}, is[0]
}

// voidScene voids an invoice that nothing has paid.
func voidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return billedAgo(order, now, 3, 4), toldAt(now, voided("i"+order, "anna", now))
}

// twoScene is a payment of yesterday for two invoices.
func twoScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	a, b := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	return append(billedAgo(a, now, 3, 4), billedAgo(b, now, 3, 4)...),
		yesterdays(a, now, &pb.Allocation{InvoiceId: "i" + a, AmountMinor: 100_00}, &pb.Allocation{InvoiceId: "i" + b, AmountMinor: 100_00})
}

// discountScene is one that takes a discount.
func discountScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return billedAgo(order, now, 3, 4), yesterdays(order, now, &pb.Allocation{InvoiceId: "i" + order, AmountMinor: 97_00, DiscountMinor: 3_00})
}

// disputeScene disputes a part of an invoice, and settles the dispute about the one before, which has been paid.
func disputeScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	before := rest(n, "ia", now, 100)
	if n > 0 {
		before = append(before, disputed(fmt.Sprintf("ia%d", n-1), "anna", now, 40, true))
	}
	return append(before, billedAgo(order, now, 3, 4)...), disputed("i"+order, "anna", now, 40, false)
}

// partialScene pays the second of two invoices of an order.
func partialScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	is := billedAgo(order, now, 3, 4)
	is[1].GetInvoice().GetIssued().AmountMinor = 60_00
	is[1].GetInvoice().GetIssued().Orders[0].AmountMinor = 60_00
	second := toldAt(now, invoiced("j"+order, order, "anna", now-2*civil.FullDay, 40))
	second.GetInvoice().GetIssued().Orders[0].AmountMinor = 40_00
	return append(is, second, paid("p"+order, "i"+order, "anna", now, 60)), yesterdays("j"+order, now, &pb.Allocation{InvoiceId: "j" + order, AmountMinor: 40_00})
}

// prepaidScene is the invoice of an order that has been paid.
func prepaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	is := billedAgo(order, now, 1, 4)
	return []*pb.Fact{is[0], yesterdays(order, now, &pb.Allocation{InvoiceId: order, AmountMinor: 100_00})}, is[1]
}
