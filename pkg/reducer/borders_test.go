package reducer

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/value"
)

// Whatever comes and goes, the first and the last order are those of all, or aren't known; and they are known until as many have been taken
// back in a row as there were known.
func TestBorders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, all, calendar := bordersOfNone(), []civil.Instant(nil), civil.Calendar{}
		if rapid.Bool().Draw(t, "unknown") {
			b = borders{}
		}
		spread := rapid.SampledFrom([]int64{1, 3, 400}).Draw(t, "days")
		at := func() civil.Instant {
			return civil.Instant(rapid.Int64Range(1, 20).Draw(t, "at"))*civil.Second + civil.Instant(rapid.Int64Range(1, spread).Draw(t, "day"))*civil.FullDay
		}
		share := func(at civil.Instant) *value.Share {
			return &value.Share{Bucket: value.Bucket{Day: calendar.DayOf(at)}, At: at}
		}
		each := func(yield func(*value.Share) bool) {
			for _, x := range all {
				if !yield(share(x)) {
					return
				}
			}
		}
		forgot := 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch n := rapid.IntRange(1, 300).Draw(t, "n"); rapid.IntRange(0, 3).Draw(t, "step") {
			case 0: // the last, one after the other
				for range min(n, len(all)) {
					last := slices.Max(all)
					all = slices.Delete(all, slices.Index(all, last), slices.Index(all, last)+1)
					b.remove(share(last))
				}
			case 1: // the first
				for range min(n, len(all)) {
					first := slices.Min(all)
					all = slices.Delete(all, slices.Index(all, first), slices.Index(all, first)+1)
					b.remove(share(first))
				}
			case 2:
				for range min(n, len(all)) {
					i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
					b.remove(share(all[i]))
					all = slices.Delete(all, i, i+1)
				}
			default:
				for range n {
					x := at()
					all = append(all, x)
					b.add(share(x))
				}
			}
			if !b.known() {
				forgot++
				b.find(each)
			}
			got, want := value.State{LastOrderAt: 1, FirstDay: 1}, value.State{}
			b.ends(&got, calendar)
			for x := range each {
				want.Ordered(*x)
			}
			if got.LastOrderAt != want.LastOrderAt || got.FirstDay != want.FirstDay {
				t.Fatalf("first day %d, last order %d, want %d, %d", got.FirstDay, got.LastOrderAt, want.FirstDay, want.LastOrderAt)
			}
			if most := 2 * borderMost; len(b.first.keys) >= most || len(b.last.keys) >= most || b.first.more && len(b.first.keys) == 0 {
				t.Fatalf("%d and %d orders are known", len(b.first.keys), len(b.last.keys))
			}
		}
	})
	b := bordersOfNone()
	for n := range 10 * borderMost {
		b.add(&value.Share{At: civil.Instant(n + 1)})
	}
	for n := range borderMost - 1 {
		if b.remove(&value.Share{At: civil.Instant(10*borderMost - n)}); !b.known() {
			t.Fatalf("%d of %d were taken back, and the last isn't known", n+1, 10*borderMost)
		}
	}
	if b.under(&value.Config{Recognise: value.Invoiced}); !b.known() {
		t.Error("a policy is the first that counts orders, and the last isn't known")
	}
	if b.under(&value.Config{Recognise: value.Placed}); b.known() {
		t.Error("other orders count, and the last is known")
	}
}
