package value_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/value"
)

// drawShares draws shares around day 1000; days and amounts are few, so that they meet.
func drawShares(t *rapid.T, name string) []value.Share {
	share := rapid.Custom(func(t *rapid.T) value.Share {
		day := civil.Day(rapid.OneOf(rapid.IntRange(990, 1010), rapid.IntRange(100, 1100)).Draw(t, "day"))
		n := rapid.Int64Range(0, 3).Draw(t, "amount")
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			return back(day, n)
		}
		s := order(day, n)
		s.At += civil.Instant(rapid.IntRange(0, 1).Draw(t, "second")) * civil.Second
		if rapid.Bool().Draw(t, "returned") {
			s.Returns, s.ReturnCount = rapid.Int64Range(0, n).Draw(t, "returns"), 1
		}
		enrich(t, &s)
		return s
	})
	return rapid.SliceOfN(share, 0, 12).Draw(t, name)
}

// enrich gives a share what else there may be of a day.
func enrich(t *rapid.T, s *value.Share) {
	if rapid.Bool().Draw(t, "costed") {
		s.Cost, s.Costed = rapid.Int64Range(0, 3).Draw(t, "cost"), s.Gross-s.Returns
	}
	if rapid.Bool().Draw(t, "in a category") {
		s.Categories = []value.Category{{Code: rapid.Int32Range(1, 3).Draw(t, "code"), Net: s.Gross - s.Returns, Uncosted: s.Gross - s.Returns - s.Costed}}
		if s.Categories[0].Net == 0 {
			s.Categories = nil
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "service") == 0 {
		s.Service = &value.Service{Contacts: 1, Minutes: 5000, Unpriced: 5000, Surveys: 1, Answers: rapid.Int64Range(0, 10).Draw(t, "answer") * 1000,
			Complaints: 1, Visits: 1, Activities: 1, Referrals: 1, Cost: 7}
	}
}

func drawConfig(t *rapid.T) value.Config {
	return value.Config{WindowDays: rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 1000)).Draw(t, "window")}
}

func sameState(a, b value.State) bool {
	same := func(x, y value.Bucket) bool { return reflect.DeepEqual(x, y) }
	return a.LastOrderAt == b.LastOrderAt && a.FirstDay == b.FirstDay && slices.EqualFunc(a.Buckets, b.Buckets, same)
}

func TestOrderOfAddsLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := drawShares(t, "shares")
		a, b := holding(shares...), holding(rapid.Permutation(shares).Draw(t, "another order")...)
		if !sameState(a, b) {
			t.Fatalf("%+v, in another order %+v", a, b)
		}
		for i, bucket := range a.Buckets {
			if reflect.DeepEqual(bucket, value.Bucket{Day: bucket.Day}) || i > 0 && a.Buckets[i-1].Day >= bucket.Day {
				t.Fatalf("bucket %d of %v is empty or out of order", i, a.Buckets)
			}
		}
	})
}

// Removing what was added, in any order, restores the state; the last order is the caller's to find again when told.
func TestRemoveUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stays, goes := drawShares(t, "stays"), drawShares(t, "goes")
		want := holding(stays...)
		s := holding(rapid.Permutation(slices.Concat(stays, goes)).Draw(t, "order of adds")...)
		told := false
		for _, x := range rapid.Permutation(goes).Draw(t, "order of removals") {
			told = s.Remove(x) || told
		}
		if !told && (s.LastOrderAt != want.LastOrderAt || s.FirstDay != want.FirstDay) {
			t.Fatalf("the last or the first order is lost and nobody was told: %s %s, want %s %s", s.LastOrderAt, s.FirstDay, want.LastOrderAt, want.FirstDay)
		}
		s.LastOrderAt, s.FirstDay = want.LastOrderAt, want.FirstDay
		if !sameState(s, want) {
			t.Fatalf("%+v, want %+v", s, want)
		}
	})
}

// bruteForce takes the figures from the shares themselves.
func bruteForce(shares []value.Share, cfg value.Config, today civil.Day) (f value.Figures) {
	var days []int64
	for _, x := range shares {
		f.LastOrderAt = max(f.LastOrderAt, x.At)
		if age := int(today - x.Day); age < 0 || age > cfg.WindowDays {
			continue
		}
		f.Gross += x.Gross
		f.Returns += x.Returns
		f.Orders += int64(x.Orders)
		f.ReturnCount += int64(x.ReturnCount)
		if x.Orders > 0 {
			days = append(days, int64(x.Day))
		}
	}
	f.Net = f.Gross - f.Returns
	slices.Sort(days)
	if days = slices.Compact(days); len(days) > 1 {
		gaps := int64(0)
		for i := 1; i < len(days); i++ {
			gaps += days[i] - days[i-1]
		}
		f.MeanGap = figure.Div(gaps, int64(len(days)-1))
	}
	return f
}

func TestFiguresByBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares, cfg := drawShares(t, "shares"), drawConfig(t)
		s := holding(shares...)
		for _, today := range []civil.Day{990, 1000, 1005, 1011, 1500} {
			if got, want := sales(s.Figures(cfg, today, value.Profile{})), bruteForce(shares, cfg, today); got != want {
				t.Fatalf("day %d: %+v, want %+v", today, got, want)
			}
		}
	})
}

// No figure changes before NextDay. One changes on it, but where on that very day one bucket comes and another goes,
// which may make up for each other.
func TestNothingChangesBeforeNextDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		s := holding(drawShares(t, "shares")...)
		today := civil.Day(rapid.IntRange(980, 1020).Draw(t, "today"))
		now := sales(s.Figures(cfg, today, value.Profile{}))
		next, ok := s.NextDay(cfg, today)
		until := next
		if !ok {
			until = today + 2500
		}
		for d := today; d < until; d++ {
			if got := sales(s.Figures(cfg, d, value.Profile{})); got != now {
				t.Fatalf("from day %d on %+v, on day %d %+v, next is %d %t", today, now, d, got, next, ok)
			}
		}
		if ok && sales(s.Figures(cfg, next, value.Profile{})) == now && !comesAndGoes(s, cfg, next) {
			t.Fatalf("nothing changes on day %d", next)
		}
	})
}

func comesAndGoes(s value.State, cfg value.Config, d civil.Day) bool {
	comes, goes := false, false
	for _, b := range s.Buckets {
		comes = comes || b.Day == d
		goes = goes || b.Day == d-civil.Day(cfg.WindowDays)-1
	}
	return comes && goes
}

// Pruning changes no figure of any later day, for the policy's window and for every window within the history.
func TestPruneKeepsFigures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares, cfg := drawShares(t, "shares"), drawConfig(t)
		whole, pruned := holding(shares...), holding(shares...)
		today := civil.Day(rapid.IntRange(900, 1900).Draw(t, "today"))
		pruned.Prune(cfg, today)
		other := value.Config{WindowDays: rapid.IntRange(1, value.HistoryDays).Draw(t, "another window")}
		for later := range civil.Day(50) {
			d := today + later*20
			for _, c := range []value.Config{cfg, other} {
				if a, b := whole.Figures(c, d, value.Profile{}), pruned.Figures(c, d, value.Profile{}); a != b {
					t.Fatalf("day %d: %+v, pruned %+v", d, a, b)
				}
			}
		}
	})
}
