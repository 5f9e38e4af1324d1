package reducer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// complete is what a feed of payments says at a moment: all that was booked up to another has been sent.
func complete(feed string, at, until civil.Instant) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Payment{Payment: &pb.PaymentEvent{EventId: fmt.Sprint(feed, at), Source: "bank", OccurredAt: timestamppb.New(at.Time()),
		Kind: &pb.PaymentEvent_CompleteThrough{CompleteThrough: &pb.PaymentsComplete{Feed: feed, Until: timestamppb.New(until.Time())}}}}}
}

// releasedFeed lets silence be judged without a feed, as of what it had said.
func releasedFeed(feed string, at, until civil.Instant) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_FeedsReleased{FeedsReleased: &pb.FeedsReleased{Feeds: []*pb.Feed{{Source: "bank", Name: feed, Released: int64(until)}}}}}
}

// replayed is a partition under the event clock.
func replayed(t fataler, policy string, opts reducer.Options) *line {
	t.Helper()
	return started(t, opts, pb.PartitionInit_EVENT, policy)
}

// A feed that says how far it is complete has silence judged up to there, at once, and no further: while it says nothing, nobody is
// worse for it, though the figures go on; when it speaks again, all that it had held back comes at that moment.
func TestStoryOfAFeedThatFallsSilent(t *testing.T) {
	l := replayed(t, dunning, reducer.Options{})
	l.put(complete("acme", day(0), day(0)), credited("o1", "anna", noon(0), 1000, 10)) // due on day 10
	for n := 1; n <= 20; n++ {
		l.put(complete("acme", day(n)+6*civil.Hour, day(n)))
	}
	l.advance(day(110))
	if len(l.alerts) != 0 {
		t.Errorf("nothing is known of the payments since day 20, and there are %v", l.alertLines())
	}
	if c := l.scores[len(l.scores)-2].GetLevel().GetCredit(); c.GetMaxDaysOverdue() != 91 {
		t.Errorf("the figures are those of %d days past due, not of the last ageing border", c.GetMaxDaysOverdue())
	}
	l.put(complete("acme", noon(110), day(41)), complete("acme", noon(111), day(42))) // 31 and 32 days past due
	l.put(complete("acme", noon(120), noon(120)))
	l.advance(noon(120))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-04-21T12:00:00",
		"anna 2 CREDIT_HOLD_ADVISED RAISED critical 2026-05-01T12:00:00",
	)
	if part, _ := l.parts(); len(part.Judging) != 1 || part.Judging[0].Number != part.Judged {
		t.Errorf("%v are left, looked at up to %d", part.Judging, part.Judged)
	}
}

// What a policy says of figures as of now isn't held: a tier goes, after its grace, while the feed is silent. One that is kept by the
// figures as silence is judged stays until the feed has spoken.
func TestTiersWhileAFeedIsSilent(t *testing.T) {
	for figure, want := range map[string][]string{
		"max_days_overdue":        {"anna 1 >gold 2026-01-01T12:00:00 held", "anna 2 gold>standard 2026-02-14T00:00:00 held"},
		"max_days_overdue_judged": {"anna 1 >gold 2026-01-01T12:00:00 held", "anna 2 gold>standard 2026-05-04T12:00:00 held"},
	} {
		l := replayed(t, "version: held\ntiers: [{name: standard}, {name: gold, enter: value.net >= 1000, keep: value.net >= 1000 && credit."+figure+" <= 30, grace: 3d}]\n",
			reducer.Options{})
		l.put(complete("acme", day(0), day(0)), credited("o1", "anna", noon(0), 1000, 10))
		l.advance(day(120))
		l.put(complete("acme", noon(120), noon(120)))
		l.advance(day(130))
		checkLines(t, moves(l.changes), want...)
	}
}

