package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
)

// inputs knows up to which time everything that was sent has been taken into facts, so that no Tick overtakes it: a
// customer whose order lies in a backlog is not taken for a silent one.
type inputs struct {
	client *kafkalog.Client
	prefix string
	deps   process.Deps

	mu      sync.Mutex
	mark    civil.Instant // what was sent before it is in facts
	looked  civil.Instant
	looking bool // somebody is, and alone uses what follows

	wanted *barrier // what the next mark waits for
	warned bool
}

// barrier is where the inputs ended at a time.
type barrier struct {
	at   civil.Instant
	ends map[string][]kafkalog.Bounds // by topic
}

// Rhythm of looking: a Tick that is wanted asks with every round of its owner.
const (
	looksEvery = civil.Second / 10
	lookWithin = 5 * time.Second
	warnBehind = 10 * civil.Second
)

// takenIn is processor.Config.TakenIn. It asks Kafka only when somebody wants a Tick, and not more than ten times a second:
// one owner looks, the others go by what was known before.
func (i *inputs) takenIn(ctx context.Context, clock civil.Instant) civil.Instant {
	if i.begin(clock) {
		i.end(i.look(ctx, clock))
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return min(i.mark, clock)
}

// begin says whether the caller is the one to look.
func (i *inputs) begin(clock civil.Instant) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if since := clock - i.looked; i.looking || since >= 0 && since < looksEvery {
		return false
	}
	i.looking, i.looked = true, clock
	return true
}

func (i *inputs) end(mark civil.Instant) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.looking = false
	i.mark = max(i.mark, mark)
}

// look gives the mark that a look at Kafka allows, or 0.
func (i *inputs) look(ctx context.Context, clock civil.Instant) civil.Instant {
	ctx, stop := context.WithTimeout(ctx, lookWithin)
	defer stop()
	mark, err := i.reached(ctx, clock)
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		i.deps.Log.Warn().Err(err).Msg("can't see how far ingest is: Ticks wait")
	}
	if behind := i.wanted != nil && clock-i.wanted.at > warnBehind; behind != i.warned {
		i.warned = behind
		if behind {
			i.deps.Log.Warn().Msg("ingest is behind: time stands still until it has taken in what was sent; is it running?")
		}
	}
	return mark
}

// reached is the barrier's time if ingest has committed all that it wants, and else 0. The barrier stays until then: under
// steady traffic the ends run away.
func (i *inputs) reached(ctx context.Context, clock civil.Instant) (civil.Instant, error) {
	if i.wanted == nil || i.wanted.at > clock {
		b := &barrier{at: clock, ends: map[string][]kafkalog.Bounds{}}
		for _, topic := range topics.Inputs() {
			ends, err := i.client.Offsets(ctx, i.prefix+topic)
			if err != nil {
				return 0, err
			}
			b.ends[topic] = ends
		}
		i.wanted = b
	}
	for topic, ends := range i.wanted.ends {
		at, err := i.client.Committed(ctx, topics.Group(i.prefix, topics.Ingest, topic), i.prefix+topic, len(ends))
		if err != nil {
			return 0, err
		}
		if kafkalog.Behind(ends, at) >= 0 {
			return 0, nil
		}
	}
	at := i.wanted.at
	i.wanted = nil
	return at, nil
}
