package watch_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
)

// playOne gives what is told of figures at seconds, one event in a moment, with the moments at which what waits is due.
func playOne(watches []watch.Watch, moments ...[2]int64) (out []string) {
	s := watch.State{}
	at := func(now civil.Instant, n int64) {
		v := view(n, &tier.Ladder{}, tier.State{}, tier.State{})
		v.At = now
		var events []watch.Event
		s, events = watch.DecideOne(watches, s, v)
		for _, e := range events {
			verb := "over"
			if e.Raised {
				verb = "raised"
			}
			line := fmt.Sprintf("%d: %d %s %s %s, clears %d", now/civil.Second, e.Seq, e.Kind, verb, e.Severity, e.Clears)
			for _, r := range e.Reasons {
				if n := len(r.Params); n > 0 && r.Params[n-1].Name == "also" {
					line += ", also " + r.Params[len(r.Params)-1].Value
				}
			}
			out = append(out, line)
		}
	}
	for i, m := range moments {
		until := civil.MaxInstant
		if i+1 < len(moments) {
			until = civil.Instant(moments[i+1][0]) * civil.Second
		}
		for at(civil.Instant(m[0])*civil.Second, m[1]); s.Due != 0 && s.Due < until; {
			at(s.Due, m[1])
		}
	}
	return out
}

// The gravest is told first, with what else was found; the others follow if they still hold, and what is over follows too.
func TestOneInAMoment(t *testing.T) {
	w := []watch.Watch{threshold("EARLY_WARNING", nil, 10), threshold("GRADE_CHANGED", nil, 20, 30), threshold("OVERDUE", nil, 10, 30)}
	check(t, playOne(w, [2]int64{1000, 30}, [2]int64{2000, 0}),
		"1000: 1 OVERDUE raised warning, clears 0, also EARLY_WARNING, also GRADE_CHANGED",
		"1060: 2 GRADE_CHANGED raised warning, clears 0, also EARLY_WARNING",
		"1120: 3 EARLY_WARNING raised info, clears 0",
		"2000: 4 OVERDUE over warning, clears 1",
		"2060: 5 GRADE_CHANGED over warning, clears 2",
		"2120: 6 EARLY_WARNING over info, clears 3")
	check(t, playOne(w, [2]int64{1000, 30}, [2]int64{1030, 10}, [2]int64{1040, 0}),
		"1000: 1 OVERDUE raised warning, clears 0, also EARLY_WARNING, also GRADE_CHANGED",
		"1030: 2 EARLY_WARNING raised info, clears 0", // the grade is back, and never was told
		"1040: 3 OVERDUE over warning, clears 1",
		"1100: 4 EARLY_WARNING over info, clears 2")
	check(t, playOne(w, [2]int64{1000, 10}, [2]int64{1000, 30}), // the same instant
		"1000: 1 OVERDUE raised info, clears 0, also EARLY_WARNING",
		"1060: 2 OVERDUE raised warning, clears 1, also EARLY_WARNING, also GRADE_CHANGED",
		"1120: 3 GRADE_CHANGED raised warning, clears 0, also EARLY_WARNING",
		"1180: 4 EARLY_WARNING raised info, clears 0")
}

// Whatever the watches, figures and moments: at most one event in an instant, dense numbers, one of a kind stands at most, what is
// over stood; and when what waits has had its moments, exactly that stands which Decide would have told of the last figures.
func TestDecideOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() (all []watch.Watch) {
			for _, kind := range []string{"CREDIT_HOLD_ADVISED", "EARLY_WARNING", "GRADE_CHANGED", "LIMIT_NEAR", "OVERDUE"} {
				if rapid.IntRange(0, 3).Draw(t, "off") == 0 {
					continue
				}
				first := rapid.Int64Range(0, 20).Draw(t, "first")
				all = append(all, threshold(kind, nil, first, first+rapid.Int64Range(0, 9).Draw(t, "more")))
			}
			return all
		}
		watches, s, now := draw(), watch.State{}, civil.Instant(1)
		standing, told := map[watch.Kind]int64{}, map[civil.Instant]int{}
		figure := int64(0)
		decide := func() {
			v := view(figure, &tier.Ladder{}, tier.State{}, tier.State{})
			v.At = now
			was := s.Seq
			next, events := watch.DecideOne(watches, s, v)
			for i, e := range events {
				if e.Seq != was+int64(i)+1 || e.Clears != standing[e.Kind] || !e.Raised && e.Clears == 0 || e.Severity == 0 || len(e.Reasons) == 0 {
					t.Fatalf("%+v while %d stands, after number %d", e, standing[e.Kind], was)
				}
				if standing[e.Kind] = 0; e.Raised {
					standing[e.Kind] = e.Seq
				}
				if told[now]++; told[now] > 1 {
					t.Fatalf("%d events at %d", told[now], now)
				}
			}
			if next.Due != 0 && next.Due <= now {
				t.Fatalf("due at %d, at %d", next.Due, now)
			}
			again, more := watch.DecideOne(watches, next, v)
			if len(more) > 0 || !cmp.Equal(again, next, cmpopts.EquateEmpty()) {
				t.Fatalf("the second call tells %+v: %+v, %+v", more, next, again)
			}
			s = next
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "another policy") == 0 {
				watches = draw()
			}
			figure = rapid.Int64Range(0, 30).Draw(t, "overdue")
			decide()
			now += civil.Instant(rapid.SampledFrom([]int64{0, 1, 59, 61, 1000}).Draw(t, "seconds")) * civil.Second
			if s.Due != 0 && s.Due <= now {
				now = s.Due
				decide()
			}
		}
		for range 6 {
			if s.Due != 0 {
				now = s.Due
				decide()
			}
		}
		if s.Due != 0 {
			t.Fatalf("after six quiet moments something waits still: %+v", s)
		}
		v := view(figure, &tier.Ladder{}, tier.State{}, tier.State{})
		if _, events := watch.Decide(watches, s, v); len(events) > 0 {
			t.Fatalf("it was never told: %+v", events)
		}
	})
}
