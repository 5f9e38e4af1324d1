package reducer

import (
	"cmp"
	"encoding/binary"
	"slices"
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
	b := append([]byte(dayPrefix), strconv.Itoa(int(p.span))...)
	for depth := range p.depth {
		if depth == 0 {
			b = append(b, '.')
		}
		b = append(b, '0'+byte(p.at(depth)))
	}
	return string(b)
}

// compare is in the order of the way down, each page before those under it.
func (p page) compare(q page) int {
	switch {
	case p.span != q.span:
		return cmp.Compare(p.span, q.span)
	case p.digits != q.digits:
		return cmp.Compare(p.digits, q.digits)
	}
	return cmp.Compare(p.depth, q.depth)
}

// first is the first day of the page.
func (p page) first() civil.Day {
	day := p.span << spanBits
	for depth := range min(p.depth, dayDepth) {
		day += civil.Day(p.at(depth)) << (spanBits - digit*(int(depth)+1))
	}
	return day
}

// day is the page of the day that p is under; of what is no day's it is that itself.
func (p page) day() page {
	if p.depth <= dayDepth {
		return p
	}
	return page{p.span, dayDepth, p.digits >> (64 - spanBits) << (64 - spanBits)}
}

// days is how many days the page is of.
func (p page) days() civil.Day { return 1 << (spanBits - digit*min(int(p.depth), dayDepth)) }

// of is what a page has of d.
func (g *pager) of(p page, d *codec.Days) codec.Days {
	out := d.Between(p.first(), p.first()+p.days())
	if p.depth <= dayDepth {
		return out
	}
	if p.at(dayDepth) == 0 { // what has no id
		out.Items = nil
		return out
	}
	items := out.Items
	out = codec.Days{}
	for i, hash := range g.idsOf(p.day(), items) {
		if p.has(hash) {
			out.Items = append(out.Items, items[i])
		}
	}
	return out
}

// has says that an id is of the page, if its day is.
func (p page) has(hash uint32) bool {
	for depth := uint8(dayDepth); depth < p.depth; depth++ {
		if turn(depth, hash) != p.at(depth) {
			return false
		}
	}
	return true
}

// turn is the digit of an entry at a depth. Under a day the first page is for what has no id: every event of today changes it.
func turn(depth uint8, hash uint32) uint64 {
	if hash == 0 {
		return 0
	}
	for range depth - dayDepth {
		hash /= 7
	}
	return uint64(hash%7) + 1
}

// stored is a page, what it weighed when it was read, and a number made of its bytes, to tell whether they have changed.
type stored struct {
	page
	weight int
	number uint64
}

// edit is something that has changed since the pages were written: entries of some days without an id (hash 0), or with ids
// that are hashed to one number.
type edit struct {
	from, to civil.Day // before to
	hash     uint32
}

// touches says that what has changed is of the page, or was.
func (x edit) touches(p page) bool {
	from := p.first()
	return x.from < from+p.days() && from < x.to && (p.depth <= dayDepth || p.has(x.hash))
}

func compareEdits(a, b edit) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.hash, b.hash))
}

// pager finds out which pages there are. What it works in is used again.
type pager struct {
	most         int
	changes      []edit
	hashes, room []uint32
	day          page     // of which ids are, of one customer
	ids          []uint32 // what the ids of its items are hashed to
	spans        []civil.Day
	least, last  civil.Day // spans of the changes
	pages        []page
	anew         []int // which of the pages may have changed, or are new
	next         []stored
}

// pagesOf finds the pages of d in their order, of the spans from the first in which something has changed to the last, and which of
// those that were they are in place of.
func (g *pager) pagesOf(d *codec.Days, most int, h *history) (from, to int) {
	g.most, g.changes, g.pages, g.spans = most, h.changes, g.pages[:0], g.spans[:0]
	g.ids, g.anew = g.ids[:0], g.anew[:0]
	if h.all {
		g.find(d, d.Spans(g.spans, spanBits), nil)
		return 0, len(h.pages)
	}
	g.least, g.last = noDay, -noDay
	for _, x := range g.changes {
		g.spans = append(g.spans, x.from>>spanBits)
		g.least, g.last = min(g.least, x.from>>spanBits), max(g.last, (x.to-1)>>spanBits)
	}
	bySpan := func(s stored, span civil.Day) int { return cmp.Compare(s.span, span) }
	from, _ = slices.BinarySearchFunc(h.pages, g.least, bySpan)
	for to = from; to < len(h.pages) && h.pages[to].span <= g.last; to++ {
		if to == from || h.pages[to].span != h.pages[to-1].span {
			g.spans = append(g.spans, h.pages[to].span)
		}
	}
	slices.Sort(g.spans)
	g.find(d, slices.Compact(g.spans), h.pages[from:to])
	return from, to
}

