package reducer_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// scene is what reaches into what is settled already, between documents in the order of time: what comes before, and the event that
// is measured. It is the n-th of its customer, and leaves nothing open and nothing over when the next begins.
type scene func(n int, now civil.Instant) (before []*pb.Fact, event *pb.Fact)

// scenes by name. What falls due first at the end of the two years is each scene's own, so that free money goes there at any size.
var scenes = []struct {
	name   string
	abroad bool // all that is on credit is of another currency
	scene  scene
}{
	{name: "order", scene: orderScene},
	{name: "return", scene: returnScene},
	{name: "after-return", scene: afterReturnScene},
	{name: "note", scene: noteScene},
	{name: "note-invoice", scene: noteInvoiceScene},
	{name: "late", scene: lateScene},
	{name: "late-free", scene: lateFreeScene},
	{name: "refund", scene: refundScene},
	{name: "cancel-paid", scene: cancelPaidScene},
	{name: "abroad", abroad: true, scene: abroadScene},
}

// toldAt is a fact that is told now, whenever it was.
func toldAt(now civil.Instant, f *pb.Fact) *pb.Fact {
	f.At = int64(now)
	return f
}

// owed is an order of some days ago, on terms that end so many days after it.
func owed(order string, now civil.Instant, ago, terms int) *pb.Fact {
	return toldAt(now, credited(order, "anna", now-civil.Instant(ago)*civil.FullDay, 100, int32(terms)))
}

// rest pays what the scene before has left of an item.
func rest(n int, item string, now civil.Instant, major int64) []*pb.Fact {
	if n == 0 {
		return nil
	}
	item = fmt.Sprintf("%s%d", item, n-1)
	return []*pb.Fact{paid("rest-"+item, item, "anna", now, major)}
}

// orderScene is an order that falls due among others.
func orderScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return nil, credited(fmt.Sprintf("n%d", n), "anna", now, 100, 5)
}

// returnScene is a return of a part of an order that is open.
func returnScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)), returned("r"+order, order, "anna", now, 40)
}

// afterReturnScene is an order and what pays it, in turns. Before each order a part of another has been returned and the rest paid.
func afterReturnScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("b%d", n/2)
	if n%2 > 0 {
		return nil, paid("p"+order, order, "anna", now, 100)
	}
	before, back := returnScene(n, now)
	if n > 0 {
		before = before[1:]
	}
	before = append(before, back)
	return append(before, rest(n+1, "a", now, 60)...), credited(order, "anna", now, 100, 7)
}

// noteScene is a credit note on an order with terms that is open.
func noteScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)),
		adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_CREDIT_NOTE, 40)
}

// noteInvoiceScene is a credit note on an invoice that is open.
func noteInvoiceScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	id := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), toldAt(now, invoiced(id, "", "anna", now-3*civil.FullDay, 100))),
		adjusted("c"+id, id, "anna", now, pb.InvoiceAdjusted_CREDIT_NOTE, 40)
}

// spent are two orders that fall due before all others, the first of which free money of today has paid.
func spent(n int, now civil.Instant) (second string, before []*pb.Fact) {
	first := fmt.Sprintf("a%06d", n)
	second = first + "-2"
	return second, []*pb.Fact{owed(first, now, 5, 1), owed(second, now, 5, 1), paid("p"+first, "", "anna", now, 100)}
}

// late is a payment that is told now, of a value day three days ago.
func late(f *pb.Fact, now civil.Instant) *pb.Fact {
	day := (now - 3*civil.FullDay).Time().Format(time.DateOnly)
	f.GetPayment().GetReceived().ValueDate = day
	return f
}

// lateScene is a payment of three days ago that names what it pays, after free money has been spent.
func lateScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, before := spent(n, now)
	return before, late(paid("p"+order, order, "anna", now, 100), now)
}

// lateFreeScene is one that names nothing: it pays what today's has paid, which pays the other order now.
func lateFreeScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, before := spent(n, now)
	return before, late(paid("p"+order, "", "anna", now, 100), now)
}

// refundScene gives back a part of a payment that has paid an order.
func refundScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	payment := paid("p"+order, order, "anna", now-2*civil.FullDay, 100)
	back := paid("p"+order, "", "anna", now, 0)
	back.GetPayment().EventId = "back-" + order
	back.GetPayment().Kind = &pb.PaymentEvent_Refunded{Refunded: &pb.PaymentRefunded{RefundId: "f" + order, AmountMinor: 4000, Currency: "CNY"}}
	return append(rest(n, "a", now, 40), owed(order, now, 5, 7), toldAt(now, payment)), back
}

// cancelPaidScene cancels an order that is paid in part. The money goes to what falls due first.
func cancelPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	payment := paid("p"+order, order, "anna", now-2*civil.FullDay, 40)
	return append(rest(n, "b", now, 60), owed(other, now, 5, 1), owed(order, now, 4, 7), toldAt(now, payment)), cancelled(order, "anna", now)
}

// abroadScene is an invoice and what pays it, in turns.
func abroadScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	id := fmt.Sprintf("a%d", n/2)
	if n%2 > 0 {
		return nil, inCurrency(paid("p"+id, id, "anna", now, 100), "EUR 1")
	}
	return nil, inCurrency(invoiced(id, "", "anna", now, 100), "EUR 1")
}