// The last word of the slowest feed counts, whatever the others say; a new one takes nothing back, what a feed says of the time to
// come counts up to now, and what it takes back counts for nothing.
func TestTheSlowestFeedCounts(t *testing.T) {
	for name, c := range map[string]struct {
		facts []*pb.Fact
		want  civil.Instant
	}{
		"one":             {[]*pb.Fact{complete("a", noon(9), day(8))}, day(8)},
		"in a day":        {[]*pb.Fact{complete("a", noon(9), noon(8))}, day(8)},
		"the slower":      {[]*pb.Fact{complete("a", noon(1), day(1)), complete("b", noon(1), day(1)), complete("a", noon(9), day(8)), complete("b", noon(9), day(3))}, day(3)},
		"a new one":       {[]*pb.Fact{complete("a", noon(9), day(8)), complete("b", noon(9), day(3))}, day(8)},
		"of another bank": {[]*pb.Fact{complete("a", noon(2), day(2)), other(complete("a", noon(2), day(2))), complete("a", noon(9), day(8))}, day(2)},
		"taken back":      {[]*pb.Fact{complete("a", noon(9), day(8)), complete("a", noon(9), day(3))}, day(8)},
		"of the future":   {[]*pb.Fact{complete("a", noon(9), day(30))}, day(9)},
		"behind the lag":  {[]*pb.Fact{bought("o1", "anna", noon(5), 1), complete("a", noon(9), day(2))}, day(8)}, // which was judged before
	} {
		l := replayed(t, dunning, reducer.Options{})
		l.put(c.facts...)
		l.advance(noon(20))
		if part, _ := l.parts(); len(part.Judging) != 1 || civil.Instant(part.Judging[0].Day)*civil.FullDay != c.want {
			t.Errorf("%s: %v, want day %s", name, part.Judging, c.want)
		}
	}
}

func other(f *pb.Fact) *pb.Fact {
	f.GetPayment().Source = "another"
	return f
}

// A person releases a feed: silence is judged by the lag again, at once for whoever has waited and in time for the others, until the
// feed says more than it had said. In whatever order the two come, what the feed says last counts.
func TestReleasedFeed(t *testing.T) {
	l := replayed(t, dunning, reducer.Options{})
	l.put(complete("acme", day(0), day(0)), credited("o1", "anna", noon(0), 1000, 10), credited("o1", "bert", noon(1), 1000, 69)) // due on days 10 and 70
	l.put(credited("o1", "cleo", noon(2), 10, 47))                                                                                // due on day 49
	l.advance(day(50))
	l.put(releasedFeed("acme", day(50), day(0)), complete("acme", noon(50), day(0)))
	for range 9 {
		l.put(tick(noon(50)))
	}
	if due := civil.Instant(l.customer("cleo").Due); due != day(51) {
		t.Errorf("cleo is late from day 50 on, which is judged on day 51, and is due at %s", due)
	}
	l.put(paid("p1", "o1", "cleo", noon(50), 10))
	l.advance(day(102))
	checkLines(t, l.alertLines(),
		"anna 1 OVERDUE RAISED info 2026-02-20T00:00:00",
		"anna 2 OVERDUE RAISED warning 2026-03-13T00:00:00",
		"anna 3 CREDIT_HOLD_ADVISED RAISED critical 2026-03-14T00:00:00",
		"anna 4 OVERDUE RAISED critical 2026-04-12T00:00:00",
		"bert 1 OVERDUE RAISED info 2026-04-12T00:00:00",
	)
	l.put(complete("acme", noon(102), day(5)))
	l.advance(day(140))
	if n := len(l.alerts); n != 5 {
		t.Errorf("the feed holds again, and there are %v", l.alertLines()[5:])
	}
	for _, facts := range [][]*pb.Fact{
		{complete("acme", noon(2), day(2)), releasedFeed("acme", noon(3), day(2)), complete("acme", noon(3), day(3))},
		{complete("acme", noon(2), day(2)), complete("acme", noon(3), day(3)), releasedFeed("acme", noon(3), day(2))},
	} {
		l := replayed(t, dunning, reducer.Options{})
		l.put(facts...)
		l.advance(noon(9))
		if part, _ := l.parts(); !part.Judging[0].Held {
			t.Errorf("the feed has spoken, and is not listened to: %v", part)
		}
	}
}

// allTakenIn says that what was sent before a moment is in facts.
func allTakenIn(at civil.Instant) *pb.Fact {
	return &pb.Fact{At: int64(at), Body: &pb.Fact_TakenIn{TakenIn: &pb.TakenIn{}}}
}

