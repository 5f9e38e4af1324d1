package reducer

import (
	"cmp"
	"encoding/binary"
	"strconv"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
)

// dayPrefix begins the name of a page: after it come its span, a dot, and which of the eight at each turn.
const dayPrefix = "d/"

const (
	spanBits = 6  // a span is 64 days
	digit    = 3  // bits that tell the eight pages under one apart
	dayDepth = 2  // at which a page is one day's
	deepest  = 12 // under one day the digits are of what ids are hashed to, one of seven each

	placeBits = digit * (deepest - dayDepth)
)

// page is a path: the span, and the digits of the way down from it, the first in the highest bits.
type page struct {
	span   civil.Day
	depth  uint8
	digits uint64
}

// under is the page of a digit under p.
func (p page) under(x uint64) page {
	return page{p.span, p.depth + 1, p.digits | x<<(64-digit*(uint(p.depth)+1))}
}

// at is a digit of the way down.
func (p page) at(depth uint8) uint64 { return p.digits >> (64 - digit*(uint(depth)+1)) & 7 }

func (p page) name() string {
	var most [32]byte
	b := strconv.AppendInt(append(most[:0], dayPrefix...), int64(p.span), 10)
	for depth := range p.depth {
		if depth == 0 {
			b = append(b, '.')
		}
		b = append(b, '0'+byte(p.at(depth)))
	}
	return string(b)
}

// first is the first day of the page.
func (p page) first() civil.Day {
	day := p.span << spanBits
	for depth := range min(p.depth, dayDepth) {
		day += civil.Day(p.at(depth)) << (spanBits - digit*(int(depth)+1))
	}
	return day
}

// days is how many days the page is of.
func (p page) days() civil.Day { return 1 << (spanBits - digit*min(int(p.depth), dayDepth)) }

// has says that what belongs to a place is of the page, if its day is.
func (p page) has(place uint32) bool {
	of, mask := p.place()
	return place&mask == of
}

// place is how the places of a page begin, and which of their bits that is.
func (p page) place() (of, mask uint32) {
	mask = (1<<placeBits - 1) &^ (1<<(placeBits-digit*(uint(p.depth)-dayDepth)) - 1)
	return uint32(p.digits>>(64-spanBits-placeBits)) & mask, mask
}

// placeOf is where an item belongs among those of its day, which it is told once.
func placeOf(i *credit.Item) uint32 {
	if i.Place == 0 {
		i.Place = place(i.Ref.ID)
	}
	return i.Place
}

// place is the digits of an id's way down from its day to the deepest page. Those of what has no id are all 0: every event of today
// changes it.
func place(id string) (p uint32) {
	hash := codec.HashID(id)
	for range deepest - dayDepth {
		p, hash = p<<digit|(hash%7+1), hash/7
	}
	return p
}

// stored is a page, what it weighed when it was read, and a number made of its bytes, to tell whether they have changed.
type stored struct {
	page
	weight int
	number uint64
}

// edit is something that has changed since the pages were written: entries of some days without an id (place 0), or with ids
// that belong to one place.
type edit struct {
	from, to civil.Day // before to
	place    uint32
}

// touches says that what has changed is of the page, or was.
func (x edit) touches(p page) bool {
	from := p.first()
	return x.from < from+p.days() && from < x.to && (p.depth <= dayDepth || p.has(x.place))
}

func compareEdits(a, b edit) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.place, b.place))
}

// numberOf is as good as certain to differ for bytes that differ.
func numberOf(b []byte) uint64 {
	n := uint64(len(b))
	for ; len(b) >= 8; b = b[8:] {
		n = mixed(n, binary.LittleEndian.Uint64(b))
	}
	for _, x := range b {
		n = mixed(n, uint64(x))
	}
	return n
}

// mixed is another number for every b.
func mixed(a, b uint64) uint64 {
	a = (a ^ b) * 1099511628211
	return a ^ a>>29
}
