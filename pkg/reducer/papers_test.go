package reducer_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Papers are facts about anna, each from a system and of a day, all taken in on day 25: what differs is only the order.
const takenIn = 25

// paper dates a fact's event, says which system it is from, and gives it an id of its own.
func paper(source string, on int, f *pb.Fact) *pb.Fact {
	f.At = int64(noon(takenIn))
	id := fmt.Sprintf("%s %d %v", source, on, f)
	switch at := timestamppb.New(noon(on).Time()); b := f.Body.(type) {
	case *pb.Fact_Order:
		b.Order.CustomerId, b.Order.Source, b.Order.OccurredAt, b.Order.EventId = "anna", source, at, id
	case *pb.Fact_Invoice:
		b.Invoice.CustomerId, b.Invoice.Source, b.Invoice.OccurredAt, b.Invoice.EventId = "anna", source, at, id
	case *pb.Fact_Payment:
		b.Payment.CustomerId, b.Payment.Source, b.Payment.OccurredAt, b.Payment.EventId = "anna", source, at, id
	}
	return f
}

func orderPaper(source string, on int, e *pb.OrderEvent) *pb.Fact {
	return paper(source, on, &pb.Fact{Body: &pb.Fact_Order{Order: e}})
}

func invoicePaper(source string, on int, e *pb.InvoiceEvent) *pb.Fact {
	return paper(source, on, &pb.Fact{Body: &pb.Fact_Invoice{Invoice: e}})
}

func paymentPaper(source string, on int, e *pb.PaymentEvent) *pb.Fact {
	return paper(source, on, &pb.Fact{Body: &pb.Fact_Payment{Payment: e}})
}

// places is an order; no terms: nil.
func places(source string, on int, id string, amount int64, terms *int32, expected bool) *pb.Fact {
	return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{
		AmountMinor: amount, Currency: "CNY", TermsDays: terms, InvoiceExpected: expected,
	}}})
}

func amends(source string, on int, id string, amount int64) *pb.Fact {
	return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Amended{Amended: &pb.OrderAmended{AmountMinor: &amount}}})
}

func amendsTerms(source string, on int, id string, terms int32) *pb.Fact {
	return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Amended{Amended: &pb.OrderAmended{TermsDays: &terms}}})
}

func cancels(source string, on int, id string) *pb.Fact {
	return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Cancelled{Cancelled: &pb.OrderCancelled{}}})
}

func returns(source string, on int, id string, amount int64, order, invoice string) *pb.Fact {
	return orderPaper(source, on, &pb.OrderEvent{OrderId: order, Kind: &pb.OrderEvent_Returned{Returned: &pb.OrderReturned{
		ReturnId: id, AmountMinor: amount, Currency: "CNY", InvoiceId: invoice,
	}}})
}

// issues is an invoice without a due date.
func issues(source string, on int, id string, amount int64, of ...*pb.InvoicedOrder) *pb.Fact {
	return invoicePaper(source, on, &pb.InvoiceEvent{InvoiceId: id, Kind: &pb.InvoiceEvent_Issued{Issued: &pb.InvoiceIssued{
		AmountMinor: amount, Currency: "CNY", Orders: of,
	}}})
}

func voids(source string, on int, id string) *pb.Fact {
	return invoicePaper(source, on, &pb.InvoiceEvent{InvoiceId: id, Kind: &pb.InvoiceEvent_Voided{Voided: &pb.InvoiceVoided{}}})
}

// adjusts is an adjustment; no due date: none.
func adjusts(source string, on int, id, invoice string, kind pb.InvoiceAdjusted_Kind, amount int64, due ...int) *pb.Fact {
	a := &pb.InvoiceAdjusted{AdjustmentId: id, Kind: kind, AmountMinor: amount, Currency: "CNY"}
	for _, d := range due {
		a.DueDate = (civil.Calendar{}).DayOf(noon(d)).String()
	}
	return invoicePaper(source, on, &pb.InvoiceEvent{InvoiceId: invoice, Kind: &pb.InvoiceEvent_Adjusted{Adjusted: a}})
}

// extends is an amendment of an order's due day.
func extends(source string, on int, id string, due int) *pb.Fact {
	date := (civil.Calendar{}).DayOf(noon(due)).String()
	return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Amended{Amended: &pb.OrderAmended{DueDate: &date}}})
}

// dated has an invoice name its due day.
func dated(f *pb.Fact, due int) *pb.Fact {
	e := f.GetInvoice()
	e.GetIssued().DueDate = (civil.Calendar{}).DayOf(noon(due)).String()
	e.EventId += " due " + e.GetIssued().DueDate
	return f
}

