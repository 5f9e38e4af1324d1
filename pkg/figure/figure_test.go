package figure_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/figure"
)

func TestDecimals(t *testing.T) {
	for millionths, want := range map[int64]string{0: "0", 1: "0.000001", -1: "-0.000001", 2_500_000: "2.5", -30_000_000: "-30", 123_456: "0.123456"} {
		if got := figure.Of(millionths).String(); got != want {
			t.Errorf("%d: %s, want %s", millionths, got, want)
		}
	}
	if got := (figure.Micro{}).String(); got != "null" {
		t.Errorf("null is written as %s", got)
	}
}

func TestHalfGoesToEven(t *testing.T) {
	for _, c := range []struct{ num, den, want int64 }{
		{1, 2_000_000, 0}, {3, 2_000_000, 2}, {-1, 2_000_000, 0}, {-3, 2_000_000, -2}, {1, 3, 333_333}, {2, 3, 666_667},
	} {
		if got := figure.Div(c.num, c.den); !got.Known || got.Millionths != c.want {
			t.Errorf("%d/%d: %v, want %d millionths", c.num, c.den, got, c.want)
		}
	}
	if got := figure.Div(1, 0); got.Known {
		t.Errorf("1/0 is %v", got)
	}
}

// MulDiv is the exact quotient rounded half to even, held to what a figure can be.
func TestMulDivIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1e12, 1e12))
		a, b, den := n.Draw(t, "a"), n.Draw(t, "b"), n.Draw(t, "den")
		got := figure.MulDiv(a, b, den)
		if den == 0 {
			if got.Known {
				t.Fatalf("x/0 is %v", got)
			}
			return
		}
		want, most := exact(a, b, den), big.NewInt(1<<63-1)
		if want.CmpAbs(most) > 0 {
			want = most.Mul(most, big.NewInt(int64(want.Sign())))
		}
		if !got.Known || big.NewInt(got.Millionths).Cmp(want) != 0 {
			t.Fatalf("%d*%d/%d: %v, want %s millionths", a, b, den, got, want)
		}
	})
}

func exact(a, b, den int64) *big.Int {
	num := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	num.Mul(num, big.NewInt(figure.One))
	d := big.NewInt(den)
	sign := num.Sign() * d.Sign()
	num.Abs(num)
	d.Abs(d)
	q, r := new(big.Int).QuoRem(num, d, new(big.Int))
	if c := new(big.Int).Lsh(r, 1).Cmp(d); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if sign < 0 {
		q.Neg(q)
	}
	return q
}
