package worker

import (
	"testing"

	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Rule 15: a nonce tells two Applies apart, wherever they were made, and is never that of an empty slot.
func TestNoncesDiffer(t *testing.T) {
	const n = 10_000
	seen := map[uint64]bool{}
	for range n {
		seen[nonce()] = true
	}
	if len(seen) != n || seen[0] {
		t.Errorf("%d nonces of %d, 0 among them: %v", len(seen), n, seen[0])
	}
}

// Rule 21: only who reads facts finds its own Ticks in what it reads; and nobody's overtake the inputs.
func TestOwnersKnowWhatTheyRead(t *testing.T) {
	for input, first := range map[string]bool{topics.Facts: true, topics.Scores: false} {
		r := &runner{
			Config: Config{Name: "stage", Input: input, Heartbeat: civil.Minute}, inputs: &inputs{looking: true, mark: 7},
			deps: process.Deps{Clock: func() civil.Instant { return 9 }},
		}
		cfg := r.owner(kafkalog.Claim{Partition: 3}, zerolog.Nop())
		if cfg.First != first || cfg.Partition != 3 || cfg.Heartbeat != civil.Minute || cfg.Clock() != 9 {
			t.Errorf("over %s an owner is %+v", input, cfg)
		}
		if one, two := cfg.Nonce(), cfg.Nonce(); one == two {
			t.Errorf("over %s an owner's nonces repeat", input)
		}
		if cfg.TakenIn == nil || cfg.TakenIn(t.Context(), 9) != 7 {
			t.Errorf("over %s an owner's Ticks overtake the inputs", input)
		}
	}
}
