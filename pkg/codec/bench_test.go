package codec_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func sampleInput(e sample) codec.Input { return codec.Input{Topic: e.topic, Value: []byte(e.json)} }

// BenchmarkDecode is one event of each shape; protojson alone is there to compare with.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"example", "placed"} {
		e := events()[name]
		all := shapes(b, e.topic, e.json)
		for _, shape := range []string{"JSON", "line", "protobuf", "binary JSON", "structured"} {
			b.Run(name+"/"+shape, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, reject := decoder().Decode(all[shape], 0); reject != nil {
						b.Fatal(reject)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
		b.Run(name+"/protojson alone", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := protojson.Unmarshal([]byte(e.json), &pb.OrderEvent{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkParseLine(b *testing.B) {
	e := events()["placed"]
	raw := []byte(`{"topic":"` + e.topic + `","value":` + e.json + `}`)
	b.ReportAllocs()
	for b.Loop() {
		if codec.ParseLine(raw).OccurredAt == 0 {
			b.Fatal("no time")
		}
	}
}
