package tierctl

import (
	"context"
	"errors"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
)

// patience is how long a command that is under way puts up with servers that don't answer (a broker or a Redis that is
// restarted, a leader that moves), unless it has a time-out of its own.
const patience = 2 * time.Minute

// pauseAgain is the rest between two tries.
const pauseAgain = 200 * time.Millisecond

// again does f until it succeeds, fails for good, or has failed for as long as patience lasts; then it gives the last error.
func again(ctx context.Context, f func() error) error { return unless(ctx, lasting, f) }

// unless is again with another notion of what fails for good.
func unless(ctx context.Context, lasting func(error) bool, f func() error) error {
	until, own := ctx.Deadline()
	if !own {
		until = time.Now().Add(patience)
	}
	for {
		err := f()
		if own && !time.Now().Before(until) {
			<-ctx.Done() // the deadline also ends a request in the middle, a moment before ctx knows of it: who asks it has its answer
		}
		if err == nil || ctx.Err() != nil || lasting(err) || time.Now().After(until) {
			return err
		}
		if !rested(ctx, pauseAgain) {
			return err
		}
	}
}

// rested waits; false: ctx has ended before.
func rested(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// lasting says that an error is not one that passes by itself.
func lasting(err error) bool { return kafkalog.Permanent(err) || errors.Is(err, processor.ErrDamaged) }

// produce sends records to one partition until they are acknowledged: what a try that got no answer may have written comes
// twice, and counts once.
func (r *remote) produce(ctx context.Context, topic string, partition int, ms []kafkalog.Message) error {
	return again(ctx, func() error {
		_, err := r.client.Produce(ctx, topic, partition, ms)
		return err
	})
}
