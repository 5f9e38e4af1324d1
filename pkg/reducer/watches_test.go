package reducer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// dunning is standard without alerts of grades, which come with every item that is late.
var dunning = standard + "alerts: {grade_changed: off}\n"

// alertLines are alerts, as 'customer seq kind state severity decided-at clears'.
func (l *line) alertLines() (out []string) {
	for _, a := range l.alerts {
		out = append(out, fmt.Sprintf("%s %d %s %s %s %s", a.CustomerId, a.Seq, a.Kind, a.State, a.Severity, clock(a.DecidedAt.AsTime().UnixMicro())))
	}
	return out
}

func (l *line) signalLines(kinds ...pb.CustomerSignal_Kind) (out []string) {
	for _, s := range l.signals {
		if slices.Contains(kinds, s.Kind) {
			out = append(out, fmt.Sprintf("%s %d %s %s %s %s", s.CustomerId, s.Seq, s.Kind, s.State, s.Severity, clock(s.DecidedAt.AsTime().UnixMicro())))
		}
	}
	return out
}

// An item that nobody pays is told of by time alone, step by step, each a booking lag after its day; the payment ends all
// that stands at once.
func TestStoryOfAnOverdueItem(t *testing.T) {
	l := wall(t, dunning)
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o2", "anna", noon(0), 500, 40)) // due on days 10 and 40
	l.advance(day(110))
	l.put(paid("p1", "o1", "anna", noon(110), 1000))
	l.put(paid("p2", "o2", "anna", noon(111), 500))
	l.advance(day(150))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-02-11T00:00:00", // day 41: 31 days late, of which the last isn't judged yet
		"anna 2 OVERDUE RAISED warning 2026-03-13T00:00:00",
		"anna 3 CREDIT_HOLD_ADVISED RAISED critical 2026-03-14T00:00:00",
		"anna 4 OVERDUE RAISED critical 2026-04-12T00:00:00",
		// p1 leaves o2, 69 days late: nothing is over yet
		"anna 5 CREDIT_HOLD_ADVISED CLEARED critical 2026-04-22T12:00:00",
		"anna 6 OVERDUE CLEARED critical 2026-04-22T12:01:00", // one in a moment
	)
}

// What an alert says: what was seen, of which items, and what to do; and what it clears.
func TestAlertContent(t *testing.T) {
	l := wall(t, dunning)
	l.put(credited("o1", "anna", noon(0), 1000, 10))
	for i := range 6 {
		l.put(credited(fmt.Sprint("later", i), "anna", noon(1), 10, int32(20+i)))
	}
	l.advance(day(41))
	a := l.alerts[0]
	if got, want := a.Reasons[0].Text, "The longest time overdue is 31 days; as booked it is 30 days, exactly the 30 days at which this is raised."; len(a.Reasons) != 1 || got != want {
		t.Errorf("%d reasons, the first:\n%s\nwant\n%s", len(a.Reasons), got, want)
	}
	var items []string
	for _, i := range a.Items {
		items = append(items, fmt.Sprint(i.InvoiceId, " ", i.AmountMinor, " ", i.Currency, " ", i.Days))
	}
	if d := cmp.Diff([]string{"o1 100000 CNY 31", "later0 1000 CNY 20", "later1 1000 CNY 19", "later2 1000 CNY 18", "later3 1000 CNY 17"}, items); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
	if a.ExposureMinor != 106000 || a.OverdueMinor != 106000 || a.Advice == "" || a.Clears != "" || a.Policy.Version != "one" || a.Mode != pb.Mode_LIVE {
		t.Errorf("%v", a)
	}
	l.put(paid("p1", "o1", "anna", noon(41), 1000))
	over := l.alerts[1]
	if over.Clears != a.AlertId || over.State != pb.CreditAlert_CLEARED || over.Advice != "" || len(over.Items) != 5 {
		t.Errorf("%v", over)
	}
	if got, want := over.Reasons[0].Text, "The longest time overdue is 20 days; as booked it is 19 days, below the 30 days at which this is raised."; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// Without a lag an item that falls 30 days late today is told of today.
func TestBookingLag(t *testing.T) {
	for lag, want := range map[string]string{"0d": "2026-02-10", "1d": "2026-02-11", "5d": "2026-02-15"} {
		l := wall(t, strings.Replace(dunning, "credit: {", "credit: {booking_lag: "+lag+", ", 1))
		l.put(credited("o1", "anna", noon(0), 1000, 10))
		l.advance(day(60))
		checkLines(t, l.alertLines(), "anna 1 OVERDUE RAISED info "+want+"T00:00:00")
	}
}

// A downgrade that begins to wait is told of, and so is its end, whichever it is.
func TestStoryOfADowngradeAhead(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(0), 1200))
	l.advance(day(35)) // below the threshold since day 31
	l.put(bought("o3", "anna", noon(36), 600))
	l.advance(day(60))
	checkLines(t, l.signalLines(pb.CustomerSignal_WILL_DOWNGRADE),
		"anna 1 WILL_DOWNGRADE RAISED warning 2026-02-01T00:00:00",
		"bert 1 WILL_DOWNGRADE RAISED warning 2026-02-01T00:00:00",
		"anna 2 WILL_DOWNGRADE WITHDRAWN warning 2026-02-06T12:00:00",
		"bert 2 WILL_DOWNGRADE WITHDRAWN warning 2026-02-11T00:00:00",
	)
	s := l.signals[0]
	checkLines(t, texts(s.Reasons),
		"Net sales of the last 30 days are 0.00, below the 500.00 needed to keep silver (short by 500.00).",
		"The conditions to keep silver have not held since 2026-02-01; unless they hold again, the tier is lost on 2026-02-11.")
	checkLines(t, texts(l.signals[2].Reasons), "Net sales of the last 30 days are 600.00, above the 500.00 needed to keep silver (100.00 to spare).")
	checkLines(t, texts(l.signals[3].Reasons), "The tier is base since 2026-02-11.")
	if w := l.signals[3]; w.Clears != l.signals[1].SignalId || w.Mode != pb.Mode_LIVE {
		t.Errorf("%v", w)
	}
}

