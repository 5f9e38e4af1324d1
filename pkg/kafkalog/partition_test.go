package kafkalog_test

import (
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// Whatever the key, it belongs where kafka-go's own port of the Java client puts it.
func TestPartitionIsKafkaGos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, n := string(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")), rapid.IntRange(1, 300).Draw(t, "n")
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		want := kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: []byte(key)}, all...)
		if got := kafkalog.Partition(key, n); got != want {
			t.Errorf("%q of %d: %d, want %d", key, n, got, want)
		}
	})
}
