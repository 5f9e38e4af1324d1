package process

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A service that is told to stop may finish what it has begun; one that doesn't end within 30 s is given up.
func TestWithin(t *testing.T) {
	for _, tc := range []struct {
		name  string
		takes time.Duration // to stop
		fails string
	}{
		{"in time", stopWithin - time.Millisecond, ""},
		{"too long", stopWithin + time.Millisecond, "giving up"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), time.Hour)
				defer stop()
				begun := time.Now()
				err := within(ctx, func() error {
					<-ctx.Done()
					time.Sleep(tc.takes) // the bubble's
					return nil
				})
				if (err == nil) != (tc.fails == "") || err != nil && !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("got %v, want %q", err, tc.fails)
				}
				if took := time.Since(begun) - time.Hour; took != min(tc.takes, stopWithin) {
					t.Errorf("ended %v after the signal", took)
				}
				time.Sleep(time.Minute) // the bubble's: a service that was given up ends too
			})
		})
	}
}

// A service that fails by itself ends the program with its error, at once.
func TestWithinFails(t *testing.T) {
	broken := errors.New("broken")
	if err := within(t.Context(), func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
