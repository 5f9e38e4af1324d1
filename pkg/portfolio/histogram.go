// Package portfolio ranks customers among all: histograms that are kept up to date as customers change, the cut-offs
// that they give (percentiles, and the borders of the classes by share of the total), and where a figure stands by them.
// Memory and messages are bounded by the number of buckets, not by that of customers.
package portfolio

import (
	"math"
	"math/bits"
	"slices"
)

// Histogram counts customers by a figure in buckets less than one per cent wide, negative figures and 0 too. The lists belong
// together, ascending by Index, without empty buckets, so that the same customers are the same bytes. A difference of
// two histograms is one too: its counts and sums may be negative. The zero value is empty.
type Histogram struct {
	Index []int32
	Count []int64
	Sum   []int64 // of the figures themselves, exact
}

// Add counts n customers with figure v; n is negative for those who leave.
func (h *Histogram) Add(v, n int64) { h.put(BucketOf(v), n, n*v) }

func (h *Histogram) put(index int32, count, sum int64) {
	i, found := slices.BinarySearch(h.Index, index)
	if !found {
		if count == 0 && sum == 0 {
			return
		}
		h.Index, h.Count, h.Sum = slices.Insert(h.Index, i, index), slices.Insert(h.Count, i, count), slices.Insert(h.Sum, i, sum)
		return
	}
	h.Count[i] += count
	h.Sum[i] += sum
	if h.Count[i] == 0 && h.Sum[i] == 0 {
		h.Index, h.Count, h.Sum = slices.Delete(h.Index, i, i+1), slices.Delete(h.Count, i, i+1), slices.Delete(h.Sum, i, i+1)
	}
}

// Merge adds sign times o.
func (h *Histogram) Merge(o Histogram, sign int64) {
	for i, index := range o.Index {
		h.put(index, sign*o.Count[i], sign*o.Sum[i])
	}
}

// Clone is a copy that shares nothing.
func (h *Histogram) Clone() Histogram {
	return Histogram{slices.Clone(h.Index), slices.Clone(h.Count), slices.Clone(h.Sum)}
}

// Customers is how many are counted.
func (h *Histogram) Customers() (n int64) {
	for _, c := range h.Count {
		n += c
	}
	return n
}

// Percentile is the figure at or below which at least percent of 100 customers lie (nearest rank), off by no more than
// half a bucket. False: there are no customers.
func (h *Histogram) Percentile(percent int) (int64, bool) {
	n := h.Customers()
	if n <= 0 {
		return 0, false
	}
	rank := (n*int64(percent) + 99) / 100
	for i, c := range h.Count {
		if rank -= c; rank <= 0 {
			return h.typical(i), true
		}
	}
	return 0, false
}

// below compares a*b with c*d, in 128 bits.
func below(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 < l2
}

// typical stands for the figures of bucket i: the only one, or else the middle of the bucket.
func (h *Histogram) typical(i int) int64 {
	if h.Count[i] == 1 {
		return h.Sum[i]
	}
	lowest, highest := Borders(h.Index[i])
	return lowest + (highest-lowest)/2
}

// Buckets: figures below exact have one each; above, each power of two has 2^resolution of the same width, so that a bucket is
// less than 1/2^resolution of its lowest figure wide, and its middle within 0.4 % of all that is in it.
const (
	resolution = 7
	exact      = 2 << resolution
)

// BucketOf numbers the bucket of a figure: 0 has its own, negative figures mirror the positive ones. It takes integers
// only, so that every machine finds the same.
func BucketOf(v int64) int32 {
	switch {
	case v == math.MinInt64:
		return -BucketOf(math.MaxInt64)
	case v < 0:
		return -BucketOf(-v)
	case v < exact:
		return int32(v)
	}
	shift := bits.Len64(uint64(v)) - 1 - resolution
	return int32(shift)<<resolution + int32(v>>shift)
}

// Borders are the lowest and the highest figure of a bucket.
func Borders(index int32) (lowest, highest int64) {
	if index < 0 {
		lowest, highest = Borders(-index)
		return -highest, -lowest
	}
	if index < exact {
		return int64(index), int64(index)
	}
	shift := index>>resolution - 1
	lowest = int64(index-shift<<resolution) << shift
	return lowest, lowest + 1<<shift - 1
}
