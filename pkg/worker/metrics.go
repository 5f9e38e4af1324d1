package worker

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
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
	judged  *prometheus.GaugeVec
	held    *prometheus.GaugeVec
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
		events:  counter("engine_events_total", "What the engine went through: resent, adopted, given up, ticks, stalls.", "event"),
		now:     gauge("now_seconds", "The largest time that the partition's log has shown."),
		lag:     gauge("lag_records", "Records of the input log that wait to be applied."),
		judged:  gauge("silence_judged_seconds", "The time up to which payments are taken to be known: who hasn't paid what was due before is late."),
		held:    gauge("silence_held", "1 where a feed of payments holds that time further back than the policy's booking lag."),
		halted:  gauge("halted", "1 where the partition has stopped and waits for an operator."),
	}
}

// release forgets what is true of a partition only while it is owned: another instance tells it now.
func (m *metrics) release(partition string) {
	for _, g := range []*prometheus.GaugeVec{m.now, m.lag, m.halted, m.judged, m.held} {
		g.DeleteLabelValues(partition)
	}
}

// observer turns what an engine goes through into metrics and log.
type observer struct {
	partition string
	metrics   *metrics
	log       zerolog.Logger
	ready     *process.Readiness
	subject   string // of readiness
	failing   bool
	slow      bool
	held      bool
}

// Applied counts a batch.
func (o *observer) Applied(records int64, s processor.Status, met []processor.Count) {
	o.metrics.applied.WithLabelValues(o.partition).Add(float64(records))
	o.metrics.lag.WithLabelValues(o.partition).Sub(float64(records))
	o.metrics.now.WithLabelValues(o.partition).Set(float64(s.Now) / float64(civil.Second))
	o.silence(s)
	for _, c := range met {
		o.metrics.met.WithLabelValues(c.Name).Add(float64(c.N))
	}
}

// silence shows how far silence is judged, and tells once that it is held, and that it no longer is.
func (o *observer) silence(s processor.Status) {
	if s.Judged == 0 {
		return
	}
	held := 0.0
	if s.Held {
		held = 1
	}
	o.metrics.judged.WithLabelValues(o.partition).Set(float64(s.Judged) / float64(civil.Second))
	o.metrics.held.WithLabelValues(o.partition).Set(held)
	if s.Held == o.held {
		return
	}
	if o.held = s.Held; s.Held {
		o.log.Warn().Stringer("judged_up_to", s.Judged).Msg("a feed of payments is behind: nobody gets worse by silence until it speaks again (see tierctl feed status)")
		return
	}
	o.log.Info().Stringer("judged_up_to", s.Judged).Msg("silence is judged as far as it should be again")
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

// GivenUp tells that records are taken again in shorter runs.
func (o *observer) GivenUp(records int) {
	o.metrics.events.WithLabelValues("given up").Inc()
	o.log.Debug().Int("records", records).Msg("a batch came to too much: taken again in shorter runs")
}

// Ticked counts Ticks.
func (o *observer) Ticked(civil.Instant) { o.metrics.events.WithLabelValues("tick").Inc() }

// Lag is how many records wait: the log and the state have answered.
func (o *observer) Lag(records int64) {
	slow := records > slowFrom
	switch {
	case slow:
		o.ready.Note(o.subject, fmt.Sprintf("slow: %d records behind, and going on", records))
	case o.failing || o.slow:
		o.ready.Set(o.subject, "")
	}
	if o.failing {
		o.log.Info().Msg("all is well again")
	}
	o.failing, o.slow = false, slow
	o.metrics.lag.WithLabelValues(o.partition).Set(float64(records))
}

// slowFrom is how many records may wait before readiness speaks of it: a few batches.
const slowFrom = 5000

// Failed tells of a round that will be tried again.
func (o *observer) Failed(err error) {
	o.metrics.events.WithLabelValues("failed").Inc()
	o.failing = true
	o.ready.Set(o.subject, "failing, and trying again: "+err.Error())
	o.log.Warn().Err(err).Msg("a round failed: trying again")
}
