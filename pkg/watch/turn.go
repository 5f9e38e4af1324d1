package watch

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// Turn watches something that has a name, a grade or a stage: each change is raised, and takes the place of the one before. A
// change back to where the last one came from ends that one, if it is nothing to be warned of. The first name that is known is remembered, and tells nothing.
type Turn struct {
	Of       Kind
	Noun     string                                  // as a sentence begins with it: The credit grade
	Now      func(*tier.Figures) string              // empty: not known, which changes nothing
	Stay     func(f *tier.Figures, told string) bool // what was told last still counts, though it is another now; nil: never
	Severity func(from, to string) (s Severity)      // of a change
	Verb     func(from, to string) (which string)    // of a change: up, down, or nothing
	Calm     func(name string) bool                  // it is nothing to tell of: what stood is over with it; nil: none is
	Rest     civil.Instant                           // for so long after something was told, a turn between two that Drifts has waits
	Drifts   func(name string) bool                  // it comes and goes by degrees; nil: none does
	Do       string
}

// Kind implements Watch.
func (w *Turn) Kind() Kind { return w.Of }

// Advice implements Watch.
func (w *Turn) Advice() string { return w.Do }

// Judge implements Watch.
func (w *Turn) Judge(v *View, is Memory) Finding {
	f := Finding{Memory: Memory{From: is.From, To: is.To, At: is.At}}
	now := w.Now(v.Figures)
	switch {
	case now == "" || now == is.To, is.To != "" && w.Stay != nil && w.Stay(v.Figures, is.To):
		return f
	case is.To == "":
		f.Memory.To = now
		return f
	}
	was := is.To
	if w.Drifts != nil && is.rests(v.At, w.Rest) && w.Drifts(was) && w.Drifts(now) {
		return f
	}
	at := is.At
	if w.Rest > 0 {
		at = v.At
	}
	severity, calm := w.Severity(was, now), w.Calm != nil && w.Calm(now)
	switch {
	case calm && is.Seq == 0:
		f.Memory = Memory{To: now, At: is.At}
	case calm, is.Seq != 0 && now == is.From && severity == Info:
		f.Over, f.From, f.To = true, was, now
		f.Memory = Memory{To: now, At: at}
	default:
		f.Memory, f.Severity = Memory{From: was, To: now, At: at}, severity
	}
	return f
}

// Reasons implements Watch.
func (w *Turn) Reasons(v *View, is Memory, _ Finding) []tier.Reason {
	return []tier.Reason{w.changed(is.To, w.Now(v.Figures))}
}

func (w *Turn) changed(from, to string) tier.Reason {
	text := w.Noun + " is " + to + ", before it was " + from + "."
	if how := w.Verb(from, to); how != "" {
		text = w.Noun + " is " + to + ", " + how + " from " + from + "."
	}
	return tier.Reason{Code: CodeChanged, Params: []tier.Param{{Name: "from", Value: from}, {Name: "to", Value: to}},
		Text: text}
}

// Better gives severity and direction of changes among names that are ordered, best first: what gets better is for
// information; what gets worse is a warning, and critical where it ends at the last or falls by three or more at once. A name
// that isn't among them has no place, and is a warning.
func Better(names []string) (severity func(from, to string) Severity, verb func(from, to string) string) {
	place := func(name string) int {
		for i, n := range names {
			if n == name {
				return i
			}
		}
		return -1
	}
	severity = func(from, to string) Severity {
		a, b := place(from), place(to)
		switch {
		case a < 0 || b < 0:
			return Warning
		case b < a:
			return Info
		case b == len(names)-1 || b-a >= 3:
			return Critical
		}
		return Warning
	}
	verb = func(from, to string) string {
		switch a, b := place(from), place(to); {
		case a < 0 || b < 0:
			return ""
		case b < a:
			return "up"
		}
		return "down"
	}
	return severity, verb
}
