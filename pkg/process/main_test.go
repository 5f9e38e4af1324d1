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

// --help tells what the service does; what isn't understood is refused before anything starts, and prints no page of help.
func TestConfigure(t *testing.T) {
	for _, c := range []struct {
		args  []string
		says  string
		fails string
	}{
		{[]string{"--session-timeout", "1d"}, "", ""},
		{[]string{"--help"}, "Sorts the mail.\n\nUsage:\n  sorter [flags]", "help requested"},
		{[]string{"--nope"}, "", "--nope"},
		{[]string{"surplus"}, "", `no arguments, got ["surplus"]`},
		{[]string{"--log-level", "loud"}, "", `--log-level "loud"`},
		{[]string{"--session-timeout", "0"}, "", "--session-timeout 0s"},
	} {
		var out strings.Builder
		_, err := configure("sorter", "Sorts the mail.", c.args, &out)
		if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%v gives %v, want %q", c.args, err, c.fails)
		}
		if c.says == "" && out.Len() > 0 || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v prints %q, want %q", c.args, out.String(), c.says)
		}
	}
}
