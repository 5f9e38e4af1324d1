package policy

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/lintyaml"
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
    enter: value.net >= 50000 && credit.max_days_overdue_judged <= 30
    keep: value.net >= 40000 && credit.max_days_overdue_judged <= 30
    grace: 30d
  - name: platinum
    enter: value.net >= 200000 && credit.max_days_overdue_judged <= 30
    keep: value.net >= 160000 && credit.max_days_overdue_judged <= 30
    grace: 30d
`

// rung is one tier as it is written.
type rung struct {
	name        string
	at          lintyaml.Position
	enter, keep *rule
	grace, hold civil.Instant
}

// rule is a condition and where its characters stand.
type rule struct {
	*condition
	at []lintyaml.Position
}

func (r *rule) position(l *leaf) lintyaml.Position { return r.at[min(l.offset, len(r.at)-1)] }

// tiers reads the ladder, lowest first.
func (d document) tiers(keys map[string]lintyaml.Field, c *compiler) []rung {
	f, ok := keys["tiers"]
	if !ok {
		own := newDocument("default ladder", []byte(defaultTiers))
		return own.tiers(own.Fields(own.Root(), "the ladder", "tiers"), c)
	}
	list, ok := f.Value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.Fail(f.At, "write one entry per tier, lowest first: - name: standard", "%q must be a list of tiers", f.Name)
		return nil
	}
	if len(list.Values) > maxTiers {
		d.Fail(lintyaml.At(list.Values[maxTiers]), "", "there are more than %d tiers", maxTiers)
		return nil
	}
	var rungs []rung
	named := map[string]lintyaml.Position{}
	for i, n := range list.Values {
		r := d.rung(n, i == 0, c)
		if first, twice := named[r.name]; twice {
			d.Fail(r.at, fmt.Sprintf("the first is on line %d", first.Line), "there are two tiers named %q", r.name)
		}
		if r.name != "" {
			named[r.name] = r.at
		}
		rungs = append(rungs, r)
	}
	d.lint(rungs, func(*rule) bool { return true })
	return rungs
}

func (d document) rung(n ast.Node, lowest bool, c *compiler) rung {
	r := rung{at: lintyaml.At(n)}
	keys := d.Fields(n, "a tier", "name", "enter", "keep", "grace", "hold")
	if keys == nil {
		return r
	}
	if f, ok := keys["name"]; !ok {
		d.Fail(r.at, "add a line: name: gold", "the tier has no name")
	} else if r.name = d.Name(f); r.name != "" {
		r.at = lintyaml.At(f.Value)
	}
	enter, entered := keys["enter"]
	switch {
	case lowest && entered:
		d.Fail(enter.At, "tiers are written lowest first; everybody has at least the lowest", `the lowest tier must have no "enter"`)
	case !lowest && !entered:
		d.Fail(r.at, "only the lowest tier, which is the first, has none", `the tier has no "enter"`)
	}
	r.enter, r.keep = d.rule(keys, "enter", c), d.rule(keys, "keep", c)
	if f, ok := keys["grace"]; ok {
		r.grace = d.Duration(f)
	}
	if f, ok := keys["hold"]; ok {
		r.hold = d.Duration(f)
	}
	for _, key := range []string{"keep", "grace", "hold"} {
		if f, ok := keys[key]; ok && lowest {
			d.Warn(f.At, "the lowest tier is always kept", "%q of the lowest tier has no effect", key)
		}
	}
	return r
}

// rule compiles a condition and puts each of its mistakes where it stands.
func (d document) rule(keys map[string]lintyaml.Field, name string, c *compiler) *rule {
	f, ok := keys[name]
	if !ok {
		return nil
	}
	text, ok := d.Scalar(f)
	if !ok {
		return nil
	}
	where := d.Positions(f.Value, text)
	cond, issues := c.compile(text)
	for _, i := range issues {
		d.Fail(where[min(max(i.offset, 0), len(where)-1)], i.hint, "%s", i.what)
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
