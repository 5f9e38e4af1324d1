package policy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// usual is a kind that watches figures, as it is where a policy says nothing of it.
type usual struct {
	key     string // in the policy
	kind    watch.Kind
	steps   [3]string // by severity, mildest first; empty: none
	release string
	advice  string
	where   watch.Half
	sound   bool          // only while the credit grade is of the better half
	rest    civil.Instant // for so long after it was over it isn't raised again
}

// alertKinds are the kinds of credit alerts that watch figures.
func alertKinds() []usual {
	return []usual{
		{key: "overdue", kind: "OVERDUE", advice: "Ask for payment of the oldest items.", steps: [3]string{
			"credit.max_days_overdue_judged >= 30", "credit.max_days_overdue_judged >= 60", "credit.max_days_overdue_judged >= 90"}},
		{key: "credit_hold", kind: "CREDIT_HOLD_ADVISED", advice: "Let credit control decide on a hold before the next delivery.",
			steps:   [3]string{2: "credit.max_days_overdue_judged > 60"},
			release: "credit.max_days_overdue_judged <= 30"},
		{key: "limit_near", kind: "LIMIT_NEAR", advice: "Check the next orders against the limit, or have it reviewed.",
			steps:   [3]string{1: "credit.utilisation > 0.8", 2: "credit.utilisation > 1"},
			release: "credit.utilisation < 0.7 || credit.utilisation == null"},
	}
}

// signalKinds are the kinds of signals that watch figures.
func signalKinds() []usual {
	return []usual{
		{key: "reorder_overdue", kind: reorderOverdue, advice: "Ask whether something is needed, or what went wrong.",
			steps: [3]string{"value.reorder_ratio >= 1.5 && value.gap_variability < 0.5 && value.orders >= 4", "value.reorder_ratio >= 3 && value.gap_variability < 1 && value.orders >= 4"}},
		{key: "rising_star", kind: "RISING_STAR", advice: "Offer what helps the customer to grow.", where: watch.Lower, sound: true, rest: quarter,
			steps:   [3]string{"value.growth >= 0.5 && value.potential >= 50 && value.orders >= 6"},
			release: "value.growth < 0.2 || value.growth == null || value.potential < 40 || value.potential == null"},
		{key: "key_customer", kind: "KEY_CUSTOMER", advice: "Plan regular contact.", where: watch.Upper, rest: quarter,
			steps:   [3]string{"value.potential >= 60"},
			release: "value.potential < 50 || value.potential == null"},
		{key: "contact_due", kind: contactDue, advice: "Get in touch.", where: watch.Upper,
			steps:   [3]string{fmt.Sprintf("value.contact_days >= %d && value.orders >= 1", value.ContactDue)},
			release: fmt.Sprintf("value.contact_days < %d || value.orders == 0", value.ContactDue)},
	}
}

// quarter is as many days as growth is of: of what moves with it nothing new can be said before.
const quarter = 91 * civil.FullDay

// Kinds that look at what moves by time alone.
const (
	gradeChanged     watch.Kind = "GRADE_CHANGED"
	reorderOverdue   watch.Kind = "REORDER_OVERDUE"
	lifecycleChanged watch.Kind = "LIFECYCLE_CHANGED"
	contactDue       watch.Kind = "CONTACT_DUE"
)

// off is written for a kind that is not wanted.
const off = "off"

// watches reads the sections alerts and signals. What the policy leaves out is as usual.
func (d document) watches(keys map[string]lintyaml.Field, c *compiler, words tier.Words, p *Policy) *watcher {
	w := &watcher{document: d, compiler: c, words: words, policy: p, looked: map[string]looked{}, margin: gradeMargin, within: nearWithin, release: nearRelease}
	p.Alerts = w.alerts(keys["alerts"])
	p.Signals = w.signals(keys["signals"])
	return w
}

func (w *watcher) alerts(f lintyaml.Field) []watch.Watch {
	return w.section(f, alertKinds(), earlyKey, gradeKey)
}

func (w *watcher) signals(f lintyaml.Field) []watch.Watch {
	return w.section(f, signalKinds(), "near_upgrade", "will_downgrade", stageKey)
}

// watcher reads watches, and collects their conditions.
type watcher struct {
	document
	compiler *compiler
	words    tier.Words
	policy   *Policy
	base     []watch.Watch // of a segment: what holds where it is silent; nil: as usual
	segment  bool
	key      string            // of the kind that is being read
	looked   map[string]looked // by key

	margin, within, release int // of GRADE_CHANGED and NEAR_UPGRADE, as said last
}

// looked is the conditions of a kind: all, and those that the policy has itself.
type looked struct{ rules, given []*rule }

// was is what a kind is where a segment is silent; nil: as usual, or off.
func (w *watcher) was(kind watch.Kind) watch.Watch {
	for _, b := range w.base {
		if b.Kind() == kind {
			return b
		}
	}
	return nil
}

// silent is what a kind is of which nothing is said.
func (w *watcher) silent(kind watch.Kind, usually func() watch.Watch) watch.Watch {
	if w.segment {
		return w.was(kind)
	}
	return usually()
}

// note keeps a condition of the kind that is being read.
func (w *watcher) note(r *rule, given bool) {
	l := w.looked[w.key]
	if l.rules = append(l.rules[:len(l.rules):len(l.rules)], r); given {
		l.given = append(l.given[:len(l.given):len(l.given)], r)
	}
	w.looked[w.key] = l
}

