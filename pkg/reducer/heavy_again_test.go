package reducer_test

import (
	"context"
	"fmt"
	"iter"
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

// size is how many orders a customer of the scenes has, and how many customers there are of it.
type size struct{ orders, customers int }

// sizes are those that are compared. Of small customers there are many, so that what is measured is little beside what they have.
var sizes = [...]size{{10, 100}, {1_000, 1}, {100_000, 1}}

// whoOf is a customer of a size.
func (s size) whoOf(i int) string { return fmt.Sprintf("anna%d-%d", s.orders, i) }

// benchmarkScene measures one event of a scene at a time, of a customer of each size in turns, who are in one partition: whatever else goes on
// then goes on for all of them. It gives medians, since to stop the clock for what comes before stops everything else, too, and how many
// times as much those of the largest are as those of the smallest. An order of somebody else comes between, so that what is measured
// isn't what the program and the partition take after all that came before.
func benchmarkScene(b *testing.B, is *sceneOf) {
	s := newStand(b, is)
	if is.abroad {
		s.slot.turn = turnedAbroad
		s.fold.Keep(0)
		s.fold.Keep(1 << 30)
	}
	var plays [len(sizes)]int
	n := 0
	play := func(x int) (event *pb.Fact) {
		i := plays[x]
		customers := sizes[x].customers
		who := sizes[x].whoOf(i / 2 % customers)
		now := start + 730*civil.FullDay + civil.Hour + civil.Instant(n)*civil.Second/20
		before, event := is.scene(i/2/customers*2+i%2, now)
		plays[x]++
		n++
		for _, f := range before {
			s.put(whose(f, who))
		}
		return whose(event, who)
	}
	for x := range sizes {
		for range 2 * sizes[x].customers {
			s.put(play(x))
		}
	}
	var took [len(sizes)][]time.Duration
	var written [len(sizes)]int
	runtime.GC()
	for b.Loop() {
		for x := range sizes {
			fact := play(x)
			s.put(bought(fmt.Sprintf("else%d", n), "somebody else", civil.Instant(fact.At), 100))
			event := s.records(fact)
			bytes, at := s.slot.bytes, time.Now()
			s.apply(event)
			took[x] = append(took[x], time.Since(at))
			written[x] += s.slot.bytes - bytes
		}
	}
	last := len(sizes) - 1
	median := func(x int) float64 {
		slices.Sort(took[x])
		return float64(took[x][len(took[x])/2].Nanoseconds()) / 1000
	}
	for x, size := range sizes {
		b.ReportMetric(median(x), fmt.Sprintf("µs-of-%d", size.orders))
		b.ReportMetric(float64(written[x])/float64(len(took[x])), fmt.Sprintf("B-of-%d", size.orders))
	}
	b.ReportMetric(median(last)/median(0), "times-as-long")
	b.ReportMetric(float64(written[last])/float64(written[0]), "times-the-bytes")
	b.ReportMetric(0, "ns/op")
}

// stand is a partition whose customers have traded for two years, those of a size all alike, and paid what was due by then.
type stand struct {
	b      *testing.B
	slot   *scale
	fold   *memory.Fold
	offset int64
}

func newStand(b *testing.B, is *sceneOf) *stand {
	s := &stand{b: b, slot: &scale{Slot: memory.NewSlot()}}
	var err error
	if s.fold, err = memory.NewFold(reducer.NewScorer(reducer.Options{}), s.slot); err != nil {
		b.Fatal(err)
	}
	s.fold.Keep(1 << 30)
	s.put(initial(pb.PartitionInit_EVENT, standard))
	end, batch := start+730*civil.FullDay, make([]*pb.Fact, 0, 600)
	for x, f := range is.trade(end) {
		for i := range sizes[x].customers {
			batch = append(batch, whose(f, sizes[x].whoOf(i)))
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

// trade yields what the customers of each size do up to a moment, in the order of time, with the place of the size.
func (is *sceneOf) trade(end civil.Instant) iter.Seq2[int, *pb.Fact] {
	return func(yield func(int, *pb.Fact) bool) {
		var shops [len(sizes)]*shop
		var next [len(sizes)]*pb.Fact // nil: there is no more
		advance := func(x int) {
			t := shops[x]
			if next[x] = nil; t.n < t.orders || t.bill != "" || len(t.due) > 0 && t.due[0] <= end {
				next[x] = t.next()
			}
		}
		for x := range sizes {
			shops[x] = &shop{terms: 7, orders: sizes[x].orders, free: is.free, billed: is.billed, cash: is.cash}
			advance(x)
		}
		for {
			first := -1
			for x, f := range next {
				if f != nil && (first < 0 || f.At < next[first].At) {
					first = x
				}
			}
			if first < 0 || !yield(first, next[first]) {
				return
			}
			advance(first)
		}
	}
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
	case *pb.Fact_Engagement:
		e := &pb.EngagementEvent{EventId: k.Engagement.EventId, Source: k.Engagement.Source, OccurredAt: k.Engagement.OccurredAt, Kind: k.Engagement.Kind}
		e.CustomerId, of.Body = customer, &pb.Fact_Engagement{Engagement: e}
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
