// Package notifier is the service that tells people and systems about tier changes, credit alerts and signals: by webhook,
// chat and mail, as the routing file says. Without one it tells the log.
//
//	tier-changes ──┐                      ┌─▶ channels: webhooks, chats, mail
//	credit-alerts ─┼─▶ delivery.Owner(p) ─┤
//	signals ───────┘    one a partition   └─▶ Redis: the slot of (topic, p), and one of all endpoints
package notifier

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tierstream/tierstream/pkg/channels"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/webhook"
	"github.com/tierstream/tierstream/pkg/worker"
)

// Run runs the service until ctx ends.
func Run(ctx context.Context, c process.Config, d process.Deps) error {
	if c.Routes == "" {
		return toLog(ctx, c, d)
	}
	file, err := routes.Load(c.Routes)
	if err != nil {
		return err
	}
	client, err := worker.Kafka(c, d, "tierstream-notifier")
	if err != nil {
		return err
	}
	defer client.Close()
	store, err := worker.AwaitRedis(ctx, c, d)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil // stopped while it was connecting
	case err != nil:
		return err
	}
	defer func() { _ = store.Close() }()
	n := &notifier{process: c, deps: d, client: client, store: store, file: file, metrics: newMetrics(d.Registry)}
	return n.run(ctx)
}

type notifier struct {
	process   process.Config
	deps      process.Deps
	client    *kafkalog.Client
	store     *redisstate.Store
	file      *routes.File
	metrics   *metrics
	channels  *channels.Channels
	endpoints *delivery.Endpoints
}

// run waits for the deployment's record 0, which says in what words to speak, and then follows the topics.
func (n *notifier) run(ctx context.Context) error {
	words, err := n.awaitWords(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	// Signatures carry the true time, whatever --clock-offset says: receivers refuse another.
	if n.channels, err = channels.New(channels.Config{Egress: n.file.Egress, Getenv: os.Getenv, Now: time.Now, Words: words}); err != nil {
		return err
	}
	defer n.channels.Close()
	n.endpoints = n.newEndpoints()
	n.deps.Log.Info().Int("endpoints", len(n.file.Endpoints)).Int("routes", len(n.file.Routes)).Str("version", n.file.Version).Msg("routing file read")
	var all errgroup.Group
	for _, topic := range topics.Notices() {
		all.Go(func() error {
			return n.client.Group(worker.Membership(n.process, n.deps, topics.Notifier, topic)).Run(ctx, func(ctx context.Context, c kafkalog.Claim) { n.claim(ctx, topic, c) })
		})
	}
	all.Go(func() error { return n.watchEndpoints(ctx) })
	return all.Wait()
}

// watchEndpoints keeps readiness true also in an instance that has no partition.
func (n *notifier) watchEndpoints(ctx context.Context) error {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			_ = n.endpoints.Refresh(ctx) // whoever delivers tells of errors
		}
	}
}

const watchEvery = 5 * time.Second

// newEndpoints is how the endpoints are, as all instances see it. Each is a subject of readiness.
func (n *notifier) newEndpoints() *delivery.Endpoints {
	inFlight := map[string]int{}
	for _, e := range n.file.Endpoints {
		inFlight[e.Name] = e.MaxInFlight
		n.changed(e.Name, "", "")
	}
	return delivery.NewEndpoints(delivery.EndpointsConfig{
		InFlight: inFlight, State: n.store.Slot(n.process.TopicPrefix, topics.Endpoints, 0), Schedule: delivery.StandardSchedule(),
		Clock: n.deps.Clock, Nonce: nonce, Every: time.Second, Changed: n.changed,
	})
}

// changed shows that an endpoint went off or was taken back.
func (n *notifier) changed(endpoint, off, line string) {
	for _, reason := range []string{delivery.Disabled, delivery.SetAside} {
		is := 0.0
		if reason == off {
			is = 1
		}
		n.metrics.off.WithLabelValues(endpoint, reason).Set(is)
	}
	subject := topics.Notifier + "/endpoint/" + endpoint
	if off == "" {
		n.deps.Ready.Set(subject, "")
		return
	}
	remedy := "mend it, then tierctl webhook enable " + endpoint + " and tierctl webhook retry --endpoint " + endpoint
	n.deps.Ready.Set(subject, fmt.Sprintf("%s: %s; %s", off, line, remedy))
	n.deps.Log.Error().Str("endpoint", endpoint).Str("reason", off).Str("error", line).Str("remedy", remedy).Msg("endpoint gets no more deliveries; they are kept")
}

// claim owns one partition of a topic until ctx ends. One that halts stays halted: nothing else stops.
func (n *notifier) claim(ctx context.Context, topic string, c kafkalog.Claim) {
	o := n.observer(topic, c.Partition)
	n.deps.Ready.Set(o.subject, "")
	defer o.released()
	o.log.Info().Int64("committed", c.Committed).Msg("partition claimed")
	owner := delivery.New(delivery.Config{
		Partition: c.Partition, Log: n.client.PartitionLog(c, kafkalog.Topics{Clock: n.deps.Clock}),
		State: n.store.Slot(n.process.TopicPrefix, topics.Deliveries(topic), c.Partition),
		Read:  n.reader(topic), Send: &attempts{n, topic}, Endpoints: n.endpoints, Observer: o,
		ID:       func(customer string, seq int64) string { return webhook.ID(n.process.TopicPrefix+topic, customer, seq) },
		Schedule: delivery.StandardSchedule(), Clock: n.deps.Clock, Nonce: nonce, Chance: rand.Float64,
	})
	err := owner.Run(ctx, c.Committed)
	var halt *processor.Halt
	switch {
	case errors.As(err, &halt):
		o.Stuck("halted: " + halt.Error())
		<-ctx.Done() // returning would only claim it again
	case err != nil && ctx.Err() == nil:
		o.log.Warn().Err(err).Msg("partition given up")
	}
}

// reader tells who gets a record.
func (n *notifier) reader(topic string) delivery.Reader {
	return func(r processor.Record) (delivery.Notice, error) {
		is, err := codec.Notice(topic, r.Value)
		if err != nil {
			return delivery.Notice{}, fmt.Errorf("%w: %w", delivery.ErrUnreadable, err)
		}
		out := delivery.Notice{Customer: is.CustomerID, Seq: is.Seq, Live: is.Live, DecidedAt: is.DecidedAt}
		for _, e := range n.file.For(&is) {
			out.To = append(out.To, delivery.Target{Endpoint: e.Name, MaxAge: civil.Instant(e.MaxAge / time.Microsecond)})
		}
		return out, nil
	}
}

// nonce tells two Applies apart; 0 stands for none.
func nonce() uint64 { return rand.Uint64() | 1 }
