package tier_test

import (
	"fmt"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// and is a condition of comparisons that must all hold.
type and []comparison

// comparison is one test over value.net or credit.max_days_overdue.
type comparison struct {
	factor, op string
	threshold  float64
}

func net(op string, threshold float64) comparison { return comparison{"value.net", op, threshold} }

func overdue(most float64) comparison { return comparison{"credit.max_days_overdue", "<=", most} }

func (a and) Evaluate(f *tier.Figures) tier.Verdict {
	v := tier.Verdict{Holds: true}
	for _, c := range a {
		t := c.test(f)
		v.Holds = v.Holds && t.Holds
		v.Tests = append(v.Tests, t)
	}
	return v
}

func (c comparison) test(f *tier.Figures) tier.Test {
	t := tier.Test{Factor: c.factor, Op: c.op, Threshold: c.threshold, Known: true,
		Value: float64(f.Value.Net) / 100, Text: fmt.Sprint(c.factor, " ", c.op, " ", c.threshold)}
	if c.factor == "credit.max_days_overdue" {
		t.Value = float64(f.Credit.MaxDaysOverdue)
	}
	switch c.op {
	case ">=":
		t.Holds = t.Value >= t.Threshold
	case ">":
		t.Holds = t.Value > t.Threshold
	case "<=":
		t.Holds = t.Value <= t.Threshold
	}
	return t
}

func words() tier.Words {
	return tier.Words{ValueDays: 365, CreditDays: 365, PromptnessDays: 730, DSODays: 365, Scale: 2}
}

func ladder() tier.Ladder {
	return tier.Ladder{Words: words(), Rungs: []tier.Rung{
		{Name: "standard"},
		{Name: "silver", Enter: and{net(">=", 10_000)}, Keep: and{net(">=", 8_000)}, Grace: 30 * civil.FullDay},
		{Name: "gold", Enter: and{net(">=", 50_000), overdue(30)}, Keep: and{net(">=", 40_000), overdue(30)},
			Grace: 30 * civil.FullDay, Hold: 90 * civil.FullDay},
		{Name: "platinum", Enter: and{net(">", 200_000)}},
	}}
}

func figures(net, overdueDays int64) *tier.Figures {
	f := &tier.Figures{}
	f.Value.Net, f.Credit.MaxDaysOverdue = net*100, overdueDays
	return f
}

func day(n int64) civil.Instant { return civil.Instant(20000+n) * civil.FullDay }

// story plays levels and due moments in order and writes down what happens.
type story struct {
	ladder tier.Ladder
	state  tier.State
	last   *tier.Figures
	lines  []string
}

func (s *story) at(n, netSales, overdueDays int64) {
	for due := tier.Due(s.state); due != 0 && due <= day(n); due = tier.Due(s.state) {
		s.decide(due)
		if tier.Due(s.state) == due {
			panic("a due moment that fired is still due")
		}
	}
	s.last = figures(netSales, overdueDays)
	s.decide(day(n))
}

func (s *story) decide(at civil.Instant) {
	next, c := s.ladder.Decide(s.state, s.last, at)
	line := ""
	switch {
	case c != nil:
		line = fmt.Sprintf("%d %s -> %s", c.Direction, c.From, c.To)
		for _, r := range c.Reasons {
			line += fmt.Sprintf("\n    %s: %s", r.Code, r.Text)
		}
	case s.state.Pending == 0 && next.Pending != 0:
		line = fmt.Sprintf("%s until %s", next.Tier, next.Pending)
	case s.state.Pending != 0 && next.Pending == 0:
		line = next.Tier + " saved"
	default:
		line = next.Tier
	}
	s.lines = append(s.lines, fmt.Sprintf("day %d: %s", (at-day(0))/civil.FullDay, line))
	s.state = next
}

func (s *story) String() string { return strings.Join(s.lines, "\n") }
