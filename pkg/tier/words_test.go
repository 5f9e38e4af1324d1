package tier_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/tier"
)

// An amount has the digits that a formatter gives it, in groups of three.
func TestAmountsAreGrouped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, 3).Draw(t, "scale")
		x := rapid.OneOf(rapid.Float64Range(-2e4, 2e4), rapid.Float64Range(-1e16, 1e16), rapid.Float64Range(-0.1, 0.1)).Draw(t, "x")
		got, _, gap, unit := tier.Words{Scale: scale}.Numbers(tier.Test{Factor: "value.net", Value: x, Threshold: x, Known: true})
		want := strconv.FormatFloat(x, 'f', scale, 64)
		if !strings.ContainsAny(want, "123456789") {
			want = strconv.FormatFloat(math.Abs(x), 'f', scale, 64) // nothing is never less than nothing
		}
		if strings.ReplaceAll(got, ",", "") != want || unit != tier.Money || gap != "" {
			t.Fatalf("%v is %q with the gap %q, want the digits of %q", x, got, gap, want)
		}
		whole, _, _ := strings.Cut(strings.TrimPrefix(got, "-"), ".")
		for i, group := range strings.Split(whole, ",") {
			if len(group) > 3 || len(group) < 1 || i > 0 && len(group) != 3 {
				t.Fatalf("%v is grouped as %q", x, got)
			}
		}
	})
}