func texts(rs []*pb.Reason) (out []string) {
	for _, r := range rs {
		out = append(out, r.Text)
	}
	return out
}

// Close to the next tier is within a tenth of what it asks for, and no longer beyond 15 of 100.
func TestStoryOfNearlyThere(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 899), bought("o2", "anna", noon(1), 1)) // 900 of 1,000
	l.put(returned("r1", "", "anna", noon(2), 50))                              // 850
	l.put(returned("r2", "", "anna", noon(3), 1))                               // 849
	l.put(bought("o3", "anna", noon(4), 60))                                    // 909
	l.put(bought("o4", "anna", noon(5), 500))
	checkLines(t, l.signalLines(pb.CustomerSignal_NEAR_UPGRADE),
		"anna 1 NEAR_UPGRADE RAISED info 2026-01-02T12:00:00",
		"anna 2 NEAR_UPGRADE WITHDRAWN info 2026-01-04T12:00:00",
		"anna 3 NEAR_UPGRADE RAISED info 2026-01-05T12:00:00",
		"anna 4 NEAR_UPGRADE WITHDRAWN info 2026-01-06T12:00:00",
	)
	checkLines(t, texts(l.signals[0].Reasons), "Net sales of the last 30 days are 900.00, below the 1,000.00 needed for silver (short by 100.00).")
	checkLines(t, texts(l.signals[1].Reasons), "Net sales of the last 30 days are 849.00, below the 1,000.00 needed for silver (short by 151.00).")
	checkLines(t, texts(l.signals[3].Reasons), "The tier is silver since 2026-01-06.")
}

// An erasure ends what stands; the numbers go on.
func TestStoryOfAnErasedDebtor(t *testing.T) {
	l := wall(t, dunning)
	l.put(credited("o1", "anna", noon(0), 950, 10))
	l.put(bought("o9", "anna", noon(49), 920))
	l.advance(day(50))
	l.put(erasureFact(noon(50), 1, "anna"))
	l.put(credited("o1", "anna", noon(51), 950, 10))
	l.advance(day(100))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-02-11T00:00:00",
		"anna 2 OVERDUE CLEARED info 2026-02-20T12:00:00",
		"anna 3 OVERDUE RAISED info 2026-04-03T00:00:00",
	)
	checkLines(t, l.signalLines(pb.CustomerSignal_NEAR_UPGRADE),
		"anna 1 NEAR_UPGRADE RAISED info 2026-01-01T12:00:00",
		"anna 2 NEAR_UPGRADE WITHDRAWN info 2026-02-01T00:00:00", // out of the window
		"anna 3 NEAR_UPGRADE RAISED info 2026-02-19T12:00:00",
		"anna 4 NEAR_UPGRADE WITHDRAWN info 2026-02-20T12:00:00", // erased
		"anna 5 NEAR_UPGRADE RAISED info 2026-02-21T12:00:00",
		"anna 6 NEAR_UPGRADE WITHDRAWN info 2026-03-24T00:00:00",
	)
}

