package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// New cut-offs may move anybody, also those who have no event. They take effect for each customer at the moment at which they
// came into force, before anything later of that customer, whenever a Tick gets there: as a due moment does. Who waits for
// the next cut-offs stands in the due set beyond all time, by the number of the rule that they were last decided under:
//
//	due:  ... moments that will come ... | waiting + 4: anna, dora | waiting + 5: bert
//
// When rule 5 comes with new cut-offs, a Tick takes those up to waiting + 4, some at a time, and is owed until none is left. A
// customer whose downgrade waits is looked at when the wait ends, or at their own next event, by the cut-offs of that time.

// waiting is beyond every moment; with the number of a rule it still fits the 53 bits that Redis keeps exactly.
const waiting = civil.MaxInstant + 1

// sweep is the newest rule with new cut-offs in force at t, if somebody may not have been looked at under it; 0: there is none.
func (p *partition) sweep(t civil.Instant) (number int64) {
	for i, r := range p.Rules {
		if r.Moved && r.Number > p.Swept && civil.Instant(r.From) <= t && p.compiled[i].Portfolio.Decides {
			number = r.Number
		}
	}
	return number
}

// unswept is the earliest rule with new cut-offs, up to rule most and in force at t, that a customer hasn't been decided under;
// -1: none.
func (p *partition) unswept(m *member, t civil.Instant, most int64) int {
	if m.Rule == 0 || m.Pending != 0 {
		return -1
	}
	for i, r := range p.Rules {
		if r.Moved && r.Number > m.Rule && r.Number <= most && civil.Instant(r.From) <= t && p.compiled[i].Portfolio.Decides {
			return i
		}
	}
	return -1
}

// newest is the number of the rule in force.
func (p *partition) newest() int64 { return p.Rules[len(p.Rules)-1].Number }

// sweepInto asks for those that a Tick sweeps.
func (b *tierBatch) sweepInto(info *processor.Info) {
	if n := b.part.sweep(info.DueTo); n != 0 {
		info.AlsoFrom, info.AlsoTo, info.AlsoMost = waiting, waiting+civil.Instant(n)-1, info.DueMost
	}
}

// look decides a customer by new cut-offs, if they move them.
func (b *tierBatch) look(m *member, i int) {
	r := b.part.at(i)
	figures := b.figuresAt(m, 0, r)
	if i > 0 && b.part.at(i-1).policy == r.policy && b.part.at(i-1).standing(&figures.Value, int(m.Segment)) == figures.Portfolio {
		m.Rule = r.Number
		b.touch(m)
		return
	}
	at := b.part.since(m, i)
	m.At = int64(at)
	b.decide(m, at, r, codec.Trigger{Kind: pb.Trigger_PORTFOLIO})
}

// since is the moment at which a rule takes effect for a customer.
func (p *partition) since(m *member, i int) civil.Instant {
	return max(civil.Instant(p.Rules[i].From), civil.Instant(m.At))
}

// due is when a Tick has to come back to a customer.
func (m *member) due() civil.Instant {
	switch o := m.Alerts.Due; {
	case o != 0 && (m.Pending == 0 || o < civil.Instant(m.Pending)):
		return o
	case m.Pending != 0:
		return civil.Instant(m.Pending)
	case m.Rule != 0:
		return waiting + civil.Instant(m.Rule)
	}
	return processor.NoDue
}

// wait is a customer's second place in the due set: that of who waits for the next cut-offs, where an alert that is told later has the
// first.
func (m *member) wait() civil.Instant {
	if m.Alerts.Due != 0 && m.Pending == 0 && m.Rule != 0 {
		return waiting + civil.Instant(m.Rule)
	}
	return processor.NoDue
}
