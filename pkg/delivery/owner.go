package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Config is what an Owner is made of.
type Config struct {
	Partition int
	Log       Log
	State     processor.State
	Read      Reader
	Send      Sender
	Endpoints *Endpoints // of the process, for all its owners
	Observer  Observer
	ID        func(customer string, seq int64) string // names a delivery for good
	Schedule  Schedule
	Limits    Limits
	Clock     func() civil.Instant
	Nonce     func() uint64  // differs with every call, never 0
	Chance    func() float64 // in [0, 1)
}

// Limits bound what an owner does. The zero value has the defaults.
type Limits struct {
	Records int           // of one Apply; 500
	Bytes   int           // of the records of one Apply; 512 KiB
	Backlog int           // pending deliveries per endpoint; 20,000
	Dead    int           // dead deliveries that are kept per endpoint; 2,000
	Wait    time.Duration // longest wait for records; 2 s
	Poll    time.Duration // between looks at what others may have changed; 2 s
	Commit  time.Duration // between commits while records come; 100 ms
	Grace   time.Duration // for attempts under way when the owner is told to stop; 2 s
	Rest    time.Duration // after an error, at most; 1 s
}

func (l Limits) withDefaults() Limits {
	count := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	long := func(v *time.Duration, def time.Duration) {
		if *v == 0 {
			*v = def
		}
	}
	count(&l.Records, 500)
	count(&l.Bytes, 512<<10)
	count(&l.Backlog, 20_000)
	count(&l.Dead, 2000)
	long(&l.Wait, 2*time.Second)
	long(&l.Poll, 2*time.Second)
	long(&l.Commit, 100*time.Millisecond)
	long(&l.Grace, 2*time.Second)
	long(&l.Rest, time.Second)
	return l
}

// Owner delivers what one partition says. One goroutine decides and writes; others fetch and send for it.
//
//	       ┌── fetched ── fetch (one at a time)
//	loop ◀─┤
//	       └── results ── send (many)
type Owner struct {
	cfg Config

	known     bool
	token     processor.Token // as the state said last
	next      int64           // offset of the next record to take
	committed int64
	commitAt  time.Time
	lost      bool // it has been said that the state was gone

	customers map[string]*pb.DeliveryCustomer // those with something pending
	index     *pb.DeadIndex
	pending   map[string]int     // by endpoint
	agenda    map[string]*agenda // by endpoint
	flying    map[flight]bool    // attempts under way
	aloft     map[string]int     // how many, by endpoint
	reported  map[string]counts  // what the observer was told
	finished  []landing          // results that are not in the state yet
	batch     []processor.Record // fetched, not taken
	blocked   bool               // the first of them waits for room in the backlog of its endpoint
	end       int64              // of the log, as last seen
	old       int                // too old, not told of yet
	fetching  bool
	fetched   chan fetchAnswer
	results   chan landing
	running   sync.WaitGroup
	sendCtx   context.Context
	stopSends context.CancelFunc
	poll      *time.Ticker
}

type counts struct{ pending, dead int }

// flight is an attempt under way: one at a time for a customer and an endpoint.
type flight struct{ customer, endpoint string }

// landing is an attempt that has come to its end.
type landing struct {
	message Message
	result  Result
	aborted bool // it was never made, or not to its end: the owner was told to stop
	lost    bool // there is no record to be sent
	took    time.Duration
}

// New is an owner that has not yet looked at anything.
func New(cfg Config) *Owner {
	cfg.Limits = cfg.Limits.withDefaults()
	o := &Owner{cfg: cfg, flying: map[flight]bool{}, aloft: map[string]int{}, reported: map[string]counts{}}
	o.fetched, o.results = make(chan fetchAnswer, 1), make(chan landing)
	return o
}

// errAgain ends a round that something disagreed with.
var errAgain = errors.New("again")

// Run runs until ctx ends or another owner has the partition (nil), or until the partition must stop (*processor.Halt).
// committed is the consumer group's offset; negative: nothing was ever committed.
func (o *Owner) Run(ctx context.Context, committed int64) error {
	o.committed = committed
	// An attempt that is under way when the owner is told to stop may come to its end.
	o.sendCtx, o.stopSends = context.WithCancel(context.WithoutCancel(ctx))
	defer o.stopSends()
	o.poll = time.NewTicker(o.cfg.Limits.Poll)
	defer o.poll.Stop()
	inner, stop := context.WithCancel(ctx)
	err := o.loop(inner)
	stop()
	o.finish(ctx, err)
	if errors.Is(err, processor.ErrFenced) {
		return nil
	}
	return err
}

