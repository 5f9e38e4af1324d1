package worker

import (
	"bytes"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
)

// That silence is held is told once, and that it no longer is; the gauges follow. A stage that judges nothing shows none.
func TestHeldSilenceIsShown(t *testing.T) {
	var log bytes.Buffer
	reg := prometheus.NewRegistry()
	o := &observer{partition: "3", metrics: newMetrics(reg, "scorer"), log: zerolog.New(&log), ready: &process.Readiness{}}
	o.Applied(1, processor.Status{Now: 1}, nil)
	if n, err := testutil.GatherAndCount(reg, "tierstream_stage_silence_held", "tierstream_stage_silence_judged_seconds"); n != 0 || err != nil {
		t.Errorf("%d gauges, %v", n, err)
	}
	for _, held := range []bool{false, true, true, false} {
		o.Applied(1, processor.Status{Now: 1, Judged: 7 * civil.Second, Held: held}, nil)
		if got := testutil.ToFloat64(o.metrics.held.WithLabelValues("3")) == 1; got != held {
			t.Errorf("held is shown as %v, want %v", got, held)
		}
	}
	if got := testutil.ToFloat64(o.metrics.judged.WithLabelValues("3")); got != 7 {
		t.Errorf("judged up to %v", got)
	}
	if text := log.String(); strings.Count(text, "a feed of payments is behind") != 1 || strings.Count(text, "as far as it should be again") != 1 {
		t.Errorf("the log says\n%s", text)
	}
}
