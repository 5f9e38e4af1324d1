package worker

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/embedded"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Ticks stand still while ingest is behind, at a time before everything that it hasn't taken in; then they go on.
func TestTicksWaitForTheInputs(t *testing.T) {
	server, err := embedded.StartKafka("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := kafkalog.Open(kafkalog.Config{Brokers: []string{server.Broker}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var all []kafkalog.Topic
	for _, name := range topics.Inputs() {
		all = append(all, kafkalog.Topic{Name: "x." + name, Partitions: 2})
	}
	if err := client.EnsureTopics(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	in := &inputs{client: client, prefix: "x.", deps: process.Deps{Log: zerolog.Nop()}}
	clock := civil.Instant(1000 * civil.Second)
	ask := func(what string, want civil.Instant) {
		t.Helper()
		clock += civil.Second
		if got := in.takenIn(t.Context(), clock); got != want {
			t.Errorf("%s: %d s, want %d s", what, got/civil.Second, want/civil.Second)
		}
	}
	ask("with empty inputs time goes on", 1001*civil.Second)
	if _, err := client.Produce(t.Context(), "x."+topics.Payments, 1, []kafkalog.Message{{Value: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	ask("a payment that nobody takes in", 1001*civil.Second)
	ask("it still lies there", 1001*civil.Second)
	if got := in.takenIn(t.Context(), clock+1); got != 1001*civil.Second {
		t.Errorf("asked at once again: %d", got)
	}
	takeIn(t, client, topics.Payments)
	ask("it was taken in: what was sent before it was missed is in facts", 1002*civil.Second)
	ask("and nothing is left", 1005*civil.Second)
	if got := in.takenIn(t.Context(), clock-2*civil.Second); got != clock-2*civil.Second {
		t.Errorf("a clock set back: %d", got)
	}
}

// takeIn commits a record as ingest does.
func takeIn(t *testing.T, client *kafkalog.Client, topic string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	group := client.Group(kafkalog.GroupConfig{Group: topics.Group("x.", topics.Ingest, topic), Topic: "x." + topic})
	err := group.Run(ctx, func(_ context.Context, c kafkalog.Claim) {
		if c.Partition != 1 {
			return
		}
		if err := c.Commit(1); err != nil {
			t.Error(err)
		}
		stop()
	})
	if err != nil {
		t.Error(err)
	}
}
