package reducer

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ErrGap says that a record of scores is missing. Nothing is skipped: the partition stops.
var ErrGap = errors.New("scores has a gap: rebuild the partition from facts")

// TierChange folds scores into tier changes.
type TierChange struct {
	opts     Options
	policies policies
	spare    sync.Pool // of *[]scored: what batches that have ended read their records into
}

// NewTierChange is the second stage.
func NewTierChange(opts Options) *TierChange { return &TierChange{opts: opts.withDefaults()} }

// Logic is the newest version of the reducers that this program has.
func (s *TierChange) Logic() int64 { return LogicVersion }

// Tick is the record that tells facts the time.
func (s *TierChange) Tick(at civil.Instant) processor.Message { return tickMessage(at) }

// TakenIn is nothing that this stage asks for.
func (s *TierChange) TakenIn(at civil.Instant) processor.Message { return tickMessage(at) }

// Begin opens a batch.
func (s *TierChange) Begin(blob []byte) (processor.Batch, error) {
	p, err := openPartition(blob, s.opts, &s.policies)
	if err != nil {
		return nil, err
	}
	return &tierBatch{part: p, customers: map[string]*member{}, spare: &s.spare}, nil
}

// member is a customer in tierchange.
type member struct {
	codec.Tiered
	id      string
	changed bool
	size    int           // that it takes to keep, roughly
	waits   civil.Instant // the second place in the due set, as it was written last
	next    int64         // NextDue of the level at hand, while the moments before it fire
}

// nextAfter is the next moment after at at which a figure moves by itself; 0: none is known. A decision that falls due at the
// very moment of a level comes before that level: what the last one called the next moment is then at itself. Where that one
// called none, a level that some event brings later says nothing of it.
func (m *member) nextAfter(at civil.Instant) civil.Instant {
	if m.NextDue == 0 {
		return 0
	}
	for _, next := range []int64{m.NextDue, m.next} {
		if civil.Instant(next) > at {
			return civil.Instant(next)
		}
	}
	return 0
}

// Sizes of a member with nothing in it, and of what few are written longer than.
const (
	memberSize = 800
	memberBlob = 768
)

// tierBatch is the state that a batch of scores works on.
type tierBatch struct {
	part      *partition
	customers map[string]*member // as loaded, then as changed
	changed   int                // how many of them
	changes   outbox
	latest    outbox
	alerts    outbox
	signals   outbox
	counts    counts

	parsed []scored // in the order of their offsets: reading is paid once
	spare  *sync.Pool
	blobs  slab

	// Of the decision at hand: watches are asked by interface, and what they are given would be allocated each time.
	figures tier.Figures
	moment  watching
	items   []codec.ToldItem
	overdue []codec.OverdueItem
}

// Status is where the partition stands.
func (b *tierBatch) Status() processor.Status { return b.part.status() }

// scored is a record of scores that has been read.
type scored struct {
	offset int64
	codec.Score
}

func (s *scored) at() int64 { return s.offset }

// score is a record, good until the next is read.
func (b *tierBatch) score(r processor.Record) (*codec.Score, error) {
	i, found := find(b.parsed, r.Offset)
	if found {
		return &b.parsed[i].Score, nil
	}
	s, err := codec.ReadScore(r.Value)
	if err != nil {
		return nil, fmt.Errorf("scores offset %d is no score: %w", r.Offset, err)
	}
	if b.parsed == nil {
		if spare, ok := b.spare.Get().(*[]scored); ok {
			b.parsed = *spare
		}
	}
	b.parsed = slices.Insert(b.parsed, i, scored{r.Offset, s})
	return &b.parsed[i].Score, nil
}

// seen says that a record was taken before: the scorer sends its last batch again when in doubt.
func (b *tierBatch) seen(s *codec.Score) bool { return b.part.Started && s.Number <= b.part.Number }

// Inspect tells Ticks and logic switches.
func (b *tierBatch) Inspect(r processor.Record) (processor.Info, error) {
	s, err := b.score(r)
	if err != nil || b.seen(s) {
		return processor.Info{}, err
	}
	info := processor.Info{Logic: s.Other.GetLogic().GetVersion()}
	if s.Other.GetTick() != nil {
		info.Tick, info.DueMost = true, b.part.opts.TickMost+1
		info.DueTo = max(civil.Instant(b.part.Now), civil.Instant(s.At))
		b.sweepInto(&info)
	}
	return info, nil
}

// Needs names the customers that the record touches.
func (b *tierBatch) Needs(r processor.Record, due []string) (n processor.Needs) {
	s, err := b.score(r)
	if err != nil || b.seen(s) {
		return n
	}
	for _, id := range due {
		if b.customers[id] == nil {
			n.Customers = append(n.Customers, id)
		}
	}
	if s.Other == nil {
		if b.customers[string(s.CustomerID)] == nil {
			n.Customers = append(n.Customers, string(s.CustomerID))
		}
	} else if id := otherCustomer(s.Other); id != "" && b.customers[id] == nil {
		n.Customers = append(n.Customers, id)
	}
	return n
}