// Under the wall clock payments that were sent before a feed's word may come after it. It counts once they are in, by any clock;
// whether that is so is asked also where nobody is due.
func TestWordOfAFeedWaitsForWhatWasSent(t *testing.T) {
	l := wall(t, dunning)
	l.put(complete("acme", noon(0), noon(0)), allTakenIn(noon(1)), credited("o1", "anna", noon(1), 1000, 1)) // due on day 2
	l.put(complete("acme", noon(60), noon(60)))
	want := noon(60) + 5*civil.Second + 1
	if at := l.scorer.Status().Wanted; at != want {
		t.Errorf("what was sent before %s is asked for, not before %s", at, want)
	}
	l.put(allTakenIn(want-1), complete("acme", noon(60)+civil.Minute, noon(60)+civil.Second)) // the same day: nothing is news
	l.put(paid("p1", "", "anna", noon(60)+2*civil.Minute, 400))
	if l.advance(noon(60) + 2*civil.Minute); len(l.alerts) != 0 || l.scorer.Status().Wanted != want {
		t.Errorf("there is %v before that is in", l.alertLines())
	}
	l.put(allTakenIn(noon(60)+3*civil.Minute), allTakenIn(noon(60)+4*civil.Minute))
	l.advance(noon(60) + 5*civil.Minute)
	checkLines(t, l.alertLines(), "anna 1 OVERDUE RAISED info 2026-03-02T12:03:00")
	if a := l.alerts[0].Items; len(a) != 1 || a[0].AmountMinor != 60000 {
		t.Errorf("it is of %v", a)
	}
	if at := l.scorer.Status().Wanted; at != 0 {
		t.Errorf("what was sent before %s is asked for still", at)
	}
}

// A look drops what no window needs any more. An event behind it, in the same batch, is not taken for one that can be appended.
func TestLookBeforeALateEvent(t *testing.T) {
	var got []*pb.ScorerCustomer
	for _, between := range []bool{true, false} {
		l := replayed(t, dunning, reducer.Options{})
		l.put(complete("acme", day(0), day(0)), credited("o1", "anna", noon(0), 1000, 10), credited("o2", "anna", noon(1), 70, 30), paid("p2", "o2", "anna", noon(60), 70),
			credited("o3", "anna", noon(100), 50, 300)) // this sale is what the look drops
		l.advance(day(150))
		l.restart(reducer.Options{})
		late := paid("p1", "", "anna", noon(300), 100)
		late.GetPayment().GetReceived().ValueDate = "2026-03-22" // day 80
		if between {
			l.put(complete("acme", noon(300), day(300)), tick(noon(300)), late)
		} else {
			l.put(complete("acme", noon(300), day(300)), late)
		}
		got = append(got, l.customer("anna"))
	}
	if !proto.Equal(got[0], got[1]) {
		t.Errorf("looked at by the event: %v\nby a Tick: %v", got[1], got[0])
	}
}

// fedHistory draws the records of some customers on terms and of two feeds, in the order of the event clock.
func fedHistory(t *rapid.T) (facts []*pb.Fact) {
	at := start
	customer, feed := rapid.SampledFrom([]string{"anna", "bert", "cleo"}), rapid.SampledFrom([]string{"a", "b"})
	for range rapid.IntRange(1, 30).Draw(t, "records") {
		at += civil.Instant(rapid.IntRange(0, 60).Draw(t, "hours pass")) * civil.Hour
		who, n := customer.Draw(t, "customer"), rapid.IntRange(0, 4).Draw(t, "number")
		order := fmt.Sprint("o", n)
		back := civil.Instant(rapid.IntRange(0, 12*24).Draw(t, "hours back")) * civil.Hour
		switch rapid.IntRange(0, 12).Draw(t, "kind") {
		case 0, 1, 2:
			facts = append(facts, credited(order, who, at, rapid.Int64Range(100, 1500).Draw(t, "amount"), int32(n*3)))
		case 3:
			facts = append(facts, paid(fmt.Sprint("p", n), rapid.SampledFrom([]string{"", order}).Draw(t, "names"), who, at, 300))
		case 4:
			facts = append(facts, bought("cash", who, at, 10))
		case 5:
			facts = append(facts, policyFact(at, int64(at), strings.Replace(dunning, "credit: {", fmt.Sprintf("credit: {booking_lag: %dd, ", n), 1)))
		case 6:
			facts = append(facts, releasedFeed(feed.Draw(t, "feed"), at, at-back))
		case 7:
			facts = append(facts, erasureFact(at, int64(at), who))
		default:
			facts = append(facts, complete(feed.Draw(t, "feed"), at, at-back))
		}
	}
	return facts
}

