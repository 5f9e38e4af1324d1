package loadgen

import (
	"math/bits"
	"math/rand/v2"
)

// dice draws for one customer. It uses only the PCG's raw 64-bit outputs and integer arithmetic, so that no
// processor's floating point and no later change of math/rand/v2's helpers can alter a single event.
type dice struct{ src *rand.PCG }

// newDice starts one stream of a seed. Both are hashed first, since neighbouring states of a PCG are related.
func newDice(seed uint64, stream int) dice {
	high := scramble(scramble(seed) + uint64(stream))
	return dice{rand.NewPCG(high, scramble(high))}
}

// scramble is the output function of SplitMix64 (Steele, Lea, Flood 2014): a bijection that flips half of the bits
// when one is flipped.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below is uniform over 0 to n-1; n is at least 1.
func (d dice) below(n int64) int64 {
	high, _ := bits.Mul64(d.src.Uint64(), uint64(n))
	return int64(high)
}

// between is uniform over low to high, both included.
func (d dice) between(low, high int64) int64 { return low + d.below(high-low+1) }

// chance is true in share of 10,000 cases.
func (d dice) chance(share int) bool { return d.below(Whole) < int64(share) }

// normal is a standard normal deviate in 1/65536, within 6 sigma: the sum of twelve uniform deviates (Irwin-Hall).
func (d dice) normal() int64 {
	const mean = 12 * 65535 / 2
	var sum int64
	for range 3 {
		for u, i := d.src.Uint64(), 0; i < 4; i++ {
			sum += int64(u >> (16 * i) & 0xffff)
		}
	}
	return sum - mean
}

// lognormal is a lognormal deviate with the given median; sigma is in thousandths. At least 1 if the median is.
func (d dice) lognormal(median, sigma int64) int64 {
	return max(median*exponential(sigma*d.normal()/1000)>>16, min(median, 1))
}

// exponential is e to the power of x; both in 1/65536. The cubic is the usual fit of 2^f on 0 to 1, good to 1e-4,
// which is ample for drawing amounts.
func exponential(x int64) int64 {
	const log2e = 94548 // log2(e) in 1/65536
	power := x * log2e >> 16
	f := power & 0xffff
	mantissa := 65536 + (f*(45584+(f*(14823+(f*5121>>16))>>16)))>>16
	shift := power >> 16
	if shift < 0 {
		return mantissa >> min(-shift, 30)
	}
	return mantissa << min(shift, 30)
}

// weighted picks an index by weights in basis points that add up to Whole.
func weighted[T any](d dice, all []T, weight func(T) int) T {
	left := d.below(Whole)
	for _, one := range all {
		if left -= int64(weight(one)); left < 0 {
			return one
		}
	}
	return all[len(all)-1]
}

// pick is one of all, each as likely.
func pick[T any](d dice, all []T) T { return all[d.below(int64(len(all)))] }