// Who comes back in the moment of their erasure has had their alert of that moment: the next is told a minute later.
func TestStoryOfADebtorWhoIsErasedAndComesBack(t *testing.T) {
	l := wall(t, dunning)
	l.put(credited("o1", "anna", noon(0), 950, 10))
	l.advance(day(50))
	again := credited("o2", "anna", noon(0), 950, 10)
	again.At = int64(noon(50))
	l.put(erasureFact(noon(50), 1, "anna"), again)
	l.advance(day(51))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-02-11T00:00:00",
		"anna 2 OVERDUE CLEARED info 2026-02-20T12:00:00",
		"anna 3 OVERDUE RAISED info 2026-02-20T12:01:00",
	)
}

// A kind that the policy no longer watches is over with the next decision.
func TestStoryOfAKindThatIsOff(t *testing.T) {
	l := wall(t, dunning)
	l.put(credited("o1", "anna", noon(0), 1000, 10))
	l.advance(day(50))
	l.put(policyFact(noon(50), 1, standard+"alerts: {overdue: off, grade_changed: off}\n"))
	l.put(bought("o2", "anna", noon(51), 1))
	l.advance(day(100))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-02-11T00:00:00",
		"anna 2 OVERDUE CLEARED info 2026-02-21T12:00:00",
		"anna 3 CREDIT_HOLD_ADVISED RAISED critical 2026-03-14T00:00:00",
	)
	checkLines(t, texts(l.alerts[1].Reasons), "This is no longer watched for this customer.")
}

// What stands when a backfill ends isn't told again; it is told LIVE that it is over, and what gets worse.
func TestStoryOfDebtorsAtGoLive(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, dunning)
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o2", "bert", noon(0), 1000, 10))
	l.advance(day(50))
	l.put(liveFact(day(50), 1))
	l.put(bought("o3", "anna", noon(51), 1))
	l.put(paid("p1", "o2", "bert", noon(52), 1000))
	l.advance(day(71))
	var got []string
	for i, a := range l.alertLines() {
		got = append(got, a+" "+l.alerts[i].Mode.String())
	}
	checkLines(t, got,
		"anna 1 OVERDUE RAISED info 2026-02-11T00:00:00 BACKFILL",
		"bert 1 OVERDUE RAISED info 2026-02-11T00:00:00 BACKFILL",
		"bert 2 OVERDUE CLEARED info 2026-02-22T12:00:00 LIVE",
		"anna 2 OVERDUE RAISED warning 2026-03-13T00:00:00 LIVE",
	)
}

// Of who is known, a grade falls with the first day overdue that is judged, and comes back with the payment, as far as it does: what
// is worse is told, and what is better ends it or is for information.
func TestStoryOfGrades(t *testing.T) {
	l := wall(t, standard+"alerts: {overdue: off, credit_hold: off, early_warning: off}\n")
	for i := range 29 {
		id := fmt.Sprint("s", i)
		l.put(credited(id, "anna", noon(0), 100, 0), paid("p"+id, id, "anna", noon(0), 100))
	}
	l.advance(day(1))
	n := len(l.alerts)
	l.put(credited("o1", "anna", noon(1), 100, 10))
	l.advance(day(20))
	l.put(paid("p1", "o1", "anna", noon(20), 100))
	checkLines(t, l.alertLines()[n:],
		"anna 3 GRADE_CHANGED RAISED warning 2026-01-14T00:00:00",
		"anna 4 GRADE_CHANGED CLEARED warning 2026-01-21T12:00:00",
	)
	if over := l.alerts[n+1]; over.GradeFrom != "A" || over.GradeTo != "AA" || over.Clears != l.alerts[n].AlertId {
		t.Errorf("%v", over)
	}
	a := l.alerts[n]
	if a.GradeFrom != "AA" || a.GradeTo != "A" || a.Clears != l.alerts[n-1].AlertId {
		t.Errorf("%v", a)
	}
	checkLines(t, texts(a.Reasons), "The credit grade is A, down from AA.")
}

