package tierctl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// interrupted says in plain words what a signal has left behind. Without a signal it is err.
func interrupted(ctx context.Context, err error, format string, a ...any) error {
	if err == nil || !stopped(ctx) {
		return err
	}
	return fmt.Errorf("interrupted: "+format, a...)
}

// stopped says that a signal, not a time-out, has ended ctx.
func stopped(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// endWithin is how long work that a signal has ended may take to notice.
const endWithin = 800 * time.Millisecond

// soon does work that may be where it can't see a signal (in a read from a terminal, in a sort): it is left behind then, and
// ends with the program.
func soon(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(endWithin)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return ctx.Err()
	}
}
