package routes

import (
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/notice"
)

// routes reads the routes in their order, and the default.
func (d document) routes(keys map[string]lintyaml.Field, names *known, f *File) {
	if k, ok := keys["default"]; ok {
		f.Default = d.leads(k, names)
	}
	k, ok := keys["routes"]
	if !ok {
		return
	}
	list, ok := k.Value.(*ast.SequenceNode)
	if !ok {
		d.Fail(k.At, "write one entry per route: - {match: {direction: DOWNGRADE}, to: sales}", "%q must be a list of routes", k.Name)
		return
	}
	stopped := lintyaml.Position{}
	for _, n := range list.Values {
		at := lintyaml.At(n)
		r := d.route(n, names)
		if stopped.Line > 0 {
			d.Warn(at, "", "nothing gets here: the route on line %d takes everything and stops", stopped.Line)
		} else if r.Stop && reflect.ValueOf(r.Match).IsZero() {
			stopped = at
		}
		f.Routes = append(f.Routes, r)
	}
}

func (d document) route(n ast.Node, names *known) (r Route) {
	keys := d.Fields(n, "a route", "name", "match", "to", "stop")
	if keys == nil {
		return r
	}
	if k, ok := keys["name"]; ok {
		r.Name = d.Name(k)
	}
	if k, ok := keys["match"]; ok {
		r.Match = d.match(k)
	}
	if k, ok := keys["stop"]; ok {
		r.Stop = d.Bool(k)
	}
	k, ok := keys["to"]
	if !ok && !r.Stop {
		d.Fail(lintyaml.At(n), "add to: ENDPOINT, or stop: true where nobody is to be told", "the route leads nowhere")
	}
	if !ok {
		return r
	}
	for _, e := range d.List(k) {
		if text, plain := e.Value.(*ast.StringNode); plain && text.Value == ownManager {
			r.AccountManager, names.asked = true, true
			continue
		}
		r.To = append(r.To, d.leads(e, names, ownManager)...)
	}
	return r
}

func (d document) match(k lintyaml.Field) (m Match) {
	keys := d.Fields(k.Value, `"match"`, "type", "direction", "kind", "state", "severity", "from_tier", "to_tier", "tier", "segment", "account_manager")
	for _, t := range d.words(keys, "type", typeNames()) {
		m.Types = append(m.Types, notice.Type(t))
	}
	m.Directions = d.words(keys, "direction", notice.Directions())
	m.Kinds = d.words(keys, "kind", slices.Concat(notice.AlertKinds(), notice.SignalKinds()))
	m.States = d.words(keys, "state", notice.States())
	for name, into := range map[string]*[]string{"severity": &m.Severity, "from_tier": &m.FromTiers, "to_tier": &m.ToTiers, "tier": &m.Tiers,
		"segment": &m.Segments, "account_manager": &m.AccountManagers} {
		if k, ok := keys[name]; ok {
			*into = plain(d.texts(k))
		}
	}
	d.possible(k, keys, m)
	return m
}

// words reads a list of which every entry is one of some.
func (d document) words(keys map[string]lintyaml.Field, name string, allowed []string) []string {
	k, ok := keys[name]
	if !ok {
		return nil
	}
	var out []string
	for _, each := range d.List(k) {
		if text := d.oneOf(each, allowed); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func typeNames() []string {
	var out []string
	for _, t := range notice.Types() {
		out = append(out, string(t))
	}
	return out
}

// possible refuses a match that no notice can have: what only tier changes have, with what only alerts and signals have.
func (d document) possible(k lintyaml.Field, keys map[string]lintyaml.Field, m Match) {
	may := func(types ...notice.Type) bool {
		return len(m.Types) == 0 || slices.ContainsFunc(types, func(t notice.Type) bool { return slices.Contains(m.Types, t) })
	}
	changes := d.first(keys, "direction", "from_tier", "to_tier", "tier")
	others := d.first(keys, "kind", "state", "severity")
	alerts := slices.ContainsFunc(m.Kinds, func(kind string) bool { return slices.Contains(notice.AlertKinds(), kind) })
	signals := slices.ContainsFunc(m.Kinds, func(kind string) bool { return slices.Contains(notice.SignalKinds(), kind) })
	switch {
	case changes != "" && others != "":
		d.Fail(k.At, "make two routes of it", "nothing has both: %q is of tier changes, %q of alerts and signals", changes, others)
	case changes != "" && !may(notice.TierChanged):
		d.Fail(keys[changes].At, "match type tier.changed, or leave type out", "only tier changes have %q", changes)
	case others != "" && !may(notice.CreditAlert, notice.CustomerSignal):
		d.Fail(keys[others].At, "match credit.alert or customer.signal, or leave type out", "tier changes have no %q", others)
	case alerts && !signals && !may(notice.CreditAlert), signals && !alerts && !may(notice.CustomerSignal):
		d.Fail(keys["kind"].At, "match the other type, or leave type out", "no %s is of these kinds", m.Types[0])
	}
}

func (d document) first(keys map[string]lintyaml.Field, names ...string) string {
	for _, name := range names {
		if keys[name].Value != nil {
			return name
		}
	}
	return ""
}

// unused warns of what nothing leads to, and of notices that nobody gets.
func (d document) unused(keys map[string]lintyaml.Field, names *known, f *File) {
	for _, name := range names.names {
		if !names.used[name] {
			d.Warn(names.at[name], "name it in a route's \"to\", in \"default\" or for an account manager", "nothing leads to the endpoint %q", name)
		}
	}
	if e := slices.IndexFunc(f.Endpoints, func(e Endpoint) bool { return e.Kind == SMTP && len(e.To) == 0 && names.direct(f, e.Name) }); e >= 0 {
		d.Fail(names.at[f.Endpoints[e].Name], "add to: [sales@example.com]", "mail goes to the endpoint %q, which has no recipients", f.Endpoints[e].Name)
	}
	if k, ok := keys["managers"]; ok && !names.asked {
		d.Warn(k.At, "add account_manager to a route's \"to\"", "no route sends to the customer's account manager")
	}
	_, given := keys["default"]
	last := len(f.Routes) - 1
	if all := last >= 0 && slices.ContainsFunc(f.Routes, func(r Route) bool { return reflect.ValueOf(r.Match).IsZero() }); !given && !all {
		d.Warn(lintyaml.Position{Line: 1, Column: 1}, "add default: [ENDPOINT], or default: [] where that is meant", "nobody is told of what no route takes")
	} else if !given && names.asked {
		d.Warn(lintyaml.Position{Line: 1, Column: 1}, "add default: [ENDPOINT], or default: [] where that is meant", "nobody is told of customers without a known account manager")
	}
}

// direct says whether a route, the default or an account manager's "endpoint" names the endpoint.
func (k *known) direct(f *File, name string) bool {
	if slices.Contains(f.Default, name) || slices.ContainsFunc(f.Routes, func(r Route) bool { return slices.Contains(r.To, name) }) {
		return true
	}
	for _, m := range f.Managers {
		if slices.Contains(m.Endpoints, name) {
			return true
		}
	}
	return false
}
