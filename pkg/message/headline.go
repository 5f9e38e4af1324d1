package message

import (
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
)

// headline says what an alert or a signal tells in the fewest words, with what matters most of its figures: how late, which tier, by
// when. Without these it is the name of the kind. Its title is the second: what is over reads otherwise than what is raised.
func (p pen) headline() (text, title string) {
	title, over := "title."+p.n.State, p.over()
	if p.n.Type == notice.CustomerSignal && !over {
		title = "title.SIGNAL"
	}
	code := ""
	if len(p.n.Reasons) > 0 {
		code = p.n.Reasons[0].Code
	}
	if over && (code == watch.CodeUnwatched || code == watch.CodeErased) { // nothing has become of it
		return p.kind(), title
	}
	values := p.figures()
	for _, id := range p.heads(over, code) {
		if text, ok := p.filled(id, values); ok {
			switch {
			case over && code == tier.CodeTierMoved, id == "over.REORDER_OVERDUE.unknown":
				title = "title.other"
			case over:
				title = "title.OVER"
			case p.n.Kind == gradeChanged && p.n.Severity == watch.Info.String():
				title = "title.BETTER"
			}
			return text, title
		}
	}
	return p.kind(), title
}

// over says that what was raised no longer stands.
func (p pen) over() bool { return p.n.State == "CLEARED" || p.n.State == "WITHDRAWN" }

// gradeChanged is the kind whose better turns are no warning.
const gradeChanged = "GRADE_CHANGED"

// heads are the texts that may say it, the most telling first.
func (p pen) heads(over bool, code string) []string {
	kind := p.n.Kind
	switch {
	case over && kind == "OVERDUE" && p.n.Overdue == 0:
		return []string{"over.OVERDUE.none"}
	case over && kind == "REORDER_OVERDUE":
		return []string{p.reordered(), "over." + kind}
	case over:
		return []string{"over." + kind + "." + code, "over." + kind}
	case kind == "LIMIT_NEAR" && p.above(1):
		return []string{"head.LIMIT_NEAR.over"}
	case kind == gradeChanged:
		return []string{"kind." + kind}
	}
	return []string{"head." + kind}
}

// reordered is what has become of an order that was late: it came, or no order can be expected any more, since there are too few or none at
// regular times.
func (p pen) reordered() string {
	if len(p.n.Reasons) == 0 {
		return ""
	}
	switch r := &p.n.Reasons[0]; {
	case r.Factor == "value.reorder_ratio" && r.Value != nil && *r.Value == 0:
		return "over.REORDER_OVERDUE.ordered"
	case r.Factor == "value.orders" || r.Factor == "value.gap_variability":
		return "over.REORDER_OVERDUE.unknown"
	}
	return ""
}

// above says that the first reason is of the utilisation, and that it is above a bound.
func (p pen) above(bound float64) bool {
	return len(p.n.Reasons) > 0 && p.n.Reasons[0].Factor == "credit.utilisation" && p.n.Reasons[0].Value != nil && *p.n.Reasons[0].Value > bound
}

// figures are what a headline may show. What isn't known is left out.
func (p pen) figures() data {
	values := p.grades(p.n.GradeFrom, p.n.GradeTo)
	for _, r := range p.n.Reasons {
		for place, value := range map[string]string{
			"Tier": line(r.Params["tier"]), "Day": p.paramDay(r, "grace_ends"), "From": p.stage(r.Params["from"]), "To": p.stage(r.Params["to"]),
		} {
			if value != "" && values[place] == nil && r.Params["also"] == "" {
				values[place] = value
			}
		}
	}
	if len(p.n.Items) > 0 {
		values["PluralCount"] = p.n.Items[0].Days
	}
	return values
}

// grades are the places of another credit grade.
func (p pen) grades(from, to string) data {
	return data{"GradeFrom": orDash(from), "GradeTo": orDash(to)}
}

// needs are the places that a headline can't do without.
func needs(id string) []string {
	switch id {
	case "head.OVERDUE":
		return []string{"PluralCount"}
	case "head.NEAR_UPGRADE", "over.WILL_DOWNGRADE." + tier.CodeKeepMet, "over.WILL_DOWNGRADE." + tier.CodeTierMoved, "over.NEAR_UPGRADE." + tier.CodeTierMoved,
		"over.RISING_STAR." + tier.CodeTierMoved, "over.KEY_CUSTOMER." + tier.CodeTierMoved, "over.CONTACT_DUE." + tier.CodeTierMoved:
		return []string{"Tier"}
	case "head.WILL_DOWNGRADE":
		return []string{"Tier", "Day"}
	case "head.LIFECYCLE_CHANGED", "over.LIFECYCLE_CHANGED":
		return []string{"From", "To"}
	}
	return nil
}

// filled is a headline; false where the catalogue lacks it, or something that it shows isn't known.
func (p pen) filled(id string, values data) (string, bool) {
	for _, place := range needs(id) {
		if values[place] == nil {
			return "", false
		}
	}
	c := &i18n.LocalizeConfig{MessageID: id, TemplateData: values}
	if slices.Contains(needs(id), "PluralCount") { // a text without plurals has none of one
		c.PluralCount = values["PluralCount"]
	}
	s, err := p.say.Localize(c)
	return s, err == nil
}
