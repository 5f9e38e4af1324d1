package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// EndpointsConfig is what Endpoints are made of.
type EndpointsConfig struct {
	InFlight map[string]int  // every endpoint, with how many attempts the process may make at once
	State    processor.State // a slot of their own, shared by all instances
	Schedule Schedule
	Clock    func() civil.Instant
	Nonce    func() uint64
	// Every is the least time between two looks at the state; 0: as often as somebody asks.
	Every time.Duration
	// Changed is told when an endpoint goes off (with the reason and the last error) or is taken back (reason empty).
	Changed func(endpoint, off, line string)
}

// Endpoints is what a process knows of its endpoints. It is safe for concurrent use.
type Endpoints struct {
	cfg   EndpointsConfig
	slots map[string]chan struct{}

	io     sync.Mutex // held while the state is read or written, so that nothing old replaces what is newer
	looked time.Time

	mu     sync.Mutex // of what follows
	health map[string]health
	rests  map[string]civil.Instant // until when they asked to be left alone
}

// NewEndpoints is endpoints that nobody has looked at yet: all are taken for active.
func NewEndpoints(cfg EndpointsConfig) *Endpoints {
	e := &Endpoints{cfg: cfg, slots: map[string]chan struct{}{}, health: map[string]health{}, rests: map[string]civil.Instant{}}
	for name, n := range cfg.InFlight {
		e.slots[name] = make(chan struct{}, max(1, n))
	}
	return e
}

// known says whether the routes have the endpoint.
func (e *Endpoints) known(name string) bool { return e.slots[name] != nil }

// most is how many attempts may be under way at once.
func (e *Endpoints) most(name string) int { return cap(e.slots[name]) }

// acquire waits for a place among the attempts under way.
func (e *Endpoints) acquire(ctx context.Context, name string) error {
	select {
	case e.slots[name] <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *Endpoints) release(name string) { <-e.slots[name] }

// off is why an endpoint gets nothing; empty: it does.
func (e *Endpoints) off(name string) string {
	if !e.known(name) {
		return NoEndpoint
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.health[name].off()
}

// works says whether an endpoint takes deliveries, as far as is known.
func (e *Endpoints) works(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.health[name]
	return e.known(name) && h.off() == "" && h.GetFailingSince() == 0
}

// restsUntil is the moment before which an endpoint doesn't want to be called.
func (e *Endpoints) restsUntil(name string) civil.Instant {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rests[name]
}

// Refresh takes over what other instances and the operator have written.
func (e *Endpoints) Refresh(ctx context.Context) error {
	e.io.Lock()
	defer e.io.Unlock()
	if time.Since(e.looked) < e.cfg.Every {
		return nil
	}
	names := slices.Sorted(maps.Keys(e.slots))
	r, err := e.cfg.State.Read(ctx, processor.Query{Customers: names})
	if err != nil {
		return fmt.Errorf("looking how the endpoints are: %w", err)
	}
	for _, name := range names {
		h, err := readHealth(r.Blobs[name])
		if err != nil {
			return err
		}
		e.set(name, h)
	}
	e.looked = time.Now()
	return nil
}

func readHealth(blob []byte) (health, error) {
	s := &pb.EndpointState{}
	if err := proto.Unmarshal(blob, s); err != nil {
		return health{}, fmt.Errorf("reading the state of an endpoint: %w", err)
	}
	return health{s}, nil
}

// set takes a state over, and tells of a change that matters.
func (e *Endpoints) set(name string, h health) {
	e.mu.Lock()
	was := e.health[name].off()
	e.health[name] = h
	e.mu.Unlock()
	if is := h.off(); is != was && e.cfg.Changed != nil {
		e.cfg.Changed(name, is, h.GetError())
	}
}

// heard takes the result of an attempt into the state of its endpoint, where that is worth it.
func (e *Endpoints) heard(ctx context.Context, name string, r Result) error {
	now := e.cfg.Clock()
	e.mu.Lock()
	was := e.health[name]
	if until := now + micros(e.cfg.Schedule.rest(r)); !r.OK && until > max(now, e.rests[name]) {
		e.rests[name] = until
	}
	e.mu.Unlock()
	next, worth := was.after(e.cfg.Schedule, r, now)
	if !worth {
		return nil
	}
	e.io.Lock()
	defer e.io.Unlock()
	e.set(name, next) // also where writing fails: a later attempt or Refresh settles it
	h, err := changeHealth(ctx, e.cfg.State, e.cfg.Nonce, name, func(h health) (health, bool) {
		return h.after(e.cfg.Schedule, r, now)
	})
	if err == nil {
		e.set(name, h)
	}
	return err
}

// casTries bounds how often a state that others write too is read again.
const casTries = 20

var errBusy = errors.New("others keep changing it")

// changeHealth replaces the state of one endpoint, as a function of the one before.
func changeHealth(ctx context.Context, state processor.State, nonce func() uint64, name string, f func(health) (health, bool)) (health, error) {
	for range casTries {
		r, err := state.Read(ctx, processor.Query{Customers: []string{name}})
		if err != nil {
			return health{}, fmt.Errorf("reading the state of endpoint %s: %w", name, err)
		}
		was, err := readHealth(r.Blobs[name])
		if err != nil {
			return health{}, err
		}
		next, worth := f(was)
		if !worth {
			return was, nil
		}
		blob, err := proto.Marshal(next.EndpointState)
		if err != nil {
			return health{}, fmt.Errorf("writing the state of endpoint %s: %w", name, err)
		}
		w := processor.Write{Expect: r.Token, Next: processor.Token{Offset: r.Token.Offset + 1, Logic: logic, Nonce: nonce()}}
		w.Customers = []processor.CustomerWrite{{ID: name, Blob: blob, Due: processor.NoDue}}
		r, err = state.Apply(ctx, w)
		if err != nil {
			return health{}, fmt.Errorf("writing the state of endpoint %s: %w", name, err)
		}
		if !r.Conflict {
			return next, nil
		}
	}
	return health{}, fmt.Errorf("writing the state of endpoint %s: %w", name, errBusy)
}
