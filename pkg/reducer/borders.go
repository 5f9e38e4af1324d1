package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/value"
)

// borders are the first and the last orders of a customer who is kept, so that where the very last one is taken back, the one before is
// known without a look at all of them. The zero value knows none.
type borders struct {
	first, last border
	by          value.Recognition // which orders count
	begun       bool              // with that
}

// border are the last orders, by their instants, or the first, by the negative ones.
type border struct {
	known bool
	more  bool    // there are others before them
	keys  []int64 // ascending
}

// borderMost is how many orders are known from either end, up to twice that; once these have been taken back, all are looked at again.
const borderMost = 256

// bordersOfNone are those of a customer without orders.
func bordersOfNone() (b borders) {
	b.first.known, b.last.known = true, true
	return b
}

// under has them be of the orders that count with a policy. Under another one than before they are others.
func (b *borders) under(p *value.Config) {
	if b.begun && b.by != p.Recognise {
		*b = borders{}
	}
	b.by, b.begun = p.Recognise, true
}

// add takes note of an order that counts from now on.
func (b *borders) add(x *value.Share) {
	if x.At > 0 {
		b.first.add(-int64(x.At))
		b.last.add(int64(x.At))
	}
}

// remove takes note of one that counts no longer.
func (b *borders) remove(x *value.Share) {
	if x.At > 0 {
		b.first.remove(-int64(x.At))
		b.last.remove(int64(x.At))
	}
}

// known says that the first and the last order are.
func (b *borders) known() bool { return b.first.known && b.last.known }

// find has them be known, of all orders in whatever order.
func (b *borders) find(all func(func(*value.Share) bool)) {
	b.first, b.last = border{known: true}, border{known: true}
	for x := range all {
		b.add(x)
	}
}

// ends has a state know of the first and the last order, and of no other.
func (b *borders) ends(s *value.State, calendar civil.Calendar) {
	s.LastOrderAt, s.FirstDay = 0, 0
	if n := len(b.last.keys); n > 0 {
		first, last := civil.Instant(-b.first.keys[len(b.first.keys)-1]), civil.Instant(b.last.keys[n-1])
		s.Ordered(value.Share{Bucket: value.Bucket{Day: calendar.DayOf(first)}, At: first})
		s.Ordered(value.Share{Bucket: value.Bucket{Day: calendar.DayOf(last)}, At: last})
	}
}

// size is what they take, in bytes.
func (b *borders) size() int { return 8 * (cap(b.first.keys) + cap(b.last.keys)) }

// before says that a key is one of the others.
func (b *border) before(key int64) bool { return b.more && key < b.keys[0] }

func (b *border) add(key int64) {
	if !b.known || b.before(key) {
		return
	}
	i, _ := slices.BinarySearch(b.keys, key)
	if b.keys = slices.Insert(b.keys, i, key); len(b.keys) == 2*borderMost {
		b.keys, b.more = slices.Delete(b.keys, 0, borderMost), true
	}
}

func (b *border) remove(key int64) {
	if !b.known || b.before(key) {
		return
	}
	i, found := slices.BinarySearch(b.keys, key)
	if !found || b.more && len(b.keys) == 1 {
		*b = border{}
		return
	}
	b.keys = slices.Delete(b.keys, i, i+1)
}
