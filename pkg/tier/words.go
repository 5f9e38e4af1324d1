package tier

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// Unit is how a figure is written.
type Unit int

// The units.
const (
	Money   Unit = iota + 1 // major units of the currency
	Count                   // whole numbers
	Days                    // whole or not
	Points                  // 0 to 100
	Percent                 // a rate of 0 to 1, written times 100
)

// sentence says how a test came out: "Net sales of the last 365 days are 48,200.00, below the 50,000.00 needed to
// keep gold (short by 1,800.00)."
func (w Words) sentence(t Test, purpose string) string {
	subject, verb := w.subject(t.Factor)
	if t.Grades.Op != "" {
		if t = t.Grades.test(t); t.Known {
			return subject + " " + verb + " " + t.Grades.Name + ", " + compare(t, t.Grades.Bound, purpose) + "."
		}
		return unknown(subject, verb, t.Op, t.Grades.Bound, purpose)
	}
	if t.Op == "" {
		return opaque(t, purpose)
	}
	value, threshold, gap := w.numbers(nounOf(t.Factor).unit, t)
	value += part(t.Factor)
	if !t.Known {
		return unknown(subject, verb, t.Op, threshold, purpose)
	}
	phrase := compare(t, threshold, purpose)
	if gap != "" {
		phrase += " (" + distance(t, gap) + ")"
	}
	return subject + " " + verb + " " + value + ", " + phrase + "."
}

// unknown says that a figure is not known, and what it would have to be.
func unknown(subject, verb, op, bound, purpose string) string {
	return subject + " " + verb + " not known yet; " + inWords(op) + " " + bound + " is needed " + purpose + "."
}

// subject is a figure with its window, and the verb that follows it.
func (w Words) subject(factor string) (subject, verb string) {
	n := nounOf(factor)
	subject, verb = n.text, "is"
	if days := w.window(factor); days > 0 {
		subject = n.text + " " + n.span + " the last " + strconv.Itoa(days) + " days"
	}
	if n.plural {
		verb = "are"
	}
	return subject, verb
}

// test is the comparison of grades as one of numbers.
func (g Grades) test(t Test) Test {
	t.Op, t.Value, t.Threshold, t.Known = g.Op, -float64(g.Place), -float64(g.Limit), g.Name != ""
	return t
}

// relation is how the customer's grade stands to the other.
func (g Grades) relation() string {
	switch {
	case g.Name == "":
		return ""
	case g.Place < g.Limit:
		return "above"
	case g.Place > g.Limit:
		return "below"
	}
	return "exactly"
}

// params are what a sentence of grades says, for other languages.
func (g Grades) params() []Param {
	if g.Op == "" {
		return nil
	}
	return []Param{{"grade", g.Name}, {"grade_op", g.Op}, {"grade_bound", g.Bound}, {"grade_is", g.relation()}}
}

// part is what a share is a share of, as it follows its number; empty: that is said before it.
func part(factor string) string {
	switch factor {
	case "value.reorder_ratio":
		return " of the mean time between purchases"
	case "credit.open_growth":
		return " of what was open 90 days ago"
	}
	return ""
}

func opaque(t Test, purpose string) string {
	class := ""
	if t.Class != "" {
		class = "; the class is " + t.Class
	}
	switch {
	case t.Holds:
		return "The condition " + purpose + " “" + t.Text + "” holds" + class + "."
	case !t.Known:
		return "The condition " + purpose + " “" + t.Text + "” does not hold: a figure in it is not known yet."
	}
	return "The condition " + purpose + " “" + t.Text + "” does not hold" + class + "."
}

func inWords(op string) string {
	switch op {
	case ">":
		return "more than"
	case ">=":
		return "at least"
	case "<":
		return "less than"
	case "<=":
		return "at most"
	case "==":
		return "exactly"
	}
	return "anything but"
}

func compare(t Test, threshold, purpose string) string {
	bound, atLeast := "allowed", t.Op == ">" || t.Op == ">="
	if atLeast {
		bound = "needed"
	}
	relation := ""
	switch {
	case t.Op == "==" && t.Holds, t.Op == "!=" && !t.Holds:
		relation = "exactly the"
	case t.Op == "==", t.Op == "!=":
		relation = "not the"
	case t.Value > t.Threshold:
		relation = "above the"
	case t.Value < t.Threshold:
		relation = "below the"
	case t.Holds:
		relation = "exactly the"
	case atLeast:
		bound, relation = "that must be exceeded", "no more than the"
	default:
		bound, relation = "that must not be reached", "no less than the"
	}
	switch t.Op {
	case "==":
		bound = "needed"
	case "!=":
		bound = "ruled out"
	}
	return relation + " " + threshold + " " + bound + " " + purpose
}

func distance(t Test, gap string) string {
	switch {
	case t.Op == "==" || t.Op == "!=":
		return "off by " + gap
	case t.Holds:
		return gap + " to spare"
	case t.Value < t.Threshold:
		return "short by " + gap
	}
	return "over by " + gap
}

// numbers writes value, threshold and the gap between them, with the unit's word.
func (w Words) numbers(u Unit, t Test) (value, threshold, gap string) {
	value, threshold, gap, _ = w.Numbers(t)
	return u.spell(value), u.spell(threshold), u.spell(gap)
}

// Numbers writes value, threshold and the gap between them with as many decimals as it takes to tell the first two
// apart, and names their unit, for sentences in other languages. The gap is empty where there is none.
func (w Words) Numbers(t Test) (value, threshold, gap string, u Unit) {
	u = nounOf(t.Factor).unit
	v, th := t.Value, t.Threshold
	if u == Percent {
		v, th = v*100, th*100
	}
	for decimals := w.decimals(u); ; decimals++ {
		value, threshold = u.format(v, decimals), u.format(th, decimals)
		if v == th || !t.Known {
			return value, threshold, "", u
		}
		if value != threshold || decimals >= 6 {
			return value, threshold, u.format(math.Abs(v-th), decimals), u
		}
	}
}

func (w Words) decimals(u Unit) int {
	switch u {
	case Money:
		return w.Scale
	case Count:
		return 0
	}
	return 1
}

func (u Unit) format(x float64, decimals int) string {
	text := grouped(x, decimals)
	if u != Money && strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// spell adds the unit's word to a number; nothing stays nothing.
func (u Unit) spell(number string) string {
	switch {
	case number == "":
		return ""
	case u == Days && number == "1":
		return "1 day"
	case u == Days:
		return number + " days"
	case u == Points && number == "1":
		return "1 point"
	case u == Points:
		return number + " points"
	case u == Percent:
		return number + " %"
	}
	return number
}

// grouped writes 1234567.891 as 1,234,567.89.
func grouped(x float64, decimals int) string {
	digits := strconv.AppendFloat(make([]byte, 0, 32), math.Abs(x), 'f', decimals, 64)
	whole := bytes.IndexByte(digits, '.')
	if whole < 0 {
		whole = len(digits)
	}
	out := make([]byte, 0, 48) // few are longer, and the list itself is gone at once
	if x < 0 && len(bytes.Trim(digits, "0.")) > 0 {
		out = append(out, '-')
	}
	for i, d := range digits[:whole] {
		if i > 0 && (whole-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, d)
	}
	return string(append(out, digits[whole:]...))
}
