package portfolio

// Classes is where the classes of customers end, walking down from the largest net: A while what comes before a customer is
// below a part of the whole, B while below a larger one, else C. Parts are millionths. What is counted is the net, or else the
// customers; the whole are those with a net above 0.
type Classes struct {
	A, B    int64
	ByCount bool
}

// DefaultClasses are 80 % and 95 % of the total net: the ABC analysis.
func DefaultClasses() Classes { return Classes{A: 800_000, B: 950_000} }

// border is the least figure of a class that ends at part of the whole, off by no more than half a bucket. False: nobody has
// a figure above 0.
func (c Classes) border(h *Histogram, part int64) (least int64, ok bool) {
	counted := h.Sum
	if c.ByCount {
		counted = h.Count
	}
	var whole, before uint64
	for i := range h.Index {
		if h.Index[i] > 0 {
			whole += uint64(counted[i])
		}
	}
	for i := len(h.Index) - 1; i >= 0 && h.Index[i] > 0 && below(before, millionths, whole, uint64(part)); i-- {
		least, ok = h.typical(i), true
		before += uint64(counted[i])
	}
	return least, ok
}

const millionths = 1_000_000
