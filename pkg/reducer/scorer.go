package reducer

import (
	"fmt"
	"slices"
	"sync"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Scorer folds facts into scores: what each customer is worth and how they pay, after every record and due moment.
type Scorer struct {
	opts     Options
	policies policies
	desks    sync.Pool
	pagers   sync.Pool
	readers  sync.Pool // of *reading
}

// NewScorer is the first stage.
func NewScorer(opts Options) *Scorer { return &Scorer{opts: opts.withDefaults()} }

// Logic is the newest version of the reducers that this program has.
func (s *Scorer) Logic() int64 { return LogicVersion }

// Tick is the record that tells facts the time.
func (s *Scorer) Tick(at civil.Instant) processor.Message { return tickMessage(at) }

// TakenIn is the record that says that what was sent before at is in facts.
func (s *Scorer) TakenIn(at civil.Instant) processor.Message {
	return processor.Message{Value: encode(&pb.Fact{At: int64(at), Body: &pb.Fact_TakenIn{TakenIn: &pb.TakenIn{}}})}
}

func tickMessage(at civil.Instant) processor.Message {
	return processor.Message{Value: encode(&pb.Fact{At: int64(at), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}})}
}

// Begin opens a batch.
func (s *Scorer) Begin(blob []byte) (processor.Batch, error) {
	p, err := openPartition(blob, s.opts, &s.policies)
	if err != nil {
		return nil, err
	}
	return &scorerBatch{part: p, desks: &s.desks, pagers: &s.pagers, readers: &s.readers, customers: map[string]*customer{}}, nil
}

// scorerBatch is the state that a batch of facts works on.
type scorerBatch struct {
	part      *partition
	customers map[string]*customer // as loaded, then as changed
	changed   int                  // how many of them
	scores    outbox
	portfolio outbox
	desks     *sync.Pool
	pagers    *sync.Pool
	readers   *sync.Pool
	slab      slab
	trigger   pb.Trigger    // of the record that is applied
	oldest    []credit.Item // of the level that is written
	at        int64         // offset of the record that is applied
	run       run
	counts    counts

	read *reading // nil: nothing has been

	wanted lists[string] // by Needs
	fields lists[processor.Fields]
}

// Status is where the partition stands.
func (b *scorerBatch) Status() processor.Status {
	st := b.part.status()
	if st.Started && st.Now != 0 {
		r, today := b.part.current(), b.part.calendar.DayOf(st.Now)
		st.Judged, st.Held = b.part.calendar.Start(r.judged(today)), r.heldBack(today) > 0
	}
	return st
}

func (p *partition) status() processor.Status {
	st := processor.Status{Started: p.Started, Wall: p.Wall, Now: civil.Instant(p.Now), Owed: civil.Instant(p.Owed),
		Wanted: civil.Instant(p.Coming.GetFrom()), Fact: p.Fact}
	if p.Started {
		st.Logic = p.current().Logic
	}
	return st
}

// Inspect tells Ticks and logic switches.
func (b *scorerBatch) Inspect(r processor.Record) (processor.Info, error) {
	p, err := b.fact(r)
	if err != nil {
		return processor.Info{}, err
	}
	f := p.fact
	info := processor.Info{Logic: f.GetLogic().GetVersion()}
	if f.GetTick() != nil {
		info.Tick, info.DueMost = true, b.part.opts.TickMost+1
		info.DueTo = b.part.settle(f, r.Appended)
		b.part.waitersInto(&info)
	}
	return info, nil
}

// Needs names what the record touches: the customer, the registers that its event names, or all of them where the
// ledger must be settled again.
func (b *scorerBatch) Needs(r processor.Record, due []string) (n processor.Needs) {
	p, err := b.fact(r)
	if err != nil {
		return n
	}
	for _, id := range due {
		b.needCustomer(&n, id, b.customers[id])
	}
	if p.about == nil {
		return n
	}
	b.needCustomer(&n, p.about.id, p.about.in(b.customers))
	b.needRegisters(&n, p, r)
	return n
}

