package worker

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// metrics are what a stage shows. Labels have few values: partitions, and names from the code.
type metrics struct {
	applied *prometheus.CounterVec // records
	emitted *prometheus.CounterVec // messages
	met     *prometheus.CounterVec // duplicates, anomalies, changes ...
	events  *prometheus.CounterVec // what the engine went through: resent, adopted, tick ...
	now     *prometheus.GaugeVec
	lag     *prometheus.GaugeVec
	halted  *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer, service string) *metrics {
	labels := prometheus.Labels{"stage": service}
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tierstream", Subsystem: "stage", Name: name, Help: help, ConstLabels: labels}, by)
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "tierstream", Subsystem: "stage", Name: name, Help: help, ConstLabels: labels}, []string{"partition"})
		reg.MustRegister(g)
		return g
	}
	return &metrics{
		applied: counter("records_applied_total", "Records of the input log applied to the state.", "partition"),
		emitted: counter("messages_emitted_total", "Messages sent and acknowledged.", "partition", "topic"),
		met:     counter("met_total", "What the reducer met: duplicates, due moments, changes by direction.", "what"),
		events:  counter("engine_events_total", "What the engine went through: resent, adopted, ticks, stalls.", "event"),
		now:     gauge("now_seconds", "The largest time that the partition's log has shown."),
		lag:     gauge("lag_records", "Records of the input log that wait to be applied."),
		halted:  gauge("halted", "1 where the partition has stopped and waits for an operator."),
	}
}

// observer turns what an engine goes through into metrics and log.
type observer struct {
	partition string
	metrics   *metrics
	log       zerolog.Logger
	ready     func(why string) // empty: it is
	failing   bool
}

// Applied counts a batch.
func (o *observer) Applied(records int64, s processor.Status, met []processor.Count) {
	o.metrics.applied.WithLabelValues(o.partition).Add(float64(records))
	o.metrics.lag.WithLabelValues(o.partition).Sub(float64(records))
	o.metrics.now.WithLabelValues(o.partition).Set(float64(s.Now) / float64(civil.Second))
	for _, c := range met {
		o.metrics.met.WithLabelValues(c.Name).Add(float64(c.N))
	}
}

// Emitted counts messages that are acknowledged.
func (o *observer) Emitted(topic string, messages int) {
	o.metrics.emitted.WithLabelValues(o.partition, topic).Add(float64(messages))
}

// Adopted tells that the state's cursor was another than the owner's: a start, another owner, or a lost tail.
func (o *observer) Adopted(from, to int64) {
	o.metrics.events.WithLabelValues("adopted").Inc()
	o.log.Info().Int64("from", from).Int64("to", to).Msg("cursor adopted from the state")
}

// Resent tells that the last batch was sent again.
func (o *observer) Resent(offset int64) {
	o.metrics.events.WithLabelValues("resent").Inc()
	o.log.Info().Int64("offset", offset).Msg("last batch sent again")
}

// Ticked counts Ticks.
func (o *observer) Ticked(civil.Instant) { o.metrics.events.WithLabelValues("tick").Inc() }

// Lag is how many records wait: the log and the state have answered.
func (o *observer) Lag(records int64) {
	if o.failing {
		o.failing = false
		o.ready("")
		o.log.Info().Msg("all is well again")
	}
	o.metrics.lag.WithLabelValues(o.partition).Set(float64(records))
}

// Failed tells of a round that will be tried again.
func (o *observer) Failed(err error) {
	o.metrics.events.WithLabelValues("failed").Inc()
	o.failing = true
	o.ready("failing, and trying again: " + err.Error())
	o.log.Warn().Err(err).Msg("a round failed: trying again")
}
