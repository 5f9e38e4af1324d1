package ingest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// line is an order as tierctl send writes it; with days its day lies so far from now.
func line(id string, days int) kafkalog.Message {
	return kafkalog.Message{Value: fmt.Appendf(nil, `{"topic":"orders","value":{"event_id":%q,"occurred_at":%q,"customer_id":"C1","order_id":%q,"placed":{"amount_minor":"1","currency":"CNY"}}}`,
		id, now.AddDate(0, 0, days).Format(time.RFC3339), id)}
}

// survey is an event that may be too old.
func survey(id string, days int) kafkalog.Message {
	return kafkalog.Message{Value: fmt.Appendf(nil, `{"topic":"engagements","value":{"event_id":%q,"occurred_at":%q,"customer_id":"C1","survey":{"score":9}}}`,
		id, now.AddDate(0, 0, days).Format(time.RFC3339))}
}

func (r *rig) control(f *pb.Fact) kafkalog.Message {
	return kafkalog.Message{Value: r.encode(f), Headers: []kafkalog.Header{{Key: topics.ControlHeader, Value: []byte("1")}}}
}

// reasons are those of the n dead letters, sorted.
func (r *rig) reasons(n int) (out []string) {
	r.t.Helper()
	for _, m := range r.await(topics.DeadLetters, n) {
		for _, h := range m.Headers {
			if h.Key == "ts_reason" {
				out = append(out, string(h.Value))
			}
		}
	}
	slices.Sort(out)
	return out
}

// untilLive waits until the partitions' commits say so.
func (r *rig) untilLive(want ...bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for ; ; time.Sleep(5 * time.Millisecond) { // between two looks
		live, err := worker.Live(ctx, r.client, "", &pb.PartitionInit{Clock: pb.PartitionInit_EVENT, Partitions: partitions})
		if err == nil && slices.Equal(live, want) {
			return
		}
		if ctx.Err() != nil {
			r.t.Fatalf("live is %v (%v), want %v; the log: %s", live, err, want, r.log.String())
		}
	}
}

// From the end of a backfill on the wall clock judges again, partition by partition: at once where it is passed, and also
// in an instance that starts later, on every input.
func TestGoingLive(t *testing.T) {
	r := prepare(t)
	r.initialiseUnder(pb.PartitionInit_EVENT)
	live := r.control(&pb.Fact{At: now.UnixMicro(), Body: &pb.Fact_ClockLive{ClockLive: &pb.ClockLive{Sequence: 1}}})
	tick := r.control(&pb.Fact{At: now.AddDate(9, 0, 0).UnixMicro(), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}})
	r.put(topics.Events, 0, line("far", 400), survey("old", -400), live, tick, line("future", 2), survey("older", -36), line("today", 0))
	r.put(topics.Events, 1, survey("history", -400))
	stop := r.run()
	if got := strings.Join(r.reasons(2), " "); got != "FUTURE TOO_OLD" {
		t.Errorf("the dead letters are %s, want what came after the backfill", got)
	}
	r.untilLive(true, false)
	r.await(topics.Facts, partitions+5)
	stop()
	var kinds []string
	for _, m := range r.await(topics.Facts, partitions+5) {
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, strings.TrimPrefix(fmt.Sprintf("%T", f.Body), "*tierstreamv1.Fact_"))
	}
	slices.Sort(kinds)
	if got, want := strings.Join(kinds, " "), "ClockLive Engagement Engagement Init Init Order Order"; got != want {
		t.Errorf("facts has %s, want %s: a Tick of a replay that comes later is none", got, want)
	}

	r.deps.Registry = prometheus.NewRegistry()
	r.put(topics.Events, 0, line("future again", 2))
	r.put(topics.Orders, 1, kafkalog.Message{Value: []byte(strings.Replace(order, "2026-03-01", "2026-03-04", 1))})
	r.put(topics.Events, 1, survey("more history", -400))
	r.run()
	if got := strings.Join(r.reasons(4), " "); got != "FUTURE FUTURE FUTURE TOO_OLD" {
		t.Errorf("the dead letters are %s, want those of an instance that started later too", got)
	}
	r.await(topics.Facts, partitions+6)
	r.untilLive(true, false)
}

// Under the event clock nothing is of the future, whatever the input.
func TestBackfillIsNotJudged(t *testing.T) {
	r := start(t)
	r.initialiseUnder(pb.PartitionInit_EVENT)
	r.put(topics.Events, 0, line("far", 400))
	r.put(topics.Orders, 0, kafkalog.Message{Value: []byte(strings.Replace(order, "2026-03-01", "2026-03-04", 1))})
	if got := r.facts(2); len(got) != 2 {
		t.Errorf("%d events are in facts, want both", len(got))
	}
}
