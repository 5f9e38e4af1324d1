package credit_test

import (
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/credit"
)

// What is looked for from the end is found where it is found from anywhere: in lists of every length, each of their entries, what lies
// between two, before the first and after the last, and the first of several that are alike.
func TestLately(t *testing.T) {
	for n := range 70 {
		list := make([]int, n)
		for i := range list {
			list[i] = 2 * (i - i%3)
		}
		for x := -1; x <= 2*n; x++ {
			if want, _ := slices.BinarySearch(list, x); credit.Lately(list, x) != want {
				t.Errorf("%d of %v is at %d, want %d", x, list, credit.Lately(list, x), want)
			}
		}
	}
}
