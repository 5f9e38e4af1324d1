package kafkalog_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// A batch of a topic that is ours alone is sent compressed, as one batch still, and is read as it was sent. Few records aren't,
// and nothing is of a topic that others read.
func TestBatchesAreCompressed(t *testing.T) {
	k := start(t)
	k.topic(t, "p.scores", 1)
	k.topic(t, "p.signals", 1)
	client := connect(t, kafkalog.Config{Brokers: k.cluster.ListenAddrs(), Compressed: []string{"p.scores"}}, "p.").client
	var batches []string
	k.cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		k.cluster.KeepControl()
		sent := r.(*kmsg.ProduceRequest).Topics[0]
		batches = append(batches, batch(sent.Topic, sent.Partitions[0].Records))
		return nil, nil, false
	})
	var ms []kafkalog.Message
	for i := range 100 {
		ms = append(ms, kafkalog.Message{Key: fmt.Appendf(nil, "C%d", i), Value: bytes.Repeat([]byte{byte(i)}, 200)})
	}
	for _, send := range []struct {
		topic string
		ms    []kafkalog.Message
	}{{"p.scores", ms}, {"p.scores", ms[:3]}, {"p.signals", ms}} {
		if _, err := client.Produce(t.Context(), send.topic, 0, send.ms); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"p.scores: 100 records, codec 2, small", "p.scores: 3 records, codec 0, small", "p.signals: 100 records, codec 0, large"}
	if !slices.Equal(batches, want) {
		t.Errorf("sent %q", batches)
	}
	log := client.PartitionLog(kafkalog.Claim{Topic: "p.scores"}, kafkalog.Topics{Prefix: "p.", Facts: "facts"})
	f, err := log.Fetch(t.Context(), 0, 1000, civil.Second)
	if err != nil || len(f.Records) != 103 {
		t.Fatal(len(f.Records), err)
	}
	for i, r := range f.Records {
		if m := ms[i%100]; r.Offset != int64(i) || r.Key != string(m.Key) || !bytes.Equal(r.Value, m.Value) {
			t.Errorf("record %d: %+v", i, r)
		}
	}
}

// batch describes the one record batch that a request should have: its records, the codec in its attributes (2 is Snappy), its size.
func batch(topic string, b []byte) string {
	if len(b) != 12+int(binary.BigEndian.Uint32(b[8:])) {
		return topic + ": not one batch"
	}
	size := "small"
	if len(b) > 10_000 {
		size = "large"
	}
	return fmt.Sprintf("%s: %d records, codec %d, %s", topic, binary.BigEndian.Uint32(b[57:]), b[22]&7, size)
}
