package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
)

// The tests run owners over a log and a state in memory, in a bubble of testing/synctest: days pass while everybody waits.

// topic is a partition of a log in memory.
type topic struct {
	mu        sync.Mutex
	records   []processor.Record
	start     int64
	committed int64
	news      chan struct{}
}

func newTopic() *topic { return &topic{news: make(chan struct{}), committed: -1} }

func (l *topic) put(values ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range values {
		l.records = append(l.records, processor.Record{Offset: l.start + int64(len(l.records)), Value: []byte(v)})
	}
	close(l.news)
	l.news = make(chan struct{})
}

func (l *topic) Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (processor.Fetched, error) {
	l.mu.Lock()
	news, end := l.news, l.start+int64(len(l.records))
	l.mu.Unlock()
	if offset == end {
		t := time.NewTimer(time.Duration(wait) * time.Microsecond)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return processor.Fetched{}, ctx.Err()
		case <-t.C:
		case <-news:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f := processor.Fetched{Start: l.start, End: l.start + int64(len(l.records))}
	if offset >= f.Start && offset < f.End {
		some := l.records[offset-l.start:]
		f.Records = slices.Clone(some[:min(most, len(some))])
	}
	return f, nil
}

func (l *topic) Commit(_ context.Context, offset int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.committed = offset
	return nil
}

func (l *topic) at() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.committed
}

// notice is a record of the tests: customer, seq, whether it is live, how old it is, endpoints.
func notice(customer string, seq int, to string) string {
	return fmt.Sprintf("%s %d live %d %s", customer, seq, civil.FromTime(time.Now()), to)
}

func read(r processor.Record) (n delivery.Notice, err error) {
	var mode, to string
	var at int64
	if _, err := fmt.Sscanf(string(r.Value), "%s %d %s %d %s", &n.Customer, &n.Seq, &mode, &at, &to); err != nil {
		return n, fmt.Errorf("%w: %w", delivery.ErrUnreadable, err)
	}
	n.Live, n.DecidedAt = mode == "live", civil.Instant(at)
	for _, name := range strings.Split(to, ",") {
		if name != "nobody" {
			n.To = append(n.To, delivery.Target{Endpoint: name, MaxAge: 72 * 3600 * civil.Second})
		}
	}
	return n, nil
}

// call is an attempt, as a receiver sees it.
type call struct {
	delivery.Message
	at time.Time
	ok bool
}

// receivers are the endpoints: do says what an attempt comes to.
type receivers struct {
	mu    sync.Mutex
	calls []call
	now   map[string]int // under way, by endpoint
	most  map[string]int
	do    func(ctx context.Context, m delivery.Message) delivery.Result
	both  func(m delivery.Message) // told of two at once for a customer and endpoint; nil: nobody
	busy  map[string]bool
}

func (s *receivers) Send(ctx context.Context, m delivery.Message) delivery.Result {
	s.mu.Lock()
	s.now[m.Endpoint]++
	s.most[m.Endpoint] = max(s.most[m.Endpoint], s.now[m.Endpoint])
	key := m.Endpoint + " " + m.Customer
	if s.busy[key] && s.both != nil {
		s.both(m)
	}
	s.busy[key] = true
	s.mu.Unlock()
	r := s.do(ctx, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now[m.Endpoint]--
	s.busy[key] = false
	if !errors.Is(ctx.Err(), context.Canceled) || r.OK {
		s.calls = append(s.calls, call{m, time.Now(), r.OK})
	}
	return r
}

func (s *receivers) all() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// got is the seqs that a receiver has taken of a customer, each once, in the order in which they first came.
func (s *receivers) got(endpoint, customer string) (out []int64) {
	for _, c := range s.all() {
		if c.ok && c.Endpoint == endpoint && c.Customer == customer && !slices.Contains(out, c.Seq) {
			out = append(out, c.Seq)
		}
	}
	return out
}

// state is a slot that can be cut off, and that may lose requests and answers.
type state struct {
	processor.State
	cut  atomic.Bool
	dice func() float64 // nil: nothing is lost
	odds float64
}

var errLost = errors.New("no answer")

func (s *state) Read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	if s.cut.Load() {
		return processor.Reply{}, errLost
	}
	return s.State.Read(ctx, q)
}

