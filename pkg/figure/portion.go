package figure

import "math/bits"

// Portion is total*part/whole in whole units, the product in 128 bits, rounded half to even, and no further from 0 than
// int64 goes; 0 where whole is 0.
func Portion(total, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	hi, lo := bits.Mul64(abs(total), abs(part))
	n := int64(most)
	if d := abs(whole); hi < d {
		n = round(hi, lo, d)
	}
	if (total < 0) != (part < 0) != (whole < 0) {
		return -n
	}
	return n
}

// RootDiv is the square root of n, divided by den, rounded half to even to a millionth; null where den is not above 0, and
// where n is below 0.
func RootDiv(n, den int64) Micro {
	if n < 0 || den <= 0 || den > most/4 {
		return Micro{}
	}
	hi, lo := bits.Mul64(uint64(n), 16*One*One)
	r := root(hi, lo) // four times what is asked for, and odd where there is a rest: so it can't be taken for a half
	if h, l := bits.Mul64(r, r); h != hi || l != lo {
		r |= 1
	}
	return Of(int64(round(0, r, uint64(4*den))))
}

// root is the whole part of the square root of hi,lo, by Newton's method from above.
func root(hi, lo uint64) uint64 {
	size := bits.Len64(lo)
	if hi > 0 {
		size = 64 + bits.Len64(hi)
	}
	if size == 0 {
		return 0
	}
	x := uint64(1) << min((size+1)/2, 63)
	for {
		q, _ := bits.Div64(hi, lo, x)
		next := x/2 + q/2 + (x&1+q&1)/2
		if next >= x {
			return x
		}
		x = next
	}
}