func promises(source string, on int, invoice string, amount int64, by int) *pb.Fact {
	return invoicePaper(source, on, &pb.InvoiceEvent{InvoiceId: invoice, Kind: &pb.InvoiceEvent_Promised{Promised: &pb.InvoicePromised{
		AmountMinor: amount, Currency: "CNY", ByDate: (civil.Calendar{}).DayOf(noon(by)).String(),
	}}})
}

func fails(source string, on int, id, payment string) *pb.Fact {
	return paymentPaper(source, on, &pb.PaymentEvent{PaymentId: payment, Kind: &pb.PaymentEvent_Failed{Failed: &pb.PaymentFailed{
		AttemptId: id, AmountMinor: 1, Currency: "CNY",
	}}})
}

func disputes(source string, on int, invoice string, amount int64, resolved bool) *pb.Fact {
	return invoicePaper(source, on, &pb.InvoiceEvent{InvoiceId: invoice, Kind: &pb.InvoiceEvent_Disputed{Disputed: &pb.InvoiceDisputed{
		AmountMinor: amount, Currency: "CNY", Resolved: resolved,
	}}})
}

func pays(source string, on int, id string, amount int64, names ...*pb.Allocation) *pb.Fact {
	return paymentPaper(source, on, &pb.PaymentEvent{PaymentId: id, Kind: &pb.PaymentEvent_Received{Received: &pb.PaymentReceived{
		AmountMinor: amount, Currency: "CNY", Allocations: names,
	}}})
}

// matures has a payment be a trade bill.
func matures(f *pb.Fact, on int) *pb.Fact {
	e := f.GetPayment()
	e.GetReceived().MaturesOn = (civil.Calendar{}).DayOf(noon(on)).String()
	e.EventId += " matures " + e.GetReceived().MaturesOn
	return f
}

func reverses(source string, on int, id, payment string, amount int64) *pb.Fact {
	return paymentPaper(source, on, &pb.PaymentEvent{PaymentId: payment, Kind: &pb.PaymentEvent_Reversed{Reversed: &pb.PaymentReversed{
		ReversalId: id, AmountMinor: amount, Currency: "CNY",
	}}})
}

func refunds(source string, on int, id, payment string, amount int64) *pb.Fact {
	return paymentPaper(source, on, &pb.PaymentEvent{PaymentId: payment, Kind: &pb.PaymentEvent_Refunded{Refunded: &pb.PaymentRefunded{
		RefundId: id, AmountMinor: amount, Currency: "CNY",
	}}})
}

// revised is a paper with a higher revision.
func revised(f *pb.Fact, revision int64) *pb.Fact {
	switch b := f.Body.(type) {
	case *pb.Fact_Order:
		b.Order.Revision = revision
	case *pb.Fact_Invoice:
		b.Invoice.Revision = revision
	case *pb.Fact_Payment:
		b.Payment.Revision = revision
	}
	return f
}

func forOrder(id string) *pb.Allocation   { return &pb.Allocation{OrderId: id} }
func forInvoice(id string) *pb.Allocation { return &pb.Allocation{InvoiceId: id} }
func days(n int32) *int32                 { return &n }

// figures are anna's, as customers.jsonl has them.
func (l *line) figures() string {
	l.t.Helper()
	v, err := reducer.NewView(l.first.Part())
	if err != nil {
		l.t.Fatal(err)
	}
	is, ok, err := v.Customer("anna", l.first.Blob("anna"), l.first.Registers, l.second.Blob("anna"), noon(takenIn))
	if err != nil || !ok {
		l.t.Fatalf("anna is there: %v; %v", ok, err)
	}
	value, err := json.Marshal(is.Value)
	if err != nil {
		l.t.Fatal(err)
	}
	credit, err := json.Marshal(is.Credit)
	if err != nil {
		l.t.Fatal(err)
	}
	return fmt.Sprintf("%s\n%s\n%s", value, credit, l.warnings())
}

// warnings are anna's figures that customers.jsonl doesn't have.
func (l *line) warnings() string {
	for _, s := range slices.Backward(l.scores) {
		if f := s.GetLevel().GetCredit(); f != nil {
			return fmt.Sprintf(`{"failed": %d, "broken": %d, "part": %d, "graded": "%d/%d"}`, f.FailedPayments, f.BrokenPromises, f.PartPayments,
				f.UndisputedOverdueMinor, f.UndisputedMaxDaysOverdue)
		}
	}
	return ""
}