// otherCustomer is the customer whom a record names that is no level, or empty.
func otherCustomer(s *pb.Score) string {
	return s.GetOverride().GetCustomerId() + s.GetErasure().GetCustomerId() + s.GetNaming().GetCustomerId()
}

// Load takes what was read.
func (b *tierBatch) Load(n processor.Needs, r processor.Reply) error {
	for _, id := range n.Customers {
		if m, ok := r.Kept[id].(*member); ok {
			b.customers[id] = m
			continue
		}
		t, err := codec.ReadTier(r.Blobs[id])
		if err != nil {
			return fmt.Errorf("reading a customer's blob in tierchange: %w", err)
		}
		m := &member{Tiered: t, id: id, size: memberSize + blobFactor*len(r.Blobs[id])}
		m.waits = m.wait()
		b.customers[id] = m
	}
	return nil
}

// Reduce applies one record of scores: the next number only.
func (b *tierBatch) Reduce(r processor.Record, due []string) error {
	s, err := b.score(r)
	switch {
	case err != nil:
		return err
	case b.seen(s):
		b.counts.add("resent", 1)
		return nil
	case !b.part.Started:
		return b.start(s)
	case s.Number != b.part.Number+1:
		return fmt.Errorf("number %d follows %d: %w", s.Number, b.part.Number, ErrGap)
	}
	b.part.Number, b.part.Fact = s.Number, max(b.part.Fact, s.Fact)
	return b.apply(s, due)
}

func (b *tierBatch) start(s *codec.Score) error {
	init := s.Other.GetInit()
	if init == nil {
		return ErrNoInit
	}
	if err := b.part.start(init); err != nil {
		return err
	}
	b.part.Number, b.part.Fact = s.Number, s.Fact
	return nil
}

func (b *tierBatch) apply(s *codec.Score, due []string) error {
	t := civil.Instant(s.At) // settled by the scorer: the append time of scores is no part of the facts
	if s.Other == nil {
		return b.level(s, t)
	}
	switch body := s.Other.Body.(type) {
	case *pb.Score_Tick:
		b.part.Now = max(b.part.Now, int64(t))
		return b.tick(civil.Instant(b.part.Now), due)
	case *pb.Score_Override:
		return b.expire(body.Override.CustomerId, t) // its effect on tiers waits in facts
	case *pb.Score_Erasure:
		return b.erase(body.Erasure.CustomerId, t)
	case *pb.Score_Naming:
		return b.named(body.Naming, t)
	}
	_, err := b.part.control(backward(s.Other), t)
	if r := b.part.current(); err == nil && r.Moved && r.Number > b.part.Swept && r.policy.Portfolio.Decides {
		b.part.Owed = r.From // a Tick is to sweep
	}
	return err
}

// level takes a customer's new figures, after the due moments that lie before them.
func (b *tierBatch) level(l *codec.Score, t civil.Instant) error {
	m := b.customers[string(l.CustomerID)]
	if m == nil {
		return errNotLoaded
	}
	m.next = l.NextDue
	defer func() { m.next = 0 }()
	if err := b.expireUnder(m.id, t, l.Rule); err != nil {
		return err
	}
	r, err := b.part.numbered(l.Rule)
	if err != nil {
		return err
	}
	m.Version, m.At, m.NextDue, m.Segment, m.Erased = l.Version, int64(t), l.NextDue, l.Segment, false
	m.Figures.Keep(&l.Figures)
	b.decide(m.id, m, t, r, l.Trigger)
	return nil
}

var errNotLoaded = errors.New("a record of scores names a customer that isn't loaded")

// tick decides the customers whose waiting time has ended, as many as a Tick may: what they are told of is one request.
func (b *tierBatch) tick(t civil.Instant, due []string) error {
	b.part.Owed = 0
	before := b.Size().Bytes
	for i, id := range due {
		if i == b.part.opts.TickMost || b.Size().Bytes-before >= b.part.opts.BytesMost {
			b.part.Owed = int64(t)
			return nil
		}
		if err := b.expire(id, t); err != nil {
			return err
		}
	}
	b.part.Swept = max(b.part.Swept, b.part.sweep(t))
	if next := b.part.sweep(civil.MaxInstant); next != 0 { // time hasn't come to them yet
		r, err := b.part.numbered(next)
		if err != nil {
			return err
		}
		b.part.Owed = r.From
	}
	b.part.prune(t)
	return nil
}

// expire makes the decisions of a customer that fell due up to t, each at its own moment and under the rule in force
// just before it.
func (b *tierBatch) expire(id string, t civil.Instant) error {
	return b.expireUnder(id, t, b.part.newest())
}

