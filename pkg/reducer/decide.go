package reducer

import (
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

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

// expire makes the decisions of a customer that fell due up to t, each at its own moment and under the rule in force
// just before it.
func (b *tierBatch) expire(id string, t civil.Instant) error {
	m := b.customers[id]
	if m == nil {
		return errNotLoaded
	}
	return b.expireUnder(m, t, b.part.newest())
}

// expireUnder is expire with the cut-offs of the rules up to one only: a level comes after those that it was made under.
func (b *tierBatch) expireUnder(m *member, t civil.Instant, most int64) error {
	for {
		d, i := civil.Instant(m.Pending), b.part.unswept(m, t, most)
		if o := m.Alerts.Due; o != 0 && o <= t && (d == 0 || o < d) && (i < 0 || o < b.part.since(m, i)) {
			b.retell(m, o)
			continue
		}
		if i >= 0 {
			b.look(m, i)
			continue
		}
		if d == 0 || d > t {
			return nil
		}
		m.At = int64(d)
		b.decide(m, d, b.part.before(d), codec.Trigger{Kind: pb.Trigger_TIME})
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
	b.forget(m, t)
	b.touch(m)
	return nil
}

// decide asks the ladder, keeps its state and publishes what it changed.
func (b *tierBatch) decide(m *member, at civil.Instant, r rule, trigger codec.Trigger) {
	figures, was := b.figuresAt(m, at, r), tierState(m.TierCustomer)
	is, change := r.policy.LadderOf(figures.Kind).Decide(was, figures, at)
	m.Tier, m.Since, m.Seq, m.Failing, m.Pending = is.Tier, int64(is.Since), is.Seq, int64(is.Failing), int64(is.Pending)
	if m.Rule = 0; r.policy.Portfolio.Decides {
		m.Rule = r.Number
	}
	b.touch(m)
	if change != nil {
		b.publish(m, figures, is, change, r, trigger)
	}
	b.watch(b.watching(m.id, at, r, trigger.Kind, was, is), m)
}

// figuresAt is what the last level said, and where that stands by the cut-offs of the rule: what the decision at hand goes by.
func (b *tierBatch) figuresAt(m *member, at civil.Instant, r rule) *tier.Figures {
	f := &b.figures
	_ = m.Figures.Read(f) // they can be: the record that they came with, or the blob, was read as a whole
	f.AsOf, f.Kind, f.Segment = at, int(m.Segment), m.segment(r.policy)
	f.Portfolio = r.standing(&f.Value, f.Kind)
	return f
}
