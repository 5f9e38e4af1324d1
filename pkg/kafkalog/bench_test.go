package kafkalog_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
)

const benchRecords = 1000

// BenchmarkProduce sends 1,000 records of 300 bytes in one request to the embedded broker, whose share is in it.
func BenchmarkProduce(b *testing.B) {
	k := start(b)
	k.topic(b, "p.facts", 1)
	b.ReportAllocs()
	for b.Loop() {
		k.produce(b)
	}
}

// BenchmarkFetch reads them back, as an engine does.
func BenchmarkFetch(b *testing.B) {
	k := start(b)
	k.topic(b, "p.facts", 1)
	k.produce(b)
	log := k.client.PartitionLog(kafkalog.Claim{Topic: "p.facts"}, kafkalog.Topics{Prefix: "p.", Facts: "facts"})
	b.ReportAllocs()
	for b.Loop() {
		f, err := log.Fetch(b.Context(), 0, 2*benchRecords, civil.Second)
		if err != nil || len(f.Records) != benchRecords {
			b.Fatal(len(f.Records), err)
		}
	}
}

func (k broker) produce(b *testing.B) {
	b.Helper()
	ms := make([]kafkalog.Message, benchRecords)
	for i := range ms {
		ms[i] = kafkalog.Message{Key: fmt.Appendf(nil, "C%07d", i), Value: bytes.Repeat([]byte{byte(i)}, 300)}
	}
	if _, err := k.client.Produce(b.Context(), "p.facts", 0, ms); err != nil {
		b.Fatal(err)
	}
}
