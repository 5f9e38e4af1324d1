package tierctl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

// What explain says of a customer's credit, row by row.
func TestCreditRows(t *testing.T) {
	p, err := policy.Parse("p", []byte("version: \"1\"\ncurrency: EUR\ncredit:\n  advice:\n    - {grade: BB, limit: 500, terms_days: 14}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l := credit.Ledger{
		Settled:  []credit.SettledDay{{Day: 50, Settled: 1, Beyond: -5}, {Day: 190, Settled: 1, Late: 1, Beyond: 7}},
		Portions: []credit.Portion{{Day: 50, Beyond: -5, Amount: 1000}, {Day: 190, Beyond: 7, Amount: 1000}},
		Items:    []credit.Item{{Due: 150, Left: 500}, {Due: 250, Left: 1500}},
		Sales:    []credit.Sale{{Day: 20, Amount: 4000}}, HasSale: true, FirstSale: 20,
	}
	said := credit.Profile{Limit: credit.Limit{Minor: 4000, Known: true}, Grade: "1+", Source: "agency"}
	const today = civil.Day(200)
	f, s := l.Rate(p.Credit, said, today, today-1)
	line := codec.Customer("C", 0, tier.State{}, value.Figures{}, 365, f)
	line.Credit.Rate(p.Credit, s, l.Trend(p.Credit, today), l.Collection(p.Credit, f, today))
	line.Credit.Advise(p.Credit, "gold", f.Grade, 0)
	var got []string
	for _, r := range creditRows(line.Credit, explainer{currency: currencyOf(p)}) {
		got = append(got, fmt.Sprintf("%v | %v", r[0], r[1]))
	}
	want := strings.Split(`credit grade | BBB
credit score, 0 to 100 | 60.22
score: lateness | 52.00 % of the items that were due were paid late or are overdue: 48 x 22.22 % = 10.67 points
score: days beyond terms | payments come 4.6 days late, on average by amount: 52 x 44.44 % = 23.11 points
score: trend | payments of late come 2.4 days later than on the whole: 63 x 11.11 % = 7 points
score: overdue | 25.00 % of what is open is overdue: 75 x 11.11 % = 8.33 points
score: utilisation | 50.00 % of the limit is used: 100 x 11.11 % = 11.11 points
score: rating | not known; the others share its weight
note on the grade | thin_file: few items are settled, so the score is partly the portfolio's mean
note on the grade | rating_unknown: the profile's grade is none of the policy's, and counts for nothing
exposure | 20.00
credit limit | 40.00
of it used | 50.00 %
paid in the last 90 days | 1 settled, 1 late; 7 days late on average
paid before that, in the window | 1 settled, 0 late; 5 days early on average
best possible DSO, days | 67.88
average days delinquent | 22.63
receivable turnover, a year | 4.03
credit advised | a limit of 500.00 and terms of 14 days; nothing is changed by itself`, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	grade, other := "CCC", "BB"
	for want, c := range map[string]codec.CreditLine{
		"-": {}, "CCC": {RatingLine: codec.RatingLine{}, Grade: &grade}, "CCC (BB by the score alone)": {Grade: &grade, RatingLine: codec.RatingLine{GradeByScore: &other}},
	} {
		if got := gradeWords(c); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