// benchmarkScene measures one event of a scene at a time, each of a customer with so many orders: the median, since to stop the clock for
// what comes before stops everything else, too. Of small customers there are many, so that what is measured is little beside what they have.
// An order of somebody else comes between, so that what is measured isn't what the program and the partition take after all that came before.
func benchmarkScene(b *testing.B, orders int, abroad bool, of scene) {
	customers := max(1, 1000/orders)
	s := newStand(b, customers, orders)
	if abroad {
		s.slot.turn = turnedAbroad
		s.fold.Keep(0)
		s.fold.Keep(1 << 30)
	}
	i := 0
	play := func() (event *pb.Fact) {
		who := fmt.Sprintf("anna%d", i/2%customers)
		now := start + 730*civil.FullDay + civil.Hour + civil.Instant(i)*civil.Second/10
		before, event := of(i/2/customers*2+i%2, now)
		i++
		for _, f := range before {
			s.put(whose(f, who))
		}
		return whose(event, who)
	}
	for range 2 * customers {
		s.put(play())
	}
	var took []time.Duration
	written := 0
	runtime.GC()
	for b.Loop() {
		fact := play()
		s.put(bought(fmt.Sprintf("else%d", i), "somebody else", civil.Instant(fact.At), 100))
		event := s.records(fact)
		bytes, at := s.slot.bytes, time.Now()
		s.apply(event)
		took = append(took, time.Since(at))
		written += s.slot.bytes - bytes
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "median-µs/event")
	b.ReportMetric(float64(written)/float64(len(took)), "B-written/event")
}

// stand is a partition whose customers have traded for two years, all of them alike, and paid what was due by then.
type stand struct {
	b      *testing.B
	slot   *scale
	fold   *memory.Fold
	offset int64
}

func newStand(b *testing.B, customers, orders int) *stand {
	s := &stand{b: b, slot: &scale{Slot: memory.NewSlot()}}
	var err error
	if s.fold, err = memory.NewFold(reducer.NewScorer(reducer.Options{}), s.slot); err != nil {
		b.Fatal(err)
	}
	s.fold.Keep(1 << 30)
	s.put(initial(pb.PartitionInit_EVENT, standard))
	end, batch := start+730*civil.FullDay, make([]*pb.Fact, 0, 600)
	for trade := (&shop{terms: 7, orders: orders}); trade.n < orders || len(trade.due) > 0 && trade.due[0] <= end; {
		f := trade.next()
		for c := range customers {
			batch = append(batch, whose(f, fmt.Sprintf("anna%d", c)))
		}
		if len(batch) >= 500 {
			s.put(append(batch, tick(civil.Instant(f.At)))...)
			batch = batch[:0]
		}
	}
	s.put(append(batch, tick(end))...)
	for s.fold.NextDue() <= end {
		s.put(tick(end))
	}
	return s
}

func (s *stand) put(facts ...*pb.Fact) { s.apply(s.records(facts...)) }

func (s *stand) records(facts ...*pb.Fact) (records []processor.Record) {
	for _, f := range facts {
		records = append(records, record(s.offset, f, civil.MaxInstant))
		s.offset++
	}
	return records
}

func (s *stand) apply(records []processor.Record) {
	if _, err := s.fold.Put(records...); err != nil {
		s.b.Fatal(err)
	}
}

// whose is a fact, of a customer.
func whose(f *pb.Fact, customer string) *pb.Fact {
	of := &pb.Fact{At: f.At, Rate: f.Rate}
	switch k := f.Body.(type) {
	case *pb.Fact_Order:
		e := &pb.OrderEvent{EventId: k.Order.EventId, Source: k.Order.Source, OccurredAt: k.Order.OccurredAt, OrderId: k.Order.OrderId, Kind: k.Order.Kind}
		e.CustomerId, of.Body = customer, &pb.Fact_Order{Order: e}
	case *pb.Fact_Invoice:
		e := &pb.InvoiceEvent{EventId: k.Invoice.EventId, Source: k.Invoice.Source, OccurredAt: k.Invoice.OccurredAt, InvoiceId: k.Invoice.InvoiceId, Kind: k.Invoice.Kind}
		e.CustomerId, of.Body = customer, &pb.Fact_Invoice{Invoice: e}
	case *pb.Fact_Payment:
		e := &pb.PaymentEvent{EventId: k.Payment.EventId, Source: k.Payment.Source, OccurredAt: k.Payment.OccurredAt, PaymentId: k.Payment.PaymentId, Kind: k.Payment.Kind}
		e.CustomerId, of.Body = customer, &pb.Fact_Payment{Payment: e}
	}
	return of
}

// Read answers as if what was written had been another's.
func (s *scale) Read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	r, err := s.Slot.Read(ctx, q)
	if s.turn == nil || err != nil {
		return r, err
	}
	for _, registers := range r.Registers {
		for name, value := range registers {
			if registers[name], err = s.turn(name, value); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// turnedAbroad is an order or a payment in another currency, one unit of which is one of the base currency. To settle so many one
// after the other would take days.
func turnedAbroad(name string, value []byte) ([]byte, error) {
	eur := fx.Rate{Mantissa: 1, Code: fx.CodeOf("EUR")}
	switch {
	case strings.HasPrefix(name, "o/"):
		s, err := codec.ReadOrderSlot(value)
		for i := range s.Entries {
			s.Entries[i].Body.Placed.Doc.Rate = eur
		}
		return codec.AppendOrderSlot(nil, &s), err
	case strings.HasPrefix(name, "p/"):
		s, err := codec.ReadPaymentSlot(value)
		for i := range s.Entries {
			s.Entries[i].Body.Doc.Rate = eur
		}
		return codec.AppendPaymentSlot(nil, &s), err
	}
	return value, nil
}
