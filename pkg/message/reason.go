package message

import (
	"strconv"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
)

func (p pen) reasons(rs []notice.Reason) []string {
	var out []string
	for _, r := range rs {
		if len(out) == maxLines {
			return append(out, p.must("more", data{"Count": len(rs) - maxLines}))
		}
		out = append(out, p.beside(r))
	}
	return out
}

// beside is a reason with the kind of alert that it would have raised by itself, where that isn't the record's own.
func (p pen) beside(r notice.Reason) string {
	kind, ok := p.text("kind."+r.Params["also"], p.grades(r.Params["from"], r.Params["to"]))
	if !ok {
		return p.byNow(r)
	}
	r.Text = strings.TrimPrefix(r.Text, watch.Also(r.Params["also"]))
	return p.must("also", data{"Kind": kind, "Reason": p.byNow(r)})
}

// byNow is a reason with how many days they are by now, where it goes by those as booked. In English the record says so itself.
func (p pen) byNow(r notice.Reason) string {
	days := line(r.Params["days_now"])
	if days == "" || p.locale == routes.English {
		return p.reason(r)
	}
	return p.must("now", data{"Value": p.spell(days, tier.Days), "Reason": p.reason(r)})
}

// reason is one sentence: the record's own in English, made of code and params in other languages. A code that the
// catalogue lacks, of a later release, leaves the comparison that it is about, or else the English sentence.
func (p pen) reason(r notice.Reason) string {
	if p.locale == routes.English {
		return clip(r.Text, 4*maxText)
	}
	name := line(r.Params["tier"])
	code := "code." + r.Code
	switch stage, _ := p.text("stage."+r.Params["to"], nil); {
	case r.Code == watch.CodeChanged && stage != "":
		code += ".stage"
	case r.Code == watch.CodeFewerSigns && r.Params["points"] == "0":
		code += ".none"
	}
	lead, known := p.text(code, data{"Tier": name, "Since": p.paramDay(r, "failing_since", "since"), "Ended": p.paramDay(r, "grace_ended", "grace_ends"),
		"From": p.stage(r.Params["from"]), "To": p.stage(r.Params["to"]), "Points": line(r.Params["points"])})
	switch {
	case known && strings.HasSuffix(lead, "。"):
		return lead
	case known && r.Params["op"] != "" && r.Threshold != nil:
		return p.sentence(r, lead)
	case known && r.Params["grade_op"] != "":
		return p.graded(r, lead)
	case known:
		return p.opaque(r, lead)
	case r.Params["op"] != "" && r.Threshold != nil:
		return p.sentence(r, "")
	}
	return clip(r.Text, 4*maxText)
}

// stage is the word for a stage of a customer's life, or what it is, on one line.
func (p pen) stage(name string) string {
	if s, ok := p.text("stage."+name, nil); ok {
		return s
	}
	return line(name)
}

// paramDay is the day of the first of these params that there is.
func (p pen) paramDay(r notice.Reason, names ...string) string {
	for _, name := range names {
		at, err := time.Parse(time.RFC3339, r.Params[name])
		switch {
		case err == nil:
			return p.day(civil.FromTime(at))
		case r.Params[name] != "":
			return line(r.Params[name])
		}
	}
	return ""
}

// sentence says how a comparison came out, as tier.Words does in English.
func (p pen) sentence(r notice.Reason, purpose string) string {
	t := tier.Test{Factor: r.Factor, Op: r.Params["op"], Threshold: *r.Threshold, Known: r.Value != nil}
	if t.Known {
		t.Value = *r.Value
	}
	value, threshold, gap, unit := tier.Words{Scale: p.w.d.Scale}.Numbers(t)
	values := data{"Subject": p.subject(r), "Purpose": purpose, "Op": p.must("op."+t.Op, nil),
		"Value": p.spell(value, unit), "Threshold": p.spell(threshold, unit)}
	if !t.Known {
		return p.must("unknown", values)
	}
	relation, distance := relate(t)
	values["Relation"] = p.must(relation, values)
	if gap == "" || distance == "" || r.Params["tier"] == "" { // how much is to spare before an alarm says nothing
		return p.must("compare", values)
	}
	values["Distance"] = p.must(distance, data{"Gap": p.spell(gap, unit)})
	return p.must("compare.gap", values)
}

