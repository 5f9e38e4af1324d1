package tier

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unit is how a figure is written.
type unit int

const (
	money unit = iota + 1
	count
	days
	points
	percent // a rate of 0 to 1
)

// sentence says how a test came out: "Net sales of the last 365 days are 48,200.00, below the 50,000.00 needed to
// keep gold (short by 1,800.00)."
func (w Words) sentence(t Test, purpose string) string {
	if t.Op == "" {
		return opaque(t, purpose)
	}
	n := nounOf(t.Factor)
	subject := n.text
	if days := w.window(t.Factor); days > 0 {
		subject = fmt.Sprintf("%s %s the last %d days", n.text, n.span, days)
	}
	verb := "is"
	if n.plural {
		verb = "are"
	}
	value, threshold, gap := w.numbers(n.unit, t)
	if !t.Known {
		return fmt.Sprintf("%s %s not known yet; %s %s is needed %s.", subject, verb, inWords(t.Op), threshold, purpose)
	}
	phrase := compare(t, threshold, purpose)
	if gap != "" {
		phrase += fmt.Sprintf(" (%s)", distance(t, gap))
	}
	return fmt.Sprintf("%s %s %s, %s.", subject, verb, value, phrase)
}

func opaque(t Test, purpose string) string {
	switch {
	case t.Holds:
		return fmt.Sprintf("The condition %s %q holds.", purpose, t.Text)
	case !t.Known:
		return fmt.Sprintf("The condition %s %q does not hold: a figure in it is not known yet.", purpose, t.Text)
	}
	return fmt.Sprintf("The condition %s %q does not hold.", purpose, t.Text)
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
	return fmt.Sprintf("%s %s %s %s", relation, threshold, bound, purpose)
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

// numbers writes value, threshold and the gap between them with as many decimals as it takes to tell the first two
// apart. The gap is empty where there is none.
func (w Words) numbers(u unit, t Test) (value, threshold, gap string) {
	v, th := t.Value, t.Threshold
	if u == percent {
		v, th = v*100, th*100
	}
	for decimals := w.decimals(u); ; decimals++ {
		value, threshold = w.format(u, v, decimals), w.format(u, th, decimals)
		if v == th || !t.Known {
			return value, threshold, ""
		}
		if value != threshold || decimals >= 6 {
			return value, threshold, w.format(u, math.Abs(v-th), decimals)
		}
	}
}

func (w Words) decimals(u unit) int {
	switch u {
	case money:
		return w.Scale
	case count:
		return 0
	}
	return 1
}

func (w Words) format(u unit, x float64, decimals int) string {
	text := grouped(x, decimals)
	if u != money && strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	switch u {
	case days:
		if text == "1" {
			return "1 day"
		}
		return text + " days"
	case points:
		return text + " points"
	case percent:
		return text + " %"
	}
	return text
}

// grouped writes 1234567.891 as 1,234,567.89.
func grouped(x float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, part, dot := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + part
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		return "-" + whole
	}
	return whole
}
