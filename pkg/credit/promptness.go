package credit

import (
	"math/bits"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// curve is the promptness of a portion by its days beyond terms: linear between the knots, level outside. The knots
// are those of D&B's PAYDEX (http://www.dandb.com/glossary/paydex/): on terms is 80, thirty days early 100.
var curve = [...]struct{ days, points int64 }{
	{-30, 100}, {-20, 90}, {0, 80}, {15, 70}, {22, 60}, {30, 50}, {60, 40}, {90, 30}, {120, 20}, {180, 1},
}

// pointUnit is the least common denominator of the curve's slopes: points in this unit are whole numbers.
const pointUnit = 420

// points is the promptness of a portion, in units of 1/420.
func points(beyond int64) int64 {
	if beyond <= curve[0].days {
		return curve[0].points * pointUnit
	}
	for i := 1; i < len(curve); i++ {
		a, b := curve[i-1], curve[i]
		if beyond <= b.days {
			return a.points*pointUnit + (b.points-a.points)*(beyond-a.days)*pointUnit/(b.days-a.days)
		}
	}
	return curve[len(curve)-1].points * pointUnit
}

// products is a sum of amounts x rates that can't overflow: 128 bits, with the sum of the amounts beside it.
type products struct {
	hi, lo uint64
	amount int64
}

// add adds an amount, or takes away what has been added of it.
func (s *products) add(amount int64, rate uint64) {
	hi, lo := bits.Mul64(uint64(amount), rate)
	if amount < 0 {
		hi -= rate // of what the sign is
	}
	*s = s.and(products{hi, lo, amount})
}

// and is both together.
func (s products) and(o products) products {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, o.lo, 0)
	s.hi, _ = bits.Add64(s.hi, o.hi, carry)
	s.amount += o.amount
	return s
}

// weighted is a mean of points, weighted by amounts.
type weighted struct{ products }

func (w *weighted) add(amount, beyond int64) { w.products.add(amount, uint64(points(beyond))) }

// and is both together.
func (w weighted) and(o weighted) weighted { return weighted{w.products.and(o.products)} }

// mean is the sum divided by the amounts, in points, rounded half to even to a millionth; null without any.
func (w weighted) mean() figure.Micro {
	if w.amount <= 0 || w.hi >= uint64(w.amount) { // amounts beyond what money there is
		return figure.Micro{}
	}
	amount := uint64(w.amount)
	units, rest := bits.Div64(w.hi, w.lo, amount) // at most 42,000, since no portion has more points
	hi, lo := bits.Mul64(rest, figure.One)
	part, rest := bits.Div64(hi, lo, amount)
	n := units*figure.One + part // millionths of a unit, and rest/amount of one
	whole, odd := n/pointUnit, n%pointUnit
	const half = pointUnit / 2
	if odd > half || odd == half && (rest > 0 || whole%2 == 1) {
		whole++
	}
	return figure.Of(int64(whole))
}

// within says that day lies in the window of so many full days before today, and today.
func within(day, today civil.Day, days int) bool {
	return day >= today-civil.Day(days) && day <= today
}
