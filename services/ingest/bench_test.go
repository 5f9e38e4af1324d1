package ingest

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/topics"
)

// BenchmarkSort is what an event costs beside Kafka, in batches as a busy input gives them: the lines of a replay, as
// tierctl sends them, and the same on their own topics.
func BenchmarkSort(b *testing.B) {
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days = 200, 100
	own, lines := map[string][]kafkalog.Message{}, []kafkalog.Message{}
	if err := loadgen.Generate(cfg, func(l loadgen.Line) error {
		own[l.Topic] = append(own[l.Topic], kafkalog.Message{Value: l.Value})
		lines = append(lines, kafkalog.Message{
			Value: []byte(`{"topic":"` + l.Topic + `","value":` + string(l.Value) + `}`), Headers: []kafkalog.Header{{Key: topics.LineHeader, Value: []byte("12345")}},
		})
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	own[topics.Events] = lines
	s := &service{metrics: newMetrics(prometheus.NewRegistry())}
	for _, topic := range topics.Inputs() {
		ms := own[topic]
		b.Run(topic, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; n < b.N && len(ms) > 0; n += len(ms) {
				s.sortAll(b, topic, ms[:min(len(ms), b.N-n)])
			}
		})
	}
}

func (s *service) sortAll(b *testing.B, topic string, ms []kafkalog.Message) {
	b.Helper()
	const batch = 500
	for ; len(ms) > 0; ms = ms[min(batch, len(ms)):] {
		part := ms[:min(batch, len(ms))]
		out := newOutbox(part, 8)
		out.now = civil.Instant(1772357400_000000)
		d := codec.Decoder{Currency: "CNY"}
		for i := range part {
			if err := s.sort(b.Context(), nil, &d, topic, &part[i], out); err != nil {
				b.Fatal(err)
			}
		}
	}
}
