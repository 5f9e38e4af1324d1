package tierctl

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func clockCommand() *cobra.Command {
	c := &cobra.Command{Use: "clock", Short: "Move the event clock, or end a backfill", Example: "  tierctl clock advance --to 2024-07-01", Args: exactly(), RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
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
			ctx, stop := context.WithTimeout(cmd.Context(), timeout)
			defer stop()
			return r.advance(ctx, t)
		},
	}
	c.Flags().StringVar(&to, "to", "", "instant (RFC 3339) or date (its midnight in the policy's zone)")
	c.Flags().DurationVar(&timeout, "timeout", 10*time.Minute, "give up after so long")
	return c
}

// advance sends a Tick behind what has been sent, and waits until both stages have nothing due up to t any more.
func (r *remote) advance(ctx context.Context, t civil.Instant) error {
	if !r.eventClock() {
		return fmt.Errorf("the clock of this deployment is the wall clock: time passes by itself")
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
	for {
		var why string
		err := again(ctx, func() (err error) {
			why, err = states.waitsFor(ctx, t)
			return err
		})
		if err != nil || why == "" {
			return err
		}
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

func liveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "live",
		Short:   "End a backfill: from here on the wall clock, and changes are LIVE",
		Example: "  tierctl clock live",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			if !r.eventClock() {
				return fmt.Errorf("this deployment was started under the wall clock: it is live")
			}
			live := &pb.Fact{At: int64(r.now()), Body: &pb.Fact_ClockLive{ClockLive: &pb.ClockLive{Sequence: 1}}}
			if err := r.control(cmd.Context(), live); err != nil {
				return err
			}
			return r.wait(cmd.Context())
		},
	}
}
