package pipeline_test

import (
	"cmp"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/cpu"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// BenchmarkStages is each stage in its engine over a log and a state in memory: what a record costs beside Kafka and Redis.
// cpu-µs/record is user and system time of the process, the garbage collector's included, so that it holds on a busy
// machine too. 'backlog' is the scorer while a year that stands in the input topics is taken in, and 'sorted' that with the customers of
// each batch's records one after the other in the log: what the order of records can make of it (docs/adr/0021-runs.md).
func BenchmarkStages(b *testing.B) {
	events := yearOfTrade(b)
	facts := factRecords(b, events, func(a codec.Accepted) civil.Instant { return a.OccurredAt })
	var scores []processor.Record
	for i, m := range takeIn(b, reducer.NewScorer(reducer.Options{}), true, facts)[reducer.TopicScores] {
		scores = append(scores, processor.Record{Offset: int64(i), Key: m.Key, Value: m.Value})
	}
	b.Run("scorer", func(b *testing.B) { benchmarkStage(b, reducer.NewScorer(reducer.Options{}), facts, true) })
	backlog := inChunks(events, 500)
	end := func(codec.Accepted) civil.Instant { return events[len(events)-1].OccurredAt }
	b.Run("backlog", func(b *testing.B) {
		benchmarkStage(b, reducer.NewScorer(reducer.Options{}), factRecords(b, backlog, end), true)
	})
	b.Run("sorted", func(b *testing.B) {
		pieces := slices.Clone(backlog)
		for piece := range slices.Chunk(pieces, 8000) {
			slices.SortStableFunc(piece, func(x, y codec.Accepted) int { return cmp.Compare(x.CustomerID, y.CustomerID) })
		}
		benchmarkStage(b, reducer.NewScorer(reducer.Options{}), factRecords(b, pieces, end), true)
	})
	b.Run("tierchange", func(b *testing.B) {
		benchmarkStage(b, reducer.NewTierChange(reducer.Options{}), scores, false)
	})
}

func benchmarkStage(b *testing.B, stage processor.Stage, records []processor.Record, first bool) {
	b.ReportAllocs()
	n, from := 0, cpu.Used(b)
	for b.Loop() {
		takeIn(b, stage, first, records)
		n += len(records)
	}
	b.ReportMetric(float64((cpu.Used(b)-from).Nanoseconds())/1000/float64(n), "cpu-µs/record")
}

func yearOfTrade(b *testing.B) []codec.Accepted {
	b.Helper()
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Seed = 2000, 365, 7
	return trade(b, cfg)
}

// inChunks is a backlog as ingest takes it in: so many events of one topic, then so many of the next. Payments come long
// before the orders that they pay, and invoices before those that they bill.
func inChunks(events []codec.Accepted, most int) []codec.Accepted {
	var topics [5][]codec.Accepted
	for _, e := range events {
		i := topicOf(e.Fact)
		topics[i] = append(topics[i], e)
	}
	out := make([]codec.Accepted, 0, len(events))
	for len(out) < len(events) {
		for i, t := range topics {
			n := min(most, len(t))
			out, topics[i] = append(out, t[:n]...), t[n:]
		}
	}
	return out
}

func topicOf(f *pb.Fact) int {
	switch f.Body.(type) {
	case *pb.Fact_Order:
		return 0
	case *pb.Fact_Invoice:
		return 1
	case *pb.Fact_Payment:
		return 2
	case *pb.Fact_Profile:
		return 3
	}
	return 4
}

// factRecords is a trade as a partition of facts, under the wall clock, each event taken in at a time of its own.
func factRecords(b *testing.B, events []codec.Accepted, at func(codec.Accepted) civil.Instant) []processor.Record {
	b.Helper()
	p := parsed(b, ladder)
	init := &pb.Fact{Body: &pb.Fact_Init{Init: &pb.PartitionInit{Deployment: "bench", Partitions: 1, Clock: pb.PartitionInit_WALL,
		TimeZone: p.TimeZone, Currency: loadgen.Default().Currency, Policy: p.Source, PolicyFile: "bench.yaml"}}}
	var out []processor.Record
	add := func(f *pb.Fact, at civil.Instant) {
		f.At = int64(at)
		value, err := proto.Marshal(f)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, processor.Record{Offset: int64(len(out)), Appended: at, Value: value})
	}
	add(init, at(events[0]))
	for _, e := range events {
		add(e.Fact, at(e))
	}
	return out
}

// takeIn has a stage take in records over a state in memory, and gives what it sent.
func takeIn(b *testing.B, stage processor.Stage, first bool, records []processor.Record) map[string][]processor.Message {
	b.Helper()
	last := records[len(records)-1].Appended
	sent, err := memory.TakeIn(b.Context(), processor.Config{State: memory.NewSlot(), Stage: stage, First: first,
		Clock: func() civil.Instant { return last }}, records)
	if err != nil {
		b.Fatal(err)
	}
	return sent
}
