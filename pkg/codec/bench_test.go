package codec_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

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

// BenchmarkDecodeGenerated makes a fact's bytes of each kind of generated line: the usual way, and by way of the message.
func BenchmarkDecodeGenerated(b *testing.B) {
	seen := map[string]bool{}
	for _, l := range generated(b) {
		kind := l.Topic + "." + l.Kind
		if l.Reason != "" || seen[kind] {
			continue
		}
		seen[kind] = true
		in := asLine(l.Topic, string(l.Value))
		var buf []byte
		b.Run(kind+"/usual", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf, _, _ = decoder().AppendUsual(buf[:0], in, takenAt, 0)
			}
		})
		b.Run(kind+"/message", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a, reject := decoder().Decode(in, 0)
				if reject != nil {
					b.Fatal(reject)
				}
				buf, _ = proto.MarshalOptions{Deterministic: true}.MarshalAppend(buf[:0], a.Fact)
			}
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