// However late Ticks come and however few they look at, what a feed's word brings each customer, and what it holds back, is what
// Ticks bring that come on time: byte for byte, with the same figures. And it is the same in a partition where there is nobody else.
func TestLateTicksCantBeSeenInFeeds(t *testing.T) {
	policy := strings.Replace(ladder("fed", 20, 1000, 500, 2), "credit: {", "credit: {thin_file: 0, ", 1) +
		"alerts: {overdue: {info: credit.max_days_overdue_judged >= 1, warning: credit.max_days_overdue_judged >= 5}}\n"
	rapid.Check(t, func(t *rapid.T) {
		facts := fedHistory(t)
		few := reducer.Options{TickMost: rapid.IntRange(1, 2).Draw(t, "tick most"), MomentsMost: rapid.IntRange(1, 3).Draw(t, "moments most")}
		late, prompt := replayed(t, policy, few), replayed(t, policy, reducer.Options{TickMost: 1 << 20, MomentsMost: 1 << 40})
		for _, f := range facts {
			prompt.put(tick(civil.Instant(f.At)))
			prompt.put(f)
			prompt.advance(civil.Instant(f.At))
			if f.GetPolicy() != nil || f.GetFeedsReleased() != nil || f.GetErasure() != nil {
				late.put(tick(civil.Instant(f.At))) // what isn't an event comes at the partition's now
			}
			late.put(f)
		}
		end := civil.Instant(facts[len(facts)-1].At) + 40*civil.FullDay
		prompt.advance(end)
		late.advance(end)
		for _, id := range []string{"anna", "bert", "cleo"} {
			alone := replayed(t, policy, reducer.Options{})
			for _, f := range facts {
				if f.GetPolicy() != nil || f.GetFeedsReleased() != nil || f.GetErasure() != nil {
					alone.put(tick(civil.Instant(f.At)))
				}
				if of := f.GetOrder().GetCustomerId() + f.GetPayment().GetCustomerId() + f.GetErasure().GetCustomerId(); of == "" || of == id {
					alone.put(f)
				}
			}
			alone.advance(end)
			for name, l := range map[string]*line{"late": late, "alone": alone} {
				if a, b := l.saidOf(id), prompt.saidOf(id); !slices.Equal(a, b) {
					t.Fatalf("%s, %s:\n%v\n%v\non time\n%v\n%v", id, name, moves(l.changes), l.alertLines(), moves(prompt.changes), prompt.alertLines())
				}
				if a, b := l.levelsOf(id), prompt.levelsOf(id); !slices.Equal(a, b) {
					t.Fatalf("%s, %s:\n%s\non time\n%s", id, name, strings.Join(a, "\n"), strings.Join(b, "\n"))
				}
			}
		}
		for _, l := range []*line{late, prompt} {
			checkHeld(t, l)
		}
	})
}

// levelsOf are a customer's figures, one after the other, without what the partition numbers.
func (l *line) levelsOf(id string) (out []string) {
	for _, s := range l.scores {
		if x := s.GetLevel(); x.GetCustomerId() == id {
			x = proto.CloneOf(x)
			x.Rule = 0
			out = append(out, clock(s.At)+" "+string(marshal(x)))
		}
	}
	return out
}

// checkHeld looks at what silence has made of every customer in the end, and that nobody waits for what there is.
func checkHeld(t *rapid.T, l *line) {
	part, _ := l.parts()
	for _, id := range []string{"anna", "bert", "cleo"} {
		c := l.customer(id)
		switch n := len(part.Judging); {
		case c.Wait == nil:
		case n == 0 || !part.Judging[n-1].Held:
			t.Fatalf("%s waits for day %d, and it is for time to say", id, *c.Wait)
		case *c.Wait <= part.Judging[n-1].Day:
			t.Fatalf("%s waits for day %d, and silence is judged up to %d", id, *c.Wait, part.Judging[n-1].Day)
		}
		if wait := l.first.Wait(id) < 1<<62; wait != (c.Wait != nil) {
			t.Fatalf("%s waits: %v, and stands in the due set: %v", id, c.Wait != nil, wait)
		}
	}
}
