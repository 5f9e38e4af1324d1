package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Owner runs one stage over one partition. It is one goroutine, and all that it knows of the world comes through its
// ports, so the same answers give the same run. A round is one of: adopt the state's token, send the last batch
// again, or fetch, reduce, apply and emit a batch.
//
//	adopt ──▶ resend while something applied may not have been sent
//	  ▲          │
//	  │          ▼
//	  └───── tick ─▶ fetch ─▶ cut ─▶ load ─▶ reduce ─▶ apply ─▶ emit ─▶ commit
//	any disagreement with the state
type Owner struct {
	cfg Config

	known     bool  // token is what the state said last
	token     Token // names the state that the next batch starts from
	missing   bool  // the slot has no token: nothing was ever applied
	emitted   int64 // outputs of everything below are acknowledged (E of the protocol)
	committed int64
	commitAt  civil.Instant // of the last commit, by the owner's clock
	part      []byte
	status    Status
	hasPart   bool
	cache     cache
	nextDue   civil.Instant // as of the last look

	tick    ownTick
	ahead   []Record // fetched; the cursor may be among them
	end     int64    // of the log, as the last fetch saw it
	infos   []Info   // of the batch at hand
	until   int64    // a record that can't be applied: a batch ends before it
	asked   int64    // records of the batch at hand below it have been asked for
	runMost int      // records of a run, after one that came to too many bytes; 0: as many as there is room for
	each    int      // bytes of the largest emission that a record of former runs came to
	beyond  int      // fetches in a row that found the log ending below the cursor
}

// Config is what an Owner is made of.
type Config struct {
	Partition int
	Log       Log
	State     State
	Stage     Stage
	First     bool // the input log is facts: what has been read of it is the cursor
	Clock     func() civil.Instant
	Nonce     func() uint64 // differs with every call, never 0
	Heartbeat civil.Instant // under the wall clock, a Tick when time has stood still so long; 0: none
	// TakenIn says up to which time everything that was sent is in the log, not beyond clock: under the wall clock, Ticks
	// don't overtake the inputs. nil: up to clock.
	TakenIn  func(ctx context.Context, clock civil.Instant) civil.Instant
	Limits   Limits
	Observer Observer
	// Pause is called between rounds that failed, with how many in a row; nil: 20 ms, doubling up to 1 s.
	Pause func(ctx context.Context, failed int)
}

// Limits bound a batch. The zero value has the defaults.
type Limits struct {
	Records   int           // 8,000
	Customers int           // 1,000
	Bytes     int           // of the largest emission; 2 MiB
	Cache     int           // bytes of state kept in the process; 32 MiB
	Wait      civil.Instant // longest wait for records; 1 s
	Rest      civil.Instant // between Ticks that may be in vain; 1 s
	Commit    civil.Instant // between commits while records come; 500 ms
	Quiet     civil.Instant // without records, after which what was put off is committed; 100 ms
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	set(&l.Records, 8000)
	set(&l.Customers, 1000)
	set(&l.Bytes, 2<<20)
	set(&l.Cache, 32<<20)
	if l.Wait == 0 {
		l.Wait = civil.Second
	}
	if l.Rest == 0 {
		l.Rest = civil.Second
	}
	if l.Commit == 0 {
		l.Commit = civil.Second / 2
	}
	if l.Quiet == 0 {
		l.Quiet = civil.Second / 10
	}
	return l
}

// Halt says that a partition stopped because going on would mean guessing.
type Halt struct {
	Partition int
	Why       string
	Remedy    string
}

// Error is one line: what stopped, why, what to do.
func (h *Halt) Error() string {
	return fmt.Sprintf("partition %d has stopped: %s; %s", h.Partition, h.Why, h.Remedy)
}

// errAgain ends a round that something disagreed with, or that got no answer.
var errAgain = errors.New("again")

// recordBytes is what a record comes to, until one has.
const recordBytes = 256

// New is an owner that has not yet looked at anything.
func New(cfg Config) *Owner {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Observer == nil {
		cfg.Observer = noObserver{}
	}
	if cfg.Pause == nil {
		cfg.Pause = backOff
	}
	return &Owner{cfg: cfg, cache: newCache(cfg.Limits.Cache), each: recordBytes, commitAt: -NoDue / 2}
}

// backOff rests 20 ms, doubling with every failure in a row up to a second.
func backOff(ctx context.Context, failed int) {
	select {
	case <-time.After(min(time.Second, 10*time.Millisecond<<min(failed, 7))):
	case <-ctx.Done():
	}
}

