package tierctl

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
)

// pair is a partition of both stages at the same place in the log.
type pair struct {
	scorer, tiers *memory.Slot
	view          *reducer.View
	next          int64                // offset of facts
	due           civil.Instant        // the earliest moment of either stage that hasn't fired
	last          []processor.Emission // what the last batch of tierchange gives: it may not have been sent yet
}

// pairTries bounds how often a partition that moves is read again.
const pairTries = 500

// pair reads a whole partition of both stages once tierchange has taken all that the scorer has given.
func (s *states) pair(ctx context.Context, partition int) (pair, error) {
	why := fmt.Errorf("partition %d keeps moving: stop sending, run tierctl wait, and try again", partition)
	for range pairTries {
		p, ok, err := s.tryPair(ctx, partition)
		switch {
		case errors.As(err, new(notBegun)):
			why = err // just after init it will soon
		case err != nil || ok:
			return p, err
		}
		if err := rest(ctx); err != nil {
			return pair{}, err
		}
	}
	return pair{}, why
}

func (s *states) tryPair(ctx context.Context, partition int) (p pair, ok bool, err error) {
	if p.scorer, err = s.snapshot(ctx, topics.Scorer, partition); err != nil {
		return p, false, ignoreMoved(err)
	}
	if p.tiers, err = s.snapshot(ctx, topics.TierChange, partition); err != nil {
		return p, false, ignoreMoved(err)
	}
	if p.view, err = viewOf(p.scorer.Part(), topics.Scorer, partition); err != nil {
		return p, false, err
	}
	tiers, err := viewOf(p.tiers.Part(), topics.TierChange, partition)
	if err != nil || tiers.Number() != p.view.Number() {
		return p, false, err
	}
	first, err := p.scorer.Read(ctx, processor.Query{})
	if err != nil {
		return p, false, err
	}
	second, err := p.tiers.Read(ctx, processor.Query{Last: true})
	p.next = first.Token.Offset
	p.due, p.last = min(first.NextDue, second.NextDue, p.view.Waits()), second.Last
	return p, err == nil, err
}

func ignoreMoved(err error) error {
	if errors.Is(err, redisstate.ErrMoved) {
		return nil
	}
	return err
}

func (s *states) snapshot(ctx context.Context, stage string, partition int) (*memory.Slot, error) {
	named := reducer.DayPages
	if stage != topics.Scorer {
		named = nil
	}
	w, err := s.slot(stage, partition).Snapshot(ctx, named)
	if err != nil {
		return nil, err
	}
	slot := memory.NewSlot()
	_, err = slot.Apply(ctx, w)
	return slot, err
}

// pairs reads every partition of both stages, none of them between a midnight and the cut-offs of that midnight.
func (r *remote) pairs(ctx context.Context) ([]pair, error) {
	s, err := r.states(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := make([]pair, r.partitions())
	for p := range all {
		if all[p], err = s.pair(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := s.settle(ctx, all); err != nil {
		return nil, err
	}
	switch ranked, err := r.ranked(); {
	case err != nil:
		return nil, err
	case ranked:
		err = s.cutOff(ctx, all)
		return all, err
	}
	return all, nil
}

// settleTries bounds how long settle waits for Ticks: under the wall clock one comes within a second or two.
const settleTries = 250

// settle reads a partition again where a moment is still to fire that lies before the time that another has reached: what the
// partition makes of it itself is better than what could be made of it here. Under the event clock nothing fires by itself.
func (s *states) settle(ctx context.Context, all []pair) (err error) {
	for range settleTries {
		t := latest(all)
		late := slices.IndexFunc(all, func(p pair) bool { return p.due <= t && p.view.Wall() })
		if late < 0 {
			return nil
		}
		if err := rest(ctx); err != nil {
			return err
		}
		if all[late], err = s.pair(ctx, late); err != nil {
			return err
		}
	}
	return nil
}

// latest is the largest now of all partitions: the earliest moment as of which all of them can be shown.
func latest(all []pair) (t civil.Instant) {
	for _, p := range all {
		t = max(t, p.view.Now())
	}
	return t
}
