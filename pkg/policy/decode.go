package policy

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/money"
	"github.com/tierstream/tierstream/pkg/tier"
)

// What holds where a policy says nothing.
const (
	defaultTimeZone       = "UTC"
	defaultCurrency       = "CNY"
	defaultWindowDays     = 365
	defaultPromptnessDays = 730
	maxWindowDays         = 1000
)

func (d document) policy(root ast.Node, p *Policy) {
	keys := d.Fields(root, "the policy", "version", "time_zone", "currency", "value", "credit", "segments", "portfolio", "tiers", "alerts", "signals", "fx")
	if keys == nil {
		return
	}
	d.version(keys, lintyaml.At(root), p)
	d.timeZone(keys, p)
	d.currency(keys, p)
	p.RateAge = d.rates(keys)
	p.Value = d.value(keys, p.Scale)
	var advice lintyaml.Field
	p.Credit, advice = d.credit(keys, p.Scale)
	d.segments(keys, p)
	words := tier.Words{ValueDays: p.Value.WindowDays, CreditDays: p.Credit.WindowDays,
		PromptnessDays: p.Credit.PromptnessDays, DSODays: p.Credit.DSODays, Scale: p.Scale, Calendar: p.Calendar}
	c := newCompiler(p.Value, p.Scale)
	c.grades = gradeNames(&p.Credit.Scoring)
	rungs := d.tiers(keys, c)
	p.Ladder = tier.Ladder{Rungs: ladder(rungs), Words: words}
	w := d.watches(keys, c, words, p)
	p.Drift, p.Value.Looks = w.moves(rungs, p.Signals)
	p.Credit.Scoring.Advice = d.advice(advice, p, rungs)
	d.segmentAdvice(p, rungs)
	d.lintSteps(conditions(rungs), &p.Value)
	all := append(conditions(rungs), w.rules()...)
	for i := range p.Segments {
		all = append(all, p.Segments[i].decides(w, rungs, i+1)...)
	}
	p.Portfolio = d.portfolio(keys)
	d.wanted(keys, all, p)
	for i := range p.Segments {
		if l := p.Segments[i].Ladder; l != nil {
			l.Words = p.Ladder.Words
		}
	}
	d.lintRanks(rungs, p)
}

func (d document) version(keys map[string]lintyaml.Field, begin lintyaml.Position, p *Policy) {
	f, ok := keys["version"]
	if !ok {
		d.Fail(begin, `add a line: version: "1"`, "the policy has no version")
		return
	}
	p.Version = d.Name(f)
}

func (d document) timeZone(keys map[string]lintyaml.Field, p *Policy) {
	p.TimeZone = defaultTimeZone
	f, ok := keys["time_zone"]
	if !ok {
		return
	}
	if p.TimeZone, ok = d.Scalar(f); !ok {
		return
	}
	var err error
	if p.Calendar, err = civil.NewCalendar(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		d.Fail(lintyaml.At(f.Value), "write it as in Asia/Shanghai, Europe/Berlin or UTC", "%q is no IANA time zone", p.TimeZone)
	}
}

func (d document) currency(keys map[string]lintyaml.Field, p *Policy) {
	p.Currency, p.Scale = defaultCurrency, 2
	f, ok := keys["currency"]
	if !ok {
		return
	}
	if p.Currency, ok = d.Scalar(f); !ok {
		return
	}
	if p.Scale, ok = money.Scale(p.Currency); !ok {
		hint := "write it as in CNY, EUR or USD"
		if _, upper := money.Scale(strings.ToUpper(p.Currency)); upper {
			hint = "did you mean " + strings.ToUpper(p.Currency) + "?"
		}
		d.Fail(lintyaml.At(f.Value), hint, "%q is no ISO 4217 currency", p.Currency)
	}
}

func (d document) days(keys map[string]lintyaml.Field, name string, into *int) {
	if f, ok := keys[name]; ok {
		*into = d.Integer(f, 1, maxWindowDays)
	}
}
