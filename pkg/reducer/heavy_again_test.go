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

// benchmarkScene measures one event of a scene at a time, each of a customer with so many orders: the median, since to stop the clock for
// what comes before stops everything else, too. Of small customers there are many, so that what is measured is little beside what they have.
// An order of somebody else comes between, so that what is measured isn't what the program and the partition take after all that came before.
func benchmarkScene(b *testing.B, orders int, is *sceneOf) {
	customers := max(1, 1000/orders)
	s := newStand(b, customers, orders, is)
	if is.abroad {
		s.slot.turn = turnedAbroad
		s.fold.Keep(0)
		s.fold.Keep(1 << 30)
	}
	i := 0
	play := func() (event *pb.Fact) {
		who := fmt.Sprintf("anna%d", i/2%customers)
		now := start + 730*civil.FullDay + civil.Hour + civil.Instant(i)*civil.Second/10
		before, event := is.scene(i/2/customers*2+i%2, now)
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

func newStand(b *testing.B, customers, orders int, is *sceneOf) *stand {
	s := &stand{b: b, slot: &scale{Slot: memory.NewSlot()}}
	var err error
	if s.fold, err = memory.NewFold(reducer.NewScorer(reducer.Options{}), s.slot); err != nil {
		b.Fatal(err)
	}
	s.fold.Keep(1 << 30)
	s.put(initial(pb.PartitionInit_EVENT, standard))
	end, batch := start+730*civil.FullDay, make([]*pb.Fact, 0, 600)
	for trade := (&shop{terms: 7, orders: orders, free: is.free, billed: is.billed}); trade.n < orders || trade.bill != "" || len(trade.due) > 0 && trade.due[0] <= end; {
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
		e := &pb.OrderEvent{EventId: k.Order.EventId, Source: k.Order.Source, OccurredAt: k.Order.OccurredAt, OrderId: k.Order.OrderId,
			Revision: k.Order.Revision, Kind: k.Order.Kind}
		e.CustomerId, of.Body = customer, &pb.Fact_Order{Order: e}
	case *pb.Fact_Invoice:
		e := &pb.InvoiceEvent{EventId: k.Invoice.EventId, Source: k.Invoice.Source, OccurredAt: k.Invoice.OccurredAt, InvoiceId: k.Invoice.InvoiceId,
			Revision: k.Invoice.Revision, Kind: k.Invoice.Kind}
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
