package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// LadderOf is the tiers as the customers of a segment climb and keep them. Names and order are the policy's.
func (p *Policy) LadderOf(segment int) *tier.Ladder {
	if s := p.segment(segment); s != nil && s.Ladder != nil {
		return s.Ladder
	}
	return &p.Ladder
}

// AlertsOf are what is watched for of the credit of the customers of a segment, in the order of their kinds.
func (p *Policy) AlertsOf(segment int) []watch.Watch {
	if s := p.segment(segment); s != nil {
		return s.Alerts
	}
	return p.Alerts
}

// SignalsOf are what is signalled of the customers of a segment, in the order of their kinds.
func (p *Policy) SignalsOf(segment int) []watch.Watch {
	if s := p.segment(segment); s != nil {
		return s.Signals
	}
	return p.Signals
}

// DriftOf is what the conditions for the customers of a segment look at that moves by time alone.
func (p *Policy) DriftOf(segment int) credit.Drift {
	if s := p.segment(segment); s != nil {
		return s.Drift
	}
	return p.Drift
}

// segment is that of a place, from 1; nil: there is none.
func (p *Policy) segment(n int) *Segment {
	if n < 1 || n > len(p.Segments) {
		return nil
	}
	return &p.Segments[n-1]
}

// rules are all conditions that are watched.
func (w *watcher) rules() (out []*rule) {
	for _, key := range slices.Sorted(maps.Keys(w.looked)) {
		out = append(out, w.looked[key].rules...)
	}
	return out
}

// moves is what the conditions of tiers, alerts and signals look at that moves by time alone.
func (w *watcher) moves(rungs []rung, signals []watch.Watch) (credit.Drift, value.Looks) {
	var given []*rule
	for _, l := range w.looked {
		given = append(given, l.given...)
	}
	see := looks(rungs, given)
	for _, s := range signals {
		see.Late = see.Late || s.Kind() == reorderOverdue
		see.Silence = see.Silence || s.Kind() == lifecycleChanged
		see.Unmet = see.Unmet || s.Kind() == contactDue
	}
	see.Lifecycle = see.Lifecycle || w.policy.byStage
	return drift(rungs, w.rules()), see
}

// decides reads what a segment says of tiers, alerts and signals, once those of the policy are known: what it leaves out is as
// there. It gives all conditions that count for its customers.
func (s *Segment) decides(of *watcher, base []rung, place int) []*rule {
	w, p := *of, of.policy
	w.segment, w.looked = true, maps.Clone(of.looked)
	rungs := base
	if f, ok := s.rules["tiers"]; ok {
		rungs = w.segmentTiers(f, base, w.compiler)
		s.Ladder = &tier.Ladder{Rungs: ladder(rungs)}
		w.lintSegment(rungs, base, p.ValueOf(place))
	}
	if s.Alerts = p.Alerts; s.rules["alerts"].Value != nil {
		w.base = p.Alerts
		s.Alerts = w.alerts(s.rules["alerts"])
	}
	if s.Signals = p.Signals; s.rules["signals"].Value != nil {
		w.base = p.Signals
		s.Signals = w.signals(s.rules["signals"])
	}
	var see value.Looks
	if s.Drift, see = w.moves(rungs, s.Signals); s.Value == nil && see != p.Value.Looks {
		own := p.Value
		s.Value = &own
	}
	if s.Value != nil {
		s.Value.Looks = see
	}
	s.rules = nil
	return append(conditions(rungs), w.rules()...)
}

// segmentTiers are the tiers of the policy with what a segment says of them: other conditions and other times, never others.
func (d document) segmentTiers(f lintyaml.Field, base []rung, c *compiler) []rung {
	var names []string
	for _, r := range base {
		names = append(names, r.name)
	}
	rungs, given := slices.Clone(base), d.named(f, `"tiers" of a segment`, "write it as in tiers: {gold: {enter: value.net >= 90000, keep: value.net >= 70000}}")
	for name, x := range given {
		switch i := slices.Index(names, name); {
		case i > 0:
			d.segmentRung(x, &rungs[i], c)
		case i == 0:
			d.Fail(x.At, "", "%s is the lowest tier: everybody has at least that", name)
		case base != nil: // else its tiers are a mistake already
			d.Fail(x.At, lintyaml.Closest(name, names, "the tiers are "+strings.Join(names, ", ")), "the policy has no tier %q", name)
		}
	}
	return rungs
}

// segmentRung reads what a segment says of one tier. Who gives another enter says what keeps the tier too, if the policy does:
// otherwise a tier that is harder to reach for a segment would be kept as easily as by anybody.
func (d document) segmentRung(f lintyaml.Field, r *rung, c *compiler) {
	keys := d.Fields(f.Value, "a tier of a segment", "enter", "keep", "grace", "hold")
	enter, entered := keys["enter"]
	if _, kept := keys["keep"]; entered && !kept && r.keep != nil {
		d.Fail(enter.At, "say it too, as in keep: value.net >= 8000", `another "enter" for a segment needs another "keep": the policy says what keeps %s`, r.name)
	}
	if own := d.rule(keys, "enter", c); own != nil {
		r.enter = own
	}
	if own := d.rule(keys, "keep", c); own != nil {
		r.keep = own
	}
	if f, ok := keys["grace"]; ok {
		r.grace = d.Duration(f)
	}
	if f, ok := keys["hold"]; ok {
		r.hold = d.Duration(f)
	}
}

// lintSegment warns as lint does, of what the segment says itself.
func (d document) lintSegment(rungs, base []rung, v *value.Config) {
	var own []*rule
	for _, r := range conditions(rungs) {
		if !slices.Contains(conditions(base), r) {
			own = append(own, r)
		}
	}
	d.lint(rungs, func(r *rule) bool { return slices.Contains(own, r) })
	d.lintSteps(own, v)
}
