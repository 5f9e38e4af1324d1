package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

// What holds where a policy says nothing.
const (
	defaultTimeZone       = "UTC"
	defaultCurrency       = "CNY"
	defaultWindowDays     = 365
	defaultPromptnessDays = 730
	maxWindowDays         = 1000
	maxNameLength         = 64
)

func (d *document) policy(root ast.Node, p *Policy) {
	keys := d.fields(root, "the policy", "version", "time_zone", "currency", "value", "credit", "tiers")
	if keys == nil {
		return
	}
	d.version(keys, at(root), p)
	d.timeZone(keys, p)
	d.currency(keys, p)
	p.Value = d.value(keys)
	p.Credit = d.credit(keys, p.Scale)
	words := tier.Words{ValueDays: p.Value.WindowDays, CreditDays: p.Credit.WindowDays,
		PromptnessDays: p.Credit.PromptnessDays, DSODays: p.Credit.DSODays, Scale: p.Scale, Calendar: p.Calendar}
	rungs := d.tiers(keys, newCompiler(p.Value, p.Scale))
	p.Ladder = tier.Ladder{Rungs: ladder(rungs), Words: words}
	p.Drift = drift(rungs)
}

func (d *document) version(keys map[string]field, begin position, p *Policy) {
	f, ok := keys["version"]
	if !ok {
		d.fail(begin, `add a line: version: "1"`, "the policy has no version")
		return
	}
	if p.Version, ok = d.scalar(f); ok {
		d.name(f, p.Version)
	}
}

// name refuses what can't be told apart or printed on one line.
func (d *document) name(f field, text string) {
	bad := text == "" || strings.TrimSpace(text) != text || utf8.RuneCountInString(text) > maxNameLength
	if bad || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		d.fail(at(f.value), "", "%q must be 1 to %d printable characters without spaces around them", f.name, maxNameLength)
	}
}

func (d *document) timeZone(keys map[string]field, p *Policy) {
	p.TimeZone = defaultTimeZone
	f, ok := keys["time_zone"]
	if !ok {
		return
	}
	if p.TimeZone, ok = d.scalar(f); !ok {
		return
	}
	var err error
	if p.Calendar, err = civil.NewCalendar(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		d.fail(at(f.value), "write it as in Asia/Shanghai, Europe/Berlin or UTC", "%q is no IANA time zone", p.TimeZone)
	}
}

func (d *document) currency(keys map[string]field, p *Policy) {
	p.Currency, p.Scale = defaultCurrency, 2
	f, ok := keys["currency"]
	if !ok {
		return
	}
	if p.Currency, ok = d.scalar(f); !ok {
		return
	}
	if p.Scale, ok = scale(p.Currency); !ok {
		hint := "write it as in CNY, EUR or USD"
		if _, upper := scale(strings.ToUpper(p.Currency)); upper {
			hint = "did you mean " + strings.ToUpper(p.Currency) + "?"
		}
		d.fail(at(f.value), hint, "%q is no ISO 4217 currency", p.Currency)
	}
}

func (d *document) value(keys map[string]field) value.Config {
	c := value.Config{WindowDays: defaultWindowDays}
	if f, ok := keys["value"]; ok {
		d.days(d.fields(f.value, `"value"`, "window_days"), "window_days", &c.WindowDays)
	}
	return c
}

func (d *document) credit(keys map[string]field, scale int) credit.Config {
	c := credit.Config{WindowDays: defaultWindowDays, PromptnessDays: defaultPromptnessDays, DSODays: defaultWindowDays}
	f, ok := keys["credit"]
	if !ok {
		return c
	}
	sub := d.fields(f.value, `"credit"`, "window_days", "promptness_days", "dso_days", "tolerance")
	d.days(sub, "window_days", &c.WindowDays)
	d.days(sub, "promptness_days", &c.PromptnessDays)
	d.days(sub, "dso_days", &c.DSODays)
	if f, ok := sub["tolerance"]; ok {
		c.Tolerance = d.amount(f, scale)
	}
	return c
}

func (d *document) days(keys map[string]field, name string, into *int) {
	if f, ok := keys[name]; ok {
		*into = d.integer(f, 1, maxWindowDays)
	}
}