// Run runs until ctx ends or another owner has the partition (nil), or until the partition must stop (*Halt).
// committed is the consumer group's offset; negative: nothing was ever committed.
func (o *Owner) Run(ctx context.Context, committed int64) error {
	o.emitted, o.committed = max(0, committed), max(0, committed)
	failed := 0
	for ctx.Err() == nil {
		err := o.round(ctx)
		switch {
		case err == nil:
			failed = 0
			continue
		case errors.Is(err, ErrFenced):
			return nil
		case ctx.Err() != nil:
			continue
		case errors.As(err, new(*Halt)):
			return err
		case !errors.Is(err, errAgain):
			o.cfg.Observer.Failed(err)
		}
		failed++
		o.cfg.Pause(ctx, failed)
	}
	_ = o.commitNow(context.WithoutCancel(ctx)) // whoever is next needn't send the last batch again
	return nil
}

// round does one step; an error ends it, and the next begins with what is known then.
func (o *Owner) round(ctx context.Context) error {
	if !o.known {
		return o.adopt(ctx)
	}
	if o.emitted < o.token.Offset {
		return o.resend(ctx)
	}
	if err := o.wake(ctx); err != nil {
		return err
	}
	return o.batch(ctx)
}

// drop forgets everything that the state may not agree with (rule 4).
func (o *Owner) drop() {
	o.known, o.hasPart, o.part = false, false, nil
	o.cache.clear()
}

// adopt takes the state's token, larger or smaller, with an empty cache (rules 5, 9, 10).
func (o *Owner) adopt(ctx context.Context) error {
	r, err := o.cfg.State.Read(ctx, Query{})
	if err != nil {
		return o.damaged(err)
	}
	if r.Missing && o.committed > 0 {
		return o.halt("restore the backup of Redis, or rebuild the partition from the start of facts", "its state is missing although the consumer group has committed offset %d", o.committed)
	}
	if r.Token.Logic > o.cfg.Stage.Logic() {
		return o.halt("upgrade the program", "its state was written by logic %d, newer than this program's %d", r.Token.Logic, o.cfg.Stage.Logic())
	}
	if o.token != r.Token {
		o.cfg.Observer.Adopted(o.token.Offset, r.Token.Offset)
	}
	o.known, o.token, o.missing, o.nextDue = true, r.Token, r.Missing, r.NextDue
	return nil
}

func (o *Owner) halt(remedy, why string, a ...any) error {
	return &Halt{o.cfg.Partition, fmt.Sprintf(why, a...), remedy}
}

// damaged stops where the state itself is broken; every other error of it is tried again.
func (o *Owner) damaged(err error) error {
	if errors.Is(err, ErrDamaged) {
		return o.halt("verify the partition in Redis, then restore the backup or rebuild it", "%v", err)
	}
	return err
}

// same says whether an answer is of the state that the owner works on; if not, nothing is known any more.
func (o *Owner) same(r Reply) error {
	if r.Token != o.token || r.Missing != o.missing {
		o.drop()
		return errAgain
	}
	o.nextDue = r.NextDue
	return nil
}

// read asks for state that counts only under the owner's token (rule 2).
func (o *Owner) read(ctx context.Context, q Query) (Reply, error) {
	r, err := o.cfg.State.Read(ctx, q)
	if err != nil {
		return r, o.damaged(err)
	}
	return r, o.same(r)
}

// resend sends what the last Apply, whoever did it, wanted sent (rule 5).
func (o *Owner) resend(ctx context.Context) error {
	r, err := o.read(ctx, Query{Last: true})
	if err != nil {
		return err
	}
	o.cfg.Observer.Resent(o.token.Offset)
	if err := o.emit(ctx, r.Last); err != nil {
		return err
	}
	o.emitted = o.token.Offset
	return o.commit(ctx)
}

// emit is one request per topic; nil when all are acknowledged (rule 8).
func (o *Owner) emit(ctx context.Context, out []Emission) error {
	for _, e := range out {
		if err := o.cfg.Log.Produce(ctx, e); err != nil {
			return fmt.Errorf("sending %d messages to %s: %w", len(e.Messages), e.Topic, err)
		}
		o.cfg.Observer.Emitted(e.Topic, len(e.Messages))
	}
	return nil
}

// commit tells the consumer group what has been emitted, now and then while records come. It is for lag tools: only being
// fenced matters (rule 7).
func (o *Owner) commit(ctx context.Context) error {
	if o.untilCommit() > 0 {
		return nil
	}
	return o.commitNow(ctx)
}

// untilCommit is how long the next commit is put off; 0: it is due, or there is nothing to commit.
func (o *Owner) untilCommit() civil.Instant {
	since := o.cfg.Clock() - o.commitAt
	if o.emitted <= o.committed || since < 0 {
		return 0
	}
	return max(0, o.cfg.Limits.Commit-since)
}

func (o *Owner) commitNow(ctx context.Context) error {
	if o.emitted <= o.committed {
		return nil
	}
	switch err := o.cfg.Log.Commit(ctx, o.emitted); {
	case errors.Is(err, ErrFenced):
		return err
	case err == nil:
		o.committed, o.commitAt = o.emitted, o.cfg.Clock()
	}
	return nil
}
