package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// tick fires the customers due, earliest first, up to the bound, and passes the time on: lowered to just before the
// earliest due moment left, so that the second stage's time goes on under a backlog, and the rest is owed.
func (b *scorerBatch) tick(t civil.Instant, due []string) error {
	before := b.counts.get("moments")
	left := processor.NoDue
	for i, id := range due {
		c := b.customers[id]
		if i >= b.part.opts.TickMost || b.counts.get("moments")-before >= int64(b.part.opts.MomentsMost) {
			left = b.part.left(c)
			break
		}
		if err := b.fire(c, t); err != nil {
			return err
		}
	}
	tick := forward(&pb.Fact{Body: &pb.Fact_Tick{Tick: &pb.Tick{}}})
	if left <= t {
		b.part.Owed = int64(t)
		b.send("", tick, left-1)
		return nil
	}
	b.part.Owed = 0
	b.part.swept()
	b.send("", tick, t)
	for _, d := range b.part.close() {
		b.portfolio.add(b.at, processor.Message{Key: portfolioKey(d), Value: encode(d)})
	}
	b.part.prune(t) // a day end names the cut-offs before it
	return nil
}

// fire fires a customer's own due moments up to t, in order, each stamped with its own moment and decided under the
// rule in force just before it, however late it fires; and between them what comes of silence that is judged further.
func (b *scorerBatch) fire(c *customer, t civil.Instant) error {
	for d := civil.Instant(c.Due); ; d = civil.Instant(c.Due) {
		if j := b.part.reached(c.ScorerCustomer, t); j != nil {
			if err := b.lookUnder(c, j); err != nil {
				return err
			}
			continue
		}
		if d == 0 || d > t {
			return nil
		}
		b.counts.add("moments", 1)
		if err := b.level(c, d, d, b.part.before(d), &pb.Trigger{Kind: pb.Trigger_TIME}); err != nil {
			return err
		}
	}
}

// level sends a customer's figures. due is the due moment that they come from, 0 where a record changed them.
func (b *scorerBatch) level(c *customer, at, due civil.Instant, r rule, trigger *pb.Trigger) error {
	today := b.part.calendar.DayOf(at)
	b.part.forget(c, today, r.policy)
	c.prune(r.policy, today)
	segment := c.segment(r.policy, today)
	worth := c.value.At(r.policy.ValueOf(segment), today)
	v := worth.Figures(c.said(r, segment))
	m, _ := c.rate(r, segment, today)
	is := c.unbooked
	if is == nil {
		is = &pb.PortfolioTotals{}
	}
	is.Customers, is.NetMinor, is.Orders, is.OpenMinor, is.OverdueMinor, is.Ranked = 1, v.Net, v.Orders, m.Open, m.Overdue, 0
	if is.By = nil; r.policy.Portfolio.Used() {
		is.Ranked, is.By = 1, rankedBy(r.policy, &v, segment)
	}
	b.part.book(c.Booked, is, due)
	c.Booked, c.unbooked = is, c.Booked
	c.At = int64(at)
	c.plan(r, segment, &worth, b.part.calendar, today)
	c.Version++
	b.touch(c)
	b.oldest = c.ledger.Oldest(b.oldest[:0], today, codec.OldestMost)
	value := b.slab.keep(codec.AppendLevel(b.slab.room(levelMost)[:codec.NumberRoom], &codec.Level{
		Fact: b.at, At: at, CustomerID: c.id, Version: c.Version, Rule: r.Number, Trigger: trigger,
		Value: v, Credit: m, NextDue: c.Due, Segment: int64(segment), Judged: c.ledger.Judged(r.judged(today)),
		Oldest: b.oldest, Signs: c.signs(r.policy, segment, today),
	}))
	b.put(c.id, value)
	return nil
}

// levelMost is more than a level takes whose ids are as long as they may be.
const levelMost = codec.NumberRoom + 1<<11

// send puts a record into scores.
func (b *scorerBatch) send(key string, s *pb.Score, at civil.Instant) {
	s.Fact, s.At = b.at, int64(at)
	b.put(key, append(make([]byte, codec.NumberRoom), encode(s)...))
}

// put takes a record of scores that will get its number in its place.
func (b *scorerBatch) put(key string, value []byte) {
	if b.scores.messages == nil { // one of each fact, as a rule
		b.scores.messages = make([]processor.Message, 0, len(b.read.parsed)+1)
		b.scores.of = make([]int64, 0, len(b.read.parsed)+1)
	}
	b.scores.add(b.at, processor.Message{Key: key, Value: value})
}
