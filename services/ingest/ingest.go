// Package ingest is the service that takes everything in: it checks each event, finds whose it is, and appends it to
// facts. What can't be used goes to dead-letters with the reason. It keeps nothing: an event may be appended twice,
// and the scorer drops the second.
//
//	orders, invoices, payments, profiles, engagements, events ──▶ decode ──┬──▶ facts, by customer, with the day's rate
//	                                                                       └──▶ dead-letters
package ingest

import (
	"context"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Run runs the service until ctx ends.
func Run(ctx context.Context, c process.Config, d process.Deps) error {
	client, err := worker.Kafka(c, d, "tierstream-ingest")
	if err != nil {
		return err
	}
	defer client.Close()
	s := &service{process: c, deps: d, client: client, metrics: newMetrics(d.Registry), busy: map[int]*semaphore.Weighted{},
		starting: semaphore.NewWeighted(1)}
	s.rates = &rates{service: s}
	var group errgroup.Group
	group.Go(func() error { return s.rates.follow(ctx) })
	for _, topic := range topics.Inputs() {
		group.Go(func() error {
			return client.Group(worker.Membership(c, d, topics.Ingest, topic)).Run(ctx, func(ctx context.Context, claim kafkalog.Claim) { s.claim(ctx, topic, claim) })
		})
	}
	return group.Wait()
}

type service struct {
	process process.Config
	deps    process.Deps
	client  *kafkalog.Client
	metrics *metrics
	rates   *rates

	starting *semaphore.Weighted // held by whoever asks for init
	init     *pb.PartitionInit   // of the deployment

	mu   sync.Mutex
	busy map[int]*semaphore.Weighted // one produce request in flight per facts partition
}

type metrics struct {
	accepted *prometheus.CounterVec
	rejected *prometheus.CounterVec
	unknown  prometheus.Counter
	rates    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tierstream", Subsystem: "ingest", Name: "accepted_total",
			Help: "Events appended to facts, by input topic."}, []string{"topic"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tierstream", Subsystem: "ingest", Name: "rejected_total",
			Help: "Records sent to dead-letters, by input topic and reason."}, []string{"topic", "reason"}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tierstream", Subsystem: "ingest", Name: "unknown_fields_total",
			Help: "Fields of accepted events that this version doesn't know."}),
		rates: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tierstream", Subsystem: "ingest", Name: "rates_newest_timestamp_seconds",
			Help: "Start of the latest day that exchange rates are known for; 0: there are none."}),
	}
	reg.MustRegister(m.accepted, m.rejected, m.unknown, m.rates)
	return m
}

// claim takes one partition of an input in until ctx ends.
func (s *service) claim(ctx context.Context, topic string, c kafkalog.Claim) {
	subject := fmt.Sprintf("ingest/%s/%d", topic, c.Partition)
	log := s.deps.Log.With().Str("topic", topic).Int("partition", c.Partition).Logger()
	s.deps.Ready.Set(subject, "")
	defer s.deps.Ready.Drop(subject)
	clock := &clock{service: s, topic: topic, own: c.Partition}
	c.Note = clock.note
	err := s.client.Consume(ctx, c,
		func(ms []kafkalog.Message) error { return s.take(ctx, topic, clock, ms) },
		func(err error) {
			if err == nil {
				s.deps.Ready.Set(subject, "")
				log.Info().Msg("taking records in again")
				return
			}
			s.deps.Ready.Set(subject, err.Error())
			log.Warn().Err(err).Msg("taking records in failed: trying again")
		})
	if err != nil && ctx.Err() == nil {
		log.Info().Err(err).Msg("partition given up")
	}
}
