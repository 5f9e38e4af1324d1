// Package worker runs a stage as a service: it joins the consumer group, gives each partition that it is assigned to
// an engine of its own, and shows on metrics, readiness and log how they are.
//
//	consumer group ──▶ claim of partition p ──▶ processor.Owner(p) ──▶ Kafka: outputs, Ticks, commits
//	                                                │
//	                                                └──▶ Redis: the slot of p
package worker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Config says which stage to run.
type Config struct {
	Name      string // of the service: its consumer group and its keys in Redis
	Input     string // topic, without prefix
	Stage     processor.Stage
	Heartbeat civil.Instant // 0: none
	// Rebuild starts an empty state from the log's start, whatever the consumer group has committed: for the embedded
	// Redis, which keeps nothing. With a real one a missing state halts the partition instead.
	Rebuild bool
	// Beside runs while this instance owns partition 0, until ctx ends; nil: nothing does. Two instances may run it at once for a
	// moment, as they may own a partition.
	Beside func(ctx context.Context, client *kafkalog.Client)
}

// Run runs the stage until ctx ends.
func Run(ctx context.Context, w Config, c process.Config, d process.Deps) error {
	client, err := Kafka(c, d, "tierstream-"+w.Name)
	if err != nil {
		return err
	}
	defer client.Close()
	store, err := AwaitRedis(ctx, c, d)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil // stopped while it was connecting
	case err != nil:
		return err
	}
	defer func() { _ = store.Close() }()
	r := &runner{
		Config: w, process: c, deps: d, client: client, store: store, metrics: newMetrics(d.Registry, w.Name),
		inputs: &inputs{client: client, prefix: c.TopicPrefix, deps: d},
	}
	return client.Group(Membership(c, d, w.Name, w.Input)).Run(ctx, r.claim)
}

type runner struct {
	Config
	process process.Config
	deps    process.Deps
	client  *kafkalog.Client
	store   *redisstate.Store
	metrics *metrics
	inputs  *inputs
}

// claim owns one partition until ctx ends. A partition that halts stays halted: nothing else stops.
func (r *runner) claim(ctx context.Context, c kafkalog.Claim) {
	subject := r.subject(c)
	log := r.deps.Log.With().Int("partition", c.Partition).Logger()
	partition := strconv.Itoa(c.Partition)
	r.deps.Ready.Set(subject, "")
	defer r.deps.Ready.Drop(subject)
	r.metrics.halted.WithLabelValues(partition).Set(0)
	defer r.metrics.release(partition)
	log.Info().Int64("committed", c.Committed).Msg("partition claimed")
	defer r.beside(ctx, c)()
	owner := processor.New(r.owner(c, log))
	committed := c.Committed
	if r.Rebuild {
		committed = -1
	}
	err := owner.Run(ctx, committed)
	var halt *processor.Halt
	switch {
	case errors.As(err, &halt):
		r.deps.Ready.Set(subject, "halted: "+halt.Error())
		r.metrics.halted.WithLabelValues(partition).Set(1)
		log.Error().Str("why", halt.Why).Str("remedy", halt.Remedy).Msg("partition halted")
		<-ctx.Done() // returning would only claim it again
	case err != nil && ctx.Err() == nil:
		log.Warn().Err(err).Msg("partition given up")
	}
	log.Info().Msg("partition released")
}

// beside starts what runs beside the owner of partition 0, and gives what ends it.
func (r *runner) beside(ctx context.Context, c kafkalog.Claim) (end func()) {
	if c.Partition != 0 || r.Beside == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Beside(ctx, r.client)
	}()
	return func() {
		stop()
		<-done
	}
}

// owner is what the owner of a claim is made of.
func (r *runner) owner(c kafkalog.Claim, log zerolog.Logger) processor.Config {
	return processor.Config{
		Partition: c.Partition,
		Log:       r.client.PartitionLog(c, kafkalog.Topics{Prefix: r.process.TopicPrefix, Facts: topics.Facts, Clock: r.deps.Clock}),
		State:     r.store.Slot(r.process.TopicPrefix, r.Name, c.Partition),
		Stage:     r.Stage, First: r.Input == topics.Facts, Heartbeat: r.Heartbeat, TakenIn: r.inputs.takenIn,
		Clock: r.deps.Clock, Nonce: nonce, Pause: pause,
		Observer: &observer{partition: strconv.Itoa(c.Partition), metrics: r.metrics, log: log, ready: r.deps.Ready, subject: r.subject(c)},
	}
}

// subject is a partition's name in readiness.
func (r *runner) subject(c kafkalog.Claim) string { return fmt.Sprintf("%s/%d", r.Name, c.Partition) }

// nonce tells two Applies apart; 0 stands for none.
func nonce() uint64 { return rand.Uint64() | 1 }

// Bounds of the rest between failing rounds.
const (
	pauseLeast = 10 * time.Millisecond
	pauseMost  = time.Second
)

// pause rests the longer the more rounds have failed in a row.
func pause(ctx context.Context, failed int) {
	t := time.NewTimer(min(pauseMost, pauseLeast<<min(failed-1, 10)))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
