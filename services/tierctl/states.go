package tierctl

import (
	"context"
	"errors"
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
)

// states reads what both stages keep in Redis.
type states struct {
	remote *remote
	store  *redisstate.Store
}

func (r *remote) states(ctx context.Context) (*states, error) {
	store, err := redis(ctx, r.Config)
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
	v, err := viewOf(r.Part, stage, partition)
	return v, r, err
}

// notBegun says that a stage hasn't read record 0 of a partition, which facts has: it isn't running, or only just.
type notBegun struct {
	stage     string
	partition int
}

func (n notBegun) Error() string {
	return fmt.Sprintf("%s hasn't read record 0 of partition %d yet: is it running? see its /readyz?verbose", n.stage, n.partition)
}

func viewOf(part []byte, stage string, partition int) (*reducer.View, error) {
	v, err := reducer.NewView(part)
	switch {
	case errors.Is(err, reducer.ErrNoInit):
		return nil, notBegun{stage, partition}
	case err != nil:
		return nil, fmt.Errorf("%s partition %d: %w", stage, partition, err)
	}
	return v, nil
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
		case errors.As(err, new(notBegun)):
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
		case scorer.Now() < t || r1.NextDue <= t || scorer.Waits() <= t:
			return fmt.Sprintf("scorer partition %d, which is at %s", p, scorer.Now()), nil
		case tiers.Now() < t || r2.NextDue <= t || tiers.Owed() != 0 && tiers.Owed() <= t || tiers.Number() != scorer.Number():
			return fmt.Sprintf("tierchange partition %d, which is at %s", p, tiers.Now()), nil
		}
	}
	return "", nil
}
