package notifier

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the notifier shows. Labels have few values: endpoints of the routing file, topics, words of the code.
type metrics struct {
	notices  *prometheus.CounterVec
	attempts *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	died     *prometheus.CounterVec
	dropped  *prometheus.CounterVec
	gaps     *prometheus.CounterVec
	events   *prometheus.CounterVec
	pending  *prometheus.GaugeVec
	dead     *prometheus.GaugeVec
	off      *prometheus.GaugeVec
	lag      *prometheus.GaugeVec
	halted   *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string, by ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tierstream", Subsystem: "notifier", Name: name, Help: help}, by)
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string, by ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "tierstream", Subsystem: "notifier", Name: name, Help: help}, by)
		reg.MustRegister(g)
		return g
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "tierstream", Subsystem: "notifier", Name: "attempt_seconds", Help: "How long attempts took.",
		Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60}, NativeHistogramBucketFactor: 1.1,
	}, []string{"endpoint"})
	reg.MustRegister(seconds)
	return &metrics{
		seconds:  seconds,
		notices:  counter("notices_total", "Records read, by what became of them.", "topic", "outcome"),
		attempts: counter("attempts_total", "Attempts to deliver, by outcome: success or failure.", "endpoint", "outcome"),
		died:     counter("deliveries_dead_total", "Deliveries that were given up, by reason.", "endpoint", "reason"),
		dropped:  counter("deliveries_dropped_total", "Dead deliveries that had to make room for later ones.", "endpoint"),
		gaps:     counter("gaps_total", "Gaps in a customer's numbers: notices missing in the topic.", "topic"),
		events:   counter("engine_events_total", "What the engine went through: state missing, expired, failed.", "event"),
		pending:  gauge("pending_deliveries", "Deliveries that wait for their next attempt.", "endpoint"),
		dead:     gauge("dead_deliveries", "Dead deliveries that are kept: tierctl webhook list --dead.", "endpoint"),
		off:      gauge("endpoint_off", "1 where an endpoint gets nothing: it is disabled, or set aside.", "endpoint", "reason"),
		lag:      gauge("lag_records", "Records of the topic that wait to be taken.", "topic", "partition"),
		halted:   gauge("halted", "1 where the partition stands still and waits for an operator.", "topic", "partition"),
	}
}