// subject is the figure, with its window; one that the catalogue lacks by its name in the policy.
func (p pen) subject(r notice.Reason) string {
	noun, ok := p.text("figure."+r.Factor, nil)
	if !ok {
		noun = line(r.Factor)
	}
	if days := line(r.Params["window_days"]); days != "" {
		return p.must("window", data{"Days": days, "Noun": noun})
	}
	return noun
}

func (p pen) spell(number string, u tier.Unit) string {
	values := data{"Number": number}
	switch u {
	case tier.Money:
		return p.amount(number, p.w.d.Currency)
	case tier.Days:
		return p.must("unit.days", values)
	case tier.Points:
		return p.must("unit.points", values)
	case tier.Percent:
		return p.must("unit.percent", values)
	}
	return number
}

// relate names how a value stands to its threshold, and what the distance between them is.
func relate(t tier.Test) (relation, distance string) {
	needed := t.Op == ">" || t.Op == ">="
	bound := "allowed."
	if needed {
		bound = "needed."
	}
	above, below := t.Value > t.Threshold, t.Value < t.Threshold
	switch {
	case t.Op == "==" && !above && !below:
		return "equal.met", ""
	case t.Op == "==":
		return "equal.failed", "gap.off"
	case t.Op == "!=" && (above || below):
		return "unequal.met", "gap.off"
	case t.Op == "!=":
		return "unequal.failed", ""
	case above && needed, below && !needed:
		return bound + side(above), "gap.spare"
	case below:
		return bound + "below", "gap.short"
	case above:
		return bound + "above", "gap.over"
	case t.Op == ">=" || t.Op == "<=":
		return bound + "exactly", ""
	}
	return bound + "not", ""
}

func side(above bool) string {
	if above {
		return "above"
	}
	return "below"
}

// graded says how a comparison of grades came out.
func (p pen) graded(r notice.Reason, purpose string) string {
	t := tier.Test{Op: r.Params["grade_op"], Known: r.Params["grade"] != "", Value: map[string]float64{"above": 1, "below": -1}[r.Params["grade_is"]]}
	values := data{"Subject": p.subject(r), "Purpose": purpose, "Op": p.must("op."+t.Op, nil), "Value": line(r.Params["grade"]), "Threshold": line(r.Params["grade_bound"])}
	if !t.Known {
		return p.must("unknown", values)
	}
	relation, _ := relate(t)
	values["Relation"] = p.must(relation, values)
	return p.must("compare", values)
}

// condition is the text that a sentence has in quotes, and what follows it. Records of earlier releases have it as a Go string.
func condition(sentence string) (text, after string, ok bool) {
	if rest, curly := strings.CutPrefix(sentence, "“"); curly {
		return strings.Cut(rest, "”")
	}
	quoted, err := strconv.QuotedPrefix(sentence)
	if err != nil {
		return "", "", false
	}
	if text, err = strconv.Unquote(quoted); err != nil {
		text = quoted
	}
	return text, sentence[len(quoted):], true
}

// opaque tells of a condition that is no plain comparison. Its text is in the English sentence alone.
func (p pen) opaque(r notice.Reason, purpose string) string {
	if strings.HasSuffix(r.Text, "not known any more.") {
		return p.must("lost", data{"Subject": p.subject(r)})
	}
	outcome := "failed"
	switch r.Code {
	case tier.CodeEnterMet, tier.CodeKeepMet, watch.CodeSeen, watch.CodeReleased:
		outcome = "met"
	}
	english := "for "
	if r.Code == tier.CodeKeepMet || r.Code == tier.CodeKeepFailed {
		english = "to keep "
	}
	rest, ok := strings.CutPrefix(r.Text, "The condition "+english+r.Params["tier"]+" ")
	text, after, quoted := condition(rest)
	if !ok || !quoted {
		return p.must("conditions."+outcome, data{"Purpose": purpose})
	}
	if outcome == "failed" && strings.Contains(after, "not known") {
		outcome = "unknown"
	}
	said := p.must("condition."+outcome, data{"Purpose": purpose, "Text": clip(text, 4*maxText)})
	if class := line(r.Params["class"]); class != "" {
		said += p.must("condition.class", data{"Class": class})
	}
	return said
}