func (s *state) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	if s.cut.Load() || s.dice != nil && s.dice() < s.odds {
		return processor.Reply{}, errLost
	}
	r, err := s.State.Apply(ctx, w)
	if s.dice != nil && s.dice() < s.odds {
		return processor.Reply{}, errLost
	}
	return r, err
}

// world is one partition with its endpoints.
type world struct {
	t         *testing.T
	log       *topic
	slot      *memory.Slot
	health    *memory.Slot
	receivers *receivers
	names     map[string]int
	limits    delivery.Limits
	seen      *seen
	dice      *rand.Rand
	diceMu    sync.Mutex
	read      delivery.Reader
	odds      float64 // of a lost request or answer of the state
}

func bubble(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			t: t, log: newTopic(), slot: memory.NewSlot(), health: memory.NewSlot(), names: map[string]int{"a": 8, "b": 8},
			receivers: &receivers{now: map[string]int{}, most: map[string]int{}, busy: map[string]bool{}}, seen: newSeen(),
			read:   read,
			dice:   rand.New(rand.NewPCG(1, 1)),
			limits: delivery.Limits{Poll: 20 * time.Second, Wait: time.Minute}, // days pass: the fewer looks the better
		}
		w.receivers.do = func(context.Context, delivery.Message) delivery.Result { return delivery.Result{OK: true} }
		test(w)
	})
}

func (w *world) chance() float64 {
	w.diceMu.Lock()
	defer w.diceMu.Unlock()
	return w.dice.Float64()
}

func (w *world) nonce() uint64 {
	w.diceMu.Lock()
	defer w.diceMu.Unlock()
	return w.dice.Uint64() | 1
}

func clock() civil.Instant { return civil.FromTime(time.Now()) }

// running is an owner at work.
type running struct {
	stop  context.CancelFunc
	done  chan error
	state *state
	ends  *delivery.Endpoints
}

// start starts an owner, of another instance each time.
func (w *world) start() *running {
	r := &running{done: make(chan error, 1), state: &state{State: w.slot}}
	if w.odds > 0 {
		r.state.dice, r.state.odds = w.chance, w.odds
	}
	r.ends = delivery.NewEndpoints(delivery.EndpointsConfig{
		InFlight: w.names, State: w.health, Schedule: delivery.StandardSchedule(), Clock: clock, Nonce: w.nonce, Changed: w.seen.changed,
	})
	o := delivery.New(delivery.Config{
		Log: w.log, State: r.state, Read: w.read, Send: w.receivers, Endpoints: r.ends, Observer: w.seen,
		ID:       func(customer string, seq int64) string { return fmt.Sprintf("%s/%d", customer, seq) },
		Schedule: delivery.StandardSchedule(), Limits: w.limits, Clock: clock, Nonce: w.nonce, Chance: w.chance,
	})
	ctx, stop := context.WithCancel(w.t.Context())
	r.stop = stop
	go func() { r.done <- o.Run(ctx, w.log.at()) }()
	return r
}

// end stops an owner as a service does.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		t.Errorf("the owner ended with %v", err)
	}
}

// crash stops an owner as kill -9 does: nothing that it knows reaches the state any more.
func (r *running) crash() {
	r.state.cut.Store(true)
	r.stop()
	<-r.done
}

// until lets time pass until the condition holds, at most for so long.
func (w *world) until(what string, most time.Duration, holds func() bool) {
	w.t.Helper()
	for began := time.Now(); !holds(); time.Sleep(max(time.Second/2, time.Since(began)/20)) { // the bubble's
		if time.Since(began) > most {
			w.t.Fatalf("after %v: not %s; calls: %d; %v", most, what, len(w.receivers.all()), w.seen)
		}
	}
}

func (w *world) overview() map[string]delivery.Backlog {
	w.t.Helper()
	o, err := delivery.Overview(w.t.Context(), w.slot)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) dead() (out []string) {
	w.t.Helper()
	all, err := delivery.DeadDeliveries(w.t.Context(), w.slot)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s %s %d %s (%d attempts: %s)", d.Endpoint, d.CustomerId, d.Seq, d.Reason, d.Attempts, d.Error))
		if string(d.Value) == "" || d.Id != fmt.Sprintf("%s/%d", d.CustomerId, d.Seq) {
			w.t.Errorf("dead delivery %v lacks its record or id", d)
		}
	}
	return out
}