// Exposure close to the limit is told of at 80 %, more so beyond the limit, and over below 70 % or without a limit.
func TestStoryOfALimit(t *testing.T) {
	l := wall(t, standard+"alerts: {grade_changed: off, early_warning: off}\n")
	limit := func(id string, n int, minor int64) {
		l.put(profiled(id, "anna", noon(n), &pb.ProfileEvent{CreditLimit: &pb.CreditLimit{AmountMinor: minor, Currency: "CNY"}}))
	}
	limit("l1", 0, 100_000)
	l.put(credited("o1", "anna", noon(1), 800, 30), credited("o2", "anna", noon(2), 1, 30)) // 80 %, and beyond
	l.put(paid("p1", "o1", "anna", noon(3), 100), paid("p2", "o1", "anna", noon(4), 2))     // 70.1 %, 69.9 %
	l.put(credited("o3", "anna", noon(5), 400, 30))
	limit("l2", 6, 200_000)
	checkLines(t, l.alertLines(),
		"anna 1 LIMIT_NEAR RAISED warning 2026-01-03T12:00:00",
		"anna 2 LIMIT_NEAR CLEARED warning 2026-01-05T12:00:00",
		"anna 3 LIMIT_NEAR RAISED critical 2026-01-06T12:00:00",
		"anna 4 LIMIT_NEAR CLEARED critical 2026-01-07T12:00:00",
	)
	checkLines(t, texts(l.alerts[0].Reasons), "Utilisation of the credit limit is 80.1 %, above the 80 % at which this is raised.")
}

// Several signs count together; each ends by itself, and the warning with the last of them.
func TestStoryOfAnEarlyWarning(t *testing.T) {
	l := wall(t, standard+"alerts: {grade_changed: off, limit_near: off, overdue: off, credit_hold: off}\n")
	say := func(id string, n int, e *pb.ProfileEvent) { l.put(profiled(id, "anna", noon(n), e)) }
	say("l1", 0, &pb.ProfileEvent{CreditLimit: &pb.CreditLimit{AmountMinor: 100_000, Currency: "CNY"}})
	l.put(credited("o1", "anna", noon(1), 900, 30))                                        // utilisation alone is LIMIT_NEAR's: 10 points
	say("d1", 2, &pb.ProfileEvent{Attributes: map[string]string{"distress": "a lawsuit"}}) // 40 more
	l.put(paid("p1", "o1", "anna", noon(3), 300))                                          // utilisation is 60 %
	say("d2", 4, &pb.ProfileEvent{Attributes: map[string]string{"distress": "no"}})        // nothing is left
	checkLines(t, l.alertLines(),
		"anna 1 EARLY_WARNING RAISED warning 2026-01-03T12:00:00",
		"anna 2 EARLY_WARNING CLEARED warning 2026-01-05T12:00:00",
	)
	checkLines(t, texts(l.alerts[0].Reasons),
		"Utilisation of the credit limit is 90 %, above the 80 % at which this counts 10 points.",
		"Distress reported in the profile (1: yes) is 1, exactly the 1 at which this counts 40 points.")
}

// Silence brings the signals of an order that is overdue, and of a customer who falls dormant, to the day; an order ends the
// first. A grade and a stage that are the first to be known are no news.
func TestStoryOfACustomerWhoStopsBuying(t *testing.T) {
	l := wall(t, strings.Replace(ladder("long", 200, 1000, 500, 10), quiet, "", 1))
	for i := range 4 {
		l.put(bought(fmt.Sprint("o", i), "anna", noon(10*i), 100)) // every ten days
	}
	l.advance(day(44))
	l.put(bought("o9", "anna", noon(46), 100))
	l.advance(day(300))
	checkLines(t, l.signalLines(pb.CustomerSignal_REORDER_OVERDUE),
		"anna 1 REORDER_OVERDUE RAISED info 2026-02-15T00:00:00", // 15 days after the last one of day 30
		"anna 2 REORDER_OVERDUE WITHDRAWN info 2026-02-16T12:00:00",
		"anna 3 REORDER_OVERDUE RAISED info 2026-03-06T00:00:00",       // 1.5 times 11.5 days, rounded up, after day 46
		"anna 4 REORDER_OVERDUE RAISED warning 2026-03-23T00:00:00",    // 3 times
		"anna 6 REORDER_OVERDUE WITHDRAWN warning 2026-07-31T00:00:00", // three orders are left in the window
	)
	checkLines(t, l.signalLines(pb.CustomerSignal_LIFECYCLE_CHANGED),
		"anna 5 LIFECYCLE_CHANGED RAISED warning 2026-07-21T00:00:00", // declining: seen when the first order left the window
		"anna 7 LIFECYCLE_CHANGED RAISED warning 2026-08-15T00:00:00", // dormant: 180 days after the last
	)
	checkLines(t, texts(l.signals[len(l.signals)-1].Reasons),
		"The stage is dormant, before it was declining.",
	)
}

