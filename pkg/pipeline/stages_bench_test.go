package pipeline_test

import (
	"cmp"
	"context"
	"errors"
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
	scores := &straightLog{records: facts}
	scores.run(b, reducer.NewScorer(reducer.Options{}), true)
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
		benchmarkStage(b, reducer.NewTierChange(reducer.Options{}), scores.produced[reducer.TopicScores], false)
	})
}

func benchmarkStage(b *testing.B, stage processor.Stage, records []processor.Record, first bool) {
	b.ReportAllocs()
	n, from := 0, cpu.Used(b)
	for b.Loop() {
		log := &straightLog{records: records[:len(records):len(records)]}
		log.run(b, stage, first)
		n += len(log.records)
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

var errEnd = errors.New("the end of the log")

// straightLog is a log in memory that ends the owner at its end.
type straightLog struct {
	records  []processor.Record
	produced map[string][]processor.Record
	stop     func()
}

func (l *straightLog) run(b *testing.B, stage processor.Stage, first bool) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	l.stop, l.produced = stop, map[string][]processor.Record{}
	last, nonce := l.records[len(l.records)-1].Appended, uint64(0)
	err := processor.New(processor.Config{
		Log: l, State: memory.NewSlot(), Stage: stage, First: first,
		Clock: func() civil.Instant { return last }, Nonce: func() uint64 { nonce++; return nonce },
	}).Run(ctx, -1)
	if err != nil {
		b.Fatal(err)
	}
}

func (l *straightLog) Fetch(_ context.Context, offset int64, most int, _ civil.Instant) (processor.Fetched, error) {
	end := int64(len(l.records))
	if offset == end {
		l.stop()
		return processor.Fetched{}, errEnd
	}
	return processor.Fetched{Records: l.records[offset:min(end, offset+int64(most))], End: end}, nil
}

func (l *straightLog) Produce(_ context.Context, e processor.Emission) error {
	for _, m := range e.Messages {
		l.produced[e.Topic] = append(l.produced[e.Topic], processor.Record{Offset: int64(len(l.produced[e.Topic])), Key: m.Key, Value: m.Value})
	}
	return nil
}

func (l *straightLog) Append(context.Context, processor.Message) (int64, error) {
	return int64(len(l.records)), nil
}

func (l *straightLog) Commit(context.Context, int64) error { return nil }
