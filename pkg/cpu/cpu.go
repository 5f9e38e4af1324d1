// Package cpu is for benchmarks: processor time holds on a busy machine, where a clock on the wall doesn't.
package cpu

import (
	"syscall"
	"testing"
	"time"
)

// Used is the user and system time of the process so far, the garbage collector's included.
func Used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
