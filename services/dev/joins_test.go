package dev_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Whoever is cut off while it waits for the others to join joins anew, and leaves a member behind that nobody stands for.
// That is given partitions as all are, and must lose them when its session ends, or nobody ever reads those.
func TestCutOffWhileJoining(t *testing.T) {
	bubble(t, dayPolicy, time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC), func(w *world) {
		for round := range 8 {
			c := &claims{w: w, group: fmt.Sprintf("%sjoins-%d", prefix, round)}
			c.cutOff()
		}
	})
}

func (c *claims) cutOff() {
	lets := make(chan struct{})
	defer c.join(lets)()
	c.w.until("the first holds everything", c.everyOneHeld)
	defer c.join(nil)()
	c.w.until("the other waits for the first", c.counts(2))
	c.w.wire.cut()
	c.w.until("the other waits as another", c.counts(3))
	close(lets)
	c.w.until("the two hold everything", func() error {
		if err := c.counts(2)(); err != nil {
			return err
		}
		return c.everyOneHeld()
	})
}

// claims are the partitions of a topic that the members of a group hold.
type claims struct {
	w     *world
	group string
	held  [partitions]atomic.Int32
}

// join starts a member that gives nothing back before lets is closed.
func (c *claims) join(lets <-chan struct{}) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		err := c.w.client.Group(kafkalog.GroupConfig{Group: c.group, Topic: prefix + topics.Scores}).Run(ctx, func(ctx context.Context, claim kafkalog.Claim) {
			c.held[claim.Partition].Add(1)
			<-ctx.Done()
			if lets != nil {
				<-lets
			}
			c.held[claim.Partition].Add(-1)
		})
		if err != nil {
			c.w.t.Error(err)
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// everyOneHeld says nil when every partition is held once.
func (c *claims) everyOneHeld() error {
	for p := range c.held {
		if n := c.held[p].Load(); n != 1 {
			return fmt.Errorf("partition %d is held %d times", p, n)
		}
	}
	return nil
}

// counts says nil when the broker counts so many members.
func (c *claims) counts(n int) func() error {
	return func() error {
		got, err := c.w.client.InspectGroups(c.w.t.Context(), []string{c.group})
		if err == nil && got[0].Members != n {
			err = fmt.Errorf("the group has %d members, not %d", got[0].Members, n)
		}
		return err
	}
}
