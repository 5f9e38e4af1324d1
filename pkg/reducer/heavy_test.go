package reducer_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/cpu"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// scale counts the bytes that go to customers, names of what is deleted too.
type scale struct {
	*memory.Slot
	bytes, applies int
	turn           func(name string, value []byte) ([]byte, error) // what is read of a register; nil: as it was written
}

func (s *scale) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	for _, c := range w.Customers {
		s.bytes += len(c.ID) + len(c.Blob)
		for _, r := range c.Set {
			s.bytes += len(r.Name) + len(r.Value)
		}
		for _, name := range c.Del {
			s.bytes += len(name)
		}
	}
	s.applies++
	return s.Slot.Apply(ctx, w)
}

// shop is one customer's trade of two years.
type shop struct {
	cash   bool
	terms  int32  // days to pay, and the day that pays
	orders int    // in two years
	free   bool   // no payment says what it is for
	billed bool   // each order has an invoice, which payments name
	bill   string // of the last order, whose invoice comes next
	n      int
	unpaid []string
	due    []civil.Instant
}

// next is the next order, or what pays the earliest unpaid one if it is time.
func (s *shop) next() *pb.Fact {
	at := start + civil.Instant(s.n)*(730*civil.FullDay/civil.Instant(s.orders))
	if s.bill != "" {
		order := s.bill
		s.bill = ""
		return invoiceOf(order, start+civil.Instant(s.n-1)*(730*civil.FullDay/civil.Instant(s.orders)))
	}
	if len(s.due) > 0 && s.due[0] <= at {
		order := s.unpaid[0]
		at, s.unpaid, s.due = s.due[0], s.unpaid[1:], s.due[1:]
		what := order
		switch {
		case s.free:
			what = ""
		case s.billed:
			what = "i" + order
		}
		return paid("p"+order, what, "anna", at, 100)
	}
	return s.order(at)
}

// invoiceOf is the invoice of an order.
func invoiceOf(order string, at civil.Instant) *pb.Fact {
	return invoiced("i"+order, order, "anna", at, 100)
}

func (s *shop) order(at civil.Instant) *pb.Fact {
	s.n++
	order := fmt.Sprintf("o%07d", s.n)
	if s.cash {
		return bought(order, "anna", at, 100)
	}
	s.unpaid, s.due = append(s.unpaid, order), append(s.due, at+civil.Instant(s.terms)*civil.FullDay)
	is := credited(order, "anna", at, 100, s.terms)
	if s.billed {
		is.GetOrder().GetPlaced().InvoiceExpected, s.bill = true, order
	}
	return is
}

// now are n orders of the day after the two years, each paid at once if it is on credit.
func (s *shop) now(n int) (facts []*pb.Fact) {
	for len(facts) < n {
		at := start + 731*civil.FullDay + civil.Instant(s.n)*civil.Second/100
		facts = append(facts, s.order(at))
		if !s.cash {
			order := s.unpaid[len(s.unpaid)-1]
			facts = append(facts, paid("p"+order, order, "anna", at, 100))
		}
	}
	return facts
}

// cancel are cancellations of the last orders of the two years, but for the very last and the first.
func (s *shop) cancel() (facts []*pb.Fact) {
	for n := s.orders - 1; n > max(1, s.orders-measured); n-- {
		facts = append(facts, cancelled(fmt.Sprintf("o%07d", n), "anna", start+731*civil.FullDay))
	}
	return facts
}

// BenchmarkCustomer is an event of a customer with few orders and of one with very many, each in a batch of its own: time, and
// bytes written of the customer, which don't grow with the orders. The customer is kept in memory since the first of them
// (kept), is kept since it was read again, as after a restart (again), or is read with each event (read). The events are orders, each
// paid at once if it is on terms; those of the last mode are cancellations. Then come the scenes, which reach into what is settled.
func BenchmarkCustomer(b *testing.B) {
	for _, mode := range []string{"kept", "again", "read", "cancel"} {
		for _, cash := range []bool{true, false} {
			for _, orders := range []int{10, 1_000, 100_000} {
				name := fmt.Sprintf("%s/%s/%d-orders", mode, map[bool]string{true: "cash", false: "credit"}[cash], orders)
				b.Run(name, func(b *testing.B) { benchmarkCustomer(b, &shop{cash: cash, terms: 7, orders: orders}, mode) })
			}
		}
	}
}

// BenchmarkScene is an event of customers with few, many, and very many orders, in one partition, that reaches into what is settled.
func BenchmarkScene(b *testing.B) {
	for _, is := range slices.Concat(scenes, moreScenes) {
		b.Run(is.name, func(b *testing.B) { benchmarkScene(b, &is) })
	}
}

// measured is how many events there are to be measured.
const measured = 100_000

func benchmarkCustomer(b *testing.B, s *shop, mode string) {
	slot := &scale{Slot: memory.NewSlot()}
	fold, err := memory.NewFold(reducer.NewScorer(reducer.Options{}), slot)
	if err != nil {
		b.Fatal(err)
	}
	fold.Keep(1 << 30)
	offset := int64(0)
	put := func(facts ...*pb.Fact) {
		records := make([]processor.Record, 0, len(facts))
		for _, f := range facts {
			records = append(records, record(offset, f, civil.MaxInstant))
			offset++
		}
		if _, err := fold.Put(records...); err != nil {
			b.Fatal(err)
		}
	}
	put(initial(pb.PartitionInit_EVENT, standard))
	for s.n < s.orders {
		batch := make([]*pb.Fact, 0, 500)
		for len(batch) < cap(batch) && s.n < s.orders {
			batch = append(batch, s.next())
		}
		put(append(batch, tick(start+civil.Instant(s.n)*(730*civil.FullDay/civil.Instant(s.orders))))...)
	}
	put(tick(start + 731*civil.FullDay))
	facts, i := s.now(measured), 0
	switch mode {
	case "read":
		fold.Keep(0)
	case "again":
		fold.Keep(0)
		fold.Keep(1 << 30)
		put(facts[:10]...)
		facts = facts[10:]
	case "cancel":
		facts = s.cancel()
	}
	slot.bytes, slot.applies = 0, 0
	runtime.GC()
	from := cpu.Used(b)
	for b.Loop() {
		if i == len(facts) {
			b.Fatalf("more than %d events: give -benchtime in times", len(facts))
		}
		put(facts[i])
		i++
	}
	b.ReportMetric(float64((cpu.Used(b)-from).Nanoseconds())/1000/float64(i), "cpu-µs/op")
	b.ReportMetric(float64(slot.bytes)/float64(slot.applies), "B-written/op")
}
