package register_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

// onDay is the version of an event on a day.
func onDay(revision int64, day civil.Day) register.Version {
	return register.Version{Revision: revision, OccurredAt: civil.Instant(day) * civil.FullDay, EventID: fmt.Sprint("e", day)}
}

func days(n int32) register.Terms { return register.Terms{Kind: register.Days, Days: n} }

// An order without terms that is amended to be due at once has been due on its day, whatever it is placed as again; and an
// amendment counts from the full state that it amends.
func TestDueOfAnOrderOnceWithoutTerms(t *testing.T) {
	at0, at5 := days(0), days(5)
	for says, c := range map[string]struct {
		events []func(*register.Order) bool
		want   register.DueDay
	}{
		"due at once, then placed again, too late": {[]func(*register.Order) bool{
			func(o *register.Order) bool { return o.Place(onDay(0, 10), register.OrderDoc{}) },
			func(o *register.Order) bool { return o.Amend(onDay(0, 11), register.OrderPatch{Terms: &at0}) },
			func(o *register.Order) bool { return o.Place(onDay(1, 20), register.OrderDoc{Terms: days(30)}) },
		}, register.DueDay{Day: 10, Known: true}},
		"placed again without terms between": {[]func(*register.Order) bool{
			func(o *register.Order) bool { return o.Place(onDay(0, 10), register.OrderDoc{Terms: days(100)}) },
			func(o *register.Order) bool { return o.Place(onDay(1, 50), register.OrderDoc{}) },
			func(o *register.Order) bool { return o.Amend(onDay(1, 51), register.OrderPatch{Terms: &at5}) },
			func(o *register.Order) bool { return o.Place(onDay(2, 60), register.OrderDoc{Terms: days(30)}) },
		}, register.DueDay{Day: 55, Known: true}},
	} {
		for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}} {
			o := register.Order{}
			for _, i := range order {
				if i < len(c.events) {
					c.events[i](&o)
				}
			}
			if got := o.OldDue(civil.Calendar{}); got != c.want {
				t.Errorf("%s, in the order %v: due on %d, want %d", says, order, got.Day, c.want.Day)
			}
		}
	}
}

// The due day is what the rule makes of all that was ever said, sorted by version, in whatever order it arrives.
func TestOldDueByBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type said struct {
			v     register.Version
			full  bool
			terms register.Terms
		}
		var all []said
		for i := range rapid.IntRange(1, 8).Draw(t, "events") {
			s := said{v: register.Version{Revision: rapid.Int64Range(0, 2).Draw(t, "revision"), EventID: fmt.Sprint("e", i),
				OccurredAt: civil.Instant(rapid.Int64Range(0, 40).Draw(t, "day")) * civil.FullDay}}
			s.full, s.terms = rapid.Bool().Draw(t, "full"), days(rapid.Int32Range(0, 20).Draw(t, "terms"))
			if s.full && rapid.Bool().Draw(t, "cash") {
				s.terms = register.Terms{}
			}
			all = append(all, s)
		}
		o := register.Order{}
		for _, s := range all {
			if s.full {
				o.Place(s.v, register.OrderDoc{Terms: s.terms})
			} else {
				o.Amend(s.v, register.OrderPatch{Terms: &s.terms})
			}
		}
		slices.SortFunc(all, func(a, b said) int { return a.v.Compare(b.v) })
		var want register.DueDay
		placed, known := civil.Day(0), false
		for _, s := range all {
			on := civil.Calendar{}.DayOf(s.v.OccurredAt)
			if s.full {
				placed, known = on, true
			}
			if due, ok := s.terms.DueDay(placed); ok && known && (!want.Known || due <= want.Day || on <= want.Day) {
				want = register.DueDay{Day: due, Known: true}
			}
		}
		if got := o.OldDue(civil.Calendar{}); known && got != want {
			t.Fatalf("due %+v, want %+v: %+v", got, want, o)
		}
	})
}
