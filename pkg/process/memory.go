package process

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// garbagePercent is how much garbage may lie about for what is in use, before it is collected. A service keeps the customers of
// late in memory, which each collection looks at: at Go's own 100 that was a quarter of all the work of a backlog.
const garbagePercent = 400

// containerShare is how much of what its container may take a program takes before it collects more often instead.
const containerShare = 0.9

// limitMemory has the garbage collector take less time and more memory, but no more than the container has. Where the operator has set
// GOGC or GOMEMLIMIT, that counts. It gives the limit in bytes; 0: there is none.
func limitMemory(container memlimit.Provider) (limit int64, err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	limit, err = memlimit.Set(memlimit.WithProvider(container), memlimit.WithRatio(containerShare))
	if err != nil && !errors.Is(err, memlimit.ErrCgroupsNotSupported) && !errors.Is(err, memlimit.ErrNoCgroup) {
		return 0, fmt.Errorf("how much memory the container may take isn't known (set GOMEMLIMIT, such as 800MiB): %w", err)
	}
	if limit == math.MaxInt64 {
		limit = 0
	}
	return limit, nil
}
