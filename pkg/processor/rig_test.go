package processor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
)

// rig is an owner over a broker and a slot in memory. It runs until its log has nothing more.
type rig struct {
	t      *testing.T
	broker *memory.Broker
	slot   *memory.Slot
	stage  toy
	clock  civil.Instant
	nonce  uint64
	cfg    processor.Config

	// what was seen
	batches []int64
	reads   []processor.Query
	waits   []civil.Instant
	lags    []int64
	failed  []error
	ticks   []civil.Instant
	sent    []int // messages of each request
	givenUp int

	// what goes wrong
	onRead   func(processor.Query) error
	onApply  func(processor.Write) error
	onCommit func() error
	onAppend func() error // after the record is in facts
	onFetch  func()
	mangle   func(*processor.Fetched)
	idles    int // fetches without records before the end

	second bool  // the input is the topic "in", not facts
	paused []int // what Pause was told
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, slot: memory.NewSlot(), stage: toy{logic: 1}, idles: 1}
	r.broker = memory.NewBroker(func() civil.Instant { return r.clock })
	r.put(order{Kind: "init"})
	return r
}

func (r *rig) put(orders ...order) {
	for _, o := range orders {
		r.broker.Put("facts", o.message())
	}
}

// run runs a new owner from a committed offset to the end of the log.
func (r *rig) run(committed int64) error {
	ctx, stop := context.WithCancel(r.t.Context())
	defer stop()
	cfg := r.cfg
	input := "facts"
	if r.second {
		input = "in"
	}
	cfg.Partition, cfg.Stage, cfg.First, cfg.Observer = 7, r.stage, !r.second, r
	cfg.Log, cfg.State = &rigLog{r.broker.Log("group", input, "facts"), r, stop, 0}, rigState{r}
	cfg.Clock = func() civil.Instant { return r.clock }
	cfg.Nonce = func() uint64 { r.nonce++; return r.nonce }
	cfg.Pause = func(_ context.Context, failed int) { r.paused = append(r.paused, failed) }
	return processor.New(cfg).Run(ctx, committed)
}

// mustRun runs without a halt.
func (r *rig) mustRun(committed int64) {
	r.t.Helper()
	if err := r.run(committed); err != nil {
		r.t.Fatal(err)
	}
}

// halts runs and gives the reason for which the partition stopped.
func (r *rig) halts(committed int64) *processor.Halt {
	r.t.Helper()
	var h *processor.Halt
	if err := r.run(committed); !errors.As(err, &h) {
		r.t.Fatalf("did not halt: %v", err)
	}
	return h
}

func (r *rig) out() (said []string) {
	for _, m := range r.broker.Messages("out") {
		said = append(said, string(m.Value))
	}
	return said
}

func (r *rig) cursor() int64 {
	reply, err := r.slot.Read(r.t.Context(), processor.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	return reply.Token.Offset
}

func (r *rig) Applied(records int64, _ processor.Status, _ []processor.Count) {
	r.batches = append(r.batches, records)
}
func (r *rig) Emitted(string, int)     {}
func (r *rig) Adopted(int64, int64)    {}
func (r *rig) Resent(int64)            {}
func (r *rig) GivenUp(int)             { r.givenUp++ }
func (r *rig) Ticked(at civil.Instant) { r.ticks = append(r.ticks, at); r.ends(len(r.ticks)) }

// ends ends a test whose owner doesn't come to rest.
func (r *rig) ends(done int) {
	if done > 20_000 {
		r.t.Fatal("the owner goes round and round")
	}
}

func (r *rig) Lag(records int64) { r.lags = append(r.lags, records) }
func (r *rig) Failed(err error)  { r.failed = append(r.failed, err) }

type rigLog struct {
	processor.Log
	r     *rig
	stop  func()
	empty int
}

func (l *rigLog) Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (processor.Fetched, error) {
	l.r.waits = append(l.r.waits, wait)
	l.r.ends(len(l.r.waits))
	if l.r.onFetch != nil {
		l.r.onFetch()
	}
	f, err := l.Log.Fetch(ctx, offset, most, 0)
	if l.r.mangle != nil {
		l.r.mangle(&f)
	}
	if len(f.Records) == 0 && f.Start <= offset && offset <= f.End {
		if l.empty++; l.empty >= l.r.idles {
			l.stop()
		}
	}
	return f, err
}

func (l *rigLog) Produce(ctx context.Context, e processor.Emission) error {
	l.r.sent = append(l.r.sent, len(e.Messages))
	return l.Log.Produce(ctx, e)
}

func (l *rigLog) Append(ctx context.Context, m processor.Message) (int64, error) {
	offset, err := l.Log.Append(ctx, m)
	if err == nil && l.r.onAppend != nil {
		err = l.r.onAppend()
	}
	return offset, err
}

func (l *rigLog) Commit(ctx context.Context, offset int64) error {
	if l.r.onCommit != nil {
		if err := l.r.onCommit(); err != nil {
			return err
		}
	}
	return l.Log.Commit(ctx, offset)
}

type rigState struct{ r *rig }

func (s rigState) Read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	s.r.reads = append(s.r.reads, q)
	s.r.ends(len(s.r.reads))
	if s.r.onRead != nil {
		if err := s.r.onRead(q); err != nil {
			return processor.Reply{}, err
		}
	}
	return s.r.slot.Read(ctx, q)
}

func (s rigState) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	if s.r.onApply != nil {
		if err := s.r.onApply(w); err != nil {
			return processor.Reply{}, err
		}
	}
	return s.r.slot.Apply(ctx, w)
}