// needCustomer adds a customer that hasn't been loaded, or the pages of one whose days are not in the blob.
func (b *scorerBatch) needCustomer(n *processor.Needs, id string, c *customer) {
	switch {
	case c == nil && !slices.Contains(n.Customers, id):
		if n.Customers == nil {
			n.Customers = b.wanted.room(1) // as a rule
		}
		n.Customers = append(n.Customers, id)
	case c != nil:
		if missing := c.registers.unread(c.history.missing); len(missing) > 0 {
			b.need(n, processor.Fields{Customer: id, Names: missing})
		}
	}
}

func (b *scorerBatch) need(n *processor.Needs, f processor.Fields) {
	if n.Registers == nil {
		n.Registers = b.fields.room(1)
	}
	n.Registers = append(n.Registers, f)
}

// Load takes what was read.
func (b *scorerBatch) Load(n processor.Needs, r processor.Reply) error {
	for _, id := range n.Customers {
		if c, ok := r.Kept[id].(*customer); ok {
			b.customers[id] = c
			continue
		}
		c, err := openCustomer(id, r.Blobs[id])
		if err != nil {
			return err
		}
		b.customers[id] = c
	}
	for _, f := range n.Registers {
		c, ok := b.customers[f.Customer]
		if !ok {
			return fmt.Errorf("registers of a customer that isn't loaded")
		}
		if err := c.registers.load(f, r.Registers[f.Customer], &c.history); err != nil {
			return err
		}
		if err := c.unite(); err != nil {
			return err
		}
	}
	return nil
}

// Run puts records that are each an event of one customer into the order of the customers, as far as they come on one day: the day's
// end has what all records before it add up to.
func (b *scorerBatch) Run(next []processor.Record, most int) []int {
	b.run.begin()
	for i, r := range next {
		p, err := b.fact(r)
		if err != nil || !b.part.Started || !p.alone() {
			break
		}
		t := b.settle(p, r)
		if i > 0 && b.part.calendar.DayOf(t) != b.part.calendar.DayOf(civil.Instant(b.part.Now)) {
			break
		}
		c := p.about.in(b.customers)
		if !b.run.add(&p.about.turn, c != nil && c.changed, &most) {
			break
		}
		b.part.pass(t)
		b.part.see(p.fact.GetPayment(), t)
		p.t, p.run = t, true
	}
	return b.run.byCustomer()
}

// Reduce applies one record.
func (b *scorerBatch) Reduce(r processor.Record, due []string) error {
	p, err := b.fact(r)
	if err != nil {
		return err
	}
	f := p.fact
	b.at, b.part.Fact = r.Offset, max(b.part.Fact, r.Offset)
	if p.run {
		return b.event(p.about.in(b.customers), f, p.t)
	}
	if !b.part.Started {
		return b.start(f)
	}
	t := b.settle(p, r)
	b.part.pass(t)
	switch body := f.Body.(type) {
	case *pb.Fact_Tick:
		return b.tick(t, due)
	case *pb.Fact_Policy, *pb.Fact_Cutoffs, *pb.Fact_Logic, *pb.Fact_ClockLive:
		taken, err := b.part.control(f, t)
		if taken {
			b.send("", forward(f), t)
			b.part.rejudge(t) // a policy may ask otherwise whether payments have stopped
		}
		return err
	case *pb.Fact_Override:
		return b.named(body.Override.CustomerId, body.Override.Sequence, f, t)
	case *pb.Fact_Erasure:
		return b.named(body.Erasure.CustomerId, body.Erasure.Sequence, f, t)
	case *pb.Fact_FeedsReleased:
		b.feeds(f, t, body.FeedsReleased.Feeds...)
		return nil
	case *pb.Fact_PaymentsQuiet:
		b.part.quiet(body.PaymentsQuiet, t)
		return nil
	case *pb.Fact_TakenIn:
		b.part.takenIn(civil.Instant(f.At), t)
		return nil
	case *pb.Fact_Init, *pb.Fact_FxRates, nil:
		b.counts.add("ignored", 1)
		return nil
	}
	if feed := feedOf(f); feed != nil {
		b.feeds(f, t, feed)
		return nil
	}
	b.part.see(f.GetPayment(), t)
	return b.event(p.about.in(b.customers), f, t)
}

