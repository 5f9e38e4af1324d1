package tierctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func liveCommand() *cobra.Command {
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "live",
		Short: "End a backfill: from here on the wall clock, and changes are LIVE",
		Long: `End a backfill. First time passes up to now under the event clock, so that everything that fell due since the last event
is decided as a part of the history (BACKFILL, and nobody is told); then the wall clock takes over for good.`,
		Example: "  tierctl clock live",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop, err := within(cmd, timeout)
			if err != nil {
				return err
			}
			defer stop()
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			if err := r.goLive(ctx); err != nil {
				return interrupted(ctx, err, "the deployment may be on its way; run tierctl clock live again")
			}
			_, err = fmt.Fprintln(cmd.ErrOrStderr(), "live: the wall clock drives time from here on")
			return err
		},
	}
	timeoutFlag(c, &timeout, 10*time.Minute, "give up after so long")
	return c
}

// goLive ends the backfill. What was cut short is done by the next call.
func (r *remote) goLive(ctx context.Context) error {
	if r.init.Clock == pb.PartitionInit_WALL {
		return errors.New("this deployment was started under the wall clock: it is live")
	}
	live, err := r.live(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(live, false) {
		return errors.New("this deployment has gone live already")
	}
	if !slices.Contains(live, true) {
		if err := r.catchUp(ctx); err != nil {
			return err
		}
	}
	end := &pb.Fact{At: int64(r.now()), Body: &pb.Fact_ClockLive{ClockLive: &pb.ClockLive{Sequence: 1}}}
	if err := r.control(ctx, end); err != nil {
		return err
	}
	return r.wait(ctx)
}

// catchUp lets the history's time pass up to now. A history that is ahead of the clock can't go live: its time would stand
// still until the clock has caught up with it.
func (r *remote) catchUp(ctx context.Context) error {
	s, err := r.states(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	now := r.now()
	for p := range r.partitions() {
		v, _, err := s.part(ctx, topics.Scorer, p)
		if err != nil {
			return err
		}
		if v.Now() > now {
			return fmt.Errorf("partition %d is at %s already, and the wall clock only at %s: time would stand still until then; go live after that, or load a history that ends earlier", p, v.Now(), now)
		}
	}
	return r.advance(ctx, now)
}