func (w *watcher) section(f lintyaml.Field, kinds []usual, others ...string) (out []watch.Watch) {
	names := make([]string, 0, len(kinds)+len(others))
	for _, k := range kinds {
		names = append(names, k.key)
	}
	names = append(names, others...)
	var given map[string]lintyaml.Field
	if f.Value != nil {
		given = w.Fields(f.Value, strconv.Quote(f.Name), names...)
	}
	for _, k := range kinds {
		w.key = k.key
		if x, ok := given[k.key]; ok {
			out = w.add(out, w.threshold(x, k))
		} else {
			out = w.add(out, w.silent(k.kind, func() watch.Watch { return w.usual(k) }))
		}
	}
	for _, name := range others {
		w.key = name
		switch x, ok := given[name]; name {
		case earlyKey:
			out = w.add(out, w.earlyWarning(x, ok))
		case gradeKey:
			out = w.add(out, w.gradeChanged(x, ok))
		case "near_upgrade":
			out = w.add(out, w.nearUpgrade(x, ok))
		case stageKey:
			out = w.add(out, w.lifecycle(x, ok))
		case "will_downgrade":
			out = w.add(out, w.willDowngrade(x, ok))
		}
	}
	watch.Sort(out)
	return out
}

// add leaves out what is off, or was not understood; nothing looks at its conditions.
func (w *watcher) add(out []watch.Watch, one watch.Watch) []watch.Watch {
	if one == nil {
		delete(w.looked, w.key)
		return out
	}
	return append(out, one)
}

// keys reads what is said of a kind. nil: the kind is off, or what is said is a mistake, which has been reported.
func (w *watcher) keys(f lintyaml.Field, allowed ...string) map[string]lintyaml.Field {
	if lintyaml.Kind(f.Value) != "a single value" {
		return w.Fields(f.Value, strconv.Quote(f.Name), allowed...)
	}
	if text, ok := w.Scalar(f); ok && text != off {
		w.Fail(lintyaml.At(f.Value), fmt.Sprintf("write %s, or the keys that are to differ: %s", off, strings.Join(allowed, ", ")),
			"%q must be %s or keys with values, not %q", f.Name, off, text)
	}
	return nil
}

// usual compiles what holds where the policy is silent: its texts have no mistakes.
func (w *watcher) usual(k usual) watch.Watch {
	if good := w.compiler.soundGrade(); k.sound && good != "" {
		for i := range k.steps {
			if k.steps[i] != "" {
				k.steps[i] = fmt.Sprintf("(%s) && (credit.grade == null || credit.grade >= %q)", k.steps[i], good)
			}
		}
		k.release = fmt.Sprintf("%s || credit.grade < %q", k.release, good)
	}
	t := &watch.Threshold{Of: k.kind, Do: k.advice, Words: w.words, Release: w.compiled(k.release), Where: k.where, Rest: k.rest}
	for i, text := range k.steps {
		if c := w.compiled(text); c != nil {
			t.Steps = append(t.Steps, watch.Step{Severity: watch.Severity(i + 1), Raise: c})
		}
	}
	return t
}

func (w *watcher) compiled(text string) tier.Condition {
	if text == "" {
		return nil
	}
	cond, _ := w.compiler.compile(text)
	if cond == nil {
		return nil // only where the compiler itself is broken, which tiers report
	}
	w.note(&rule{condition: cond.ungraded()}, false)
	return cond
}

// threshold reads a kind that watches figures. Conditions that are given replace those that hold otherwise, all of them.
func (w *watcher) threshold(f lintyaml.Field, k usual) watch.Watch {
	keys := w.keys(f, append(severities(), "release", "advice")...)
	if keys == nil {
		return nil
	}
	base, _ := w.was(k.kind).(*watch.Threshold)
	if base != nil {
		k.advice = base.Do
	}
	k.advice = w.advice(keys, k.advice)
	var steps []watch.Step
	for i, name := range severities() {
		if r := w.condition(keys, name); r != nil {
			steps = append(steps, watch.Step{Severity: watch.Severity(i + 1), Raise: r.condition})
		}
	}
	release, released := keys["release"]
	r := w.condition(keys, "release")
	if steps == nil {
		if released {
			w.Fail(release.At, "name what raises it too: "+strings.Join(severities(), ", "), "%q has a release and nothing that raises it", f.Name)
		}
		if base == nil {
			return w.usual(k)
		}
		same := *base
		same.Do = k.advice
		return &same
	}
	t := &watch.Threshold{Of: k.kind, Steps: steps, Do: k.advice, Words: w.words, Where: k.where, Rest: k.rest}
	if r != nil {
		t.Release = r.condition
	}
	return t
}

func severities() []string { return []string{"info", "warning", "critical"} }

// condition reads one, and keeps it for what it looks at.
func (w *watcher) condition(keys map[string]lintyaml.Field, name string) *rule {
	r := w.rule(keys, name, w.compiler)
	if r != nil {
		w.note(r, true)
	}
	return r
}

// maxAdvice is the most characters of a sentence of advice.
const maxAdvice = 200

func (w *watcher) advice(keys map[string]lintyaml.Field, otherwise string) string {
	f, ok := keys["advice"]
	if !ok {
		return otherwise
	}
	text, ok := w.Scalar(f)
	if n := len([]rune(text)); ok && (n == 0 || n > maxAdvice || strings.ContainsAny(text, "\r\n")) {
		w.Fail(lintyaml.At(f.Value), "", "%q must be one line of 1 to %d characters", f.Name, maxAdvice)
	}
	return text
}
