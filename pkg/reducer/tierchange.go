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
	readings sync.Pool // of *scores
	labels   *labels
}

// NewTierChange is the second stage.
func NewTierChange(opts Options) *TierChange {
	return &TierChange{opts: opts.withDefaults(), labels: newLabels()}
}

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
	return &tierBatch{part: p, customers: map[string]*member{}, readings: &s.readings, labels: s.labels}, nil
}

// member is a customer in tierchange.
type member struct {
	codec.Tiered
	id      string
	said    string // of the segment, by the customer's profiles
	changed bool
	size    int           // that it takes to keep, roughly
	waits   civil.Instant // the second place in the due set, as it was written last
	next    int64         // NextDue of the level at hand, while the moments before it fire
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
	at        int64 // offset of the record that is applied
	run       run
	counts    counts

	read     *scores // nil: nothing has been
	readings *sync.Pool
	blobs    slab
	labels   *labels
	headers  lists[processor.Header]
	wanted   lists[string] // by Needs

	// Of the decision at hand: watches are asked by interface, and what they are given would be allocated each time.
	figures tier.Figures
	moment  watching
	items   []codec.ToldItem
	overdue []codec.OverdueItem
}

// Status is where the partition stands.
func (b *tierBatch) Status() processor.Status { return b.part.status() }

// scores is the records of a batch.
type scores struct {
	parsed  []scored // in the order of their offsets: reading is paid once
	parties parties[member]
}

// scored is a record of scores that has been read.
type scored struct {
	offset int64
	codec.Score
	about *party[member] // of a level
	run   bool           // its number has been taken
}

func (s *scored) at() int64 { return s.offset }

// score is a record, good until the next is read.
func (b *tierBatch) score(r processor.Record) (*scored, error) {
	if b.read == nil {
		b.read = spare[scores](b.readings)
	}
	i, found := find(b.read.parsed, r.Offset)
	if found {
		return &b.read.parsed[i], nil
	}
	s, err := codec.ReadScore(r.Value)
	if err != nil {
		return nil, fmt.Errorf("scores offset %d is no score: %w", r.Offset, err)
	}
	b.read.parsed = slices.Insert(b.read.parsed, i, scored{offset: r.Offset, Score: s, about: of(&b.read.parties, s.CustomerID)})
	return &b.read.parsed[i], nil
}

// forgetScores leaves the memory of the records to those of a later batch. A batch that fails doesn't.
func (b *tierBatch) forgetScores() {
	if r := b.read; r != nil {
		clear(r.parsed) // the records are others' memory
		r.parsed, b.read = r.parsed[:0], nil
		r.parties.clear()
		b.readings.Put(r)
	}
}

// seen says that a record was taken before: the scorer sends its last batch again when in doubt.
func (b *tierBatch) seen(s *scored) bool { return b.part.Started && s.Number <= b.part.Number }

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
	if err != nil || !s.run && b.seen(s) {
		return n
	}
	for _, id := range due {
		if b.customers[id] == nil {
			b.need(&n, id)
		}
	}
	if s.Other == nil {
		if s.about.in(b.customers) == nil {
			b.need(&n, s.about.id)
		}
	} else if id := otherCustomer(s.Other); id != "" && b.customers[id] == nil {
		b.need(&n, id)
	}
	return n
}

func (b *tierBatch) need(n *processor.Needs, id string) {
	if n.Customers == nil {
		n.Customers = b.wanted.room(1) // as a rule
	}
	n.Customers = append(n.Customers, id)
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
		m := &member{Tiered: t, id: id, said: NameOf(t.TierCustomer, pb.NamedField_SEGMENT), size: memberSize + blobFactor*len(r.Blobs[id])}
		m.waits = m.wait()
		b.customers[id] = m
	}
	return nil
}

// Run puts levels, as far as their numbers follow each other, into the order of the customers.
func (b *tierBatch) Run(next []processor.Record, most int) []int {
	b.run.begin()
	for _, r := range next {
		s, err := b.score(r)
		if err != nil || s.Other != nil || !b.part.Started || s.Number != b.part.Number+1 {
			break
		}
		m := s.about.in(b.customers)
		if !b.run.add(&s.about.turn, m != nil && m.changed, &most) {
			break
		}
		b.part.Number, b.part.Fact, s.run = s.Number, max(b.part.Fact, s.Fact), true
	}
	return b.run.byCustomer()
}

// Reduce applies one record of scores: the next number only.
func (b *tierBatch) Reduce(r processor.Record, due []string) error {
	b.at = r.Offset
	s, err := b.score(r)
	switch {
	case err != nil:
		return err
	case s.run:
		return b.level(s, civil.Instant(s.At))
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

func (b *tierBatch) start(s *scored) error {
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

func (b *tierBatch) apply(s *scored, due []string) error {
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
func (b *tierBatch) level(l *scored, t civil.Instant) error {
	m := l.about.in(b.customers)
	if m == nil {
		return errNotLoaded
	}
	m.next = l.NextDue
	defer func() { m.next = 0 }()
	if err := b.expireUnder(m, t, l.Rule); err != nil {
		return err
	}
	r, err := b.part.numbered(l.Rule)
	if err != nil {
		return err
	}
	m.Version, m.At, m.NextDue, m.Segment, m.Erased = l.Version, int64(t), l.NextDue, l.Segment, false
	m.Figures.Keep(&l.Figures)
	b.decide(m, t, r, l.Trigger)
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
	b.forgetScores()
	res.Emissions = emissions(sending{TopicTierChanges, b.changes.inOrder()}, sending{TopicCustomerTiers, b.latest.inOrder()},
		sending{TopicCreditAlerts, b.alerts.inOrder()}, sending{TopicSignals, b.signals.inOrder()})
	return res, nil
}
