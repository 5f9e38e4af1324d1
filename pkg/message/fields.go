package message

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/money"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

// maxLines of one field: a message is read at a glance, the rest is behind the link.
const maxLines = 5

// fields are why, what to do, whom it is about and when, in this order.
func (p pen) fields() []Field {
	var out []Field
	add := func(label string, lines []string) {
		if len(lines) > 0 {
			out = append(out, Field{label, lines})
		}
	}
	add(p.must("label.why", nil), p.reasons(p.n.Reasons))
	add(p.must("label.todo", nil), p.action())
	for _, f := range p.advice() {
		add(f.Label, f.Lines)
	}
	add(p.must("label.credit", nil), p.credit())
	add(p.must("label.items", nil), p.items())
	add(p.must("label.customer", nil), p.customer())
	add(p.must("label.when", nil), []string{p.when()})
	return out
}

func (p pen) customer() []string {
	parts := []string{p.who()}
	for _, x := range []struct{ id, place, value string }{
		{"segment", "Segment", p.n.Segment}, {"manager", "Manager", p.n.AccountManager}, {"severity", "Severity", p.severity()},
	} {
		if value := line(x.value); value != "" && (x.id != "severity" || !p.over()) { // what is over is no longer severe
			parts = append(parts, p.must(x.id, data{x.place: value}))
		}
	}
	return []string{strings.Join(parts, " · ")}
}

// severity is the contract's word in the language.
func (p pen) severity() string {
	if s, ok := p.text("severity."+p.n.Severity, nil); ok {
		return s
	}
	return p.n.Severity
}

// action is what the record advises, or else what the kind of notice calls for. The usual advice of a kind is the catalogue's,
// in English, and is said in the language of the message; that of a policy stays as its writer has put it.
func (p pen) action() []string {
	switch advice := line(p.n.Advice); {
	case p.over():
		return []string{p.must("action.over", nil)}
	case advice != "" && advice != p.usualAdvice():
		return []string{advice}
	}
	if s, ok := p.text("action."+p.n.Subject(), nil); ok {
		return []string{s}
	}
	return nil
}

func (p pen) usualAdvice() string {
	english := p
	english.say = p.w.localizers[routes.English]
	s, _ := english.text("action."+p.n.Subject(), nil)
	return s
}

// advice is what it takes to climb and to stay: after a fall the way back comes first.
func (p pen) advice() []Field {
	var next, keep Field
	if a := p.n.ToNext; a != nil && len(a.Needs) > 0 {
		label := "label.next"
		if p.n.Direction == "DOWNGRADE" && a.Tier == p.n.From {
			label = "label.back"
		}
		next = Field{p.must(label, data{"Tier": line(a.Tier)}), p.reasons(a.Needs)}
	}
	if a := p.n.ToKeep; a != nil && len(a.Needs) > 0 {
		keep = Field{p.must("label.keep", data{"Tier": line(p.n.To)}), p.reasons(a.Needs)}
		if a.ReviewAt != 0 {
			keep.Lines = append(keep.Lines, p.must("review", data{"Day": p.day(a.ReviewAt)}))
		}
	}
	if p.n.Direction == "DOWNGRADE" {
		return []Field{next, keep}
	}
	return []Field{keep, next}
}

func (p pen) credit() []string {
	if p.n.Type != notice.CreditAlert || p.n.Exposure == 0 && p.n.Overdue == 0 {
		return nil
	}
	in := p.w.d
	overdue := p.must("overdue.none", nil)
	if p.n.Overdue != 0 {
		overdue = p.must("overdue", data{"Amount": p.amount(money.Amount(p.n.Overdue, in.Scale), in.Currency)})
	}
	return []string{p.must("exposure", data{"Amount": p.amount(money.Amount(p.n.Exposure, in.Scale), in.Currency)}) + " · " + overdue}
}

func (p pen) items() []string {
	var out []string
	for _, i := range p.n.Items {
		if len(out) == maxLines {
			return append(out, p.must("more", data{"Count": len(p.n.Items) - maxLines}))
		}
		scale, known := money.Scale(i.Currency)
		if !known {
			scale = p.w.d.Scale
		}
		s, err := p.say.Localize(&i18n.LocalizeConfig{MessageID: "item", PluralCount: i.Days, TemplateData: data{
			"ID": line(i.InvoiceID), "Amount": p.amount(money.Amount(i.Amount, scale), line(i.Currency)), "PluralCount": i.Days}})
		if err != nil {
			s = line(i.InvoiceID)
		}
		out = append(out, s)
	}
	return out
}

// amount adds the currency to a number.
func (p pen) amount(number, currency string) string {
	values := data{"Number": number, "Currency": currency}
	if s, ok := p.text("amount."+currency, values); ok {
		return s
	}
	return strings.TrimSpace(p.must("amount", values))
}

func (p pen) when() string {
	values := data{"Time": p.w.d.Calendar.Local(p.n.DecidedAt).Format("2006-01-02 15:04"), "Zone": p.w.d.Zone}
	if s, ok := p.text("when."+p.n.Trigger, values); ok {
		return s
	}
	return p.must("when", values)
}

func (p pen) day(i civil.Instant) string { return fmt.Sprint(p.w.d.Calendar.DayOf(i)) }
