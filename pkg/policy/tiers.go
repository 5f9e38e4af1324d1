package policy

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// maxTiers of a ladder.
const maxTiers = 50

// defaultTiers is the ladder of a policy that has none.
const defaultTiers = `tiers:
  - name: standard
  - name: silver
    enter: value.net >= 10000
    keep: value.net >= 8000
    grace: 30d
  - name: gold
    enter: value.net >= 50000 && credit.max_days_overdue <= 30
    keep: value.net >= 40000 && credit.max_days_overdue <= 30
    grace: 30d
  - name: platinum
    enter: value.net >= 200000 && credit.max_days_overdue <= 30
    keep: value.net >= 160000 && credit.max_days_overdue <= 30
    grace: 30d
`

// rung is one tier as it is written.
type rung struct {
	name        string
	at          position
	enter, keep *rule
	grace, hold civil.Instant
}

// rule is a condition and where its characters stand.
type rule struct {
	*condition
	at []position
}

func (r *rule) position(l *leaf) position { return r.at[min(l.offset, len(r.at)-1)] }

// tiers reads the ladder, lowest first.
func (d *document) tiers(keys map[string]field, c *compiler) []rung {
	f, ok := keys["tiers"]
	if !ok {
		own := newDocument("default ladder", []byte(defaultTiers))
		return own.tiers(own.fields(own.root(), "the ladder", "tiers"), c)
	}
	list, ok := f.value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.fail(f.at, "write one entry per tier, lowest first: - name: standard", "%q must be a list of tiers", f.name)
		return nil
	}
	if len(list.Values) > maxTiers {
		d.fail(at(list.Values[maxTiers]), "", "there are more than %d tiers", maxTiers)
		return nil
	}
	var rungs []rung
	named := map[string]position{}
	for i, n := range list.Values {
		r := d.rung(n, i == 0, c)
		if first, twice := named[r.name]; twice {
			d.fail(r.at, fmt.Sprintf("the first is on line %d", first.line), "there are two tiers named %q", r.name)
		}
		if r.name != "" {
			named[r.name] = r.at
		}
		rungs = append(rungs, r)
	}
	d.lint(rungs)
	return rungs
}

func (d *document) rung(n ast.Node, lowest bool, c *compiler) rung {
	r := rung{at: at(n)}
	keys := d.fields(n, "a tier", "name", "enter", "keep", "grace", "hold")
	if keys == nil {
		return r
	}
	if f, ok := keys["name"]; !ok {
		d.fail(r.at, "add a line: name: gold", "the tier has no name")
	} else if r.name, ok = d.scalar(f); ok {
		r.at = at(f.value)
		d.name(f, r.name)
	}
	enter, entered := keys["enter"]
	switch {
	case lowest && entered:
		d.fail(enter.at, "tiers are written lowest first; everybody has at least the lowest", `the lowest tier must have no "enter"`)
	case !lowest && !entered:
		d.fail(r.at, "only the lowest tier, which is the first, has none", `the tier has no "enter"`)
	}
	r.enter, r.keep = d.rule(keys, "enter", c), d.rule(keys, "keep", c)
	if f, ok := keys["grace"]; ok {
		r.grace = d.duration(f)
	}
	if f, ok := keys["hold"]; ok {
		r.hold = d.duration(f)
	}
	for _, key := range []string{"keep", "grace", "hold"} {
		if f, ok := keys[key]; ok && lowest {
			d.warn(f.at, "the lowest tier is always kept", "%q of the lowest tier has no effect", key)
		}
	}
	return r
}

// rule compiles a condition and puts each of its mistakes where it stands.
func (d *document) rule(keys map[string]field, name string, c *compiler) *rule {
	f, ok := keys[name]
	if !ok {
		return nil
	}
	text, ok := d.scalar(f)
	if !ok {
		return nil
	}
	where := d.positions(f.value, text)
	cond, issues := c.compile(text)
	for _, i := range issues {
		d.fail(where[min(max(i.offset, 0), len(where)-1)], i.hint, "%s", i.what)
	}
	if cond == nil {
		return nil
	}
	return &rule{cond, where}
}

// ladder is the rungs as the domain has them.
func ladder(rungs []rung) []tier.Rung {
	var out []tier.Rung
	for i, r := range rungs {
		t := tier.Rung{Name: r.name, Grace: r.grace, Hold: r.hold}
		if i > 0 && r.enter != nil {
			t.Enter = r.enter.condition
		}
		if i > 0 && r.keep != nil {
			t.Keep = r.keep.condition
		}
		out = append(out, t)
	}
	return out
}