func (o *Owner) loop(ctx context.Context) error {
	for failed := 0; ctx.Err() == nil; {
		err := o.round(ctx)
		switch {
		case err == nil:
			failed = 0
			continue
		case errors.Is(err, processor.ErrFenced), errors.As(err, new(*processor.Halt)):
			return err
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, errAgain):
			o.cfg.Observer.Failed(err)
		}
		failed++
		rest(ctx, min(o.cfg.Limits.Rest, 10*time.Millisecond<<min(failed, 10)))
	}
	return nil
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// round does what there is to do, and then waits for more.
func (o *Owner) round(ctx context.Context) error {
	if !o.known {
		if err := o.adopt(ctx); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{o.settle, o.sweep, o.take, o.depart, o.commit} {
		if err := step(ctx); err != nil {
			o.drop() // what it has changed in memory may not be in the state
			return err
		}
	}
	o.report()
	o.fetch(ctx)
	return o.wait(ctx)
}

// drop forgets what the state may not agree with. Attempts under way go on: what they bring is held against the state then.
func (o *Owner) drop() { o.known = false }

// adopt takes over what the state holds, whoever wrote it.
func (o *Owner) adopt(ctx context.Context) error {
	if err := o.cfg.Endpoints.Refresh(ctx); err != nil {
		return err
	}
	r, err := o.cfg.State.Read(ctx, processor.Query{Due: true, DueTo: civil.MaxInstant, DueMost: 1 << 30, Customers: []string{deadID}})
	if err != nil {
		return o.damaged(err)
	}
	if r.Token.Logic > logic {
		return o.halt("upgrade the program", "its state was written by a newer program (logic %d, this one knows %d)", r.Token.Logic, logic)
	}
	o.token, o.next = r.Token, r.Token.Offset
	if r.Missing {
		o.next = max(0, o.committed)
		if o.committed > 0 && !o.lost {
			o.lost = true
			o.cfg.Observer.Lost(o.next)
		}
	}
	o.index = &pb.DeadIndex{}
	if err := unmarshal(r.Blobs[deadID], o.index); err != nil {
		return o.halt(remedy, "%v", err)
	}
	return o.load(ctx, r.Due)
}

const remedy = "verify the partition's keys in Redis, then restore the backup, or delete them to go on from the group's offset"

// loadPage is how many customers one Read asks for.
const loadPage = 1000

// load reads the customers with something pending.
func (o *Owner) load(ctx context.Context, ids []string) error {
	o.customers, o.pending, o.agenda = map[string]*pb.DeliveryCustomer{}, map[string]int{}, map[string]*agenda{}
	for len(ids) > 0 {
		page := ids[:min(len(ids), loadPage)]
		ids = ids[len(page):]
		r, err := o.read(ctx, processor.Query{Customers: page})
		if err != nil {
			return err
		}
		for _, id := range page {
			c := &pb.DeliveryCustomer{}
			if err := unmarshal(r.Blobs[id], c); err != nil {
				return o.halt(remedy, "%v", err)
			}
			o.customers[id] = c
			for _, q := range c.Queues {
				o.pending[q.Endpoint] += len(q.Seqs)
				o.plan(q.Endpoint, id, civil.Instant(q.Due))
			}
		}
	}
	o.known = true
	return nil
}

// read asks for state that counts only under the owner's token.
func (o *Owner) read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	r, err := o.cfg.State.Read(ctx, q)
	if err != nil {
		return r, o.damaged(err)
	}
	if r.Token != o.token {
		o.drop()
		return r, errAgain
	}
	return r, nil
}

// apply makes an edit true, with the offset of the next record to take. Whatever else comes of it, the owner reads again.
func (o *Owner) apply(ctx context.Context, e *edit, next int64) error {
	token := processor.Token{Offset: next, Epoch: o.token.Epoch, Logic: logic, Nonce: o.cfg.Nonce()}
	w, err := e.write(o.token, token)
	if err != nil {
		return err
	}
	r, err := o.cfg.State.Apply(ctx, w)
	if err != nil {
		o.drop()
		return o.damaged(err)
	}
	if r.Conflict {
		o.drop()
		return errAgain
	}
	o.token, o.next = token, next
	for id, c := range e.customers {
		if len(c.Queues) == 0 {
			delete(o.customers, id)
		}
	}
	for _, tell := range e.told {
		tell()
	}
	return nil
}

func (o *Owner) halt(remedy, why string, a ...any) error {
	return &processor.Halt{Partition: o.cfg.Partition, Why: fmt.Sprintf(why, a...), Remedy: remedy}
}

// damaged stops where the state itself is broken; every other error of it is tried again.
func (o *Owner) damaged(err error) error {
	if errors.Is(err, processor.ErrDamaged) {
		return o.halt(remedy, "%v", err)
	}
	return err
}
