package tier

import (
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ToNext is what a customer still needs for the rung above the present one: the tests of its Enter that don't hold
// or, where Enter holds, those of its Keep. False: there is no tier yet, or none above.
func (l Ladder) ToNext(s State, f *Figures) (Advice, bool) {
	present, _ := l.position(s.Tier)
	if s.Tier == "" || present+1 >= len(l.Rungs) {
		return Advice{}, false
	}
	next := &l.Rungs[present+1]
	needs := l.failing(next.Enter, f, CodeEnterNeeded, next.Name)
	if len(needs) == 0 && next.Keep != nil {
		needs = l.failing(next.Keep, f, CodeKeepFailed, next.Name)
	}
	return Advice{Tier: next.Name, Needs: l.estimated(needs)}, true
}

// ToKeep is what keeps the present tier: every test of its Keep, with its margin. ReviewAt is the end of a pending
// downgrade's wait, or else next, the caller's own next moment at which a figure changes by time alone (0: none).
// Nothing is needed, and nothing to review, where there is no tier yet or it is the lowest.
func (l Ladder) ToKeep(s State, f *Figures, next civil.Instant) Advice {
	a := Advice{Tier: s.Tier}
	present, _ := l.position(s.Tier)
	if present == 0 {
		return a
	}
	a.ReviewAt = next
	if s.Pending != 0 {
		a.ReviewAt = s.Pending
	}
	for _, t := range verdict(l.Rungs[present].keep(), f).Tests {
		code := CodeKeepFailed
		if t.Holds {
			code = CodeKeepMet
		}
		a.Needs = append(a.Needs, l.reason(code, t, s.Tier))
	}
	a.Needs = l.estimated(a.Needs)
	return a
}

// estimated says of needs that look at ranks that they are estimates.
func (l Ladder) estimated(needs []Reason) []Reason {
	for i := range needs {
		n := &needs[i]
		if n.Test.Class != "" || l.Words.moves(n.Test.Factor) {
			n.Params = append(n.Params, Param{"estimate", "true"})
			n.Text += " This is an estimate: ranks move as others buy."
		}
	}
	return needs
}

// failing gives a reason per test that doesn't hold, or none where the condition holds.
func (l Ladder) failing(c Condition, f *Figures, code, name string) []Reason {
	if Holds(c, f) {
		return nil
	}
	return l.reasons(verdict(c, f).Tests, false, code, name)
}

// moves says of a figure that it may move because others buy.
func (w Words) moves(factor string) bool {
	scored := factor == "value.score" || factor == "value.potential"
	return strings.HasPrefix(factor, "value.rank.") || strings.HasPrefix(factor, "value.segment_rank.") || scored && w.RankedScore
}