// find adds the pages of spans, of which was were there.
func (g *pager) find(d *codec.Days, spans []civil.Day, was []stored) {
	for _, span := range spans {
		n := leading(was, func(s stored) bool { return s.span == span })
		g.under(page{span: span}, d, was[:n])
		was = was[n:]
	}
}

// under adds p, or the pages under it, of which was were there.
func (g *pager) under(p page, d *codec.Days, was []stored) {
	if len(was) > 0 && !g.touched(p) {
		for i := range was {
			g.pages = append(g.pages, was[i].page)
		}
		return
	}
	part := d.Between(p.first(), p.first()+p.days())
	switch n := weight(&part); {
	case n == 0:
	case n <= g.most:
		g.add(p)
	case p.depth == dayDepth && len(was) > 0 && was[0].depth > p.depth:
		g.splitAgain(p, &part, was)
	case p.depth == dayDepth:
		g.hashes = part.Hashes(g.hashes[:0])
		g.room = slices.Grow(g.room[:0], len(g.hashes))[:len(g.hashes)]
		g.split(p, g.hashes, g.room)
	default:
		if len(was) > 0 && was[0].depth <= p.depth {
			was = nil // it wasn't split
		}
		for x := range uint64(8) {
			n := leading(was, func(s stored) bool { return s.at(p.depth) == x })
			g.under(p.under(x), &part, was[:n])
			was = was[n:]
		}
	}
}

// add adds a page that may have changed, or is new.
func (g *pager) add(p page) {
	g.anew, g.pages = append(g.anew, len(g.pages)), append(g.pages, p)
}

// splitAgain adds the pages of a day that was split: those that were, where nothing has changed.
func (g *pager) splitAgain(p page, part *codec.Days, was []stored) {
	ids := g.idsOf(p, part.Items)
	for x := range uint64(8) {
		under := p.under(x)
		n := leading(was, func(s stored) bool { return s.at(dayDepth) == x })
		if g.touched(under) {
			g.hashes = g.hashes[:0]
			for _, h := range ids {
				if turn(dayDepth, h) == x {
					g.hashes = append(g.hashes, h)
				}
			}
			if x == 0 { // what has no id
				g.hashes = append(g.hashes, make([]uint32, part.Len()-len(part.Items))...)
			}
			if len(g.hashes) > 0 {
				g.room = slices.Grow(g.room[:0], len(g.hashes))[:len(g.hashes)]
				g.split(under, g.hashes, g.room)
			}
		} else {
			for i := range was[:n] {
				g.pages = append(g.pages, was[i].page)
			}
		}
		was = was[n:]
	}
}

// idsOf are what the ids of a day's items are hashed to.
func (g *pager) idsOf(day page, items []credit.Item) []uint32 {
	if g.day != day || len(g.ids) == 0 {
		g.day, g.ids = day, g.ids[:0]
		for i := range items {
			g.ids = append(g.ids, codec.HashID(items[i].Ref.ID))
		}
	}
	return g.ids
}

// touched says that something of the page has changed, or was dropped.
func (g *pager) touched(p page) bool {
	if p.span < g.least || p.span > g.last {
		return false
	}
	return slices.ContainsFunc(g.changes, func(x edit) bool { return x.touches(p) })
}

// itemWeight is how many sums take as many bytes as an open item.
const itemWeight = 3

// weight is how much a page of d would have.
func weight(d *codec.Days) int { return d.Len() + (itemWeight-1)*len(d.Items) }

// weightOf is weight for entries of which it is known what their ids are hashed to.
func weightOf(hashes []uint32) (n int) {
	for _, h := range hashes {
		if n++; h != 0 {
			n += itemWeight - 1
		}
	}
	return n
}

// split makes one page of what ids are hashed to on a day, or those under it.
func (g *pager) split(p page, hashes, room []uint32) {
	if weightOf(hashes) <= g.most || p.depth == deepest {
		g.add(p)
		return
	}
	var starts [9]int
	for _, h := range hashes {
		starts[turn(p.depth, h)+1]++
	}
	for x := range 8 {
		starts[x+1] += starts[x]
	}
	at := starts
	for _, h := range hashes {
		x := turn(p.depth, h)
		room[at[x]] = h
		at[x]++
	}
	for x := range 8 {
		if from, to := starts[x], starts[x+1]; to > from {
			g.split(p.under(uint64(x)), room[from:to], hashes[from:to])
		}
	}
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