func (b *scorerBatch) start(f *pb.Fact) error {
	if f.GetInit() == nil {
		return ErrNoInit
	}
	if err := b.part.start(f.GetInit()); err != nil {
		return err
	}
	b.part.Fact = b.at
	b.send("", forward(f), civil.Instant(f.At))
	return nil
}

// event fires the customer's own due moments, then applies the event, then says what the customer is worth.
func (b *scorerBatch) event(c *customer, f *pb.Fact, t civil.Instant) error {
	if c == nil {
		b.counts.add("ignored", 1) // names no customer
		return nil
	}
	if err := b.fire(c, t); err != nil {
		return err
	}
	if n := namingOf(f.GetProfile()); n != nil {
		b.send(n.CustomerId, &pb.Score{Body: &pb.Score_Naming{Naming: n}}, t)
	}
	fresh := c.Version == 0 || c.Erased
	env, today := b.environment(), b.part.calendar.DayOf(t)
	env.oldest = b.part.oldest(today, env.policy)
	c.look(env.policy, today)
	changed, err := c.apply(f, env)
	if err != nil {
		return err
	}
	if !changed && !fresh {
		b.counts.add(unchanged(f), 1)
		return nil
	}
	c.Erased = false
	return b.level(c, t, 0, b.part.current(), b.triggerOf(f))
}

// named forwards a record about one customer, after the customer's own due moments.
func (b *scorerBatch) named(id string, sequence int64, f *pb.Fact, t civil.Instant) error {
	c := b.customers[id]
	if c == nil {
		return fmt.Errorf("a %T names no customer", f.Body)
	}
	if err := b.fire(c, t); err != nil {
		return err
	}
	if !newer(&c.Control, sequence) {
		return nil
	}
	b.touch(c)
	if f.GetErasure() != nil {
		b.part.book(c.Booked, nil, 0)
		c.erase(t)
	}
	b.send(id, forward(f), t)
	return nil
}

// touch notes that a customer is to be written.
func (b *scorerBatch) touch(c *customer) {
	if !c.changed {
		c.changed = true
		b.changed++
	}
}

// Size is how much the batch would write and send.
func (b *scorerBatch) Size() processor.Size {
	return processor.Size{Customers: b.changed, Bytes: max(b.scores.bytes, b.portfolio.bytes)}
}

// Finish gives the new state and what to send.
func (b *scorerBatch) Finish() (processor.Result, error) {
	scores := b.scores.inOrder()
	for i := range scores {
		b.part.Number++
		scores[i].Value = codec.NumberScore(scores[i].Value, b.part.Number)
	}
	res := processor.Result{Part: encode(b.part.PartState), Counts: b.counts.list()}
	res.Customers, res.Kept = slices.Grow(res.Customers, b.changed), slices.Grow(res.Kept, len(b.customers))
	g := spare[pager](b.pagers)
	defer b.pagers.Put(g)
	defer b.forgetFacts()
	for _, id := range sortedKeys(b.customers) {
		c := b.customers[id]
		if c.changed {
			res.Customers = append(res.Customers, c.write(id, &b.slab, &b.part.opts, g))
		}
		res.Kept = append(res.Kept, processor.Kept{ID: id, Value: c, Size: c.size()})
	}
	res.Emissions = emissions(sending{TopicScores, scores}, sending{TopicPortfolio, b.portfolio.inOrder()})
	return res, nil
}
