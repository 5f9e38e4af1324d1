package tierctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func clockCommand() *cobra.Command {
	c := &cobra.Command{Use: "clock", Short: "Move the event clock, or end a backfill", Example: "  tierctl clock advance --to 2024-07-01", Args: subcommand(), RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	c.AddCommand(advanceCommand(), liveCommand())
	return c
}

func advanceCommand() *cobra.Command {
	var to string
	var timeout time.Duration
	c := &cobra.Command{
		Use:     "advance --to T",
		Short:   "Let time pass up to T and wait until all that falls due has been decided (event clock only)",
		Example: "  tierctl clock advance --to 2024-07-01",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required(cmd, "to"); err != nil {
				return err
			}
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
			calendar, err := civil.NewCalendar(r.init.TimeZone)
			if err != nil {
				return err
			}
			t, err := parseInstant(to, calendar)
			if err != nil {
				return err
			}
			return interrupted(ctx, r.advanceTo(ctx, cmd, t), "time may go on to %s by itself; run it again to wait for it", t)
		},
	}
	c.Flags().StringVar(&to, "to", "", "instant (RFC 3339) or date (its midnight in the policy's zone)")
	timeoutFlag(c, &timeout, 10*time.Minute, "give up after so long")
	return c
}

// advanceTo is advance, for whoever asks for it by hand: time that lies behind is no error, but is said.
func (r *remote) advanceTo(ctx context.Context, cmd *cobra.Command, t civil.Instant) error {
	if err := r.backfillOnly(ctx); err != nil {
		return err
	}
	at, err := r.slowest(ctx)
	if err != nil {
		return err
	}
	if at > t {
		_, err := fmt.Fprintf(cmd.ErrOrStderr(), "every partition is at %s or later already: time doesn't go back to %s, and nothing was done\n", at, t)
		return err
	}
	return r.advance(ctx, t)
}

// backfillOnly refuses what only the event clock can do.
func (r *remote) backfillOnly(ctx context.Context) error {
	if r.init.Clock == pb.PartitionInit_WALL {
		return errors.New("the clock of this deployment is the wall clock: time passes by itself")
	}
	live, err := r.live(ctx)
	if err == nil && slices.Contains(live, true) {
		err = errors.New("this deployment has gone live (tierctl clock live): its clock is the wall clock now, and time passes by itself")
	}
	return err
}

// live says of each partition of events whether the backfill is over there.
func (r *remote) live(ctx context.Context) (live []bool, err error) {
	err = again(ctx, func() error {
		live, err = worker.Live(ctx, r.client, r.TopicPrefix, r.init)
		return err
	})
	return live, err
}

// eventClock says whether time comes with the events: in a backfill that isn't over anywhere.
func (r *remote) eventClock(ctx context.Context) (bool, error) {
	if r.init.Clock == pb.PartitionInit_WALL {
		return false, nil
	}
	live, err := r.live(ctx)
	return !slices.Contains(live, true), err
}

// advance sends a Tick behind what has been sent, and waits until both stages have nothing due up to t any more. Where the policy
// asks for ranks, each midnight up to t passes with its cut-offs.
func (r *remote) advance(ctx context.Context, t civil.Instant) error {
	switch ranked, err := r.ranked(); {
	case err != nil:
		return err
	case ranked:
		if err := r.passTo(ctx, t); err != nil {
			return err
		}
	}
	tick := &pb.Fact{At: int64(t), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}}
	if err := r.control(ctx, tick); err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	states, err := r.states(ctx)
	if err != nil {
		return err
	}
	defer states.close()
	defer r.status.done()
	for {
		var why string
		err := again(ctx, func() (err error) {
			why, err = states.waitsFor(ctx, t)
			return err
		})
		if err != nil || why == "" {
			return err
		}
		r.status.tell("waiting for " + why)
		if e := rest(ctx); e != nil {
			return fmt.Errorf("waiting for %s: %w (are scorer and tierchange running? see their /readyz?verbose)", why, e)
		}
	}
}

// control puts a control record behind the events of every partition.
func (r *remote) control(ctx context.Context, f *pb.Fact) error {
	m, err := controlMessage(f)
	if err != nil {
		return err
	}
	for p := range r.partitions() {
		if err := r.produce(ctx, r.topic(topics.Events), p, []kafkalog.Message{m}); err != nil {
			return err
		}
	}
	return nil
}
