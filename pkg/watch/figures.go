package watch

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// Step is a severity, and the condition that raises it.
type Step struct {
	Severity Severity
	Raise    tier.Condition
}

// Half is a part of the ladder.
type Half int8

// The halves: all tiers, the lower half of them, the upper. Of an odd number the one in the middle is in the lower.
const (
	Everywhere Half = iota
	Lower
	Upper
)

func (h Half) has(v *View) bool {
	if h == Everywhere {
		return true
	}
	place := 0 // a name that the ladder doesn't have stands where the lowest stands
	for i := range v.Ladder.Rungs {
		if v.Ladder.Rungs[i].Name == v.Now.Tier {
			place = i
		}
	}
	return (h == Lower) == (2*place < len(v.Ladder.Rungs))
}

// Threshold watches figures: it is raised at the most severe step that holds, and over when Release holds. A step isn't
// raised while Release holds, so that the same figures never raise and end it in turn.
type Threshold struct {
	Of      Kind
	Steps   []Step         // mildest first
	Release tier.Condition // nil: none of the steps holds
	Where   Half           // of the ladder; elsewhere it is over
	Rest    civil.Instant  // for so long after it was over it isn't raised again
	Do      string         // one sentence: what to do
	Words   tier.Words
}

// Kind implements Watch.
func (w *Threshold) Kind() Kind { return w.Of }

// Advice implements Watch.
func (w *Threshold) Advice() string { return w.Do }

// Judge implements Watch.
func (w *Threshold) Judge(v *View, is Memory) Finding {
	holds := w.holds(v)
	var kept Memory
	if is.rests(v.At, w.Rest) {
		kept.At = is.At
	}
	if holds < 0 && is.Seq == 0 { // as a rule: it makes no difference whether it is released
		return Finding{Memory: kept}
	}
	switch released := w.released(v, holds); {
	case released && is.Seq != 0:
		if w.Rest > 0 {
			kept.At = v.At
		}
		return Finding{Over: true, Memory: kept}
	case !released && holds >= 0 && (is.Seq != 0 || kept.At == 0):
		return Finding{Severity: w.Steps[holds].Severity}
	}
	return Finding{Memory: kept}
}

// Reasons implements Watch.
func (w *Threshold) Reasons(v *View, _ Memory, f Finding) []tier.Reason {
	if f.Over {
		return w.endReasons(v)
	}
	return observe(w.Words, w.Steps[w.holds(v)].Raise, v, true, CodeSeen, raisedAt)
}

// holds is the most severe step that does; -1: none.
func (w *Threshold) holds(v *View) int {
	for i := len(w.Steps) - 1; i >= 0; i-- {
		if tier.Holds(w.Steps[i].Raise, v.Figures) {
			return i
		}
	}
	return -1
}

func (w *Threshold) released(v *View, holds int) bool {
	if !w.Where.has(v) {
		return true
	}
	if w.Release == nil {
		return holds < 0
	}
	return tier.Holds(w.Release, v.Figures)
}

// endReasons are the comparisons of the release that hold, or else those of the mildest step that don't; or the tier.
func (w *Threshold) endReasons(v *View) []tier.Reason {
	if !w.Where.has(v) {
		return []tier.Reason{tier.Moved(v.Now.Tier, v.Now.Since, v.Ladder.Words.Calendar)}
	}
	if w.Release != nil {
		return observe(w.Words, w.Release, v, true, CodeReleased, overAt)
	}
	return w.unseen(v)
}

// unseen are the comparisons of the mildest step that don't hold. One that holds in a step above, which asks for less of the same
// figure, was never needed for what stood.
func (w *Threshold) unseen(v *View) []tier.Reason {
	all := observe(w.Words, w.Steps[0].Raise, v, false, CodeUnseen, raisedAt)
	var held []string
	for _, s := range w.Steps[1:] {
		for _, t := range s.Raise.Evaluate(v.Figures).Tests {
			if t.Holds && t.Op != "" {
				held = append(held, t.Factor)
			}
		}
	}
	if some := slices.DeleteFunc(slices.Clone(all), func(r tier.Reason) bool { return slices.Contains(held, r.Test.Factor) }); len(some) > 0 {
		return some
	}
	return all
}

// Ends of sentences.
const (
	raisedAt = "at which this is raised"
	overAt   = "at which this is over"
)

// observe gives one reason per test that holds, or per test that doesn't; at least one.
func observe(words tier.Words, c tier.Condition, v *View, hold bool, code, what string) (out []tier.Reason) {
	for _, t := range c.Evaluate(v.Figures).Tests {
		if t.Holds == hold {
			out = append(out, words.Observe(code, t, what))
		}
	}
	if out == nil { // a condition of something else than comparisons
		verb := "do not hold"
		if hold {
			verb = "hold"
		}
		out = []tier.Reason{{Code: code, Text: "The conditions " + what + " " + verb + "."}}
	}
	return out
}
