package policy

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Between two grades that are neighbours a margin lies on both sides of their border. Whatever else makes a grade is told.
func TestHovers(t *testing.T) {
	grades := []credit.Grade{{Name: "A", From: 80 * figure.One}, {Name: "B", From: 50 * figure.One}, {Name: "C"}}
	for _, c := range []struct {
		score     int64 // thousandths
		now, told int64
		want      bool
	}{
		{79_999, 2, 1, true}, {78_000, 2, 1, true}, {77_999, 2, 1, false}, // down
		{80_000, 1, 2, true}, {81_999, 1, 2, true}, {82_000, 1, 2, false}, // up
		{49_000, 3, 2, true}, {51_000, 2, 3, true}, {47_999, 3, 2, false},
		{85_000, 2, 1, false}, // a cap
		{49_000, 3, 1, false}, // two grades at once
		{79_000, 2, 0, false}, {79_000, 2, 9, false}, {79_000, 0, 1, false},
	} {
		if got := hovers(grades, figure.Of(c.score*1000), c.now, c.told, 2*figure.One); got != c.want {
			t.Errorf("a score of %d, grade %d after %d: %v", c.score, c.now, c.told, got)
		}
	}
	if hovers(grades, figure.Micro{}, 2, 1, 2*figure.One) {
		t.Error("a grade without a score hovers")
	}
}
