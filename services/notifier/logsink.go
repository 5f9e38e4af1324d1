package notifier

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// toLog tells the log alone, with hashed ids, until ctx ends: who needs the names reads the topic.
func toLog(ctx context.Context, c process.Config, d process.Deps) error {
	client, err := worker.Kafka(c, d, "tierstream-notifier")
	if err != nil {
		return err
	}
	defer client.Close()
	n := &logSink{deps: d, client: client, changes: newCounter(d.Registry)}
	return client.Group(worker.Membership(c, d, topics.Notifier, topics.TierChanges)).Run(ctx, n.claim)
}

// logSink is the notifier without a routing file.
type logSink struct {
	deps    process.Deps
	client  *kafkalog.Client
	changes *prometheus.CounterVec
}

func newCounter(reg prometheus.Registerer) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "tierstream", Subsystem: "notifier", Name: "changes_total",
		Help: "Tier changes read, by what was done: delivered, repeated, not live, unreadable.",
	}, []string{"outcome"})
	reg.MustRegister(c)
	return c
}

// claim reads one partition until ctx ends: at least once, each change once in effect by its seq.
func (n *logSink) claim(ctx context.Context, c kafkalog.Claim) {
	log := n.deps.Log.With().Int("partition", c.Partition).Logger()
	last := map[string]int64{}
	err := n.client.Consume(ctx, c, func(batch []kafkalog.Message) error {
		for _, m := range batch {
			change := &pb.TierChange{}
			if err := proto.Unmarshal(m.Value, change); err != nil {
				n.changes.WithLabelValues("unreadable").Inc()
				log.Error().Int64("offset", m.Offset).Msg("a record of tier-changes is no tier change: left out")
				continue
			}
			n.deliver(log, last, change)
		}
		return nil
	}, func(err error) {
		if err == nil {
			log.Info().Msg("reading tier changes again")
			return
		}
		log.Warn().Err(err).Msg("reading tier changes failed: trying again")
	})
	if err != nil && ctx.Err() == nil {
		log.Warn().Err(err).Msg("partition given up")
	}
}

// deliver tells of a change that is live and hasn't been told of.
func (n *logSink) deliver(log zerolog.Logger, last map[string]int64, c *pb.TierChange) {
	switch {
	case c.Seq <= last[c.CustomerId]:
		n.changes.WithLabelValues("repeated").Inc()
		return
	case c.Mode != pb.Mode_LIVE:
		n.changes.WithLabelValues("not live").Inc()
	default:
		n.changes.WithLabelValues("delivered").Inc()
		log.Info().Str("customer", process.Hashed(c.CustomerId)).Int64("seq", c.Seq).Str("from", c.From).Str("to", c.To).
			Str("direction", c.Direction.String()).Str("reason", firstCode(c)).Msg("tier changed")
	}
	last[c.CustomerId] = c.Seq
}

func firstCode(c *pb.TierChange) string {
	if len(c.Reasons) == 0 {
		return ""
	}
	return c.Reasons[0].Code
}