// expireUnder is expire with the cut-offs of the rules up to one only: a level comes after those that it was made under.
func (b *tierBatch) expireUnder(id string, t civil.Instant, most int64) error {
	m := b.customers[id]
	if m == nil {
		return errNotLoaded
	}
	for {
		d, i := civil.Instant(m.Pending), b.part.unswept(m, t, most)
		if o := m.Alerts.Due; o != 0 && o <= t && (d == 0 || o < d) && (i < 0 || o < b.part.since(m, i)) {
			b.retell(id, m, o)
			continue
		}
		if i >= 0 {
			b.look(id, m, i)
			continue
		}
		if d == 0 || d > t {
			return nil
		}
		m.At = int64(d)
		b.decide(id, m, d, b.part.before(d), codec.Trigger{Kind: pb.Trigger_TIME})
		if civil.Instant(m.Pending) == d {
			return fmt.Errorf("a due moment of a customer doesn't pass")
		}
	}
}

// erase forgets a customer but for the numbers, so that consumers never see one twice.
func (b *tierBatch) erase(id string, t civil.Instant) error {
	if err := b.expire(id, t); err != nil {
		return err
	}
	m := b.customers[id]
	b.forget(id, m, t)
	b.touch(m)
	return nil
}

// decide asks the ladder, keeps its state and publishes what it changed.
func (b *tierBatch) decide(id string, m *member, at civil.Instant, r rule, trigger codec.Trigger) {
	figures, was := b.figuresAt(m, at, r), tierState(m.TierCustomer)
	is, change := r.policy.LadderOf(figures.Kind).Decide(was, figures, at)
	m.Tier, m.Since, m.Seq, m.Failing, m.Pending = is.Tier, int64(is.Since), is.Seq, int64(is.Failing), int64(is.Pending)
	if m.Rule = 0; r.policy.Portfolio.Decides {
		m.Rule = r.Number
	}
	b.touch(m)
	if change != nil {
		b.publish(id, m, figures, is, change, r, trigger)
	}
	b.watch(b.watching(id, at, r, trigger.Kind, was, is), m)
}

// figuresAt is what the last level said, and where that stands by the cut-offs of the rule: what the decision at hand goes by.
func (b *tierBatch) figuresAt(m *member, at civil.Instant, r rule) *tier.Figures {
	f := &b.figures
	_ = m.Figures.Read(f) // they can be: the record that they came with, or the blob, was read as a whole
	f.AsOf, f.Kind, f.Segment = at, int(m.Segment), segmentOf(m.TierCustomer, r.policy)
	f.Portfolio = r.standing(&f.Value, f.Kind)
	return f
}

// publish sends a change, to those who follow changes and to those who want the latest alone.
func (b *tierBatch) publish(id string, m *member, figures *tier.Figures, is tier.State, change *tier.Change, r rule, trigger codec.Trigger) {
	c := b.tierChange(id, change, r, trigger)
	c.CustomerName, c.AccountManager, c.Segment = m.text(pb.NamedField_NAME), m.text(pb.NamedField_ACCOUNT_MANAGER), figures.Segment
	c.Credit = standing(r.policy, &figures.Credit)
	c.ToNext, c.ToKeep = Advice(r.policy, is, figures, m.nextAfter(change.DecidedAt))
	c.ValueScore = codec.Points(figures.Value.Score)
	msg := changeMessage(c)
	b.changes.add(msg)
	b.latest.add(msg)
	b.counts.add("change "+c.Direction.String(), 1)
}

// touch notes that a customer is to be written.
func (b *tierBatch) touch(m *member) {
	if !m.changed {
		m.changed = true
		b.changed++
	}
}

// Size is how much the batch would write and send.
func (b *tierBatch) Size() processor.Size {
	return processor.Size{Customers: b.changed, Bytes: max(b.changes.bytes, b.alerts.bytes, b.signals.bytes)}
}

// Finish gives the new state and what to send.
func (b *tierBatch) Finish() (processor.Result, error) {
	res := processor.Result{Part: encode(b.part.PartState), Counts: b.counts.list(),
		Customers: make([]processor.CustomerWrite, 0, b.changed), Kept: make([]processor.Kept, 0, len(b.customers))}
	for _, id := range sortedKeys(b.customers) {
		m := b.customers[id]
		if !m.changed {
			res.Kept = append(res.Kept, processor.Kept{ID: id, Value: m, Size: m.size})
			continue
		}
		w := processor.CustomerWrite{ID: id, Blob: b.blobs.keep(codec.AppendTier(b.blobs.room(memberBlob), &m.Tiered)), Due: m.due()}
		waits(&w, m.wait(), &m.waits)
		m.changed, m.size = false, memberSize+blobFactor*len(w.Blob)
		res.Customers = append(res.Customers, w)
		res.Kept = append(res.Kept, processor.Kept{ID: id, Value: m, Size: m.size})
	}
	clear(b.parsed) // the records are others' memory
	spare := b.parsed[:0]
	b.parsed = nil
	b.spare.Put(&spare)
	res.Emissions = emissions(sending{TopicTierChanges, b.changes.messages}, sending{TopicCustomerTiers, b.latest.messages},
		sending{TopicCreditAlerts, b.alerts.messages}, sending{TopicSignals, b.signals.messages})
	return res, nil
}
