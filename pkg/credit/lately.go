package credit

import (
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// lately is the place of the first entry of a sorted list that isn't before what is looked for. As a rule that is one of the last, so
// it looks at these first, and at more and more of them: a list of years isn't in the caches.
func lately[T any](list []T, before func(*T) bool) int {
	from, to := 0, len(list)
	for step := 1; to > 0; step *= 2 {
		i := max(0, to-step)
		if before(&list[i]) {
			from = i + 1
			break
		}
		to = i
	}
	return from + sort.Search(to-from, func(i int) bool { return !before(&list[from+i]) })
}

// latelyOn is the place of a day in a list by day, and whether it is there.
func latelyOn[T any](list []T, day civil.Day, of func(*T) civil.Day) (int, bool) {
	i := lately(list, func(x *T) bool { return of(x) < day })
	return i, i < len(list) && of(&list[i]) == day
}

// daySpan is where a day's entries are in a list by day.
func daySpan[T any](list []T, day civil.Day, of func(*T) civil.Day) (from, to int) {
	from, _ = latelyOn(list, day, of)
	for to = from; to < len(list) && of(&list[to]) == day; to++ {
	}
	return from, to
}

// early is the place of the first of some open accounts that doesn't come before one. What free money comes to is due first, as a rule, so it
// looks at the first ones first, and at more and more of them.
func early(open []*account, a *account) int {
	from, to := 0, len(open)
	for step := 1; from < to; step *= 2 {
		if i := min(to-1, from+step-1); compareAccounts(open[i], a) >= 0 {
			to = i
			break
		} else {
			from = i + 1
		}
	}
	return from + sort.Search(to-from, func(i int) bool { return compareAccounts(open[from+i], a) >= 0 })
}

// around is the same for what belongs near a place, as a rule.
func around(open []*account, a *account, near int) int {
	near = min(max(near, 0), len(open))
	if near < len(open) && compareAccounts(open[near], a) < 0 {
		return near + 1 + early(open[near+1:], a)
	}
	return lately(open[:near], func(x **account) bool { return compareAccounts(*x, a) < 0 })
}
