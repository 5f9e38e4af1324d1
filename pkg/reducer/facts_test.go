package reducer_test

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

var background = context.Background()

// start is the first day of every test: a Thursday.
var start = civil.FromTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))

// day is midnight n days after start.
func day(n int) civil.Instant { return start + civil.Instant(n)*civil.FullDay }

// noon is half a day later.
func noon(n int) civil.Instant { return day(n) + 12*civil.Hour }

// ladder is a policy with a window, two thresholds for silver and a grace before it is lost.
func ladder(version string, window, enter, keep, grace int) string {
	return fmt.Sprintf(`
version: %q
value: {window_days: %d}
credit: {window_days: 120, promptness_days: 150, dso_days: 100}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= %d", keep: "value.net >= %d", grace: %dd}
  - {name: gold, enter: "value.net >= 5000 && credit.max_days_overdue <= 3"}
`+quiet, version, window, enter, keep, grace)
}

// quiet is a policy without the signals that have moments of their own after every order.
const quiet = "signals: {reorder_overdue: off, lifecycle_changed: off}\n"

// standard has a window of 30 days, silver from 1000.00 on and kept down to 500.00, and a grace of 10 days.
var standard = ladder("one", 30, 1000, 500, 10)

// easy keeps silver from 1.00 on.
var easy = ladder("easy", 30, 1000, 1, 10)

func initial(c pb.PartitionInit_Clock, policy string) *pb.Fact {
	return &pb.Fact{At: int64(start), Body: &pb.Fact_Init{Init: &pb.PartitionInit{
		Deployment: "test", Partitions: 1, Clock: c, TimeZone: "UTC", Currency: "CNY",
		Policy: []byte(policy), PolicyFile: "test.yaml",
	}}}
}

func orderEvent(id, customer string, at civil.Instant) *pb.OrderEvent {
	return &pb.OrderEvent{
		EventId: fmt.Sprintf("%s@%d", id, at), Source: "shop", OccurredAt: timestamppb.New(at.Time()),
		CustomerId: customer, OrderId: id,
	}
}

func orderFact(at civil.Instant, e *pb.OrderEvent) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Order{Order: e}}
}

// bought is a cash order; major is in units of the currency.
func bought(id, customer string, at civil.Instant, major int64) *pb.Fact {
	e := orderEvent(id, customer, at)
	e.Kind = &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{AmountMinor: major * 100, Currency: "CNY"}}
	return orderFact(at, e)
}

// credited is an order on terms.
func credited(id, customer string, at civil.Instant, major int64, terms int32) *pb.Fact {
	f := bought(id, customer, at, major)
	f.GetOrder().GetPlaced().TermsDays = &terms
	return f
}

func cancelled(id, customer string, at civil.Instant) *pb.Fact {
	e := orderEvent(id, customer, at)
	e.Kind = &pb.OrderEvent_Cancelled{Cancelled: &pb.OrderCancelled{}}
	return orderFact(at, e)
}

func returned(id, order, customer string, at civil.Instant, major int64) *pb.Fact {
	e := orderEvent(order, customer, at)
	e.EventId = id
	e.Kind = &pb.OrderEvent_Returned{Returned: &pb.OrderReturned{ReturnId: id, AmountMinor: major * 100, Currency: "CNY"}}
	return orderFact(at, e)
}

func paid(id, order, customer string, at civil.Instant, major int64) *pb.Fact {
	received := &pb.PaymentReceived{AmountMinor: major * 100, Currency: "CNY"}
	if order != "" {
		received.Allocations = []*pb.Allocation{{InvoiceId: order}}
	}
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Payment{Payment: &pb.PaymentEvent{
		EventId: "e-" + id, Source: "bank", OccurredAt: timestamppb.New(at.Time()), CustomerId: customer, PaymentId: id,
		Kind: &pb.PaymentEvent_Received{Received: received},
	}}}
}

func invoiceFact(id, customer string, at civil.Instant, e *pb.InvoiceEvent) *pb.Fact {
	e.EventId, e.Source, e.OccurredAt = fmt.Sprintf("%s@%d", id, at), "books", timestamppb.New(at.Time())
	e.CustomerId, e.InvoiceId = customer, id
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Invoice{Invoice: e}}
}

// invoiced is an invoice, of an order where one is named.
func invoiced(id, order, customer string, at civil.Instant, major int64) *pb.Fact {
	issued := &pb.InvoiceIssued{AmountMinor: major * 100, Currency: "CNY", DueDate: at.Time().AddDate(0, 0, 4).Format(time.DateOnly)}
	if order != "" {
		issued.Orders = []*pb.InvoicedOrder{{OrderId: order}}
	}
	return invoiceFact(id, customer, at, &pb.InvoiceEvent{Kind: &pb.InvoiceEvent_Issued{Issued: issued}})
}

func voided(id, customer string, at civil.Instant) *pb.Fact {
	return invoiceFact(id, customer, at, &pb.InvoiceEvent{Kind: &pb.InvoiceEvent_Voided{Voided: &pb.InvoiceVoided{}}})
}

func adjusted(id, invoice, customer string, at civil.Instant, kind pb.InvoiceAdjusted_Kind, major int64) *pb.Fact {
	return invoiceFact(invoice, customer, at, &pb.InvoiceEvent{Kind: &pb.InvoiceEvent_Adjusted{Adjusted: &pb.InvoiceAdjusted{
		AdjustmentId: id, Kind: kind, AmountMinor: major * 100, Currency: "CNY",
	}}})
}

func disputed(invoice, customer string, at civil.Instant, major int64, resolved bool) *pb.Fact {
	return invoiceFact(invoice, customer, at, &pb.InvoiceEvent{Kind: &pb.InvoiceEvent_Disputed{Disputed: &pb.InvoiceDisputed{
		AmountMinor: major * 100, Currency: "CNY", Resolved: resolved,
	}}})
}

func promised(invoice, customer string, at civil.Instant, major int64, days int) *pb.Fact {
	return invoiceFact(invoice, customer, at, &pb.InvoiceEvent{Kind: &pb.InvoiceEvent_Promised{Promised: &pb.InvoicePromised{
		AmountMinor: major * 100, Currency: "CNY", ByDate: at.Time().AddDate(0, 0, days).Format(time.DateOnly),
	}}})
}

func tick(at civil.Instant) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}}
}

func policyFact(at civil.Instant, seq int64, text string) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Policy{Policy: &pb.PolicyActivated{Sequence: seq, Policy: []byte(text), PolicyFile: "test.yaml"}}}
}

func cutoffsFact(at civil.Instant, seq int64) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Cutoffs{Cutoffs: &pb.CutoffsPublished{Sequence: seq}}}
}

func logicFact(at civil.Instant, seq, version int64) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Logic{Logic: &pb.LogicActivated{Sequence: seq, Version: version}}}
}

func liveFact(at civil.Instant, seq int64) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_ClockLive{ClockLive: &pb.ClockLive{Sequence: seq}}}
}

func overrideFact(at civil.Instant, seq int64, customer string) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Override{Override: &pb.Override{Sequence: seq, CustomerId: customer, Kind: pb.Override_FREEZE}}}
}

func erasureFact(at civil.Instant, seq int64, customer string) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Erasure{Erasure: &pb.Erasure{Sequence: seq, CustomerId: customer}}}
}
