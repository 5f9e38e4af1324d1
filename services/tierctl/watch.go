package tierctl

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Rhythm of the demo's display.
const (
	watchEvery = 250 * time.Millisecond
	showAtMost = 2 // changes per look
)

// watch shows how far the replay is, and the most telling changes as they come.
func (d *demo) watch(ctx context.Context) error {
	calendar, err := civil.NewCalendar(d.remote.init.TimeZone)
	if err != nil {
		return err
	}
	bar := newProgress(d.cmd.ErrOrStderr(), "replaying", 0)
	defer bar.done()
	d.shown = make([]int64, d.remote.partitions())
	for pauseWatch(ctx) {
		fresh, err := d.fresh(ctx)
		if err != nil {
			continue // the topic may not be there yet; the end of the replay will tell
		}
		bar.clear()
		for _, c := range telling(fresh) {
			d.say("%s\n", headline(c, calendar))
		}
		d.advance(ctx, bar)
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastLookWithin)
	defer stop()
	d.advance(last, bar) // the bar ends where the replay did
	return nil
}

// lastLookWithin bounds the last look at how far the replay came.
const lastLookWithin = time.Second

// pauseWatch rests between two looks; false: there is nothing more to see.
func pauseWatch(ctx context.Context) bool { return rested(ctx, watchEvery) }

// followMost bounds how many changes one look shows when the replay is over.
const followMost = 20

// follow shows what later commands bring about, until ctx ends.
func (d *demo) follow(ctx context.Context) error {
	calendar, err := civil.NewCalendar(d.remote.init.TimeZone)
	if err != nil {
		return err
	}
	for pauseWatch(ctx) {
		fresh, err := d.fresh(ctx)
		if err != nil {
			continue
		}
		for _, c := range fresh[:min(len(fresh), followMost)] {
			d.say("%s\n", headline(c, calendar))
		}
		if more := len(fresh) - followMost; more > 0 {
			d.say("... and %d more\n", more)
		}
	}
	return nil
}

// fresh is the changes since the last look.
func (d *demo) fresh(ctx context.Context) (out []*pb.TierChange, err error) {
	bounds, err := d.remote.client.Offsets(ctx, d.remote.topic(topics.TierChanges))
	if err != nil {
		return nil, err
	}
	for p, b := range bounds {
		err := d.remote.client.ReadRange(ctx, d.remote.topic(topics.TierChanges), p, d.shown[p], b.End, func(m kafkalog.Message) error {
			c := &pb.TierChange{}
			out = append(out, c)
			return proto.Unmarshal(m.Value, c)
		})
		if err != nil {
			return nil, err
		}
		d.shown[p] = b.End
	}
	return out, nil
}

// telling picks the changes that a person would want to see: falls and rises of valuable customers before entries.
func telling(changes []*pb.TierChange) (out []*pb.TierChange) {
	for weight := 4; weight > 0 && len(out) < showAtMost; weight-- {
		for _, c := range changes {
			if interest(c) == weight && len(out) < showAtMost {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *pb.TierChange) int { return a.DecidedAt.AsTime().Compare(b.DecidedAt.AsTime()) })
	return out
}

func interest(c *pb.TierChange) int {
	high := c.From == "platinum" || c.To == "platinum"
	switch {
	case c.Direction == pb.TierChange_DOWNGRADE && (high || c.From == "gold"):
		return 4
	case c.Direction == pb.TierChange_DOWNGRADE:
		return 3
	case c.Direction == pb.TierChange_UPGRADE && high:
		return 2
	case c.Direction == pb.TierChange_UPGRADE:
		return 1
	}
	return 0
}

// headline is a change in one line, at the deployment's own time.
func headline(c *pb.TierChange, calendar civil.Calendar) string {
	why := ""
	if len(c.Reasons) > 0 {
		why = c.Reasons[0].Text
	}
	cause := "event"
	if c.Trigger.GetKind() == pb.Trigger_TIME {
		cause = "time"
	}
	return fmt.Sprintf("%s  %-8s %-4s %8s → %-8s  (%s)  %s", calendar.Local(civil.FromTime(c.DecidedAt.AsTime())).Format("2006-01-02 15:04"), c.CustomerId, direction(c), c.From, c.To, cause, why)
}

// advance moves the bar to what the last stage has done.
func (d *demo) advance(ctx context.Context, bar *progress) {
	sent, err := d.remote.client.Offsets(ctx, d.remote.topic(topics.Events))
	if err != nil {
		return
	}
	taken, err := d.remote.client.Committed(ctx, d.remote.group(topics.Ingest, topics.Events), d.remote.topic(topics.Events), len(sent))
	if err != nil {
		return
	}
	facts, err := d.remote.client.Offsets(ctx, d.remote.topic(topics.Facts))
	if err != nil {
		return
	}
	scored, err := d.remote.client.Committed(ctx, d.remote.group(topics.Scorer, topics.Facts), d.remote.topic(topics.Facts), len(facts))
	if err != nil {
		return
	}
	total, done := int64(0), int64(0)
	for p := range sent {
		total += sent[p].End - max(0, taken[p]) + facts[p].End
		done += max(0, scored[p])
	}
	bar.set(done, total)
}
