package credit

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The mean is the exact quotient rounded half to even, whatever the amounts, as long as their sum is a number.
func TestMeanIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.OneOf(rapid.Int64Range(1, 1e15), rapid.Int64Range(1, 5))
		var w weighted
		sum, weight := new(big.Int), new(big.Int)
		for range rapid.IntRange(1, 20).Draw(t, "portions") {
			amount, beyond := amounts.Draw(t, "amount"), rapid.Int64Range(-60, 200).Draw(t, "beyond")
			w.add(amount, beyond)
			weight.Add(weight, big.NewInt(amount))
			sum.Add(sum, new(big.Int).Mul(big.NewInt(amount), big.NewInt(points(beyond))))
		}
		if got, want := w.mean().Millionths, halfEven(sum.Mul(sum, big.NewInt(1e6)), weight.Mul(weight, big.NewInt(pointUnit))); got != want {
			t.Fatalf("%d, want %d millionths", got, want)
		}
	})
}

func halfEven(n, d *big.Int) int64 {
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	if c := r.Lsh(r, 1).Cmp(d); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// Points in the unit of 1/420 are whole on every day, and fall from day to day.
func TestPointsAreWholeAndFall(t *testing.T) {
	for i := 1; i < len(curve); i++ {
		a, b := curve[i-1], curve[i]
		if (b.points-a.points)*pointUnit%(b.days-a.days) != 0 {
			t.Errorf("the slope between %d and %d days is no whole number of units", a.days, b.days)
		}
		for d := a.days + 1; d <= b.days; d++ {
			if points(d) >= points(d-1) {
				t.Errorf("%d days beyond terms is no worse than %d", d, d-1)
			}
		}
	}
}
