//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// A customer buys once and falls silent: within two seconds of the midnight at which the order leaves the window the
// downgrade is there, stamped with that midnight, although nobody says a word.
func TestSilence(t *testing.T) {
	midnight := time.Date(2030, 3, 3, 0, 0, 0, 0, time.UTC)
	if _, err := programs(); err != nil {
		t.Fatal(err)
	}
	zero := time.Now().Add(20 * time.Second) // when it is midnight
	s := start(t, 1, fmt.Sprintf("TIERSTREAM_CLOCK_OFFSET=%s", midnight.Sub(zero)))
	policy := "version: \"1\"\ntime_zone: UTC\nvalue: {window_days: 1}\ntiers:\n  - {name: base}\n  - {name: silver, enter: \"value.net >= 100\", keep: \"value.net >= 100\"}\n"
	order := `{"topic":"orders","value":{"event_id":"e1","occurred_at":"2030-03-01T09:00:00Z","customer_id":"C1","order_id":"O1","placed":{"amount_minor":"20000","currency":"CNY"}}}`
	for name, text := range map[string]string{"policy.yaml": policy, "events.jsonl": order + "\n"} {
		if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.tierctl("init", "--policy", s.path("policy.yaml"), "--partitions", "2")
	s.tierctl("send", s.path("events.jsonl"))
	s.tierctl("wait")
	changes := s.changes(2, zero.Add(10*time.Second))
	late := time.Since(zero)
	if len(changes) != 2 || changes[1].From != "silver" || changes[1].To != "base" || !changes[1].DecidedAt.AsTime().Equal(midnight) {
		text, _ := json.Marshal(changes)
		t.Fatalf("the changes are %s", text)
	}
	t.Logf("the downgrade was there %v after its moment", late)
	if late < 0 || late > 2*time.Second {
		t.Errorf("the downgrade was there %v after its moment", late)
	}
}

// changes waits until there are n tier changes, or until it is too late.
func (s *system) changes(n int, until time.Time) (out []*pb.TierChange) {
	s.t.Helper()
	client, err := kafkalog.Open(kafkalog.Config{Brokers: []string{server(s.t, "TIERSTREAM_BROKERS")}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	topic := s.prefix + "tier-changes"
	for len(out) < n && time.Now().Before(until) {
		bounds, err := client.Offsets(s.t.Context(), topic)
		if err != nil {
			s.t.Fatal(err)
		}
		out = nil
		for p, b := range bounds {
			err := client.ReadRange(s.t.Context(), topic, p, b.Start, b.End, func(m kafkalog.Message) error {
				c := &pb.TierChange{}
				out = append(out, c)
				return proto.Unmarshal(m.Value, c)
			})
			if err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return out
}
