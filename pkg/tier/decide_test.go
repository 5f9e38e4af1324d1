package tier_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

func drawCondition(t *rapid.T, label string) and {
	var c and
	for i := range rapid.IntRange(1, 2).Draw(t, label+" comparisons") {
		n := float64(rapid.IntRange(0, 20).Draw(t, fmt.Sprint(label, i)))
		if rapid.Bool().Draw(t, label+" on overdue") {
			c = append(c, overdue(n))
		} else {
			c = append(c, net(">=", n))
		}
	}
	return c
}

func drawLadder(t *rapid.T) tier.Ladder {
	l := tier.Ladder{Words: words(), Rungs: []tier.Rung{{Name: "r0"}}}
	for i := range rapid.IntRange(0, 4).Draw(t, "rungs") {
		r := tier.Rung{Name: fmt.Sprint("r", i+1), Enter: drawCondition(t, "enter")}
		if rapid.Bool().Draw(t, "has keep") {
			r.Keep = drawCondition(t, "keep")
		}
		r.Grace = civil.Instant(rapid.IntRange(0, 5).Draw(t, "grace"))
		r.Hold = civil.Instant(rapid.IntRange(0, 8).Draw(t, "hold"))
		l.Rungs = append(l.Rungs, r)
	}
	return l
}

func drawFigures(t *rapid.T) *tier.Figures {
	return figures(int64(rapid.IntRange(0, 20).Draw(t, "net")), int64(rapid.IntRange(0, 20).Draw(t, "overdue")))
}

func rank(l tier.Ladder, name string) int {
	for i, r := range l.Rungs {
		if r.Name == name {
			return i
		}
	}
	return -1
}

func keepOf(r tier.Rung) tier.Condition {
	if r.Keep != nil {
		return r.Keep
	}
	return r.Enter
}

// Whatever the ladder and the figures: numbers are dense, moments are stamped, nothing changes twice, a downgrade
// waits for grace and hold, and the tier is one that the figures allow.
func TestDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, s := drawLadder(t), tier.State{}
		at, failing := civil.Instant(0), civil.Instant(0)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at += civil.Instant(rapid.IntRange(1, 4).Draw(t, "later"))
			if due := tier.Due(s); due != 0 && due < at {
				at = due
			}
			f := drawFigures(t)
			before := s
			after, c := l.Decide(s, f, at)
			if again, second := l.Decide(after, f, at); again != after || second != nil {
				t.Fatalf("the second call gives %+v, %+v after %+v", again, second, after)
			}
			checkStep(t, l, before, after, c, f, at, &failing)
			s = after
		}
	})
}

func checkStep(t *rapid.T, l tier.Ladder, before, after tier.State, c *tier.Change, f *tier.Figures, at civil.Instant, failing *civil.Instant) {
	from := rank(l, before.Tier)
	kept := from <= 0 || keepOf(l.Rungs[from]).Evaluate(f).Holds
	if kept {
		*failing = 0
	} else if *failing == 0 {
		*failing = at
	}
	if c == nil {
		if before.Tier != after.Tier || before.Seq != after.Seq || before.Since != after.Since {
			t.Fatalf("%+v became %+v without a change", before, after)
		}
		if after.Failing != *failing || kept != (tier.Due(after) == 0) || !kept && tier.Due(after) <= at {
			t.Fatalf("kept %v, failing since %d: %+v at %d", kept, *failing, after, at)
		}
		return
	}
	to := rank(l, c.To)
	switch {
	case c.Seq != before.Seq+1 || after.Seq != c.Seq || c.From != before.Tier || c.To != after.Tier || len(c.Reasons) == 0,
		c.DecidedAt != at || c.EffectiveAt != at || after.Since != at || after.Failing != 0 || tier.Due(after) != 0:
		t.Fatalf("at %d %+v became %+v by %+v", at, before, after, c)
	case (c.Direction == tier.Entry) != (from < 0), (c.Direction == tier.Upgrade) != (from >= 0 && to > from),
		(c.Direction == tier.Downgrade) != (from >= 0 && to < from):
		t.Fatalf("direction %d from %d to %d", c.Direction, from, to)
	case c.Direction == tier.Downgrade && (kept || at < *failing+l.Rungs[from].Grace || at < before.Since+l.Rungs[from].Hold):
		t.Fatalf("downgraded at %d: kept %v, failing since %d, %+v", at, kept, *failing, before)
	}
	*failing = 0
	for i := len(l.Rungs) - 1; i > max(from, 0); i-- {
		earned := l.Rungs[i].Enter.Evaluate(f).Holds && keepOf(l.Rungs[i]).Evaluate(f).Holds
		if earned != (to == i) && to <= i {
			t.Fatalf("rung %d is earned: %v, the change leads to %d", i, earned, to)
		}
	}
}

