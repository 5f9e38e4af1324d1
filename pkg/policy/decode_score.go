package policy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// What holds of the credit score where a policy says nothing (docs/credit.md says why).
const (
	defaultTrendDays = 90
	defaultThinFile  = 5
	defaultLagDays   = 1

	maxWeight   = 1000
	maxThinFile = 100
	maxGrades   = 30
	maxRows     = 100
	maxLagDays  = 60
)

// scoreKeys are the keys of "credit" that are read here.
func scoreKeys() []string {
	return []string{"booking_lag", "trend_days", "thin_file", "prior", "score", "grades", "caps", "advice"}
}

func defaultScoring() credit.Scoring {
	c := credit.Scoring{
		Weights:   [credit.FactorCount]int64{20, 40, 10, 10, 10, 10},
		TrendDays: defaultTrendDays, ThinItems: defaultThinFile, LagDays: defaultLagDays,
		Prior: credit.Prior{LateRatio: figure.Of(300_000), Days: figure.Of(3 * figure.One)},
	}
	for i, name := range []string{"AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D"} {
		c.Grades = append(c.Grades, credit.Grade{Name: name, From: int64(90-10*i) * figure.One})
	}
	return c
}

// defaultCaps are D, CCC and CC, or the last grade where a policy has none of such a name.
func defaultCaps(c *credit.Scoring) []credit.Cap {
	last := int64(len(c.Grades))
	capped := func(name string) int64 {
		if n := gradeNumber(c, name); n > 0 {
			return n
		}
		return last
	}
	return []credit.Cap{{Kind: credit.CapBlock, Grade: capped("D")}, {Kind: credit.CapOverdue, Days: 90, Grade: capped("CCC")},
		{Kind: credit.CapWriteOff, Grade: capped("CC")}}
}

func gradeNumber(c *credit.Scoring, name string) int64 {
	return int64(slices.IndexFunc(c.Grades, func(g credit.Grade) bool { return g.Name == name })) + 1
}

// scoring reads all but the advice, which needs to know the tiers.
func (d document) scoring(sub map[string]lintyaml.Field) credit.Scoring {
	c := defaultScoring()
	d.days(sub, "trend_days", &c.TrendDays)
	if f, ok := sub["booking_lag"]; ok {
		c.LagDays = d.wholeDays(f, maxLagDays)
	}
	d.graded(sub, &c)
	if _, ok := sub["caps"]; !ok {
		c.Caps = defaultCaps(&c)
	}
	return c
}

// gradedKeys are the keys of "credit" that may differ by segment: how what is kept of a customer is judged.
func gradedKeys() []string {
	return []string{"thin_file", "prior", "score", "grades", "caps", "advice"}
}

// graded reads these but for the advice; what isn't given stays as it is.
func (d document) graded(sub map[string]lintyaml.Field, c *credit.Scoring) {
	if f, ok := sub["thin_file"]; ok {
		c.ThinItems = int64(d.Integer(f, 0, maxThinFile))
	}
	if f, ok := sub["prior"]; ok {
		prior := d.Fields(f.Value, `"prior"`, "late_ratio", "days_beyond_terms")
		d.millionths(prior, "late_ratio", 0, 1, &c.Prior.LateRatio.Millionths)
		d.millionths(prior, "days_beyond_terms", -maxWindowDays, maxWindowDays, &c.Prior.Days.Millionths)
	}
	if f, ok := sub["score"]; ok {
		if f, ok := d.Fields(f.Value, `"score"`, "factors")["factors"]; ok {
			c.Weights = d.weights(f)
		}
	}
	if f, ok := sub["grades"]; ok {
		c.Grades = d.grades(f)
	}
	if f, ok := sub["caps"]; ok {
		c.Caps = d.caps(f, c)
	}
}

// wholeDays is a duration of so many days at most.
func (d document) wholeDays(f lintyaml.Field, most int) int {
	n := d.Duration(f)
	if n%civil.FullDay != 0 || n > civil.Instant(most)*civil.FullDay {
		d.Fail(lintyaml.At(f.Value), "", "%q must be a number of days such as 1d, at most %dd", f.Name, most)
		return 0
	}
	return int(n / civil.FullDay)
}

// weights has 0 for the factors that aren't named.
func (d document) weights(f lintyaml.Field) (out [credit.FactorCount]int64) {
	var names []string
	for n := range credit.FactorCount {
		names = append(names, n.String())
	}
	given, sum := d.Fields(f.Value, `"factors"`, names...), int64(0)
	for i, name := range names {
		if f, ok := given[name]; ok {
			out[i] = int64(d.Integer(f, 0, maxWeight))
			sum += out[i]
		}
	}
	if given != nil && sum == 0 {
		d.Fail(f.At, "give at least one a weight above 0", "no factor of the score has any weight")
	}
	return out
}

// rows is the mappings of a list.
func (d document) rows(f lintyaml.Field, what string, keys ...string) (out []map[string]lintyaml.Field, at []lintyaml.Position) {
	list, ok := f.Value.(*ast.SequenceNode)
	if !ok {
		d.Fail(f.At, "", "%q must be a list", f.Name)
		return nil, nil
	}
	if len(list.Values) > maxRows {
		d.Fail(lintyaml.At(list.Values[maxRows]), "", "%q has more than %d entries", f.Name, maxRows)
		return nil, nil
	}
	for _, n := range list.Values {
		if row := d.Fields(n, what, keys...); row != nil {
			out, at = append(out, row), append(at, lintyaml.At(n))
		}
	}
	return out, at
}

