package reducer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// BenchmarkState is what is kept of a customer beside the documents themselves, after two years: the blob, and the pages of days, names
// and values. Half of the customers buy for cash, the others on terms of 30 days, and pay within 20 days of the due day, early or late.
func BenchmarkState(b *testing.B) {
	for _, perYear := range []int{12, 50, 500} {
		b.Run(fmt.Sprintf("%d-orders-a-year", perYear), func(b *testing.B) {
			for b.Loop() {
				sizes, documents := stateSizes(b, 40, perYear)
				b.ReportMetric(float64(sizes[len(sizes)/2]), "B-median")
				b.ReportMetric(float64(sizes[len(sizes)-1]), "B-most")
				b.ReportMetric(float64(documents), "B/document")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// stateSizes are the sizes of so many customers' state, least first, and how much a document takes.
func stateSizes(b *testing.B, customers, perYear int) (sizes []int, document int) {
	b.Helper()
	slot := memory.NewSlot()
	fold, err := memory.NewFold(reducer.NewScorer(reducer.Options{}), slot)
	if err != nil {
		b.Fatal(err)
	}
	fold.Keep(1 << 30)
	facts := yearsOf(customers, 2*perYear)
	records := []processor.Record{record(0, initial(pb.PartitionInit_EVENT, standard), civil.MaxInstant)}
	for _, f := range facts {
		records = append(records, record(int64(len(records)), f, civil.MaxInstant))
	}
	records = append(records, record(int64(len(records)), tick(start+730*civil.FullDay), civil.MaxInstant))
	for part := range slices.Chunk(records, 500) {
		if _, err := fold.Put(part...); err != nil {
			b.Fatal(err)
		}
	}
	all, count := 0, 0
	for i := range customers {
		r, err := slot.Read(context.Background(), processor.Query{Customers: []string{whoIs(i)}, Registers: []processor.Fields{{Customer: whoIs(i), All: true}}})
		if err != nil {
			b.Fatal(err)
		}
		size := len(r.Blobs[whoIs(i)])
		for name, value := range r.Registers[whoIs(i)] {
			if n := len(name) + len(value); strings.HasPrefix(name, "d/") {
				size += n
			} else {
				all, count = all+n, count+1
			}
		}
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	return sizes, all / count
}

func whoIs(i int) string { return fmt.Sprintf("anna%d", i) }

// yearsOf are two years of orders, and of payments of those on terms, in the order of their time.
func yearsOf(customers, orders int) (facts []*pb.Fact) {
	type at struct {
		civil.Instant
		fact *pb.Fact
	}
	var all []at
	for n := range orders {
		for i := range customers {
			now := start + civil.Instant(n)*(730*civil.FullDay/civil.Instant(orders)) + civil.Instant(i)*civil.Second
			id := fmt.Sprintf("o%d-%d", i, n)
			if i%2 == 0 {
				all = append(all, at{now, bought(id, whoIs(i), now, 100)})
				continue
			}
			all = append(all, at{now, credited(id, whoIs(i), now, 100, 30)})
			if then := now + civil.Instant(10+(n*7+i)%41)*civil.FullDay; then < start+730*civil.FullDay {
				all = append(all, at{then, paid("p"+id, id, whoIs(i), then, 100)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b at) int { return int(min(1, max(-1, a.Instant-b.Instant))) })
	for _, x := range all {
		facts = append(facts, x.fact)
	}
	return facts
}
