package figure_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/figure"
)

func TestPortion(t *testing.T) {
	for _, c := range []struct{ total, part, whole, want int64 }{
		{100, 1, 3, 33}, {100, 2, 3, 67}, {5, 1, 2, 2}, {7, 1, 2, 4}, {-5, 1, 2, -2}, {-7, 1, 2, -4}, {9, -1, 3, -3}, {9, -1, -3, 3},
		{9, 1, 0, 0}, {math.MaxInt64, 3, 3, math.MaxInt64}, {math.MaxInt64, 3, 1, math.MaxInt64},
	} {
		if got := figure.Portion(c.total, c.part, c.whole); got != c.want {
			t.Errorf("%d*%d/%d: %d, want %d", c.total, c.part, c.whole, got, c.want)
		}
	}
}

// The root of a sum of squares is as far from the true one as a millionth and a rounding allow.
func TestRootDiv(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 4: "1", 2: "0.707107", 1_000_000: "500"} {
		if got := figure.RootDiv(n, 2).String(); got != want {
			t.Errorf("root of %d by 2: %s, want %s", n, got, want)
		}
	}
	if figure.RootDiv(-1, 2).Known || figure.RootDiv(4, 0).Known {
		t.Error("what can't be computed is known")
	}
	rapid.Check(t, func(t *rapid.T) {
		n, den := rapid.Int64Range(0, 1<<50).Draw(t, "n"), rapid.Int64Range(1, 1000).Draw(t, "den")
		got := figure.RootDiv(n, den)
		// |got/1e6 - root/den| <= 0.5e-6, squared so that all is whole
		below, above := big.NewInt((2*got.Millionths-1)*den), big.NewInt((2*got.Millionths+1)*den)
		is := new(big.Int).Mul(big.NewInt(n), big.NewInt(4*figure.One*figure.One))
		if below.Sign() > 0 && below.Mul(below, below).Cmp(is) > 0 || above.Mul(above, above).Cmp(is) < 0 {
			t.Fatalf("root of %d by %d is not %s", n, den, got)
		}
	})
}
