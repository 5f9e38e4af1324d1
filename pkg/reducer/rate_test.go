package reducer_test

import (
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// byCredit has a tier for those whose credit is good.
const byCredit = `
version: "credit"
currency: CNY
tiers:
  - {name: base}
  - {name: trusted, enter: "credit.score >= 60"}
alerts: {overdue: off, credit_hold: off} # which have moments of their own
` + quiet

// gradesOf are the levels' scores, as 'version at grade of score, limit and utilisation, warnings'.
func gradesOf(t *testing.T, text string, scores []*pb.Score) (out []string) {
	t.Helper()
	p, err := policy.Parse("p", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scores {
		if c := s.GetLevel().GetCredit(); c != nil {
			limit := "no limit"
			if c.LimitMinor != nil {
				limit = fmt.Sprintf("limit %d", *c.LimitMinor)
			}
			out = append(out, fmt.Sprintf("v%d %s %s of %.2f, %s, warnings %d", s.GetLevel().Version, clock(s.At), p.Credit.Scoring.GradeName(c.Grade), float64(c.GetScore())/1e6, limit, c.Warnings))
		}
	}
	return out
}

// Somebody doesn't pay. The score falls a day after the first day overdue, since the booking may take so long, and again when
// that is 15 days ago, which takes the tier with it; a block caps the grade until its last day is over; after 90 days the item itself does.
func TestStoryOfAGrade(t *testing.T) {
	l := wall(t, byCredit)
	l.put(credited("o1", "anna", noon(0), 1000, 10))
	l.put(profiled("p1", "anna", noon(1), &pb.ProfileEvent{CreditBlock: &pb.CreditBlock{Reason: "a cheque bounced", Until: "2026-01-05"},
		CreditLimit: &pb.CreditLimit{AmountMinor: 125_000, Currency: "CNY", ValidUntil: "2026-01-20"}}))
	l.advance(day(105))
	checkLines(t, gradesOf(t, byCredit, l.scores),
		"v1 2026-01-01T12:00:00 BBB of 69.38, no limit, warnings 1",
		"v2 2026-01-02T12:00:00 D of 70.00, limit 125000, warnings 9",
		"v3 2026-01-06T00:00:00 A of 70.00, limit 125000, warnings 1",
		"v4 2026-01-12T00:00:00 A of 70.00, limit 125000, warnings 1",   // overdue, and not yet for the score
		"v5 2026-01-13T00:00:00 BBB of 64.07, limit 125000, warnings 1", // one late of 6, and 0.3 overdue while nothing is known
		"v6 2026-01-21T00:00:00 BBB of 62.71, no limit, warnings 1",
		"v7 2026-01-28T00:00:00 BB of 54.38, no limit, warnings 1", // by more than 15 days: it counts as paid as late as can be
		"v8 2026-02-11T00:00:00 BB of 54.38, no limit, warnings 1",
		"v9 2026-03-13T00:00:00 BB of 54.38, no limit, warnings 1",
		"v10 2026-04-12T00:00:00 BB of 54.38, no limit, warnings 1",
		"v11 2026-04-13T00:00:00 CCC of 54.38, no limit, warnings 17",
	)
	checkLines(t, moves(l.changes), "anna 1 >trusted 2026-01-01T12:00:00 credit", "anna 2 trusted>base 2026-01-28T00:00:00 credit")
	if c := l.changes[1].Credit; c.GetGrade() != "BB" || c.GetScore() != 54.375 {
		t.Errorf("the change was decided with %v", c)
	}
}

// Where the policy looks at the score, what rolls off its windows is due: late payments of long ago are forgotten on the day.
func TestStoryOfAScoreOverTime(t *testing.T) {
	l := wall(t, byCredit)
	l.put(credited("o1", "anna", noon(0), 1000, 0))
	l.put(paid("p1", "o1", "anna", noon(40), 1000))
	n := len(l.scores)
	l.advance(day(800))
	checkLines(t, gradesOf(t, byCredit, l.scores[n:]),
		"v7 2026-05-12T00:00:00 BB of 59.88, no limit, warnings 1", // no longer recent
		"v8 2027-01-02T00:00:00 BB of 59.88, no limit, warnings 1", // the order leaves the window of sales
		"v9 2027-02-11T00:00:00 BBB of 69.38, no limit, warnings 1",
		"v10 2028-02-11T00:00:00 BBB of 69.38, no limit, warnings 1",
	)
	quiet := wall(t, standard)
	quiet.put(credited("o1", "anna", noon(0), 1000, 0), paid("p1", "o1", "anna", noon(40), 1000))
	if due := quiet.customer("anna").Due; due != 0 {
		t.Errorf("nobody looks at the score, and anna is due at %s", clock(due))
	}
}
