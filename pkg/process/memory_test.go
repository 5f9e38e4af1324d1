package process

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// The collector has room, up to what the container may take; what an operator has set counts.
func TestLimitMemory(t *testing.T) {
	percent, most := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(most)
	})
	broken := errors.New("broken")
	fails := func() (uint64, error) { return 0, broken }
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for name, c := range map[string]struct {
		gogc, gomemlimit string
		container        memlimit.Provider
		percent          int
		limit            int64
		fails            string
	}{
		"in a container":             {"", "", memlimit.Limit(1000 << 20), 400, 900 << 20, ""},
		"without a limit":            {"", "", none, 400, 0, ""},
		"without containers":         {"", "", func() (uint64, error) { return 0, memlimit.ErrNoCgroup }, 400, 0, ""},
		"an operator's GOGC":         {"70", "", memlimit.Limit(1000 << 20), 100, 900 << 20, ""},
		"an operator's GOMEMLIMIT":   {"", "5GiB", memlimit.Limit(1000 << 20), 400, 5 << 30, ""},
		"a container can't be asked": {"", "", fails, 400, 0, "set GOMEMLIMIT"},
	} {
		t.Run(name, func(t *testing.T) {
			debug.SetGCPercent(100)
			debug.SetMemoryLimit(math.MaxInt64)
			t.Setenv("GOGC", c.gogc)
			if t.Setenv("GOMEMLIMIT", c.gomemlimit); c.gomemlimit == "" {
				_ = os.Unsetenv("GOMEMLIMIT")
			} else {
				debug.SetMemoryLimit(c.limit) // as the runtime does
			}
			limit, err := limitMemory(c.container)
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got %v, want %q", err, c.fails)
			}
			if limit != c.limit {
				t.Errorf("says %d, want %d", limit, c.limit)
			}
			if is := debug.SetMemoryLimit(-1); is != c.limit && (c.limit > 0 || is != math.MaxInt64) {
				t.Errorf("the limit is %d, want %d", is, c.limit)
			}
			if is := debug.SetGCPercent(100); is != c.percent {
				t.Errorf("GC percent is %d, want %d", is, c.percent)
			}
		})
	}
}
