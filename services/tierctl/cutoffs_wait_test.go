package tierctl_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
	"github.com/tierstream/tierstream/services/tierctl"
)

// heard is what a command says while it runs.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// An export between a midnight and its cut-offs waits for them, in all partitions, and is simulate's then. Where they don't come it
// ends all the same, and says what it goes without.
func TestExportWaitsForCutOffs(t *testing.T) {
	const midnight, later = "2024-03-03T16:00:00Z", "2024-03-03T18:00:00Z" // in Shanghai
	d := deploy(t, 0)
	d.write("policy.yaml", rankedPolicy)
	var lines []string
	for _, l := range d.trade("all.jsonl") {
		if _, at, _ := strings.Cut(l, `"occurred_at":"`); at < "2024-03-03T15" {
			lines = append(lines, l)
		}
	}
	d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", "2024-03-03T15:30:00Z")
	d.tick(0, midnight) // has told the day end, which the others haven't come to
	d.tierctl("wait")
	var gaveUp bytes.Buffer
	if code := tierctl.Main(append([]string{"export", "--as-of", later, "--out", d.path("without")}, d.args...), nil, io.Discard, &gaveUp); code != 0 ||
		!strings.Contains(gaveUp.String(), "gave up waiting for the cut-offs of "+midnight) {
		t.Errorf("exit %d: %s", code, gaveUp.String())
	}
	var says heard
	ended := make(chan int)
	go func() {
		ended <- tierctl.Main(append([]string{"export", "--as-of", later, "--out", d.path("live")}, d.args...), strings.NewReader(""), io.Discard, &says)
	}()
	d.comesTo("it waits", func() bool { return strings.Contains(says.String(), "waiting for the cut-offs of "+midnight) })
	d.tick(1, midnight)
	d.tick(2, midnight)
	if code := <-ended; code != 0 || strings.Contains(says.String(), "gave up") {
		t.Fatalf("exit %d: %s", code, says.String())
	}
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", later, "--out", d.path("simulated"))
	for _, f := range []string{"customers.jsonl", "tier-changes.jsonl", "credit-alerts.jsonl", "signals.jsonl"} {
		if diff := cmp.Diff(d.read("simulated/"+f), d.read("live/"+f)); diff != "" {
			t.Errorf("%s differs (-simulated +live):\n%.2000s", f, diff)
		}
	}
	if d.read("without/customers.jsonl") == d.read("live/customers.jsonl") {
		t.Error("the cut-offs that were waited for change nothing: this test shows nothing")
	}
}

// tick puts a Tick behind the events of one partition.
func (d *deployment) tick(partition int, at string) {
	d.t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		d.t.Fatal(err)
	}
	value, err := proto.Marshal(&pb.Fact{At: int64(civil.FromTime(when)), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}})
	if err != nil {
		d.t.Fatal(err)
	}
	m := kafkalog.Message{Value: value, Headers: []kafkalog.Header{{Key: topics.ControlHeader, Value: []byte("1")}}}
	if _, err := d.kafka().Produce(d.t.Context(), topics.Events, partition, []kafkalog.Message{m}); err != nil {
		d.t.Fatal(err)
	}
}
