package processor_test

import (
	"context"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Under the wall clock a Tick waits until the inputs have been taken in beyond the moment, and then says that time;
// under the event clock nobody asks.
func TestTicksDontOvertakeTheInputs(t *testing.T) {
	for _, c := range []struct {
		name    string
		wall    bool
		takenIn civil.Instant
		want    []civil.Instant
	}{
		{"all is in facts", true, 5000, []civil.Instant{5000}},
		{"the moment is passed", true, 4000, []civil.Instant{4000}},
		{"something that was sent before the moment isn't", true, 2999, nil},
		{"events drive time", false, 5000, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.stage.wall, r.clock = c.wall, 5000
			r.cfg.TakenIn = func(_ context.Context, clock civil.Instant) civil.Instant {
				if !c.wall || clock != 5000 {
					t.Errorf("asked at %d", clock)
				}
				return c.takenIn
			}
			r.put(order{Kind: "add", Cust: "c", Due: 3000, N: 1})
			r.idles = 3
			r.mustRun(-1)
			if len(r.ticks) != len(c.want) || len(c.want) > 0 && r.ticks[0] != c.want[0] {
				t.Errorf("Ticks at %v, want %v", r.ticks, c.want)
			}
		})
	}
}
