package dev_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const dayPolicy = `version: "1"
time_zone: UTC
value: {window_days: 1}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= 100", keep: "value.net >= 100"}
`

// order is a line of the topic orders.
func order(customer string, n int, at time.Time) kafkalog.Message {
	text := fmt.Sprintf(`{"event_id":"%[1]s-%[2]d","occurred_at":%[3]q,"customer_id":"%[1]s","order_id":"%[1]s-%[2]d","placed":{"amount_minor":"20000","currency":"CNY"}}`,
		customer, n, at.UTC().Format(time.RFC3339))
	return kafkalog.Message{Key: []byte(customer), Value: []byte(text)}
}

// A customer buys once and falls silent: within two seconds of the midnight at which the order leaves the window the
// downgrade is there, stamped with that midnight, although nobody says a word.
func TestSilence(t *testing.T) {
	midnight := time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC)
	bubble(t, dayPolicy, midnight.Add(-20*time.Hour), func(w *world) {
		w.startAll()
		w.append(topics.Orders, kafkalog.Partition("C1", partitions), order("C1", 1, midnight.Add(-30*time.Hour)))
		w.until("C1 is silver", func() error { return w.hasChanges("C1", 1) })
		w.clock.set(midnight.Add(-20 * time.Second)) // it runs on: the services meet midnight by themselves
		w.until("C1 is base", func() error { return w.hasChanges("C1", 2) })
		late := time.Duration(w.clock.now()-civil.FromTime(midnight)) * time.Microsecond
		if late < 0 || late > 2*time.Second {
			t.Errorf("the downgrade was there %v after its moment, want within 2s", late)
		}
		got := w.changes("C1")[1]
		if got.From != "silver" || got.To != "base" || got.Direction != pb.TierChange_DOWNGRADE || !got.DecidedAt.AsTime().Equal(midnight) {
			t.Errorf("the change is %v, want silver to base at %v", got, midnight)
		}
		t.Logf("the downgrade was there %v after its moment", late)
		w.settle()
		w.audit()
	})
}

// changes are a customer's tier changes so far, each once.
func (w *world) changes(customer string) (out []*pb.TierChange) {
	for _, m := range w.read(topics.TierChanges, kafkalog.Partition(customer, partitions)) {
		c := &pb.TierChange{}
		must(w.t, proto.Unmarshal(m.Value, c))
		if c.CustomerId == customer && c.Seq == int64(len(out)+1) {
			out = append(out, c)
		}
	}
	return out
}

func (w *world) hasChanges(customer string, n int) error {
	if got := len(w.changes(customer)); got < n {
		return fmt.Errorf("it has %d tier changes, not %d", got, n)
	}
	return nil
}