// grades are written best first, and the last is given to everybody.
func (d document) grades(f lintyaml.Field) (out []credit.Grade) {
	rows, at := d.rows(f, "a grade", "grade", "from")
	if len(rows) == 0 || len(rows) > maxGrades {
		d.Fail(f.At, "write them best first: - {grade: AAA, from: 90}", "%q must have 1 to %d grades", f.Name, maxGrades)
		return nil
	}
	for i, row := range rows {
		g := credit.Grade{}
		if name, ok := row["grade"]; !ok {
			d.Fail(at[i], "write it as in: - {grade: AAA, from: 90}", "the grade has no name")
		} else if g.Name = d.Name(name); slices.ContainsFunc(out, func(x credit.Grade) bool { return x.Name == g.Name }) {
			d.Fail(lintyaml.At(name.Value), "", "there are two grades named %q", g.Name)
		}
		d.millionths(row, "from", 0, 100, &g.From)
		if i > 0 && g.From >= out[i-1].From {
			d.Fail(at[i], "grades are written best first", "the grade begins no lower than the one before it")
		}
		out = append(out, g)
	}
	if last := len(out) - 1; out[last].From != 0 {
		d.Fail(at[last], "let its from be 0", "who has less than the last grade asks for would have none")
	}
	return out
}

// caps are the best grades that a customer can have while something lasts.
func (d document) caps(f lintyaml.Field, c *credit.Scoring) (out []credit.Cap) {
	rows, at := d.rows(f, "a cap", "cap", "days", "grade")
	for i, row := range rows {
		x, name := credit.Cap{Grade: d.gradeOf(row, at[i], c)}, ""
		if f, ok := row["cap"]; ok {
			name, _ = d.Scalar(f)
		}
		days, given := row["days"]
		if given && name != "overdue" {
			d.Fail(days.At, "", "only the cap overdue has days")
		}
		switch name {
		case "credit_block":
		case "write_off":
			x.Kind = credit.CapWriteOff
		case "overdue":
			if x.Kind = credit.CapOverdue; !given {
				d.Fail(at[i], "write it as in: - {cap: overdue, days: 90, grade: CCC}", "the cap says not from how many days on")
			} else {
				x.Days = int64(d.Integer(days, 0, maxWindowDays))
			}
		default:
			d.Fail(at[i], "write it as in: - {cap: credit_block, grade: D}", `a cap is credit_block, overdue or write_off, not %q`, name)
		}
		out = append(out, x)
	}
	return out
}

// gradeOf is the number of the grade that a row names.
func (d document) gradeOf(row map[string]lintyaml.Field, at lintyaml.Position, c *credit.Scoring) int64 {
	f, ok := row["grade"]
	if !ok {
		d.Fail(at, "", "the entry names no grade")
		return 0
	}
	name, _ := d.Scalar(f)
	n := gradeNumber(c, name)
	if n == 0 {
		d.Fail(lintyaml.At(f.Value), "the grades are "+strings.Join(gradeNames(c), ", "), "there is no grade %q", name)
	}
	return n
}

func gradeNames(c *credit.Scoring) (names []string) {
	for _, g := range c.Grades {
		names = append(names, g.Name)
	}
	return names
}

// advice is the table of limits and terms; the first row that fits holds.
func (d document) advice(f lintyaml.Field, p *Policy, rungs []rung) (out []credit.Advice) {
	if f.Value == nil {
		return nil
	}
	rows, at := d.rows(f, "a row of the advice", "tiers", "grade", "volume", "limit", "share", "terms_days")
	for i, row := range rows {
		a := credit.Advice{Tiers: d.tierNames(row, rungs)}
		if _, ok := row["grade"]; ok {
			a.Grade = d.gradeOf(row, at[i], &p.Credit.Scoring)
		}
		if f, ok := row["volume"]; ok {
			a.Volume = d.amount(f, p.Scale)
		}
		if f, ok := row["limit"]; ok {
			a.Limit = d.amount(f, p.Scale)
		} else {
			d.Fail(at[i], "write it as in: - {grade: A, limit: 50000, terms_days: 30}", "the row has no limit")
		}
		if _, ok := row["share"]; ok {
			a.Share.Known = true
			d.millionths(row, "share", 0, 10, &a.Share.Millionths)
		}
		if f, ok := row["terms_days"]; ok {
			a.TermsDays = d.Integer(f, 0, maxWindowDays)
		}
		out = append(out, a)
	}
	return out
}

func (d document) tierNames(row map[string]lintyaml.Field, rungs []rung) (out []string) {
	f, ok := row["tiers"]
	if !ok {
		return nil
	}
	for _, x := range d.List(f) {
		name, _ := d.Scalar(x)
		if !slices.ContainsFunc(rungs, func(r rung) bool { return r.name == name }) {
			d.Fail(lintyaml.At(x.Value), "", "there is no tier %q", name)
		}
		out = append(out, name)
	}
	return out
}

// millionths reads a decimal with up to six places, within bounds, where the key is given.
func (d document) millionths(keys map[string]lintyaml.Field, name string, lowest, highest int64, into *int64) {
	f, ok := keys[name]
	if !ok {
		return
	}
	text, ok := d.Scalar(f)
	if !ok {
		return
	}
	x, ok := millionths(text, 40, lowest, highest)
	if !ok {
		d.Fail(lintyaml.At(f.Value), "", "%q must be a number from %d to %d, with at most 6 decimals, not %q", f.Name, lowest, highest, text)
		return
	}
	*into = x
}
