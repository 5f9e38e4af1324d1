package value

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// CustomerNet is one customer's net of the window, in minor units.
type CustomerNet struct {
	ID  string
	Net int64
}

// Class is where a customer stands among all.
type Class struct {
	ID    string
	Class string       // A, B, C; N: seen, and nothing net
	Share figure.Micro // of the total of all positive nets, 0 for class N; null where there is no total
}

// Classify gives every customer a class by the ABC analysis (Pareto's rule applied to customers): by descending net,
// ties by id (fewer bytes first, then ascending), A while the sum before the customer is below a part (by default 80 %) of the
// total of all positive nets, B while below another (95 %), else C; N where net is not above 0. By count it is the number of
// customers before, of those with a net above 0. The result is in that order, N last. It depends on the set alone, and is exact.
func Classify(nets []CustomerNet, classes portfolio.Classes) []Class {
	sorted := slices.Clone(nets)
	slices.SortFunc(sorted, func(a, b CustomerNet) int {
		return cmp.Or(cmp.Compare(b.Net, a.Net), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	var total, customers, before, above sum
	for _, c := range sorted {
		total = total.add(max(0, c.Net))
		customers = customers.add(min(1, max(0, c.Net)))
	}
	out := make([]Class, 0, len(sorted))
	for _, c := range sorted {
		brings := max(0, c.Net)
		class := ""
		if classes.ByCount {
			class = letter(brings, above, customers, &classes)
		} else {
			class = letter(brings, before, total, &classes)
		}
		out = append(out, Class{c.ID, class, total.share(brings)})
		before, above = before.add(brings), above.add(1)
	}
	return out
}

func letter(net int64, before, whole sum, classes *portfolio.Classes) string {
	switch before = before.times(figure.One); {
	case net == 0:
		return "N"
	case before.less(whole.times(uint64(classes.A))):
		return "A"
	case before.less(whole.times(uint64(classes.B))):
		return "B"
	}
	return "C"
}

// sum is a sum of nets, in 128 bits: those of all customers may leave int64 where each one's doesn't.
type sum struct{ hi, lo uint64 }

func (s sum) add(n int64) sum {
	lo, carry := bits.Add64(s.lo, uint64(n), 0)
	return sum{s.hi + carry, lo}
}

func (s sum) times(n uint64) sum {
	hi, lo := bits.Mul64(s.lo, n)
	return sum{s.hi*n + hi, lo}
}

func (s sum) less(t sum) bool { return s.hi < t.hi || s.hi == t.hi && s.lo < t.lo }

// share is n as a part of s; null where s is 0 or leaves int64.
func (s sum) share(n int64) figure.Micro {
	if s.hi != 0 || s.lo > math.MaxInt64 {
		return figure.Micro{}
	}
	return figure.Div(n, int64(s.lo))
}
