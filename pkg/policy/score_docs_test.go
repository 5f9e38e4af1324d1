package policy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/policy"
)

// What the manuals say of the score's defaults is what a policy without a word on them has.
func TestManualOfScores(t *testing.T) {
	p, err := policy.Parse("p", []byte(`version: "1"`))
	if err != nil {
		t.Fatal(err)
	}
	c, keys, text := p.Credit.Scoring, string(read(t, manual)), string(read(t, "../../docs/credit.md"))
	var grades, caps []string
	for _, g := range c.Grades {
		grades = append(grades, fmt.Sprintf("%s %d", g.Name, g.From/figure.One))
	}
	for _, x := range c.Caps {
		caps = append(caps, fmt.Sprintf("%d %s", x.Days, c.GradeName(x.Grade)))
	}
	if d := cmp.Diff([]string{"AAA 90", "AA 80", "A 70", "BBB 60", "BB 50", "B 40", "CCC 30", "CC 20", "C 10", "D 0"}, grades); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"0 D", "90 CCC", "0 CC"}, caps); d != "" {
		t.Error(d)
	}
	for _, row := range []string{
		fmt.Sprintf("| `credit.trend_days` | %d |", c.TrendDays), fmt.Sprintf("| `credit.thin_file` | %d |", c.ThinItems),
		fmt.Sprintf("| `credit.prior.late_ratio` | %v |", c.Prior.LateRatio), fmt.Sprintf("| `credit.prior.days_beyond_terms` | %v |", c.Prior.Days),
		fmt.Sprintf("| `credit.booking_lag` | %dd |", c.LagDays), "| `credit.grades` | AAA from 90 to D from 0, in tens |",
		"| `credit.caps` | `credit_block` D, `overdue` by 90 days CCC, `write_off` CC |",
	} {
		if !strings.Contains(keys, row) {
			t.Errorf("the manual lacks %s", row)
		}
	}
	for _, said := range []string{"AAA from 90, AA from 80, A 70, BBB 60, BB 50, B 40,\nCCC 30, CC 20, C 10, D 0", "| `credit_block` | `credit_block` | D |", "| `overdue` | `long_overdue` | CCC |", "| `write_off` | `write_off` | CC |"} {
		if !strings.Contains(text, said) {
			t.Errorf("the manual lacks %s", said)
		}
	}
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\d+) \\|").FindAllStringSubmatch(text, -1)
	if len(rows) != int(credit.FactorCount) {
		t.Fatalf("the manual has %d factors", len(rows))
	}
	for i, r := range rows {
		if r[1] != credit.FactorName(i).String() || r[2] != fmt.Sprint(c.Weights[i]) {
			t.Errorf("the manual has %s of weight %s, the policy %s of %d", r[1], r[2], credit.FactorName(i), c.Weights[i])
		}
	}
}

// The table of the manual's advice is one that policies take, and gives the first row that fits.
func TestManualOfAdvice(t *testing.T) {
	_, rest, _ := strings.Cut(string(read(t, "../../docs/credit.md")), "    credit:\n      advice:\n")
	table, _, _ := strings.Cut(rest, "\n\n")
	p, err := policy.Parse("p", []byte("version: \"1\"\ncredit:\n  advice:\n"+table+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tier       string
		grade, net int64
		want       credit.Advised
	}{
		{"gold", 3, 5_000_000, credit.Advised{Limit: 2_000_000, TermsDays: 60}},
		{"gold", 3, 4_999_999, credit.Advised{Limit: 1_000_000, TermsDays: 30}},
		{"silver", 1, 5_000_000, credit.Advised{Limit: 1_000_000, TermsDays: 30}},
		{"gold", 4, 1_000_001, credit.Advised{Limit: 200_000, TermsDays: 30}},
		{"gold", 4, -10, credit.Advised{Limit: 0, TermsDays: 30}},
		{"gold", 5, 5_000_000, credit.Advised{}},
		{"gold", 0, 5_000_000, credit.Advised{}},
	} {
		if got, ok := p.Credit.Scoring.Advise(c.tier, c.grade, c.net); !ok || got != c.want {
			t.Errorf("%s, grade %d, net %d: %+v, want %+v", c.tier, c.grade, c.net, got, c.want)
		}
	}
	if got, ok := (&credit.Scoring{}).Advise("gold", 1, 1); ok {
		t.Errorf("without a table: %+v", got)
	}
}
