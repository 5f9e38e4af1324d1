package notifier

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
)

// observer turns what a partition goes through into metrics, log and readiness. No customer's data gets into any of them.
type observer struct {
	topic, partition, subject string
	log                       zerolog.Logger
	metrics                   *metrics
	ready                     *process.Readiness

	mu    sync.Mutex
	stuck string
	said  map[string]time.Time // what was told of endpoints, so that the same isn't told with every attempt
}

func (n *notifier) observer(topic string, partition int) *observer {
	return &observer{
		topic: topic, partition: strconv.Itoa(partition), subject: fmt.Sprintf("%s/%s/%d", topics.Notifier, topic, partition), metrics: n.metrics,
		log: n.deps.Log.With().Str("topic", topic).Int("partition", partition).Logger(), ready: n.deps.Ready, said: map[string]time.Time{},
	}
}

// Taken counts records.
func (o *observer) Taken(outcome string, n int) {
	o.metrics.notices.WithLabelValues(o.topic, outcome).Add(float64(n))
	if outcome == delivery.Unreadable {
		o.log.Error().Msg("a record is no notice: left out")
	}
}

// Old tells once of many.
func (o *observer) Old(n int) {
	o.log.Warn().Int("records", n).Msg("older than max_age when they were first read: not delivered")
}

// Gap tells that a customer's notices are missing in the topic.
func (o *observer) Gap(customer string, last, seq int64) {
	o.metrics.gaps.WithLabelValues(o.topic).Inc()
	o.log.Error().Str("customer", process.Hashed(customer)).Int64("last", last).Int64("seq", seq).Msg("a gap: notices are missing in the topic; going on")
}

// How often the same is told of an endpoint, and of how much that is remembered.
const (
	repeatEvery = time.Minute
	saidMost    = 100
)

// worthSaying says whether something was told of an endpoint within the last minute.
func (o *observer) worthSaying(what string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.said[what]) < repeatEvery {
		return false
	}
	if len(o.said) >= saidMost {
		clear(o.said)
	}
	o.said[what] = time.Now()
	return true
}

// Attempted counts an attempt.
func (o *observer) Attempted(endpoint string, r delivery.Result, took time.Duration) {
	o.metrics.seconds.WithLabelValues(endpoint).Observe(took.Seconds())
	if r.OK {
		o.metrics.attempts.WithLabelValues(endpoint, "success").Inc()
		return
	}
	o.metrics.attempts.WithLabelValues(endpoint, "failure").Inc()
	if o.worthSaying(endpoint + " " + r.What) {
		o.log.Warn().Str("endpoint", endpoint).Str("error", r.What).Msg("an attempt failed")
	}
}

// Died counts deliveries that were given up.
func (o *observer) Died(endpoint, reason string, n int) {
	o.metrics.died.WithLabelValues(endpoint, reason).Add(float64(n))
	o.log.Debug().Str("endpoint", endpoint).Str("reason", reason).Msg("a delivery is dead")
}

// Dropped counts dead deliveries that are no longer kept.
func (o *observer) Dropped(endpoint string, n int) {
	o.metrics.dropped.WithLabelValues(endpoint).Add(float64(n))
	if o.worthSaying(endpoint + " dropped") {
		o.log.Error().Str("endpoint", endpoint).Msg("too many dead deliveries: the oldest are no longer kept, see tierstream_notifier_deliveries_dropped_total; the topic still has them")
	}
}

// Pending moves a gauge.
func (o *observer) Pending(endpoint string, more int) {
	o.metrics.pending.WithLabelValues(endpoint).Add(float64(more))
}

// Dead moves a gauge.
func (o *observer) Dead(endpoint string, more int) {
	o.metrics.dead.WithLabelValues(endpoint).Add(float64(more))
}

// Lag is how many records wait.
func (o *observer) Lag(records int64) {
	o.metrics.lag.WithLabelValues(o.topic, o.partition).Set(float64(records))
}

// Stuck shows that the partition waits for an operator.
func (o *observer) Stuck(why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if why == o.stuck {
		return
	}
	o.stuck = why
	o.ready.Set(o.subject, why)
	is := 0.0
	if why != "" {
		is = 1
		o.log.Error().Str("why", why).Msg("partition stands still")
	}
	o.metrics.halted.WithLabelValues(o.topic, o.partition).Set(is)
}

// released takes the partition's gauges away: it belongs to somebody else now.
func (o *observer) released() {
	o.metrics.lag.DeleteLabelValues(o.topic, o.partition)
	o.metrics.halted.DeleteLabelValues(o.topic, o.partition)
	o.ready.Drop(o.subject)
	o.log.Info().Msg("partition released")
}

// Lost tells of a state that isn't there, as when a routing file is used for the first time.
func (o *observer) Lost(offset int64) {
	o.metrics.events.WithLabelValues("state missing").Inc()
	o.log.Warn().Int64("offset", offset).Msg("no delivery state although the group has committed: going on from there; what was pending, if anything was, is lost (normal when routes are used for the first time)")
}

// Expired tells of records that nobody has read.
func (o *observer) Expired(from, to int64) {
	o.metrics.events.WithLabelValues("expired").Inc()
	o.log.Error().Int64("from", from).Int64("to", to).Msg("records expired unread: going on from the topic's start")
}

// Failed tells of what will be tried again.
func (o *observer) Failed(err error) {
	o.metrics.events.WithLabelValues("failed").Inc()
	o.log.Warn().Err(err).Msg("a round failed: trying again")
}
