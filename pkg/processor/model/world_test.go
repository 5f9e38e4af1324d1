package model

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
)

var errIO = errors.New("no answer")

// config says what a run may do.
type config struct {
	frozen *[nparts][]entry // facts is given: nobody writes to it
	event  uint64           // event clock: the seed of the events, which carry Ticks and control records too
	trim   bool             // the log of the second stage loses its start
	fix    bool             // another writer changes the state of the first stage
	busy   bool             // policies change often
}

// entry is a record of facts or scores.
type entry struct {
	fact
	processor.Message
	stamp civil.Instant
}

type world struct {
	r      *rand.Rand
	cfg    config
	kit    trade
	steps  int
	clock  int64
	drift  int64
	calm   bool
	facts  [nparts][]entry
	scores [nparts][]entry
	sent   [nparts]map[string][]processor.Message // by topic
	said   [nparts]map[string]bool
	start  [3][nparts]int64 // first offset that the log still has
	commit [3][nparts]int64 // of the consumer groups; -1: none
	gen    [3]int
	redis  [3][nparts]*branch
	halted [3][nparts]string
	fixes  [3][nparts]int
	actors []*actor
	late   []func()
	ops    int
	nonce  uint64

	limits                 processor.Limits
	fetchMax, emissionMost int

	events  [nparts][]fact
	inDone  [nparts]int64 // ingest's commit
	acked   [nparts][]fact
	ctlLeft int

	ref    [3][nparts]*reference
	probs  []string
	nbad   int
	stats  map[string]int
	incarn int
}

func (w *world) bad(f string, a ...any) {
	if w.nbad++; w.nbad < 6 {
		w.probs = append(w.probs, fmt.Sprintf(f, a...))
	}
}

type killed struct{}

// actor is a process; each of its I/Os is a point where the scheduler may do anything else. It is the ports of an
// owner too.
type actor struct {
	w        *world
	stage, p int // stage 0: ingest, 3: operator
	gen      int
	br       *branch
	skew     int64
	next     func() (struct{}, bool)
	stop     func()
	yield    func(struct{}) bool
	dead     bool
	paused   int
	told     int     // step at which it learns that it must stop (0: not)
	lastCur  int64   // of its last Read
	hold     bool    // between a Read and the Apply
	flight   *branch // where its Apply is on its way to
}

func (a *actor) pt() {
	if !a.yield(struct{}{}) {
		panic(killed{})
	}
}

// op: it may not happen, happen later, or happen without an answer.
func (a *actor) op(late bool, f func()) error {
	a.pt()
	w := a.w
	if !w.calm {
		switch x := w.r.IntN(100); {
		case x < 2:
			return errIO
		case x < 5 && late:
			w.stats["late"]++
			w.late = append(w.late, f)
			return errIO
		case x < 8:
			f()
			w.stats["lostreply"]++
			a.pt()
			return errIO
		}
	}
	f()
	a.pt()
	return nil
}

// Read is the port of an owner.
func (a *actor) Read(_ context.Context, q processor.Query) (r processor.Reply, err error) {
	err = a.op(false, func() {
		r, _ = a.br.now.Read(context.Background(), q)
		a.lastCur, a.hold = r.Token.Offset, true
	})
	return r, err
}

// Apply is the port of an owner.
func (a *actor) Apply(_ context.Context, x processor.Write) (r processor.Reply, err error) {
	if len(x.Customers) > applyMost {
		a.w.stats["overfull"]++
		return r, fmt.Errorf("a script over %d customers", len(x.Customers))
	}
	if n := x.Next.Offset - x.Expect.Offset; n > int64(a.w.limits.Records) {
		a.w.bad("BATCH s%d p%d of %d records", a.stage, a.p, n)
	}
	br := a.br
	a.flight = br
	err = a.op(true, func() {
		a.hold = false
		r = br.apply(a.w, a.p, x)
	})
	a.flight = nil
	return r, err
}

// Fetch is the port of an owner.
func (a *actor) Fetch(_ context.Context, off int64, most int, _ civil.Instant) (f processor.Fetched, err error) {
	w := a.w
	err = a.op(false, func() {
		l := w.log(a.stage, a.p)
		f.Start, f.End = w.start[a.stage][a.p], int64(len(l))
		most = min(most, 1+w.r.IntN(w.fetchMax))
		for i := off; i >= f.Start && i < f.End && len(f.Records) < most; i++ {
			f.Records = append(f.Records, l[i].record(i))
		}
	})
	return f, err
}

func (e *entry) record(off int64) processor.Record {
	return processor.Record{Offset: off, Appended: e.stamp, Key: e.Key, Value: e.Value}
}

func (w *world) log(stage, p int) []entry {
	if stage == 1 {
		return w.facts[p]
	}
	return w.scores[p]
}

func (w *world) append(l *[]entry, es ...entry) (off int64) {
	off = int64(len(*l))
	for _, e := range es {
		e.stamp = instant(w.clock + w.drift)
		*l = append(*l, e)
	}
	return off
}

// put encodes facts and appends them.
func (w *world) put(p int, fs ...fact) {
	for _, f := range fs {
		w.append(&w.facts[p], entry{fact: f, Message: processor.Message{Key: f.cust, Value: w.kit.encode(p, f)}})
	}
}

