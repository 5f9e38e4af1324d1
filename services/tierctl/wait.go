package tierctl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// lookEvery is the rest between two looks at how far the services are.
const lookEvery = 20 * time.Millisecond

func waitCommand() *cobra.Command {
	var timeout time.Duration
	c := &cobra.Command{
		Use:     "wait [--timeout D]",
		Short:   "Wait until every record sent before has reached the end of the pipeline",
		Example: "  tierctl wait --timeout 1m",
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
			return interrupted(ctx, r.wait(ctx), "what was sent stays, and the services go on; run tierctl wait again")
		},
	}
	timeoutFlag(c, &timeout, 5*time.Minute, "give up after so long")
	return c
}

// wait waits stage by stage: what has been sent must have been taken in, then what that gave scored, then decided.
func (r *remote) wait(ctx context.Context) error {
	for _, topic := range topics.Inputs() {
		if err := r.drained(ctx, topics.Ingest, topic); err != nil {
			return err
		}
	}
	if err := r.drained(ctx, topics.Scorer, topics.Facts); err != nil {
		return err
	}
	return r.drained(ctx, topics.TierChange, topics.Scores)
}

// drained waits until a service has committed all that is in a topic now.
func (r *remote) drained(ctx context.Context, service, topic string) error {
	var bounds []kafkalog.Bounds
	err := again(ctx, func() (err error) {
		bounds, err = r.client.Offsets(ctx, r.topic(topic))
		return err
	})
	if err != nil {
		return err
	}
	defer r.status.done()
	for {
		at, err := r.client.Committed(ctx, r.group(service, topic), r.topic(topic), len(bounds))
		if err == nil {
			behind := kafkalog.Behind(bounds, at)
			if behind < 0 {
				return nil
			}
			err = fmt.Errorf("%s has read %s partition %d up to %d of %d", service, topic, behind, max(0, at[behind]), bounds[behind].End)
		}
		r.status.tell("waiting: " + err.Error())
		if e := rest(ctx); e != nil {
			return fmt.Errorf("waiting for the pipeline: %w: %w (is the service running? see its /readyz?verbose)", err, e)
		}
	}
}

var errTimeout = errors.New("gave up")

func rest(ctx context.Context) error {
	if !rested(ctx, lookEvery) {
		return errTimeout
	}
	return nil
}
