package reducer_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The manual's example of tiers, alerts and signals by segment, of each of its customers.
func TestRulesOfASegmentOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "A segment may ask otherwise for its customers' tiers")
	_, example, _ := strings.Cut(rest, "\n\n    alerts:\n")
	example, _, found := strings.Cut(example, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| (V\d) \| (\w*) ?\| ([\d,]+) \| (\w+) \| (.*?) ?\|$`).FindAllStringSubmatch(rest, -1)
	if !found || len(rows) != 3 {
		t.Fatalf("the manual has %d rows", len(rows))
	}
	for _, r := range rows {
		l := wall(t, "version: v\nalerts:"+strings.ReplaceAll("\n"+example, "\n    ", "\n")+"\n")
		if r[2] != "" {
			l.put(profiled("f1", r[1], noon(0), &pb.ProfileEvent{Industry: proto.String(r[2])}))
		}
		major, err := strconv.ParseInt(strings.ReplaceAll(r[3], ",", ""), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		l.put(credited("o1", r[1], noon(0), major, 30))
		if got := l.tiered(r[1]).Tier; got != r[4] {
			t.Errorf("%s is in %s, the manual says %s", r[1], got, r[4])
		}
		l.advance(day(58))
		var told []string
		for _, s := range l.signals {
			told = append(told, fmt.Sprint(s.Kind, " ", s.Severity, " ", clock(s.DecidedAt.AsTime().UnixMicro())[:10]))
		}
		for _, a := range l.alerts {
			told = append(told, fmt.Sprint(a.Kind, " ", a.Severity, " ", clock(a.DecidedAt.AsTime().UnixMicro())[:10]))
		}
		if got := strings.Join(told, ", "); got != r[5] {
			t.Errorf("%s is told of %s, the manual says %s", r[1], got, r[5])
		}
	}
}

const byTrade = `
version: v
credit: {booking_lag: 0d}
alerts: {grade_changed: off, early_warning: off, credit_hold: off}
signals: {reorder_overdue: off, lifecycle_changed: off, near_upgrade: off}
segments:
  - name: makers
    when: {industry: toys}
    tiers: {silver: {enter: value.net >= 300, keep: value.net >= 200, grace: 20d}}
    alerts: {overdue: {warning: credit.max_days_overdue_judged >= 5}}
  - name: calm
    when: {industry: tea}
    alerts: {overdue: off}
    signals: {will_downgrade: off}
tiers:
  - {name: base}
  - {name: silver, enter: value.net >= 1000, keep: value.net >= 800, grace: 10d}
`

// Who changes segment is decided anew at that moment, by the other one's conditions. A wait goes on with the other one's grace, and
// what the other one doesn't watch for is over.
func TestStoryOfAnotherSegment(t *testing.T) {
	l := wall(t, byTrade)
	trade := func(id, name string, on int) {
		l.put(profiled(id, "anna", noon(on), &pb.ProfileEvent{Industry: proto.String(name)}))
	}
	l.put(credited("o1", "anna", noon(0), 500, 0)) // payable on the day
	trade("f1", "toys", 2)                         // 500 are enough there
	l.advance(day(10))                             // more than 5 days overdue, which is told of makers alone
	trade("f2", "paper", 12)                       // of no segment: 500 don't keep silver, and 11 days are no reason for an alert
	l.advance(day(15))
	trade("f3", "toys", 15) // good enough again
	l.advance(day(18))
	trade("f4", "tea", 18) // waits for 10 days from now, and nobody is told
	trade("f5", "tea", 24)
	l.advance(day(40))
	checkLines(t, moves(l.changes), "anna 1 >base 2026-01-01T12:00:00 v", "anna 2 base>silver 2026-01-03T12:00:00 v", "anna 3 silver>base 2026-01-29T12:00:00 v")
	if got, want := l.changes[1].Reasons[0].Text, "Net sales of the last 365 days are 500.00, above the 300.00 needed for silver (200.00 to spare)."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED warning 2026-01-06T00:00:00", "anna 2 OVERDUE CLEARED warning 2026-01-13T12:00:00",
		"anna 3 OVERDUE RAISED warning 2026-01-16T12:00:00", "anna 4 OVERDUE CLEARED warning 2026-01-19T12:00:00")
	checkLines(t, texts(l.alerts[3].Reasons), "This is no longer watched for this customer.")
	checkLines(t, l.signalLines(pb.CustomerSignal_WILL_DOWNGRADE),
		"anna 1 WILL_DOWNGRADE RAISED warning 2026-01-13T12:00:00", "anna 2 WILL_DOWNGRADE WITHDRAWN warning 2026-01-16T12:00:00")
	view, err := reducer.NewView(l.first.Part())
	if err != nil {
		t.Fatal(err)
	}
	trade("f6", "toys", 41)
	line, _, err := view.Customer("anna", l.first.Blob("anna"), nil, l.second.Blob("anna"), noon(41))
	if err != nil {
		t.Fatal(err)
	}
	if n := line.ToKeep.Needs; len(n) != 1 || !strings.Contains(n[0].Text, "200.00 needed to keep silver") {
		t.Errorf("what keeps silver is shown as %+v", n)
	}
}

// A customer is due by what their own segment looks at: what one of them asks for makes nobody else's figures move by the day.
func TestASegmentMakesItsOwnDue(t *testing.T) {
	l := wall(t, strings.ReplaceAll(byTrade, "credit.max_days_overdue_judged >= 5", "credit.max_days_overdue_judged >= credit.settled + 5"))
	l.put(profiled("f1", "anna", noon(0), &pb.ProfileEvent{Industry: proto.String("toys")}))
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o1", "bert", noon(0), 1000, 10))
	l.advance(day(20))
	levels := map[string]int{}
	for _, s := range l.scores {
		if s.GetLevel().GetTrigger().GetKind() == pb.Trigger_TIME {
			levels[s.GetLevel().CustomerId]++
		}
	}
	if levels["anna"] < 9 || levels["bert"] > 3 {
		t.Errorf("moments by time alone: %v", levels)
	}
	if !slices.ContainsFunc(l.alerts, func(a *pb.CreditAlert) bool { return a.CustomerId == "anna" && a.Kind == pb.CreditAlert_OVERDUE }) {
		t.Error("nothing was told of anna")
	}
}

// What had to wait for a graver alert is looked at again as the segment watches for it.
func TestStoryOfTwoAlertsOfASegment(t *testing.T) {
	l := wall(t, strings.Replace(byTrade, "alerts: {overdue: {", "alerts: {credit_hold: {critical: credit.max_days_overdue_judged >= 5}, overdue: {", 1))
	l.put(profiled("f1", "anna", noon(0), &pb.ProfileEvent{Industry: proto.String("toys")}))
	l.put(credited("o1", "anna", noon(0), 90, 0))
	l.advance(day(20))
	checkLines(t, l.alertLines(), "anna 1 CREDIT_HOLD_ADVISED RAISED critical 2026-01-06T00:00:00", "anna 2 OVERDUE RAISED warning 2026-01-06T00:01:00")
}

// What a silent feed holds back is what the customer's own segment would tell: shown of them alone, and told when the feed goes on.
func TestSilenceIsHeldByTheSegment(t *testing.T) {
	l := replayed(t, strings.Replace(byTrade, "0d}", "0d, thin_file: 0, score: {factors: {rating: 1}}, caps: []}", 1), reducer.Options{}) // the score says nothing of silence
	l.put(profiled("f1", "anna", noon(0), &pb.ProfileEvent{Industry: proto.String("toys")}))
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o1", "bert", noon(0), 1000, 10))
	for n := 1; n <= 12; n++ {
		l.put(complete("acme", day(n)+6*civil.Hour, day(n)))
	}
	l.advance(day(30)) // anna would be told after 5 days overdue, bert after 30
	view, err := reducer.NewView(l.first.Part())
	if err != nil {
		t.Fatal(err)
	}
	for id, held := range map[string]bool{"anna": true, "bert": false} {
		line, _, err := view.Customer(id, l.first.Blob(id), nil, l.second.Blob(id), day(30))
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(line.Credit.Warnings, "silence_held") != held {
			t.Errorf("%s has the warnings %v", id, line.Credit.Warnings)
		}
	}
	l.put(complete("acme", noon(30), day(16)))
	l.advance(noon(30))
	checkLines(t, l.alertLines(), "anna 1 OVERDUE RAISED warning 2026-01-31T12:00:00")
}

// A policy that changes a segment alone takes effect as any other: with the customer's next decision, under its own name and hash.
func TestStoryOfAPolicyThatChangesASegment(t *testing.T) {
	l := wall(t, byTrade)
	for _, id := range []string{"anna", "bert"} {
		l.put(bought("o1", id, noon(0), 1000))
	}
	l.put(profiled("f1", "anna", noon(1), &pb.ProfileEvent{Industry: proto.String("toys")}))
	next := strings.Replace(strings.Replace(byTrade, "version: v", "version: w", 1), "keep: value.net >= 200, grace: 20d", "keep: value.net >= 2000, grace: 0d", 1)
	l.put(policyFact(noon(2), 1, next))
	for _, id := range []string{"anna", "bert"} {
		l.put(bought("o2", id, noon(3), 1))
	}
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 v", "bert 1 >silver 2026-01-01T12:00:00 v", "anna 2 silver>base 2026-01-04T12:00:00 w")
	if a, b := l.changes[0].Policy.Hash, l.changes[2].Policy.Hash; a == b {
		t.Errorf("both policies have the hash %s", a)
	}
}
