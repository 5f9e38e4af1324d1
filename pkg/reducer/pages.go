package reducer

import (
	"cmp"
	"math/bits"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
)

// dayPrefix begins the name of a page: after it come its span and, for a part of a span, a dot, which of the eight it is, and for a day
// which of the eight in that. What is in parts of a day has a dash (its sums) or letters (its open items) after that.
const dayPrefix = "d/"

const (
	spanBits = 6 // a span is 64 days
	digit    = 3 // bits that tell the eight pages under one apart
	dayDepth = 2 // at which a page is one day's
)

// page is some days: a span of them, an eighth of one, or one day.
type page struct {
	first civil.Day
	depth uint8
}

func pageOf(span civil.Day) page { return page{first: span << spanBits} }

func (p page) span() civil.Day { return p.first >> spanBits }

// days is how many days the page is of.
func (p page) days() civil.Day { return 1 << (spanBits - digit*uint(p.depth)) }

// under is one of the eight pages under p.
func (p page) under(x int) page {
	q := page{p.first, p.depth + 1}
	q.first += civil.Day(x) * q.days()
	return q
}

// at is which of the eight p, or what it is under, is at a depth.
func (p page) at(depth uint8) int { return int(p.first>>(spanBits-digit*uint(depth+1))) & 7 }

func (p page) appendName(b []byte) []byte {
	b = strconv.AppendInt(append(b, dayPrefix...), int64(p.span()), 10)
	for depth := range p.depth {
		if depth == 0 {
			b = append(b, '.')
		}
		b = append(b, '0'+byte(p.at(depth)))
	}
	return b
}

func (p page) name() string {
	var most [32]byte
	return string(p.appendName(most[:0]))
}

// sumsName is the name of what has no id, of a day in parts.
func (p page) sumsName() string {
	var most [32]byte
	return string(append(p.appendName(most[:0]), '-'))
}

// bucket is the name of a bucket of a day in parts: a to z, then aa to zz, and so on.
func (p page) bucket(x int) string {
	var most [32]byte
	b := p.appendName(most[:0])
	from := len(b)
	for x++; x > 0; x = (x - 1) / 26 {
		b = append(b, 'a'+byte((x-1)%26))
	}
	for i, j := from, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// Open items of a day in parts are in as many buckets as there are items, up to some thousands, by what their ids are hashed to, so that what comes or goes
// changes a bucket or three, however many there are, and how many tells which there are. This is linear hashing (Litwin, VLDB 1980):
// one bucket more takes the half of one that was.

// bucketsMost is how many of them a day has at most, which is also how much a few bytes of a damaged blob may ask for.
const bucketsMost = 1 << 12

func bucketsOf(items int) int { return min(items, bucketsMost) }

// bucketOf is where what is hashed to h belongs among n buckets.
func bucketOf(h uint32, n int) int {
	whole := 1 << (bits.Len(uint(n)) - 1) // the last power of two
	if b := int(h) & (2*whole - 1); b < n {
		return b
	}
	return int(h) & (whole - 1)
}

// halved is which bucket is in two when this one comes.
func halved(b int) int { return b &^ (1 << (bits.Len(uint(b)) - 1)) }

// placeOf is what decides where an item belongs among those of its day, which it is told once.
func placeOf(i *credit.Item) uint32 {
	if i.Place == 0 {
		i.Place = codec.HashID(i.Ref.ID)
	}
	return i.Place
}

// stored is a page as it was written last.
type stored struct {
	page
	weight  int      // when it was read
	number  uint64   // made of its bytes, to tell whether they have changed; of a day in parts of its sums; 0: there are no bytes
	parts   bool     // a day is in parts
	items   int      // open items, of a day in parts
	buckets []uint64 // numbers, of a day in parts
}

// edit is something that has changed since the pages were written: entries of some days without an id (place 0), or with ids
// that are hashed to one number.
type edit struct {
	from, to civil.Day // before to
	place    uint32
}

func (x edit) of(day civil.Day) bool { return x.from <= day && day < x.to }

func compareEdits(a, b edit) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.place, b.place))
}

// numberOf is a hash of bytes, which is never 0.
func numberOf(b []byte) uint64 { return max(1, xxhash.Sum64(b)) }