// Produce is the port of an owner: one request for one topic.
func (a *actor) Produce(_ context.Context, e processor.Emission) error {
	size := 0
	for _, m := range e.Messages {
		size += len(m.Key) + len(m.Value)
	}
	a.w.stats["largest"] = max(a.w.stats["largest"], size)
	if size > a.w.emissionMost {
		a.w.stats["oversize"]++
		return fmt.Errorf("a batch of %d bytes is too large", size)
	}
	return a.op(true, func() { a.w.receive(a.p, e) })
}

func (w *world) receive(p int, e processor.Emission) {
	for _, m := range e.Messages {
		w.said[p][text(e.Topic, m)] = true
		if e.Topic == reducer.TopicScores {
			w.append(&w.scores[p], entry{Message: m})
		}
	}
	w.sent[p][e.Topic] = append(w.sent[p][e.Topic], e.Messages...)
}

// Append is the port of an owner: its own Ticks.
func (a *actor) Append(_ context.Context, m processor.Message) (off int64, err error) {
	if a.w.cfg.frozen != nil {
		return 0, errIO
	}
	err = a.op(true, func() {
		a.w.stats["tick"]++
		off = a.w.append(&a.w.facts[a.p], entry{fact: fact{kind: kindTick}, Message: m})
	})
	if err != nil {
		a.w.stats["tickerr"]++
	}
	return off, err
}

// Commit is the port of an owner.
func (a *actor) Commit(_ context.Context, off int64) error {
	w := a.w
	fenced := false
	err := a.op(true, func() {
		if fenced = a.gen != w.gen[a.stage] && w.stats["unfenced"] == 0; fenced {
			return
		}
		if !w.emitted(a.stage, a.p, off) {
			w.bad("COMMIT s%d p%d %d: an output below it is not in the log", a.stage, a.p, off)
		}
		w.commit[a.stage][a.p] = off
	})
	if err == nil && fenced {
		return processor.ErrFenced
	}
	return err
}

// now is the actor's clock in units. Under the event clock it runs too, far ahead of the events; nobody may care.
func (a *actor) now() int64 { return a.w.clock + a.skew }

func (a *actor) isTold() bool { return a.told > 0 && a.w.steps >= a.told }

// toldContext ends when its actor is told to give the partition up.
type toldContext struct {
	context.Context
	a *actor
}

// Err is canceled for one who has been told.
func (c toldContext) Err() error {
	if c.a.isTold() {
		return context.Canceled
	}
	return nil
}

// own runs an owner to its end.
func (a *actor) own(logic int64) {
	w := a.w
	cfg := processor.Config{
		Partition: a.p, Log: a, State: a, Stage: bounded(a.stage, logic), First: a.stage == 1, Limits: w.limits,
		Clock: func() civil.Instant { return instant(a.now()) },
		Nonce: func() uint64 { w.nonce++; return w.nonce },
		Pause: func(context.Context, int) { a.pt() },
	}
	if w.stats["heartbeat"] > 0 && a.stage == 1 {
		cfg.Heartbeat = 15 * unit
	}
	err := processor.New(cfg).Run(toldContext{context.Background(), a}, w.commit[a.stage][a.p])
	var h *processor.Halt
	if !errors.As(err, &h) {
		return
	}
	w.stats["halt"]++
	switch {
	case strings.HasPrefix(h.Remedy, "upgrade") && strings.Contains(h.Why, "newer"): // a later owner is a newer program
		w.stats["tooold"]++
	case strings.Contains(h.Why, "log starts at"), strings.Contains(h.Why, "is missing although"):
		w.halted[a.stage][a.p] = h.Why
	default:
		w.halted[a.stage][a.p] = h.Why
		w.bad("HALT s%d p%d %s", a.stage, a.p, h.Why)
	}
}

func (w *world) launch(a *actor, f func(a *actor)) {
	if !w.calm {
		a.skew = int64(w.r.IntN(9) - 4)
		if w.r.IntN(40) == 0 {
			a.skew = 500 // a broken clock
		}
	}
	a.w = w
	var seq iter.Seq[struct{}] = func(yield func(struct{}) bool) {
		a.yield = yield
		defer func() {
			a.dead = true
			if r := recover(); r != nil {
				if _, ok := r.(killed); !ok {
					panic(r)
				}
			}
		}()
		f(a)
	}
	a.next, a.stop = iter.Pull(seq)
	w.actors = append(w.actors, a)
}

func (w *world) spawn(stage, p int) {
	if w.halted[stage][p] != "" {
		return
	}
	a := &actor{stage: stage, p: p, gen: w.gen[stage], br: w.redis[stage][p]}
	if stage == 0 {
		w.launch(a, func(a *actor) { (&ingest{actor: a}).run(w.inDone[p]) })
		return
	}
	w.incarn++
	logic := int64(2)
	if !w.calm && w.r.IntN(5) == 0 {
		logic = 1
	}
	w.launch(a, func(a *actor) { a.own(logic) })
}

// newWorld is a deployment that has not begun.
func newWorld(seed uint64, cfg config) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 7)), cfg: cfg, kit: trade{cfg.event > 0}, stats: map[string]int{},
		limits: limits, fetchMax: fetchMax, emissionMost: emissionMost}
	for s := 1; s <= 2; s++ {
		for p := range nparts {
			w.ref[s][p] = newReference(bounded(s, 2))
			w.redis[s][p] = &branch{stage: s, now: memory.NewSlot()}
			w.commit[s][p] = -1
		}
	}
	for p := range nparts {
		w.sent[p], w.said[p] = map[string][]processor.Message{}, map[string]bool{}
	}
	return w
}
