package tier

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Codes of reasons that say what is ahead, and not what has changed.
const (
	CodeGraceRuns    = "GRACE_RUNS"    // a downgrade waits, until when
	CodeTierMoved    = "TIER_MOVED"    // the tier is another one now
	CodeNothingAbove = "NOTHING_ABOVE" // there is no tier to be reached
)

// Observe gives the reason of a test that was watched, with a sentence of its own: "The longest time overdue is 34 days,
// above the 30 days at which this is raised." what is the end of it: "at which this is raised".
func (w Words) Observe(code string, t Test, what string) Reason {
	var params []Param
	if days := w.window(t.Factor); days > 0 {
		params = append(params, Param{"window_days", strconv.Itoa(days)})
	}
	params = append(params, t.Grades.params()...)
	return Reason{Code: code, Test: t, Margin: margin(t), Params: params, Text: w.observed(t, what)}
}

func (w Words) observed(t Test, what string) string {
	subject, verb := w.subject(t.Factor)
	value, threshold := t.Grades.Name, t.Grades.Bound
	switch {
	case t.Grades.Op != "":
		t = t.Grades.test(t)
	case t.Op == "" && t.Holds && isNull(t):
		return subject + " " + verb + " not known any more."
	case t.Op == "":
		return opaque(t, what)
	default:
		value, threshold, _ = w.numbers(nounOf(t.Factor).unit, t)
		value += part(t.Factor)
	}
	relation := "exactly"
	switch {
	case !t.Known:
		return subject + " " + verb + " not known any more; " + threshold + " is the number " + what + "."
	case t.Value > t.Threshold:
		relation = "above"
	case t.Value < t.Threshold:
		relation = "below"
	}
	return subject + " " + verb + " " + value + ", " + relation + " the " + threshold + " " + what + "."
}

// ByNow has the sentence of a time overdue as booked begin with the days that it is by now.
func ByNow(text string, days int64) string {
	return strings.Replace(text, asBooked+" is ", fmt.Sprintf("%s is %s; as booked it is ", strings.TrimSuffix(asBooked, " as booked"), Days.spell(fmt.Sprint(days))), 1)
}

// isNull says whether a test asks for a figure not to be computable. Nobody who reads an alert should have to know CEL.
func isNull(t Test) bool {
	text := strings.ReplaceAll(t.Text, " ", "")
	return t.Factor != "" && (text == t.Factor+"==null" || text == "null=="+t.Factor)
}

// Shortfall is how far a customer is from the rung above: the largest distance of a missing comparison from its threshold,
// as a part of that threshold, and the name of the rung. False: there is none above, nothing is missing, or what is missing
// is no number.
func (l Ladder) Shortfall(s State, f *Figures) (name string, part float64, ok bool) {
	present, known := l.position(s.Tier)
	if !known || present+1 >= len(l.Rungs) {
		return "", 0, false
	}
	next := &l.Rungs[present+1]
	missing := next.Enter
	if Holds(missing, f) {
		missing = next.keep()
	}
	if Holds(missing, f) {
		return "", 0, false
	}
	if part, ok = short(missing, f); !ok {
		return "", 0, false
	}
	return next.Name, part, true
}

// short is the largest distance of a comparison that doesn't hold from its threshold, as a part of that; false: one has none.
func short(c Condition, f *Figures) (part float64, ok bool) {
	if s, ok := c.(interface {
		Short(*Figures) (float64, bool)
	}); ok {
		return s.Short(f)
	}
	for _, t := range verdict(c, f).Tests {
		more, ok := t.Short()
		if !ok {
			return 0, false
		}
		part = max(part, more)
	}
	return part, true
}

// Short is how far a comparison that doesn't hold is from its threshold, as a part of that: 0 where it holds. False: that is no
// number.
func (t *Test) Short() (part float64, ok bool) {
	switch {
	case t.Holds:
		return 0, true
	case !t.Known || t.Op == "" || t.Op == "==" || t.Op == "!=" || t.Threshold == 0:
		return 0, false
	}
	return math.Abs(t.Value-t.Threshold) / math.Abs(t.Threshold), true
}

// Waiting is why a downgrade waits: what fails of Keep, and until when it may.
func (l Ladder) Waiting(s State, f *Figures) []Reason {
	present, _ := l.position(s.Tier)
	return append(l.keepReasons(present, f), l.graceRuns(s))
}

func (l Ladder) graceRuns(s State) Reason {
	return Reason{
		Code:   CodeGraceRuns,
		Params: append(tierParam(s.Tier), Param{"failing_since", s.Failing.String()}, Param{"grace_ends", s.Pending.String()}),
		Text: fmt.Sprintf("The conditions to keep %s have not held since %s; unless they hold again, the tier is lost on %s.",
			s.Tier, l.Words.Calendar.DayOf(s.Failing), l.Words.Calendar.DayOf(s.Pending)),
	}
}

// Kept is why the present tier stays: every comparison of its Keep that holds. The lowest tier has none.
func (l Ladder) Kept(s State, f *Figures) []Reason {
	present, known := l.position(s.Tier)
	if present == 0 || !known {
		return nil
	}
	return l.reasons(verdict(l.Rungs[present].keep(), f).Tests, true, CodeKeepMet, s.Tier)
}

// Moved says which tier a customer has now.
func Moved(to string, at civil.Instant, c civil.Calendar) Reason {
	return Reason{Code: CodeTierMoved, Params: append(tierParam(to), Param{"since", at.String()}),
		Text: fmt.Sprintf("The tier is %s since %s.", to, c.DayOf(at))}
}

// Far is what is missing for the rung above, as ToNext has it; where nothing can be said, that the tier is not in sight.
func (l Ladder) Far(s State, f *Figures) []Reason {
	if a, ok := l.ToNext(s, f); ok && len(a.Needs) > 0 {
		return a.Needs
	}
	return []Reason{{Code: CodeNothingAbove, Params: tierParam(s.Tier), Text: fmt.Sprintf("There is nothing left to reach above %s.", s.Tier)}}
}

// Holds says whether a condition holds, as Evaluate does; where the condition can tell that alone, for less. One that isn't there holds.
func Holds(c Condition, f *Figures) bool {
	if h, ok := c.(interface{ Holds(*Figures) bool }); ok {
		return h.Holds(f)
	}
	return verdict(c, f).Holds
}
