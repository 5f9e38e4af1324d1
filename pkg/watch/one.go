package watch

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// Later is how long what had to wait for a graver event waits, if nothing else of the customer happens before.
const Later = civil.Minute

// DecideOne is Decide for kinds of which at most one is told in one moment: the gravest. That has the reasons of what else would
// have been raised with it, each with the parameter also. The others stay as they were and are judged anew at the next moment, at
// the latest at the state's Due: they are told then if they still hold, and what has passed meanwhile never was. Nothing is
// told at an instant at which something has been told already.
func DecideOne(watches []Watch, s State, v *View) (State, []Event) {
	next, kept := State{Seq: s.Seq, Told: s.Told}, remember(s)
	var all []found // what would be told
	var places []int
	var x found
	for j := (judging{watches, s.Kept, v}); j.next(&x); {
		if !x.says {
			kept.keep(&x.finding.Memory)
			continue
		}
		waits := x.is
		waits.Signs = x.finding.Memory.Signs
		all, places = append(all, x), append(places, len(kept.now))
		kept.put(&waits) // perhaps empty
	}
	next.Kept = kept.now
	if len(all) == 0 {
		return next, nil
	}
	var events []Event
	waiting := len(all)
	if s.Told == 0 || s.Told != v.At {
		first := gravest(all)
		e := next.tell(&all[first], v)
		if e.Raised {
			e.Reasons = append(e.Reasons, beside(all, first, v)...)
		}
		events, waiting, next.Told = []Event{e}, waiting-1, v.At
		next.Kept[places[first]] = all[first].finding.Memory
	}
	if waiting > 0 {
		next.Due = v.At + Later
	}
	next.Kept = slices.DeleteFunc(next.Kept, func(m Memory) bool { return m.empty() })
	return next, events
}

// gravest is the place of the event with the highest severity; what is raised comes before what is over, and then what is
// owed before what is thought of it.
func gravest(all []found) int {
	kinds := []Kind{"CREDIT_HOLD_ADVISED", "OVERDUE", "LIMIT_NEAR", "GRADE_CHANGED", "EARLY_WARNING"}
	first := 0
	for i := range all {
		a, b := all[i].event(), all[first].event()
		if cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(rank(b.Raised), rank(a.Raised)),
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))) < 0 {
			first = i
		}
	}
	return first
}

func rank(raised bool) int {
	if raised {
		return 1
	}
	return 0
}

// beside are the reasons of all that would be raised but the first.
func beside(all []found, first int, v *View) (out []tier.Reason) {
	for i := range all {
		if i == first || !all[i].raised() {
			continue
		}
		for _, r := range all[i].reasons(v) {
			kind := string(all[i].is.Kind)
			r.Params, r.Text = append(slices.Clip(r.Params), tier.Param{Name: "also", Value: kind}), Also(kind)+r.Text
			out = append(out, r)
		}
	}
	return out
}

// Also is how the text of a reason begins that is another kind's.
func Also(kind string) string { return "Also " + kind + ": " }
