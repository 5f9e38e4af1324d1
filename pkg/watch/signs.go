package watch

import (
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/tier"
)

// Sign is one thing that may foretell trouble. It stands from when Raise holds until Release does, and counts its points.
type Sign struct {
	Name    string // in the policy
	Points  int
	Raise   tier.Condition
	Release tier.Condition // nil: Raise no longer holds
}

// PointStep is the severity from so many points on.
type PointStep struct {
	Severity Severity
	From     int
}

// Signs watches several signs together: it is raised by the sum of the points of all that stand, so that several count more
// than one, and over when the sum is below Release. Which signs stand is remembered also while nothing is raised.
type Signs struct {
	Of      Kind
	All     []Sign
	Steps   []PointStep // mildest first
	Release int         // points
	Do      string
	Words   tier.Words
}

// Kind implements Watch.
func (w *Signs) Kind() Kind { return w.Of }

// Advice implements Watch.
func (w *Signs) Advice() string { return w.Do }

// Judge implements Watch.
func (w *Signs) Judge(v *View, is Memory) Finding {
	f, sum, rest, same := Finding{}, 0, is.Signs, 0
	for i := range w.All {
		s := &w.All[i]
		stood := len(rest) > 0 && rest[0] == s.Name // both are in the order of the policy
		if stood {
			rest = rest[1:]
		}
		if !s.stands(v, stood) {
			continue
		}
		sum += s.Points
		if n := same; f.Memory.Signs == nil && n < len(is.Signs) && is.Signs[n] == s.Name {
			same++ // as a rule nothing has changed
			continue
		}
		if f.Memory.Signs == nil {
			f.Memory.Signs = slices.Clone(is.Signs[:same])
		}
		f.Memory.Signs = append(f.Memory.Signs, s.Name)
	}
	if f.Memory.Signs == nil {
		f.Memory.Signs = is.Signs[:same:same]
	}
	for _, s := range w.Steps {
		if sum >= s.From {
			f.Severity = s.Severity
		}
	}
	f.Over = f.Severity == 0 && sum < w.Release
	return f
}

// Reasons implements Watch.
func (w *Signs) Reasons(v *View, _ Memory, f Finding) (out []tier.Reason) {
	sum := 0
	for i := range w.All {
		if s := &w.All[i]; slices.Contains(f.Memory.Signs, s.Name) {
			sum += s.Points
			before := out
			for _, r := range w.reasons(s, v) {
				if r.Code == CodeSign || !slices.ContainsFunc(before, func(o tier.Reason) bool { return o.Test.Factor == r.Test.Factor }) {
					out = append(out, r) // what goes with a sign may have been told as another
				}
			}
		}
	}
	if f.Over {
		return []tier.Reason{w.fewer(sum)}
	}
	return out
}

func (s *Sign) stands(v *View, stood bool) bool {
	switch {
	case s.Release == nil:
		return tier.Holds(s.Raise, v.Figures)
	case tier.Holds(s.Release, v.Figures):
		return false
	}
	return stood || tier.Holds(s.Raise, v.Figures)
}

// reasons are the comparisons of a sign: those that hold, or all of one that stands only because it isn't released yet.
func (w *Signs) reasons(s *Sign, v *View) []tier.Reason {
	what := fmt.Sprintf("at which this counts %d points", s.Points)
	if s.Points == 1 {
		what = "at which this counts 1 point"
	}
	held := tier.Holds(s.Raise, v.Figures)
	var out []tier.Reason
	for _, t := range s.Raise.Evaluate(v.Figures).Tests {
		switch {
		case !t.Holds && held:
			continue
		case out == nil:
			r := w.Words.Observe(CodeSign, t, what)
			r.Params = append(r.Params, tier.Param{Name: "sign", Value: s.Name}, tier.Param{Name: "points", Value: fmt.Sprint(s.Points)})
			out = append(out, r)
		default: // a sign of several comparisons has its points once
			r := w.Words.Observe(CodeSeen, t, "that this takes as well")
			r.Params = append(r.Params, tier.Param{Name: "sign", Value: s.Name})
			out = append(out, r)
		}
	}
	return out
}

func (w *Signs) fewer(sum int) tier.Reason {
	text := fmt.Sprintf("The signs that stand add up to %d points; below %d this is over.", sum, w.Release)
	if sum == 0 {
		text = "None of the signs stands any more."
	}
	return tier.Reason{Code: CodeFewerSigns, Params: []tier.Param{{Name: "points", Value: fmt.Sprint(sum)}, {Name: "release", Value: fmt.Sprint(w.Release)}},
		Text: text}
}
