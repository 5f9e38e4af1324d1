package reducer_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The manual's example of credit by segment: whoever is of it is graded and advised by its section, from the moment on at
// which they are of it, in decisions and in what is shown.
func TestCreditOfASegmentOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "A segment may judge credit otherwise")
	_, example, _ := strings.Cut(rest, "\n\n    credit:\n")
	example, _, found := strings.Cut(example, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| (U\d) \| (\w*) ?\| (\w+) \| ([\d,]+) in (\d+) days \| (\w+) \|$`).FindAllStringSubmatch(rest, -1)
	if !found || len(rows) != 2 {
		t.Fatalf("the manual has %d rows", len(rows))
	}
	l := wall(t, "version: v\ncredit:"+strings.ReplaceAll("\n"+example, "\n    ", "\n")+"\ntiers:\n  - {name: base}\n  - {name: sound, enter: credit.grade >= \"B\"}\n")
	for _, r := range rows {
		if r[2] != "" {
			l.put(profiled("f1", r[1], noon(0), &pb.ProfileEvent{Industry: proto.String("government")}))
		}
		l.put(credited("o1", r[1], noon(0), 1000, 0))
	}
	l.advance(day(101)) // 100 days overdue
	check := func(r []string) {
		t.Helper()
		view, err := reducer.NewView(l.first.Part())
		if err != nil {
			t.Fatal(err)
		}
		line, _, err := view.Customer(r[1], l.first.Blob(r[1]), nil, l.second.Blob(r[1]), day(101))
		if err != nil {
			t.Fatal(err)
		}
		grade, a := "", line.Credit.Advice
		if line.Credit.Grade != nil {
			grade = *line.Credit.Grade
		}
		got := fmt.Sprint(grade, " ", a.Limit/100, " in ", a.TermsDays, " ", l.tiered(r[1]).Tier)
		if want := strings.Join([]string{r[3], strings.ReplaceAll(r[4], ",", ""), "in", r[5], r[6]}, " "); got != want {
			t.Errorf("%s: %s, the manual says %s", r[1], got, want)
		}
	}
	for _, r := range rows {
		check(r)
	}
	other := rows[1]
	l.put(profiled("f1", other[1], day(101), &pb.ProfileEvent{Industry: proto.String("government")}))
	check(append([]string{"", other[1], "public"}, rows[0][3:]...))
	l.put(profiled("f2", other[1], day(101)+1, &pb.ProfileEvent{Clear: []string{"industry"}}))
	check(other)
}

// A cap of a segment falls to the day: its customers are due by its section, not by the policy's.
func TestCapOfASegmentIsDueToTheDay(t *testing.T) {
	l := wall(t, `
version: v
credit: {booking_lag: 0d, score: {factors: {rating: 1, lateness: 1}}}
segments:
  - {name: makers, when: {industry: toys}, credit: {caps: [{cap: overdue, days: 5, grade: D}]}}
tiers:
  - {name: base}
  - {name: sound, enter: credit.grade >= "B"}
`)
	l.put(profiled("f1", "anna", noon(0), &pb.ProfileEvent{Industry: proto.String("toys")}))
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o1", "bert", noon(0), 1000, 10))
	l.advance(day(30))
	var got []string
	for _, c := range l.changes {
		if c.Direction == pb.TierChange_DOWNGRADE {
			got = append(got, fmt.Sprint(c.CustomerId, " ", clock(c.DecidedAt.AsTime().UnixMicro()), " ", c.Credit.Grade))
		}
	}
	checkLines(t, got, "anna 2026-01-17T00:00:00 D") // more than 5 days overdue
}
