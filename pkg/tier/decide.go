package tier

import "github.com/tierstream/tierstream/pkg/civil"

// Decide gives the state after the figures f at the moment at, and the one change that they make, or nil. It is
// called after every new level and at the due moment of the state; called again with what it gave, it changes nothing.
//
// A customer without a tier enters the one that is earned. An upgrade is at once and cancels a downgrade that waits.
// A downgrade waits, from the moment that Keep fails, for the rung's grace and for its minimum hold.
func (l Ladder) Decide(s State, f *Figures, at civil.Instant) (State, *Change) {
	if len(l.Rungs) == 0 {
		return s, nil
	}
	present, known := l.position(s.Tier)
	earned := l.earned(f, present)
	switch {
	case s.Tier == "":
		return l.move(s, earned, Entry, at, l.enterReasons(earned, f))
	case earned > present:
		return l.move(s, earned, Upgrade, at, l.enterReasons(earned, f))
	case !known:
		return l.move(s, 0, Downgrade, at, []Reason{goneReason(s.Tier)})
	case l.kept(present, f):
		s.Failing, s.Pending = 0, 0
		return s, nil
	}
	return l.fail(s, present, f, at)
}

// Due is when time alone calls for the next decision: the end of a pending downgrade's wait; 0: no such moment.
func Due(s State) civil.Instant { return s.Pending }

// fail lets a downgrade wait, or makes it.
func (l Ladder) fail(s State, present int, f *Figures, at civil.Instant) (State, *Change) {
	rung := l.Rungs[present]
	if s.Failing == 0 {
		s.Failing = at
	}
	s.Pending = max(s.Failing+rung.Grace, s.Since+rung.Hold)
	if s.Pending > at {
		return s, nil
	}
	reasons := l.keepReasons(present, f)
	if s.Failing < at {
		reasons = append(reasons, l.waitedReason(rung.Name, s.Failing, s.Pending))
	}
	return l.move(s, l.below(present, f), Downgrade, at, reasons)
}

func (l Ladder) move(s State, to int, d Direction, at civil.Instant, reasons []Reason) (State, *Change) {
	c := &Change{
		From: s.Tier, To: l.Rungs[to].Name, Direction: d, Seq: s.Seq + 1,
		DecidedAt: at, EffectiveAt: at, Reasons: reasons,
	}
	return State{Tier: c.To, Since: at, Seq: c.Seq}, c
}

// position is the rung of a name. A name that the ladder doesn't have stands where the lowest stands.
func (l Ladder) position(name string) (int, bool) {
	for i := range l.Rungs {
		if l.Rungs[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// earned is the highest rung above floor that can be entered, or floor. A rung whose own Keep would take it away at
// once is not entered: the same figures must not lift and lower a customer in turn.
func (l Ladder) earned(f *Figures, floor int) int {
	for i := len(l.Rungs) - 1; i > floor; i-- {
		if Holds(l.Rungs[i].Enter, f) && l.kept(i, f) {
			return i
		}
	}
	return floor
}

// below is the highest rung under present that would be kept.
func (l Ladder) below(present int, f *Figures) int {
	for i := present - 1; i > 0; i-- {
		if l.kept(i, f) {
			return i
		}
	}
	return 0
}

func (l Ladder) kept(i int, f *Figures) bool {
	if i == 0 {
		return true
	}
	return Holds(l.Rungs[i].keep(), f)
}

// keep is the condition to stay on a rung.
func (r *Rung) keep() Condition {
	if r.Keep != nil {
		return r.Keep
	}
	return r.Enter
}

// verdict of a condition; one that isn't there holds.
func verdict(c Condition, f *Figures) Verdict {
	if c == nil {
		return Verdict{Holds: true}
	}
	return c.Evaluate(f)
}
