package processor

import (
	"context"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ownTick is the owner's last Tick.
type ownTick struct {
	sent   bool
	offset int64         // in facts; -1: not known, the append got no answer
	at     civil.Instant // by the owner's clock
}

// resting says that the last Tick was sent less than a rest ago. A clock that was set back doesn't prolong it.
func (o *Owner) resting(clock civil.Instant) bool {
	since := clock - o.tick.at
	return o.tick.sent && since >= 0 && since < o.cfg.Limits.Rest
}

// wake puts a Tick into facts when time alone has something to do (rules 21, 23).
func (o *Owner) wake(ctx context.Context) error {
	if err := o.loadPart(ctx); err != nil || !o.status.Started {
		return err
	}
	if o.nextDue == NoDue && o.status.Owed == 0 && o.status.Wanted == 0 && o.cfg.Heartbeat == 0 {
		return nil
	}
	clock := o.cfg.Clock()
	if !o.due(clock) || o.unread(clock) {
		return nil
	}
	at := clock
	if !o.status.Wall {
		at = o.status.Now
	} else if o.cfg.TakenIn != nil {
		at = o.cfg.TakenIn(ctx, clock)
	}
	switch {
	case o.wanted(at):
		return o.send(ctx, clock, at, o.cfg.Stage.TakenIn(at))
	case !o.due(at):
		return nil // something that was sent before the moment isn't in facts yet
	}
	return o.send(ctx, clock, at, o.cfg.Stage.Tick(at))
}

// wanted says that the stage asks whether what was sent is in facts, and that it may be told as of at.
func (o *Owner) wanted(at civil.Instant) bool {
	return o.status.Wall && o.status.Wanted != 0 && o.status.Wanted <= at
}

// due says that a Tick is wanted: what is due lies before the partition's own now, or a Tick was held back; else, under
// the wall clock, its own clock has passed it, or what the stage asks for, and it has rested since the last one.
func (o *Owner) due(clock civil.Instant) bool {
	next := o.nextDue
	if o.status.Owed != 0 {
		next = min(next, o.status.Owed)
	}
	if next <= o.status.Now {
		return true
	}
	if !o.status.Wall || o.resting(clock) {
		return false
	}
	return next <= clock || o.wanted(clock) || o.cfg.Heartbeat > 0 && o.status.Now+o.cfg.Heartbeat <= clock
}

// unread says that the owner's last Tick has not come back yet. One whose append got no answer counts for a rest.
func (o *Owner) unread(clock civil.Instant) bool {
	if !o.tick.sent {
		return false
	}
	if o.tick.offset < 0 {
		return o.resting(clock)
	}
	seen := o.status.Fact
	if o.cfg.First {
		seen = o.token.Offset - 1
	}
	return seen < o.tick.offset
}

// send puts a Tick, or what stands for one, into facts.
func (o *Owner) send(ctx context.Context, clock, at civil.Instant, m Message) error {
	offset, err := o.cfg.Log.Append(ctx, m)
	if err != nil {
		offset = -1
	}
	o.tick = ownTick{true, offset, clock}
	o.cfg.Observer.Ticked(at)
	return err
}
