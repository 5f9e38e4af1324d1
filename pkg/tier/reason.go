package tier

import (
	"fmt"
	"math"
	"strconv"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Codes of reasons. They are stable: other languages translate by them.
const (
	CodeEntryLowest = "ENTRY_LOWEST" // a new customer, who earns no higher tier
	CodeEnterMet    = "ENTER_MET"    // a comparison of Enter holds
	CodeEnterNeeded = "ENTER_NEEDED" // a comparison of Enter doesn't hold yet
	CodeKeepMet     = "KEEP_MET"     // a comparison of Keep holds
	CodeKeepFailed  = "KEEP_FAILED"  // a comparison of Keep doesn't hold
	CodeGraceEnded  = "GRACE_ENDED"  // the downgrade has waited for grace and minimum hold
	CodeTierGone    = "TIER_GONE"    // the policy no longer has the tier
)

func (l Ladder) enterReasons(to int, f *Figures) []Reason {
	name := l.Rungs[to].Name
	if to == 0 {
		return []Reason{{Code: CodeEntryLowest, Params: tierParam(name),
			Text: fmt.Sprintf("Every new customer starts in %s.", name)}}
	}
	return l.reasons(verdict(l.Rungs[to].Enter, f).Tests, true, CodeEnterMet, name)
}

func (l Ladder) keepReasons(present int, f *Figures) []Reason {
	rung := &l.Rungs[present]
	return l.reasons(verdict(rung.keep(), f).Tests, false, CodeKeepFailed, rung.Name)
}

// reasons gives one reason per test that holds, or per test that doesn't; at least one.
func (l Ladder) reasons(tests []Test, hold bool, code, name string) []Reason {
	var out []Reason
	for _, t := range tests {
		if t.Holds == hold {
			out = append(out, l.reason(code, t, name))
		}
	}
	if out == nil { // a condition of something else than comparisons
		verb := "do not hold"
		if hold {
			verb = "hold"
		}
		out = []Reason{{Code: code, Params: tierParam(name), Text: fmt.Sprintf("The conditions %s %s.", purpose(code, name), verb)}}
	}
	return out
}

func (l Ladder) reason(code string, t Test, name string) Reason {
	params := tierParam(name)
	if days := l.Words.window(t.Factor); days > 0 {
		params = append(params, Param{"window_days", strconv.Itoa(days)})
	}
	if t.Class != "" {
		params = append(params, Param{"class", t.Class})
	}
	params = append(params, t.Grades.params()...)
	return Reason{Code: code, Test: t, Margin: margin(t), Params: params, Text: l.Words.sentence(t, purpose(code, name))}
}

func (l Ladder) waitedReason(name string, failing, ended civil.Instant) Reason {
	cal := l.Words.Calendar
	return Reason{
		Code:   CodeGraceEnded,
		Params: append(tierParam(name), Param{"failing_since", failing.String()}, Param{"grace_ended", ended.String()}),
		Text: fmt.Sprintf("The conditions to keep %s have not held since %s; the time allowed to meet them again ended on %s.",
			name, cal.DayOf(failing), cal.DayOf(ended)),
	}
}

func goneReason(name string) Reason {
	return Reason{Code: CodeTierGone, Params: tierParam(name), Text: fmt.Sprintf("The policy no longer has the tier %s.", name)}
}

func tierParam(name string) []Param { return []Param{{"tier", name}} }

func purpose(code, name string) string {
	if code == CodeKeepMet || code == CodeKeepFailed {
		return "to keep " + name
	}
	return "for " + name
}

// margin is how far the value is on the right side of the threshold, rounded to a millionth, so that a difference of
// doubles shows no digits that neither of them has.
func margin(t Test) float64 {
	if !t.Known || t.Op == "" {
		return 0
	}
	d := t.Value - t.Threshold
	switch t.Op {
	case "<", "<=":
		d = -d
	case "==":
		d = -math.Abs(d)
	case "!=":
		d = math.Abs(d)
	}
	if math.Abs(d) < 1e9 {
		d = math.Round(d*1e6) / 1e6
	}
	if d == 0 {
		return 0 // never -0
	}
	return d
}
