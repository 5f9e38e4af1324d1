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

func (m *Memory) same(as *Memory) bool {
	return m.Kind == as.Kind && m.Seq == as.Seq && m.Severity == as.Severity && m.From == as.From && m.To == as.To && m.At == as.At &&
		slices.Equal(m.Signs, as.Signs)
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
// Memory.Kind, Seq and Severity are Decide's own. What is over is told with From and To, what is raised with those of Memory.
type Finding struct {
	Severity Severity
	Over     bool
	From, To string
	Memory   Memory
}

// Watch looks out for one kind. It is pure: the same view and memory give the same finding, and the same reasons of it.
type Watch interface {
	Kind() Kind
	Advice() string
	Judge(v *View, is Memory) Finding
	Reasons(v *View, is Memory, f Finding) []tier.Reason // asked only of what is told
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
	next, kept := State{Seq: s.Seq}, remember(s)
	var x found
	for j := (judging{watches, s.Kept, v}); j.next(&x); kept.keep(&x.finding.Memory) {
		if x.says {
			events = append(events, next.tell(&x, v))
		}
	}
	next.Kept = kept.now
	return next, events
}

// found is what has become of one kind: what is remembered of it from now on, with the finding, and whether it is to be told.
type found struct {
	is      Memory
	says    bool
	watch   Watch // nil: nobody watches any more
	finding Finding
}

// judging goes through the kinds in their order, those that are watched and those that only are remembered.
type judging struct {
	watches []Watch
	old     []Memory
	v       *View
}

// next judges one kind; false: there is none left.
func (j *judging) next(x *found) bool {
	watched := len(j.watches) > 0
	if !watched && len(j.old) == 0 {
		return false
	}
	kind := Kind("")
	if watched {
		kind = j.watches[0].Kind()
	}
	if len(j.old) > 0 && (!watched || j.old[0].Kind <= kind) {
		watched = watched && j.old[0].Kind == kind
		x.is, j.old = j.old[0], j.old[1:]
	} else {
		x.is = Memory{Kind: kind}
	}
	if !watched {
		x.forgotten()
		return true
	}
	x.watch, j.watches = j.watches[0], j.watches[1:]
	x.finding = x.watch.Judge(j.v, x.is)
	x.weigh()
	return true
}

// weigh says what a finding leaves, and whether it has something to tell.
func (x *found) weigh() {
	f, is := &x.finding, &x.is
	f.Memory.Kind, f.Memory.Seq, f.Memory.Severity = is.Kind, is.Seq, is.Severity
	x.says = x.raised() || f.Over && is.Seq != 0
}

func (x *found) raised() bool {
	f, is := &x.finding, &x.is
	return f.Severity > 0 && (is.Seq == 0 || f.Severity > is.Severity || f.Memory.From != is.From || f.Memory.To != is.To)
}

// forgotten ends what nobody watches any more.
func (x *found) forgotten() {
	x.watch, x.says = nil, x.is.Seq != 0
	x.finding = Finding{Over: true, From: x.is.From, To: x.is.To, Memory: Memory{Kind: x.is.Kind, Seq: x.is.Seq}}
}

// event is what is told, but for its numbers and reasons.
func (x *found) event() (e Event) {
	switch {
	case x.raised():
		e = Event{Kind: x.is.Kind, Raised: true, Severity: x.finding.Severity, From: x.finding.Memory.From, To: x.finding.Memory.To}
	default:
		e = Event{Kind: x.is.Kind, Severity: x.is.Severity, From: x.finding.From, To: x.finding.To}
	}
	if x.watch != nil {
		e.Advice = x.watch.Advice()
	}
	return e
}

func (x *found) reasons(v *View) []tier.Reason {
	if x.watch == nil {
		return []tier.Reason{{Code: CodeUnwatched, Text: "This is no longer watched for this customer."}}
	}
	return x.watch.Reasons(v, x.is, x.finding)
}

// tell numbers an event, and has what is remembered say that it has been told.
func (s *State) tell(x *found, v *View) Event {
	s.Seq++
	e := x.event()
	e.Seq, e.Clears, e.Reasons = s.Seq, x.is.Seq, x.reasons(v)
	m := &x.finding.Memory
	m.Seq, m.Severity = 0, 0
	if e.Raised {
		m.Seq, m.Severity = s.Seq, e.Severity
	}
	return e
}

// memories are put together in the order of their kinds. As long as they are those that there were, they stay where they are: a
// state may be kept by others, and nearly always nothing has changed.
type memories struct {
	was, now []Memory
	other    bool // now is a list of its own
}

func remember(s State) memories { return memories{was: s.Kept} }

func (k *memories) keep(m *Memory) {
	switch n := len(k.now); {
	case m.empty():
	case !k.other && n < len(k.was) && m.same(&k.was[n]):
		k.now = k.was[: n+1 : n+1]
	default:
		k.put(m)
	}
}

// put keeps a memory in a list of its own, an empty one too.
func (k *memories) put(m *Memory) {
	if !k.other {
		k.other, k.now = true, append(make([]Memory, 0, len(k.was)+1), k.now...)
	}
	k.now = append(k.now, *m)
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
