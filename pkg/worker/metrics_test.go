package worker

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Readiness tells a partition that is slow from one that fails and from one that has halted; what is well again says nothing.
func TestPartitionsReadiness(t *testing.T) {
	ready := &process.Readiness{}
	o := &observer{partition: "3", metrics: newMetrics(prometheus.NewRegistry(), "scorer"), log: zerolog.Nop(), ready: ready, subject: "scorer/3"}
	says := func(after string, code int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		ready.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/readyz?verbose", nil))
		if w.Code != code || w.Body.String() != want {
			t.Errorf("%s: %d %q, want %d %q", after, w.Code, w.Body.String(), code, want)
		}
	}
	o.Lag(4000)
	says("a batch or two to go", 200, "ready\n")
	o.Lag(60_000)
	says("a backlog", 200, "[+] scorer/3 slow: 60000 records behind, and going on\nready\n")
	o.Failed(errors.New("reading {scorer:p3}: connection refused"))
	says("Redis is away", 503, "[-] scorer/3 failing, and trying again: reading {scorer:p3}: connection refused\nnot ready\n")
	o.Lag(50_000)
	says("it answers", 200, "[+] scorer/3 slow: 50000 records behind, and going on\nready\n")
	o.Lag(10)
	says("it has caught up", 200, "[+] scorer/3 ok\nready\n")
}

// What another instance tells now isn't told here any more.
func TestReleasedPartitionsHaveNoGauges(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := newMetrics(reg, "scorer")
	for _, p := range []string{"3", "4"} {
		m.halted.WithLabelValues(p).Set(0)
		o := &observer{partition: p, metrics: m, log: zerolog.Nop(), ready: &process.Readiness{}}
		o.Lag(7)
		o.Applied(5, processor.Status{Now: 1}, nil)
	}
	m.release("3")
	n, err := testutil.GatherAndCount(reg, "tierstream_stage_lag_records", "tierstream_stage_now_seconds", "tierstream_stage_halted")
	if err != nil || n != 3 {
		t.Errorf("%d gauges are left, %v; want the three of partition 4", n, err)
	}
	if n := testutil.ToFloat64(m.applied.WithLabelValues("3")); n != 5 {
		t.Errorf("the counter of partition 3 is at %v", n)
	}
}
