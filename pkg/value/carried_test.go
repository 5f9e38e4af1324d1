package value_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/value"
)

// Sums that go on with what is added and taken back, as days pass and other policies look, are those that are added up; and
// whatever bucket changes has been told.
func TestCarriedSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfgs := []value.Config{carriedConfig(t), carriedConfig(t)}
		s, told := value.State{Carried: &value.Carried{}}, map[civil.Day]bool{}
		s.Changed = func(day civil.Day) { told[day] = true }
		var held []value.Share
		today := civil.Day(995)
		for range rapid.IntRange(1, 4).Draw(t, "lots") {
			for _, x := range drawShares(t, "shares") {
				clear(told)
				was := bucketsOf(&s)
				if n := len(held); n > 0 && rapid.IntRange(0, 2).Draw(t, "back") == 0 {
					i := rapid.IntRange(0, n-1).Draw(t, "which")
					s.Remove(held[i])
					held[i] = held[n-1]
					held = held[:n-1]
				} else {
					s.Add(x)
					held = append(held, x)
				}
				is := bucketsOf(&s)
				for day := range told {
					delete(was, day)
					delete(is, day)
				}
				if !reflect.DeepEqual(was, is) {
					t.Fatalf("told of %v: beside it there was %v and is %v", told, was, is)
				}
				cfg := &cfgs[rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "policy")]
				if rapid.IntRange(0, 5).Draw(t, "pruned") == 0 {
					s.Prune(cfgs[rapid.IntRange(0, 1).Draw(t, "by")], today+civil.Day(rapid.SampledFrom([]int{0, 0, 1, 300}).Draw(t, "ahead")))
				}
				n := s.At(cfg, today)
				day, moves := n.NextDay()
				wantDay, wantMoves := s.NextDay(*cfg, today)
				if f, want := n.Figures(value.Profile{}), s.Figures(*cfg, today, value.Profile{}); f != want || day != wantDay || moves != wantMoves {
					t.Fatalf("day %d: carried %+v, next %d %t\nadded up %+v, next %d %t", today, f, day, moves, want, wantDay, wantMoves)
				}
				today += civil.Day(max(0, rapid.IntRange(-4, 3).Draw(t, "days pass")))
			}
		}
	})
}

func carriedConfig(t *rapid.T) value.Config {
	cfg := drawConfig(t)
	cfg.Categories = []string{"a", "b", "c"}
	cfg.Lifecycle = value.Lifecycle{NewDays: 30, DormantDays: rapid.IntRange(2, 60).Draw(t, "dormant"), DormantGaps: 2, ReturningDays: rapid.IntRange(1, 90).Draw(t, "returning")}
	cfg.Serve = value.Serve{Minute: 3, Visit: 5, Complaint: 7, Return: 2}
	cfg.Looks = value.Looks{Growth: true, Lifecycle: true, Reorder: true, Contact: true, Unmet: true, Tenure: true}
	return cfg
}

func bucketsOf(s *value.State) map[civil.Day]value.Bucket {
	out := map[civil.Day]value.Bucket{}
	for _, b := range s.Buckets {
		b.Categories = append([]value.Category(nil), b.Categories...)
		out[b.Day] = b
	}
	return out
}
