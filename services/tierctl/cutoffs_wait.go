package tierctl

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// cutOffsMost bounds how long whoever shows the system waits for the cut-offs of a midnight: under the wall clock they come within a
// second or two of it.
const cutOffsMost = 5 * time.Second

// tailMost is how many records of a partition of portfolio are looked at first: each day has two or three.
const tailMost = 200

// cutOff reads partitions again until the cut-offs of the last midnight that one of them has come to are in all of them. Between that
// midnight and its cut-offs lies a moment in which what is decided by them can't be shown: a partition that has told its day end doesn't
// tell it again, so nobody but the merger can make them. After cutOffsMost it goes without them, and says so: the merger may be down.
func (s *states) cutOff(ctx context.Context, all []pair) error {
	calendar, err := civil.NewCalendar(s.remote.init.TimeZone)
	if err != nil {
		return err
	}
	w := cutOffWait{states: s, all: all}
	until, said := time.Now().Add(cutOffsMost), s.remote.status
	defer said.done()
	for begun := false; ; begun = true {
		at := calendar.Start(calendar.DayOf(latest(all)))
		why, err := w.lacks(ctx, at)
		switch {
		case err != nil:
			return err
		case why == "" && !begun:
			return nil
		case why == "":
			return s.settle(ctx, all)
		case time.Now().After(until):
			said.now(fmt.Sprintf("gave up waiting for %s after %s: what is shown is decided without them (are ingest and scorer running? see their /readyz?verbose)", why, cutOffsMost))
			return nil
		case !begun:
			said.now("waiting for " + why)
		default:
			said.tell("waiting for " + why)
		}
		if !rested(ctx, lookEvery) {
			return ctx.Err()
		}
	}
}

// cutOffWait is who waits for cut-offs.
type cutOffWait struct {
	states *states
	all    []pair
	done   civil.Instant     // whose cut-offs lie before behind
	behind []kafkalog.Bounds // of facts
}

// lacks says which cut-offs of a midnight are waited for; empty: none. Partitions that hadn't taken them in are read again.
func (w *cutOffWait) lacks(ctx context.Context, at civil.Instant) (string, error) {
	why := "the cut-offs of " + at.String()
	r := w.states.remote
	if w.done < at {
		done, begun, err := r.daysDone(ctx)
		if err != nil || !begun { // time has not come to a midnight yet
			return "", err
		}
		if done < at {
			return why, nil
		}
		if w.behind, err = r.client.Offsets(ctx, r.topic(topics.Facts)); err != nil {
			return "", err
		}
		w.done = done
	}
	for p := range w.all {
		if w.all[p].next >= w.behind[p].End {
			continue
		}
		var err error
		if w.all[p], err = w.states.pair(ctx, p); err != nil {
			return "", err
		}
		if w.all[p].next < w.behind[p].End {
			return fmt.Sprintf("%s in partition %d", why, p), nil
		}
	}
	return "", nil
}

// daysDone is the last midnight whose cut-offs are in facts, and whether any day end has been told at all.
func (r *remote) daysDone(ctx context.Context) (done civil.Instant, begun bool, err error) {
	bounds, err := r.client.Offsets(ctx, r.topic(topics.Portfolio))
	if err != nil {
		return 0, false, err
	}
	b := bounds[0]
	for _, from := range []int64{max(b.Start, b.End-tailMost), b.Start} {
		err := r.client.ReadRange(ctx, r.topic(topics.Portfolio), 0, from, b.End, func(m kafkalog.Message) error {
			d := &pb.PortfolioDay{}
			if err := proto.Unmarshal(m.Value, d); err != nil {
				return fmt.Errorf("portfolio partition 0 offset %d is no day: %w", m.Offset, err)
			}
			begun = begun || d.Ranked || d.Merged
			if d.Merged {
				done = max(done, civil.Instant(d.AsOf))
			}
			return nil
		})
		if err != nil || done != 0 || from == b.Start {
			return done, begun, err
		}
	}
	return done, begun, nil
}
