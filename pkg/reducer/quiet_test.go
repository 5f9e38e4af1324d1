package reducer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// asking asks whether payments have stopped, on every day of the week but one.
var asking = strings.Replace(dunning, "credit: {", "credit: {quiet_feed: {business_days: 3, weekend: [sunday], holidays: [2026-02-16 to 2026-02-20]}, ", 1)

// midnights brings partitions through the midnights up to day n, with what each brings, and says what that was.
func midnights(lines []*line, from, n int) (facts []*pb.Fact) {
	for at := from; at <= n; at++ {
		var days []*pb.PortfolioDay
		for _, l := range lines {
			l.advance(day(at))
			if d := l.last(); d.AsOf == int64(day(at)) {
				days = append(days, d)
			}
		}
		if len(days) < len(lines) {
			continue
		}
		_, published := reducer.Merge(days)
		for _, l := range lines {
			l.put(published...)
		}
		facts = append(facts, published...)
	}
	return facts
}

func quietLines(facts []*pb.Fact) (out []string) {
	for _, f := range facts {
		since := "they come"
		if q := f.GetPaymentsQuiet(); q.Since != nil {
			since = "since " + civil.Day(*q.Since).String()
		}
		out = append(out, fmt.Sprintf("%s %s", clock(f.At), since))
	}
	return out
}

// When no payment of anybody has come for more business days than the policy's, silence is judged no further, until one comes; and
// what it held back comes at the next midnight. Spring Festival is no such pause.
func TestStoryOfPaymentsThatStop(t *testing.T) {
	l := replayed(t, asking, reducer.Options{})
	l.put(credited("o1", "anna", noon(0), 1000, 10), credited("o1", "bert", noon(0), 1000, 30)) // due on days 10 and 30: January 11th and 31st
	facts := midnights([]*line{l}, 1, 8)                                                        // nobody has ever paid: that says nothing
	l.put(paid("p1", "", "bert", noon(8), 1))
	for n := 9; n <= 30; n += 2 { // on every other day, Sundays too
		facts = append(facts, midnights([]*line{l}, n, n+1)...)
		l.put(paid(fmt.Sprint("p", n), "", "bert", noon(n+1), 1))
	}
	facts = append(facts, midnights([]*line{l}, 31, 44)...)
	checkLines(t, quietLines(facts), "2026-02-06T00:00:00 since 2026-02-01") // after a Sunday, Monday to Thursday
	if got := l.alertLines(); len(got) != 0 {
		t.Errorf("the alerts are %v", got)
	}
	l.put(paid("p99", "", "bert", noon(44), 1))
	facts = midnights([]*line{l}, 45, 57)
	checkLines(t, quietLines(facts), "2026-02-15T00:00:00 they come", "2026-02-26T00:00:00 since 2026-02-15") // a Saturday, and Monday to Wednesday
	checkLines(t, l.alertLines(), "anna 1 OVERDUE RAISED info 2026-02-15T00:00:00")
}

// A feed that speaks for itself takes the place of the days, and a person's release that of both.
func TestFeedsComeBeforeBusinessDays(t *testing.T) {
	begin := func() *line {
		l := replayed(t, asking, reducer.Options{})
		l.put(credited("o1", "anna", noon(0), 1000, 1), paid("p1", "", "bert", noon(1), 1)) // due on day 2
		if facts := midnights([]*line{l}, 1, 10); len(facts) != 1 {
			t.Fatalf("payments have stopped, and it says %v", quietLines(facts))
		}
		return l
	}
	for name, c := range map[string]struct {
		facts []*pb.Fact
		held  bool
	}{
		"nobody":         {nil, true},
		"a feed":         {[]*pb.Fact{complete("acme", day(40), day(40))}, false},
		"a person":       {[]*pb.Fact{{At: int64(day(40)), Body: &pb.Fact_FeedsReleased{FeedsReleased: &pb.FeedsReleased{Feeds: []*pb.Feed{{Name: "\x00", Released: int64(day(2))}}}}}}, false},
		"another policy": {[]*pb.Fact{tick(day(40)), policyFact(day(40), 1, dunning)}, false},
	} {
		l := begin()
		l.put(c.facts...)
		l.advance(day(50))
		if held := len(l.alerts) == 0; held != c.held {
			t.Errorf("%s: held %v, want %v: %v", name, held, c.held, l.alertLines())
		}
	}
}

// Several partitions come to the same as one with all their customers, whoever of them has been paid by.
func TestQuietOfSeveralPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, several := []*line{replayed(t, asking, reducer.Options{})}, []*line{replayed(t, asking, reducer.Options{}), replayed(t, asking, reducer.Options{})}
		home := map[string]int{"anna": 0, "bert": 1, "cleo": 1}
		var a, b []*pb.Fact
		for n := range 60 {
			if n > 0 {
				a, b = append(a, midnights(one, n, n)...), append(b, midnights(several, n, n)...)
			}
			who := rapid.SampledFrom([]string{"", "", "", "anna", "bert", "cleo"}).Draw(t, "who")
			if who == "" {
				continue
			}
			f := credited(fmt.Sprint("o", n), who, noon(n), 10, int32(n%20))
			if rapid.Bool().Draw(t, "pays") {
				f = paid(fmt.Sprint("p", n), "", who, noon(n), 5)
			}
			one[0].put(f)
			several[home[who]].put(f)
		}
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || !proto.Equal(a[i], b[i]) {
				t.Fatalf("one says %v, several %v", quietLines(a), quietLines(b))
			}
		}
		for id, p := range home {
			if x, y := one[0].saidOf(id), several[p].saidOf(id); !slices.Equal(x, y) {
				t.Fatalf("%s: %v, of several %v", id, one[0].alertLines(), several[p].alertLines())
			}
		}
	})
}

// A day end that is told late has what was so as the day ended, whatever has come since. What is paid back is no payment.
func TestLastPaymentOfADay(t *testing.T) {
	l := wall(t, asking)
	back := paid("p3", "", "anna", noon(4), 5)
	back.GetPayment().Kind = &pb.PaymentEvent_Refunded{Refunded: &pb.PaymentRefunded{RefundId: "f1", AmountMinor: 1}}
	failed := paid("p4", "", "anna", noon(5), 5)
	failed.GetPayment().Kind = &pb.PaymentEvent_Failed{Failed: &pb.PaymentFailed{AttemptId: "a1"}}
	again := paid("p1", "", "anna", noon(1), 5)
	again.At = int64(noon(6))
	l.put(bought("o1", "anna", noon(0), 1), paid("p1", "", "anna", noon(1), 5), complete("acme", noon(2), noon(2)), paid("p2", "", "anna", noon(3), 5), back, failed, again)
	l.advance(day(7))
	var got []string
	for _, d := range l.portfolio {
		last := "never"
		if d.Paid != nil {
			last = civil.Day(*d.Paid).String()
		}
		got = append(got, clock(d.AsOf)[:10]+" "+last)
	}
	checkLines(t, got, "2026-01-02 never", "2026-01-03 2026-01-02", "2026-01-04 2026-01-02", "2026-01-05 2026-01-04", "2026-01-06 2026-01-04", "2026-01-07 2026-01-06", "2026-01-08 2026-01-06")
}
