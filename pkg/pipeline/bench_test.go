package pipeline_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// BenchmarkPipeline is both stages in memory over a generated trade: what a core makes without servers. 'x raw' is how
// often as long it takes as to read and write each fact once, which is the least that any program would do.
func BenchmarkPipeline(b *testing.B) {
	cfg := smallTrade(1)
	cfg.Customers, cfg.Days = 300, 730
	facts := trade(b, cfg)
	var raw time.Duration
	for b.Loop() {
		pipe := started(b, ladder, pb.PartitionInit_EVENT)
		for _, f := range facts {
			if err := pipe.Put(f.Fact); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		from := time.Now()
		for _, f := range facts {
			copied(b, f.Fact)
		}
		raw += time.Since(from)
		b.StartTimer()
	}
	b.ReportMetric(float64(len(facts)*b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.Elapsed())/float64(raw), "x-raw")
}

// copied is a fact written and read once.
func copied(b *testing.B, f *pb.Fact) {
	bytes, err := proto.Marshal(f)
	if err == nil {
		err = proto.Unmarshal(bytes, &pb.Fact{})
	}
	if err != nil {
		b.Fatal(err)
	}
}