// Who is worth it and hears from nobody for 90 days is to be called on that day, until somebody does; who was never called, or isn't
// worth it, is no news.
func TestStoryOfACustomerWhoHearsFromNobody(t *testing.T) {
	l := wall(t, strings.Replace(ladder("long", 365, 1000, 500, 10), quiet, "", 1))
	for _, who := range []string{"anna", "bert"} {
		l.put(bought("o"+who, who, noon(0), 6000))
	}
	l.put(bought("odora", "dora", noon(0), 10))
	l.put(engaged("c1", "anna", noon(1), contacted(5, 0, false)), engaged("c2", "dora", noon(1), contacted(5, 0, false)))
	l.advance(day(100))
	l.put(engaged("c3", "anna", noon(100), contacted(5, 0, false)))
	l.advance(day(300))
	l.put(cancelled("oanna", "anna", noon(300)))
	checkLines(t, l.signalLines(pb.CustomerSignal_CONTACT_DUE),
		"anna 1 CONTACT_DUE RAISED info 2026-04-02T00:00:00",
		"anna 2 CONTACT_DUE WITHDRAWN info 2026-04-11T12:00:00",
		"anna 5 CONTACT_DUE RAISED info 2026-07-10T00:00:00",
		"anna 6 CONTACT_DUE WITHDRAWN info 2026-10-28T12:00:00",
	)
	for _, s := range l.signals {
		if s.Kind == pb.CustomerSignal_CONTACT_DUE && s.Seq == 1 {
			checkLines(t, texts(s.Reasons)[:1], "The time since the last contact is 90 days, exactly the 90 days at which this is raised.")
		}
	}
}

// sameTold says that both have published the same alerts and signals, in the same order, byte for byte.
func sameTold(t *rapid.T, a, b *line) {
	t.Helper()
	for _, topic := range []string{reducer.TopicCreditAlerts, reducer.TopicSignals} {
		if !slices.EqualFunc(a.told[topic], b.told[topic], func(x, y processor.Message) bool { return x.Key == y.Key && string(x.Value) == string(y.Value) }) {
			t.Fatalf("%s differ:\n%v\n%v", topic, a.alertLines(), b.alertLines())
		}
	}
}

// one is what both kinds of messages have.
type one struct {
	customer, kind, id, clears string
	seq                        int64
	raised, severity           string
	at                         civil.Instant
}

// Numbers are dense per customer and topic. Of each kind one message stands at most: what is raised while another stands
// clears that one, and is about something else or more severe; what is over names the one that stood. Of alerts a customer has one
// in a moment at most, but for an erasure, which ends all at once.
func TestOneStandsAtMost(t *testing.T) {
	seen := map[string]int{}
	check := func(t fataler, facts []*pb.Fact) {
		l := newLine(t, reducer.Options{})
		l.put(facts...)
		var alerts, signals []one
		at := map[string]bool{}
		for _, a := range l.alerts {
			moment := fmt.Sprint(a.CustomerId, a.DecidedAt.AsTime())
			if at[moment] && (a.State != pb.CreditAlert_CLEARED || a.Reasons[0].Code != watch.CodeErased) {
				t.Fatalf("%v is the second of its moment", a)
			}
			at[moment] = true
			alerts = append(alerts, one{a.CustomerId, a.Kind.String(), a.AlertId, a.Clears, a.Seq, a.State.String(), a.Severity, civil.FromTime(a.DecidedAt.AsTime())})
		}
		for _, s := range l.signals {
			signals = append(signals, one{s.CustomerId, s.Kind.String(), s.SignalId, s.Clears, s.Seq, s.State.String(), s.Severity, civil.FromTime(s.DecidedAt.AsTime())})
		}
		for _, all := range [][]one{alerts, signals} {
			standing, seq, at := map[string]string{}, map[string]int64{}, map[string]civil.Instant{}
			for _, m := range all {
				seen[m.kind+" "+m.raised]++
				key := m.customer + " " + m.kind
				if m.seq != seq[m.customer]+1 || m.at < at[m.customer] || m.kind == "KIND_UNSPECIFIED" {
					t.Fatalf("%+v follows number %d", m, seq[m.customer])
				}
				seq[m.customer], at[m.customer] = m.seq, m.at
				if m.clears != standing[key] || m.raised != "RAISED" && m.clears == "" {
					t.Fatalf("%+v, while %q stands", m, standing[key])
				}
				if standing[key] = ""; m.raised == "RAISED" {
					standing[key] = m.id
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, history(t)) })
	clear(seen) // whether there is something to see is no matter of luck
	for seed := range 200 {
		check(t, rapid.Custom(history).Example(seed))
	}
	for _, kind := range []string{"OVERDUE RAISED", "OVERDUE CLEARED", "WILL_DOWNGRADE RAISED", "WILL_DOWNGRADE WITHDRAWN", "NEAR_UPGRADE RAISED", "NEAR_UPGRADE WITHDRAWN"} {
		if seen[kind] == 0 {
			t.Errorf("no history has %s: %v", kind, seen)
		}
	}
}
