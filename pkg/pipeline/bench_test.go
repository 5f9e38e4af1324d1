package pipeline_test

import (
	"testing"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// BenchmarkPipeline is both stages in memory over a generated trade: what a core can do without servers.
func BenchmarkPipeline(b *testing.B) {
	cfg := smallTrade(1)
	cfg.Customers, cfg.Days = 300, 730
	facts := trade(b, cfg)
	for b.Loop() {
		pipe := started(b, ladder, pb.PartitionInit_EVENT)
		for _, f := range facts {
			if err := pipe.Put(f.Fact); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(facts)*b.N)/b.Elapsed().Seconds(), "events/s")
}
