package reducer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
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

// of is what the page has of d.
func (p page) of(d *codec.Days) codec.Days {
	from := p.first()
	out := d.Between(from, from+1<<(spanBits-digit*min(int(p.depth), dayDepth)))
	if p.depth <= dayDepth {
		return out
	}
	if p.digits<<(digit*dayDepth) != 0 { // the first has what has no id
		out.Buckets, out.Settled, out.Portions, out.Sales = nil, nil, nil, nil
	}
	items := out.Items
	out.Items = nil
	for i := range items {
		if p.has(codec.HashID(items[i].Ref.ID)) {
			out.Items = append(out.Items, items[i])
		}
	}
	return out
}

// has says that an id is of the page, if its day is.
func (p page) has(hash uint32) bool {
	for depth := uint8(dayDepth); depth < p.depth; depth++ {
		if turn(depth, 0, hash) != p.at(depth) {
			return false
		}
	}
	return true
}

// turn is the digit of an entry at a depth. Under a day the first page is for what has no id: every event of today changes it.
func turn(depth uint8, day civil.Day, hash uint32) uint64 {
	switch {
	case depth < dayDepth:
		return uint64(day>>(spanBits-digit*(int(depth)+1))) & 7
	case hash == 0:
		return 0
	}
	for range depth - dayDepth {
		hash /= 7
	}
	return uint64(hash%7) + 1
}

// stored is a page with what tells whether it has changed.
type stored struct {
	page
	number uint64
}

// spanSum is what a span has, by what tells whether it has changed.
type spanSum struct {
	span   civil.Day
	count  int
	number uint64
}

// pager finds out which pages there are. What it works in is used again.
type pager struct {
	entries, mine, room []codec.Entered
	pages               []stored
	most                int
}

// pagesOf are the pages of d in their order, and the spans that they are of. Those of a span that is as it was are was's.
func (g *pager) pagesOf(d *codec.Days, most int, was *history) ([]stored, []spanSum) {
	g.entries, g.pages, g.most = d.Enter(g.entries[:0]), make([]stored, 0, len(was.pages)+1), most
	sums := sumsOf(g.entries)
	pages, spans := was.pages, was.spans
	for _, s := range sums {
		for len(spans) > 0 && spans[0].span < s.span {
			spans = spans[1:]
		}
		for len(pages) > 0 && pages[0].span < s.span {
			pages = pages[1:]
		}
		if len(spans) > 0 && spans[0] == s {
			n := 0
			for n < len(pages) && pages[n].span == s.span {
				n++
			}
			g.pages = append(g.pages, pages[:n]...)
			continue
		}
		g.mine = g.mine[:0]
		for i := range g.entries {
			if g.entries[i].Day>>spanBits == s.span {
				g.mine = append(g.mine, g.entries[i])
			}
		}
		g.room = slices.Grow(g.room[:0], len(g.mine))[:len(g.mine)]
		g.split(page{span: s.span}, g.mine, g.room)
	}
	return g.pages, sums
}

// sumsOf are the spans of entries, in the order of their days.
func sumsOf(entries []codec.Entered) (sums []spanSum) {
	at := 0
	for i := range entries {
		span := entries[i].Day >> spanBits
		if at >= len(sums) || sums[at].span != span { // each list is in the order of its days: as a rule it is the next one
			if at++; at >= len(sums) || sums[at].span != span {
				var found bool
				if at, found = slices.BinarySearchFunc(sums, span, func(s spanSum, span civil.Day) int { return cmp.Compare(s.span, span) }); !found {
					sums = slices.Insert(sums, at, spanSum{span: span})
				}
			}
		}
		s := &sums[at]
		s.count++
		s.number = mixed(s.number, entries[i].Number)
	}
	return sums
}

// split makes one page of entries, or those under it.
func (g *pager) split(p page, entries, room []codec.Entered) {
	if len(entries) <= g.most || p.depth == deepest {
		g.pages = append(g.pages, stored{p, numberOf(entries)})
		return
	}
	var starts [9]int
	for i := range entries {
		starts[turn(p.depth, entries[i].Day, entries[i].Hash)+1]++
	}
	for x := range 8 {
		starts[x+1] += starts[x]
	}
	at := starts
	for i := range entries {
		x := turn(p.depth, entries[i].Day, entries[i].Hash)
		room[at[x]] = entries[i]
		at[x]++
	}
	for x := range 8 {
		if from, to := starts[x], starts[x+1]; to > from {
			g.split(p.under(uint64(x)), room[from:to], entries[from:to])
		}
	}
}

// numberOf differs for entries that differ.
func numberOf(entries []codec.Entered) uint64 {
	n := uint64(len(entries))
	for i := range entries {
		n = mixed(n, entries[i].Number)
	}
	return n
}

// mixed is another number for every b.
func mixed(a, b uint64) uint64 {
	a = (a ^ b) * 1099511628211
	return a ^ a>>29
}

// directory says which pages there are.
func directory(pages []stored) (out []*pb.HistorySpan) {
	for len(pages) > 0 {
		n := 1
		for n < len(pages) && pages[n].span == pages[0].span {
			n++
		}
		out = append(out, &pb.HistorySpan{Span: int32(pages[0].span), Split: masks(nil, pages[:n], 0)})
		pages = pages[n:]
	}
	return out
}

// masks appends, for a page that is split, which of the eight under it there are and which of these are split, and the
// same for each of those. pages are the ones under it.
func masks(b []byte, pages []stored, depth uint8) []byte {
	if pages[0].depth == depth {
		return b
	}
	var there, split byte
	for _, p := range pages {
		bit := byte(1) << p.at(depth)
		there |= bit
		if p.depth > depth+1 {
			split |= bit
		}
	}
	b = append(b, there, split)
	for len(pages) > 0 {
		n := 1
		for n < len(pages) && pages[n].at(depth) == pages[0].at(depth) {
			n++
		}
		b, pages = masks(b, pages[:n], depth+1), pages[n:]
	}
	return b
}

// listed are the pages that a directory names, in their order.
func listed(spans []*pb.HistorySpan) (out []page, err error) {
	for _, s := range spans {
		rest := s.Split
		if out, rest, err = unmask(out, page{span: civil.Day(s.Span)}, len(rest) > 0, rest); err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("the pages of a customer's days from %s on are not told apart: %w", page{span: civil.Day(s.Span)}.first(), processor.ErrDamaged)
		}
	}
	return out, nil
}

func unmask(out []page, p page, split bool, b []byte) (_ []page, rest []byte, err error) {
	switch {
	case !split:
		return append(out, p), b, nil
	case len(b) < 2 || p.depth == deepest:
		return nil, nil, processor.ErrDamaged
	}
	there, deeper := b[0], b[1]
	b = b[2:]
	for x := range 8 {
		if there>>x&1 == 0 {
			continue
		}
		if out, b, err = unmask(out, p.under(uint64(x)), deeper>>x&1 == 1, b); err != nil {
			return nil, nil, err
		}
	}
	return out, b, nil
}
