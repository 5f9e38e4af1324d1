package reducer

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ErrGap says that a record of scores is missing. Nothing is skipped: the partition stops.
var ErrGap = errors.New("scores has a gap: rebuild the partition from facts")

// TierChange folds scores into tier changes.
type TierChange struct {
	opts     Options
	policies policies
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
	return &tierBatch{part: p, customers: map[string]*member{}, parsed: map[int64]*pb.Score{}}, nil
}

// member is a customer in tierchange.
type member struct {
	*pb.TierCustomer // but for Alerts and Signals
	alerts, signals  watch.State
	changed          bool
	size             int           // that it takes to keep, roughly
	waits            civil.Instant // the second place in the due set, as it was written last
	next             int64         // NextDue of the level at hand, while the moments before it fire
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

// Sizes of a member with nothing in it, and of what most are written as.
const (
	memberSize = 300
	memberBlob = 160
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

	parsed map[int64]*pb.Score // by offset: parsing is paid once

	// Of the decision at hand: watches are asked by interface, and what they are given would be allocated each time.
	figures tier.Figures
	moment  watching
}

// Status is where the partition stands.
func (b *tierBatch) Status() processor.Status { return b.part.status() }

func (b *tierBatch) score(r processor.Record) (*pb.Score, error) {
	if s, ok := b.parsed[r.Offset]; ok {
		return s, nil
	}
	s, err := codec.ReadScore(r.Value)
	if err != nil {
		return nil, fmt.Errorf("scores offset %d is no score: %w", r.Offset, err)
	}
	b.parsed[r.Offset] = s
	return s, nil
}

// seen says that a record was taken before: the scorer sends its last batch again when in doubt.
func (b *tierBatch) seen(s *pb.Score) bool { return b.part.Started && s.Number <= b.part.Number }

// Inspect tells Ticks and logic switches.
func (b *tierBatch) Inspect(r processor.Record) (processor.Info, error) {
	s, err := b.score(r)
	if err != nil || b.seen(s) {
		return processor.Info{}, err
	}
	info := processor.Info{Logic: s.GetLogic().GetVersion()}
	if s.GetTick() != nil {
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
	if id := scoredCustomer(s); id != "" {
		due = append(due[:len(due):len(due)], id)
	}
	for _, id := range due {
		if b.customers[id] == nil {
			n.Customers = append(n.Customers, id)
		}
	}
	return n
}

func scoredCustomer(s *pb.Score) string {
	if l := s.GetLevel(); l != nil {
		return l.CustomerId
	}
	return s.GetOverride().GetCustomerId() + s.GetErasure().GetCustomerId() + s.GetNaming().GetCustomerId()
}

// Load takes what was read.
func (b *tierBatch) Load(n processor.Needs, r processor.Reply) error {
	for _, id := range n.Customers {
		if m, ok := r.Kept[id].(*member); ok {
			b.customers[id] = m
			continue
		}
		m := &member{TierCustomer: &pb.TierCustomer{}, size: memberSize + blobFactor*len(r.Blobs[id])}
		if err := proto.Unmarshal(r.Blobs[id], m.TierCustomer); err != nil {
			return fmt.Errorf("reading a customer's blob in tierchange: %w", err)
		}
		m.alerts, m.signals = codec.ReadWatch(m.Alerts), codec.ReadWatch(m.Signals)
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

func (b *tierBatch) start(s *pb.Score) error {
	if s.GetInit() == nil {
		return ErrNoInit
	}
	if err := b.part.start(s.GetInit()); err != nil {
		return err
	}
	b.part.Number, b.part.Fact = s.Number, s.Fact
	return nil
}

func (b *tierBatch) apply(s *pb.Score, due []string) error {
	t := civil.Instant(s.At) // settled by the scorer: the append time of scores is no part of the facts
	switch body := s.Body.(type) {
	case *pb.Score_Level:
		return b.level(body.Level, t)
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
	_, err := b.part.control(backward(s), t)
	if r := b.part.current(); err == nil && r.Moved && r.Number > b.part.Swept && r.policy.Portfolio.Decides {
		b.part.Owed = r.From // a Tick is to sweep
	}
	return err
}

// level takes a customer's new figures, after the due moments that lie before them.
func (b *tierBatch) level(l *pb.Level, t civil.Instant) error {
	m := b.customers[l.CustomerId]
	if m != nil {
		m.next = l.NextDue
		defer func() { m.next = 0 }()
	}
	if err := b.expireUnder(l.CustomerId, t, l.Rule); err != nil {
		return err
	}
	r, err := b.part.numbered(l.Rule)
	if err != nil {
		return err
	}
	m.Version, m.At, m.NextDue, m.Value, m.Credit, m.Erased = l.Version, int64(t), l.NextDue, l.Value, l.Credit, false
	m.Segment, m.Overdue, m.Signs = l.Segment, l.Overdue, l.Signs
	b.decide(l.CustomerId, m, t, r, l.Trigger)
	return nil
}

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
		return fmt.Errorf("a record of scores names a customer that isn't loaded")
	}
	for {
		d, i := civil.Instant(m.Pending), b.part.unswept(m, t, most)
		if o := m.alerts.Due; o != 0 && o <= t && (d == 0 || o < d) && (i < 0 || o < b.part.since(m, i)) {
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
		b.decide(id, m, d, b.part.before(d), &pb.Trigger{Kind: pb.Trigger_TIME})
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
func (b *tierBatch) decide(id string, m *member, at civil.Instant, r rule, trigger *pb.Trigger) {
	figures, was := b.figuresAt(m, at, r), tierState(m.TierCustomer)
	is, change := r.policy.Ladder.Decide(was, figures, at)
	m.Tier, m.Since, m.Seq, m.Failing, m.Pending = is.Tier, int64(is.Since), is.Seq, int64(is.Failing), int64(is.Pending)
	if m.Rule = 0; r.policy.Portfolio.Decides {
		m.Rule = r.Number
	}
	b.touch(m)
	if change != nil {
		b.publish(id, m, figures, is, change, r, trigger)
	}
	b.watch(b.watching(id, at, r, trigger, was, is), m)
}

// figuresAt are those that a decision goes by, until the next.
func (b *tierBatch) figuresAt(m *member, at civil.Instant, r rule) *tier.Figures {
	b.figures = figuresOf(m.TierCustomer, at, r)
	b.figures.Segment = segmentOf(m.TierCustomer, r.policy)
	return &b.figures
}

// publish sends a change, to those who follow changes and to those who want the latest alone.
func (b *tierBatch) publish(id string, m *member, figures *tier.Figures, is tier.State, change *tier.Change, r rule, trigger *pb.Trigger) {
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
	res := processor.Result{Part: encode(b.part.PartState), Counts: b.counts.list()}
	for _, id := range sortedKeys(b.customers) {
		m := b.customers[id]
		if !m.changed {
			res.Kept = append(res.Kept, processor.Kept{ID: id, Value: m, Size: m.size})
			continue
		}
		m.Alerts, m.Signals = codec.WatchState(m.alerts), codec.WatchState(m.signals)
		w := processor.CustomerWrite{ID: id, Blob: codec.AppendTier(make([]byte, 0, memberBlob), m.TierCustomer), Due: m.due()}
		if is := m.wait(); is != m.waits {
			w.Wait, m.waits = is, is
		}
		m.changed, m.size = false, memberSize+blobFactor*len(w.Blob)
		res.Customers = append(res.Customers, w)
		res.Kept = append(res.Kept, processor.Kept{ID: id, Value: m, Size: m.size})
	}
	res.Emissions = emissions(sending{TopicTierChanges, b.changes.messages}, sending{TopicCustomerTiers, b.latest.messages},
		sending{TopicCreditAlerts, b.alerts.messages}, sending{TopicSignals, b.signals.messages})
	return res, nil
}
