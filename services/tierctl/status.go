package tierctl

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/process"
)

// status tells what long work waits for: in a line that is written over on a terminal, in one every few seconds elsewhere.
// A nil one says nothing.
type status struct {
	out      io.Writer
	terminal bool
	said     time.Time
	shown    bool
}

// Rests between two looks at the same line.
const showEvery = 100 * time.Millisecond

func newStatus(out io.Writer) *status {
	return &status{out: out, terminal: terminal(out), said: time.Now()}
}

func (s *status) tell(text string) {
	if s == nil {
		return
	}
	every := sayEvery
	if s.terminal {
		every = showEvery
	}
	if time.Since(s.said) < every {
		return
	}
	s.said = time.Now()
	if s.terminal {
		s.shown = true
		_, _ = fmt.Fprintf(s.out, "\r\x1b[K%s", text)
		return
	}
	_, _ = fmt.Fprintln(s.out, text)
}

// now tells at once.
func (s *status) now(text string) {
	if s != nil {
		s.said = time.Time{}
	}
	s.tell(text)
}

// done takes the line away.
func (s *status) done() {
	if s != nil && s.shown {
		s.shown = false
		_, _ = fmt.Fprint(s.out, "\r\x1b[K")
	}
}

// timeoutFlag declares --timeout.
func timeoutFlag(c *cobra.Command, to *time.Duration, value time.Duration, usage string) {
	process.DurationVar(c.Flags(), to, "timeout", value, usage)
}

// within is the command's context with its time-out.
func within(cmd *cobra.Command, timeout time.Duration) (context.Context, context.CancelFunc, error) {
	if timeout <= 0 {
		return nil, nil, usagef("--timeout %v is not positive: give a time such as 5m", timeout)
	}
	ctx, stop := context.WithTimeout(cmd.Context(), timeout)
	return ctx, stop, nil
}
