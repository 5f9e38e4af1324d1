package reducer

import (
	"cmp"
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// pager finds out which pages there are now. Of the pages that were it looks at those alone in which something has changed, and at
// the way down to them: everything else of the directory is copied. What it works in is used again.
type pager struct {
	most    int
	all     bool // anything may have changed
	changes []edit
	were    []stored
	spans   []civil.Day // of the changes
	moves   []move      // in the order of the pages that were
	old     []byte      // what is still to come of the directory of a span, as it was
	mask    []byte      // the same, as it is
	next    []stored

	entries []entry // what contents have
	items   []credit.Item
}

// move puts a page, or none, in place of some of those that were. In place of none, the page is new.
type move struct {
	from, to int
	page     page
	none     bool
	content
}

// same says that the page was there, and what it has may be other entries.
func (m *move) same(were []stored) bool {
	return !m.none && m.to == m.from+1 && were[m.from].page == m.page
}

// content is what a page has, or those under it: that of its days or, deeper than a day, entries of that of its day.
type content struct {
	days    codec.Days
	entries []entry
}

// entry is the place of an open item, and where it is among those of its day; or 0: it is one without an id.
type entry struct {
	place uint32
	at    int32
}

// itemWeight is how many sums take as many bytes as an open item.
const itemWeight = 3

// weight is how much a page of d would have.
func weight(d *codec.Days) int { return d.Len() + (itemWeight-1)*len(d.Items) }

// weight is that of a page of a depth.
func (c *content) weight(depth uint8) (n int) {
	if depth <= dayDepth {
		return weight(&c.days)
	}
	for _, x := range c.entries {
		if n++; x.place != 0 {
			n += itemWeight - 1
		}
	}
	return n
}

// pagesOf finds what pages there are of d in place of those that were, and leaves the directory of that.
func (g *pager) pagesOf(d *codec.Days, most int, h *history, directory []*pb.HistorySpan) []*pb.HistorySpan {
	g.most, g.all, g.changes, g.were = most, h.all, h.changes, h.pages
	g.spans, g.moves, g.entries = g.spans[:0], g.moves[:0], g.entries[:0]
	if g.all {
		g.spans = d.Spans(g.spans, spanBits)
		for i := range g.were {
			g.spans = append(g.spans, g.were[i].span)
		}
	}
	for _, x := range g.changes {
		first, last := x.from>>spanBits, (x.to-1)>>spanBits
		g.spans = append(g.spans, first)
		for i := g.first(first + 1); last > first && i < len(g.were) && g.were[i].span <= last; i = g.first(g.were[i].span + 1) {
			g.spans = append(g.spans, g.were[i].span)
		}
	}
	slices.Sort(g.spans)
	for _, span := range slices.Compact(g.spans) {
		directory = g.enter(directory, page{span: span}, d, g.first(span), g.first(span+1))
	}
	return directory
}

// first is the first of the pages that were of a span, or of those after it.
func (g *pager) first(span civil.Day) int {
	i, _ := slices.BinarySearchFunc(g.were, span, func(s stored, span civil.Day) int { return cmp.Compare(s.span, span) })
	return i
}

// enter finds the pages of a span, and has the directory name them.
func (g *pager) enter(directory []*pb.HistorySpan, p page, d *codec.Days, from, to int) []*pb.HistorySpan {
	at, known := slices.BinarySearchFunc(directory, int32(p.span), func(s *pb.HistorySpan, span int32) int { return cmp.Compare(s.Span, span) })
	if g.old, g.mask = nil, g.mask[:0]; known {
		g.old = directory[at].Split
	}
	before := len(g.moves)
	is, _ := g.under(p, content{days: d.Between(p.first(), p.first()+p.days())}, from, to)
	switch {
	case !slices.ContainsFunc(g.moves[before:], func(m move) bool { return !m.same(g.were) }) && !g.all:
	case is && known:
		directory[at].Split = append(directory[at].Split[:0], g.mask...)
	case is:
		directory = slices.Insert(directory, at, &pb.HistorySpan{Span: int32(p.span), Split: slices.Clone(g.mask)})
	case known:
		directory = slices.Delete(directory, at, at+1)
	}
	return directory
}

// under finds p, or the pages under it, in place of those from one to before another that were. It says whether there are any, and
// whether they are under it, and appends what the directory says of these.
func (g *pager) under(p page, c content, from, to int) (is, split bool) {
	was := to > from && g.were[from].depth > p.depth
	if n := c.weight(p.depth); n <= g.most || p.depth == deepest {
		if was && !g.all {
			g.old = g.old[masksOf(g.old):]
		}
		if n > 0 || to > from {
			g.moves = append(g.moves, move{from, to, p, n == 0, c})
		}
		return n > 0, false
	}
	at, there, deeper := len(g.mask), byte(0), byte(0)
	g.mask = append(g.mask, 0, 0)
	if was && !g.all {
		there, deeper, g.old = g.old[0], g.old[1], g.old[2:]
	}
	touched := byte(math.MaxUint8)
	if was && !g.all {
		touched = g.touched(p)
	}
	for x := range uint64(8) {
		q, bit := p.under(x), byte(1)<<x
		if touched&bit == 0 {
			if deeper&bit != 0 {
				n := masksOf(g.old)
				g.mask, g.old = append(g.mask, g.old[:n]...), g.old[n:]
			}
			continue
		}
		first, last := g.within(q, from, to)
		is, split := g.under(q, g.narrow(q, &c), first, last)
		there, deeper = set(there, bit, is), set(deeper, bit, split)
	}
	g.mask[at], g.mask[at+1] = there, deeper
	return true, true
}

func set(mask, bit byte, is bool) byte {
	if is {
		return mask | bit
	}
	return mask &^ bit
}

// within is which of the pages that were are p or under it.
func (g *pager) within(p page, from, to int) (first, last int) {
	if from == to {
		return from, to
	}
	upTo := func(digits uint64) int {
		n, _ := slices.BinarySearchFunc(g.were[from:to], digits, func(s stored, x uint64) int { return cmp.Compare(s.digits, x) })
		return from + n
	}
	if first, last = upTo(p.digits), to; p.at(p.depth-1) < 7 {
		last = upTo(p.digits + 1<<(64-digit*uint(p.depth)))
	}
	return first, last
}

// narrow is the content of a page, of that of the one that it is under.
func (g *pager) narrow(p page, c *content) content {
	if p.depth <= dayDepth {
		return content{days: c.days.Between(p.first(), p.first()+p.days())}
	}
	from := len(g.entries)
	of, mask := p.place()
	switch {
	case p.depth > dayDepth+1:
		for _, x := range c.entries {
			if x.place&mask == of {
				g.entries = append(g.entries, x)
			}
		}
	case of == 0: // what has no id
		g.entries = append(g.entries, make([]entry, c.days.Len()-len(c.days.Items))...)
	default:
		for i := range c.days.Items {
			if x := placeOf(&c.days.Items[i]); x&mask == of {
				g.entries = append(g.entries, entry{x, int32(i)})
			}
		}
	}
	return content{days: c.days, entries: g.entries[from:len(g.entries):len(g.entries)]}
}

// of is what a page has. Items are good until the next.
func (g *pager) of(m *move) codec.Days {
	switch {
	case m.page.depth <= dayDepth:
		return m.days
	case m.page.at(dayDepth) == 0: // what has no id
		out := m.days
		out.Items = nil
		return out
	}
	g.items = g.items[:0]
	for _, x := range m.entries {
		g.items = append(g.items, m.days.Items[x.at])
	}
	return codec.Days{Items: g.items}
}

// touched has a bit for each page under p of which something has changed, or was dropped.
func (g *pager) touched(p page) (under byte) {
	if p.depth >= dayDepth {
		for _, x := range g.changes {
			if x.touches(p) {
				under |= 1 << (x.place >> (placeBits - digit*(uint(p.depth)-dayDepth+1)) & 7)
			}
		}
		return under
	}
	first, days := p.first(), p.under(0).days()
	for _, x := range g.changes {
		if from, to := max(x.from, first), min(x.to, first+8*days); from < to {
			under |= byte(2<<((to-1-first)/days) - 1<<((from-first)/days))
		}
	}
	return under
}
