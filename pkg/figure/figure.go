// Package figure has the number that rates, days and points are kept in: millionths, exact and the same on every
// machine, with a null that means 'not computable'.
package figure

import (
	"math/bits"
	"strconv"
)

// Micro is a figure in millionths (1e-6). The zero value is null: not computable, which is not 0. One beyond 9.2e12 either
// way is as far off as it can be, at 9223372036854.775807: it can be computed, so it isn't null.
type Micro struct {
	Millionths int64
	Known      bool
}

// One is 1 in the unit of Micro.
const One = 1_000_000

// Of is the figure n millionths.
func Of(n int64) Micro { return Micro{n, true} }

// Div is num/den rounded half to even to a millionth; null where den is 0.
func Div(num, den int64) Micro { return MulDiv(num, 1, den) }

// MulDiv is a*b/den with the product in 128 bits, rounded half to even to a millionth, and no further from 0 than Micro
// goes; null where den is 0.
func MulDiv(a, b, den int64) Micro {
	if den == 0 {
		return Micro{}
	}
	negative := (a < 0) != (b < 0) != (den < 0)
	hi, lo := bits.Mul64(abs(a), abs(b))
	hi, lo, ok := mul128(hi, lo, One)
	n := int64(most)
	if d := abs(den); ok && hi < d {
		n = round(hi, lo, d)
	}
	if negative {
		n = -n
	}
	return Of(n)
}

// most is the furthest that a figure may be from 0, in millionths.
const most = 1<<63 - 1

// round is hi,lo/d rounded half to even, or the most where that is more.
func round(hi, lo, d uint64) int64 {
	q, r := bits.Div64(hi, lo, d)
	if q >= most {
		return most
	}
	if half := d - r; r > half || r == half && q&1 == 1 {
		q++
	}
	return int64(q)
}

func mul128(hi, lo, by uint64) (h, l uint64, ok bool) {
	over, mid := bits.Mul64(hi, by)
	carry, low := bits.Mul64(lo, by)
	sum, c := bits.Add64(mid, carry, 0)
	return sum, low, over == 0 && c == 0
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Float is the figure as a double; the caller looks at Known first.
func (m Micro) Float() float64 { return float64(m.Millionths) / One }

// MarshalJSON writes null, or the shortest decimal: 0.123457, 30, -2.5.
func (m Micro) MarshalJSON() ([]byte, error) {
	if !m.Known {
		return []byte("null"), nil
	}
	return m.appendDecimal(nil), nil
}

// String is the decimal that MarshalJSON writes.
func (m Micro) String() string {
	if !m.Known {
		return "null"
	}
	return string(m.appendDecimal(nil))
}

func (m Micro) appendDecimal(b []byte) []byte {
	n := abs(m.Millionths)
	if m.Millionths < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, n/One, 10)
	if n%One == 0 {
		return b
	}
	part := strconv.AppendUint(nil, n%One+One, 10)[1:]
	for part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	return append(append(b, '.'), part...)
}