// With constant figures a customer moves at most twice: in, and down once when the wait is over.
func TestConstantFiguresDoNotFlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLadder(t)
		s, _ := l.Decide(tier.State{}, drawFigures(t), 1)
		f, changes := drawFigures(t), 0
		for at := civil.Instant(2); at < 40; at++ {
			var c *tier.Change
			if s, c = l.Decide(s, f, at); c != nil {
				changes++
			}
		}
		if changes > 1 || tier.Due(s) != 0 {
			t.Fatalf("%d changes, then %+v", changes, s)
		}
	})
}

// The figure that misses its threshold by least still reads as different from it.
func TestSentences(t *testing.T) {
	l := tier.Ladder{Words: words(), Rungs: []tier.Rung{{Name: "low"}, {Name: "gold"}}}
	for _, c := range []struct {
		test tier.Test
		want string
	}{
		{tier.Test{Factor: "credit.promptness", Op: ">=", Value: 59.999, Threshold: 60, Known: true},
			"Promptness over the last 730 days is 59.999 points, below the 60 points needed for gold (short by 0.001 points)."},
		{tier.Test{Factor: "credit.promptness", Op: ">=", Threshold: 60},
			"Promptness over the last 730 days is not known yet; at least 60 points is needed for gold."},
		{tier.Test{Factor: "credit.on_time_rate", Op: ">", Value: 0.9, Threshold: 0.95, Known: true},
			"The share of items paid on time in the last 365 days is 90 %, below the 95 % needed for gold (short by 5 %)."},
		{tier.Test{Factor: "value.score", Op: ">=", Value: 1, Threshold: 2, Known: true}, "The value score is 1 point, below the 2 points needed for gold (short by 1 point)."},
		{tier.Test{Factor: "value.reorder_ratio", Op: "<", Value: 3, Threshold: 2, Known: true},
			"The time without an order is 300 % of the mean time between purchases, above the 200 % allowed for gold (over by 100 %)."},
		{tier.Test{Factor: "credit.grade", Grades: tier.Grades{Op: ">=", Name: "B", Bound: "BB", Place: 6, Limit: 5}, Known: true}, "The credit grade is B, below the BB needed for gold."},
		{tier.Test{Factor: "credit.grade", Grades: tier.Grades{Op: ">", Name: "BB", Bound: "BB", Place: 5, Limit: 5}, Known: true}, "The credit grade is BB, no more than the BB that must be exceeded for gold."},
		{tier.Test{Factor: "credit.grade", Grades: tier.Grades{Op: ">=", Bound: "BB", Limit: 5}}, "The credit grade is not known yet; at least BB is needed for gold."},
		{tier.Test{Factor: "credit.overdue", Op: "==", Value: 12.5, Threshold: 0, Known: true},
			"The amount overdue is 12.50, not the 0.00 needed for gold (off by 12.50)."},
		{tier.Test{Factor: "credit.disputed", Op: "!=", Value: 0, Threshold: 0, Known: true},
			"The amount in dispute is 0.00, exactly the 0.00 ruled out for gold."},
		{tier.Test{Factor: "credit.overdue", Op: "<", Value: 1e6, Threshold: 1e6, Known: true},
			"The amount overdue is 1,000,000.00, no less than the 1,000,000.00 that must not be reached for gold."},
		{tier.Test{Factor: "value.orders", Op: ">=", Value: 1, Threshold: 1200, Known: true},
			"The number of orders in the last 365 days is 1, below the 1,200 needed for gold (short by 1,199)."},
		{tier.Test{Text: "value.net > value.gross * 0.5", Known: true},
			`The condition for gold “value.net > value.gross * 0.5” does not hold.`},
		{tier.Test{Factor: "value.net", Op: ">=", Value: -1234.5, Threshold: 0, Known: true},
			"Net sales of the last 365 days are -1,234.50, below the 0.00 needed for gold (short by 1,234.50)."},
	} {
		l.Rungs[1].Enter = fixed{c.test}
		a, _ := l.ToNext(tier.State{Tier: "low"}, &tier.Figures{})
		if got := a.Needs[0].Text; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// fixed is a condition that fails with one test.
type fixed struct{ test tier.Test }

func (c fixed) Evaluate(*tier.Figures) tier.Verdict { return tier.Verdict{Tests: []tier.Test{c.test}} }
