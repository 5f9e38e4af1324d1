// Package watch decides what to tell people of a customer beside their tier: what is raised, how severe it is, and when it
// is over. Each kind that stands raised stands once; what raises it and what ends it may lie apart, so that nothing flaps.
package watch

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// Kind is what is told, as the contract names it: OVERDUE.
type Kind string

// Severity is how much it matters. The zero value is that of what isn't raised.
type Severity int8

// The severities, mildest first.
const (
	Info Severity = iota + 1
	Warning
	Critical
)

// String is the contract's word.
func (s Severity) String() string {
	return [...]string{"", "info", "warning", "critical"}[s]
}

// View is all that a decision may look at: the figures, and the tier before and after the moment's own decision.
type View struct {
	At          civil.Instant
	Figures     *tier.Figures
	Ladder      *tier.Ladder
	Before, Now tier.State
}

// Memory is what is kept of one kind: what stands raised, or, with Seq 0, what a watch must remember though nothing does.
type Memory struct {
	Kind     Kind
	Seq      int64 // of the message that raised it
	Severity Severity
	From, To string        // what it is about: grades, stages, a tier
	Signs    []string      // the signs that stand, in the order of the policy
	At       civil.Instant // of a watch that rests: when it told something last; 0: it doesn't rest
}

func (m *Memory) empty() bool {
	return m.Seq == 0 && m.From == "" && m.To == "" && len(m.Signs) == 0 && m.At == 0
}

// rests says that something was told so short a while ago that it is too soon for more.
func (m *Memory) rests(at, rest civil.Instant) bool { return m.At != 0 && at < m.At+rest }

// State is what is kept per customer: the number of messages so far, which erasing a customer keeps, and the memories in
// the order of their kinds. Told and Due are DecideOne's: when it told something last, and when what had to wait is looked at
// again; 0: never, and nothing waits.
type State struct {
	Seq       int64
	Kept      []Memory
	Told, Due civil.Instant
}

// Finding is what a watch makes of a view. With Severity 0 nothing is to be raised; Over says that what stands ends.
// Memory.Seq and Severity are Decide's own. What is over is told with From and To, what is raised with those of Memory.
type Finding struct {
	Severity Severity
	Over     bool
	From, To string
	Memory   Memory
	Reasons  func() []tier.Reason // asked only where something is told
}

// Watch looks out for one kind. It is pure: the same view and memory give the same finding.
type Watch interface {
	Kind() Kind
	Advice() string
	Judge(v *View, is Memory) Finding
}

// Event is one message to be sent.
type Event struct {
	Kind     Kind
	Raised   bool  // else it is over
	Seq      int64 // dense per customer
	Clears   int64 // Seq of the message that no longer stands; 0: none did
	Severity Severity
	From, To string
	Reasons  []tier.Reason
	Advice   string
}

// Decide gives the state after a view, and what is to be told of it: at most one event of each kind. What stands is told
// again only if it has become more severe or is about something else; the event then clears the one before. Called again
// with what it gave, it tells nothing more. A kind that nobody watches any more is over.
func Decide(watches []Watch, s State, v *View) (State, []Event) {
	var events []Event
	next := State{Seq: s.Seq}
	judge(watches, s, v, func(x *found) {
		if x.says {
			events = append(events, next.tell(x))
		}
		next.keep(x.after)
	})
	return next, events
}

// found is what has become of one kind: what is remembered of it from now on, and what is to be told, if it says anything.
type found struct {
	is, after Memory
	says      bool
	event     Event // but for its numbers and reasons
	reasons   func() []tier.Reason
}

// judge gives what has become of each kind to take, in the order of the kinds.
func judge(watches []Watch, s State, v *View, take func(*found)) {
	old, x := s.Kept, new(found) // as a rule nothing is to be told: one does for all
	for _, w := range watches {
		for len(old) > 0 && old[0].Kind < w.Kind() {
			*x = forgotten(old[0])
			take(x)
			old = old[1:]
		}
		is := Memory{Kind: w.Kind()}
		if len(old) > 0 && old[0].Kind == w.Kind() {
			is, old = old[0], old[1:]
		}
		*x = weigh(w, is, w.Judge(v, is))
		take(x)
	}
	for _, m := range old {
		*x = forgotten(m)
		take(x)
	}
}

// weigh says what a finding leaves, and what it has to tell.
func weigh(w Watch, is Memory, f Finding) found {
	m := f.Memory
	m.Kind, m.Seq, m.Severity = is.Kind, is.Seq, is.Severity
	x := found{is: is, after: m, reasons: f.Reasons}
	switch raise := f.Severity > 0 && (is.Seq == 0 || f.Severity > is.Severity || m.From != is.From || m.To != is.To); {
	case raise:
		x.says, x.event = true, Event{Kind: is.Kind, Raised: true, Severity: f.Severity, From: m.From, To: m.To, Advice: w.Advice()}
	case f.Over && is.Seq != 0:
		x.says, x.event = true, Event{Kind: is.Kind, Severity: is.Severity, From: f.From, To: f.To, Advice: w.Advice()}
	}
	return x
}

// forgotten ends what nobody watches any more.
func forgotten(m Memory) found {
	return found{is: m, after: Memory{Kind: m.Kind, Seq: m.Seq}, says: m.Seq != 0,
		event: Event{Kind: m.Kind, Severity: m.Severity, From: m.From, To: m.To},
		reasons: func() []tier.Reason {
			return []tier.Reason{{Code: CodeUnwatched, Text: "This is no longer watched for this customer."}}
		}}
}

// tell numbers an event, and has what is remembered say that it has been told.
func (s *State) tell(x *found) Event {
	s.Seq++
	e := x.event
	e.Seq, e.Clears, e.Reasons = s.Seq, x.is.Seq, x.reasons()
	x.after.Seq, x.after.Severity = 0, 0
	if e.Raised {
		x.after.Seq, x.after.Severity = s.Seq, e.Severity
	}
	return e
}

func (s *State) keep(m Memory) {
	if !m.empty() {
		s.Kept = append(s.Kept, m)
	}
}

// Forget ends everything that stands, since the customer is erased. Only the number of messages is kept.
func Forget(s State) (State, []Event) {
	next := State{Seq: s.Seq}
	var events []Event
	for _, m := range s.Kept {
		if m.Seq == 0 {
			continue
		}
		next.Seq++
		events = append(events, Event{Kind: m.Kind, Seq: next.Seq, Clears: m.Seq, Severity: m.Severity,
			Reasons: []tier.Reason{{Code: CodeErased, Text: "The customer has been erased."}}})
	}
	return next, events
}

// Sort puts watches into the order that Decide asks for.
func Sort(watches []Watch) {
	slices.SortFunc(watches, func(a, b Watch) int { return cmp.Compare(a.Kind(), b.Kind()) })
}

// Codes of reasons. They are stable: other languages translate by them.
const (
	CodeSeen       = "SEEN"        // a comparison that raises holds
	CodeUnseen     = "UNSEEN"      // a comparison that raises no longer holds
	CodeReleased   = "RELEASED"    // a comparison of the release holds
	CodeUnwatched  = "UNWATCHED"   // the policy, or the segment, no longer has the kind
	CodeErased     = "ERASED"      // the customer is erased
	CodeChanged    = "CHANGED"     // a grade or a stage is another one
	CodeSign       = "SIGN"        // a sign of an early warning stands
	CodeFewerSigns = "FEWER_SIGNS" // the signs that stand don't add up to a warning any more
)
