package tierctl

import (
	"context"
	"errors"
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// states reads what both stages keep in Redis.
type states struct {
	remote *remote
	store  *redisstate.Store
}

func (r *remote) states(ctx context.Context) (*states, error) {
	store, err := worker.Redis(ctx, r.Config, process.Deps{})
	if err != nil {
		return nil, err
	}
	return &states{r, store}, nil
}

func (s *states) close() { _ = s.store.Close() }

func (s *states) slot(stage string, partition int) *redisstate.Slot {
	return s.store.Slot(s.remote.TopicPrefix, stage, partition)
}

// part is the partition blob of a stage, opened, with the rest of the answer.
func (s *states) part(ctx context.Context, stage string, partition int) (*reducer.View, processor.Reply, error) {
	r, err := s.slot(stage, partition).Read(ctx, processor.Query{Part: true})
	if err != nil {
		return nil, r, err
	}
	v, err := reducer.NewView(r.Part)
	if err != nil {
		return nil, r, fmt.Errorf("%s partition %d: %w", stage, partition, err)
	}
	return v, r, nil
}

// slowest is the smallest now of all partitions, 0 where one hasn't begun.
func (r *remote) slowest(ctx context.Context) (civil.Instant, error) {
	s, err := r.states(ctx)
	if err != nil {
		return 0, err
	}
	defer s.close()
	least := civil.MaxInstant
	for p := range r.partitions() {
		v, _, err := s.part(ctx, topics.Scorer, p)
		switch {
		case errors.Is(err, reducer.ErrNoInit):
			return 0, nil
		case err != nil:
			return 0, err
		}
		least = min(least, v.Now())
	}
	return least, nil
}

// waitsFor says which partition of which stage isn't through with time up to t; empty: none.
func (s *states) waitsFor(ctx context.Context, t civil.Instant) (string, error) {
	for p := range s.remote.partitions() {
		scorer, r1, err := s.part(ctx, topics.Scorer, p)
		if err != nil {
			return "", err
		}
		tiers, r2, err := s.part(ctx, topics.TierChange, p)
		switch {
		case err != nil:
			return "", err
		case scorer.Now() < t || r1.NextDue <= t:
			return fmt.Sprintf("scorer partition %d, which is at %s", p, scorer.Now()), nil
		case tiers.Now() < t || r2.NextDue <= t || tiers.Number() != scorer.Number():
			return fmt.Sprintf("tierchange partition %d, which is at %s", p, tiers.Now()), nil
		}
	}
	return "", nil
}

// pair is a partition of both stages at the same place in the log.
type pair struct {
	scorer, tiers *memory.Slot
	view          *reducer.View
}

// pairTries bounds how often a partition that moves is read again.
const pairTries = 500

// pair reads a whole partition of both stages once tierchange has taken all that the scorer has given.
func (s *states) pair(ctx context.Context, partition int) (pair, error) {
	for range pairTries {
		p, ok, err := s.tryPair(ctx, partition)
		if err != nil || ok {
			return p, err
		}
		if err := rest(ctx); err != nil {
			return pair{}, err
		}
	}
	return pair{}, fmt.Errorf("partition %d keeps moving: stop sending, run tierctl wait, and try again", partition)
}

func (s *states) tryPair(ctx context.Context, partition int) (p pair, ok bool, err error) {
	if p.scorer, err = s.snapshot(ctx, topics.Scorer, partition); err != nil {
		return p, false, ignoreMoved(err)
	}
	if p.tiers, err = s.snapshot(ctx, topics.TierChange, partition); err != nil {
		return p, false, ignoreMoved(err)
	}
	if p.view, err = reducer.NewView(p.scorer.Part()); err != nil {
		return p, false, fmt.Errorf("scorer partition %d: %w", partition, err)
	}
	tiers, err := reducer.NewView(p.tiers.Part())
	if errors.Is(err, reducer.ErrNoInit) {
		return p, false, nil
	}
	return p, err == nil && tiers.Number() == p.view.Number(), err
}

func ignoreMoved(err error) error {
	if errors.Is(err, redisstate.ErrMoved) {
		return nil
	}
	return err
}

func (s *states) snapshot(ctx context.Context, stage string, partition int) (*memory.Slot, error) {
	w, err := s.slot(stage, partition).Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	slot := memory.NewSlot()
	_, err = slot.Apply(ctx, w)
	return slot, err
}
