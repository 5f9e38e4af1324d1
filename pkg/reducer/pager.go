package reducer

import (
	"cmp"
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
)

// pager finds out which pages there are now. Of the pages that were it looks at those alone in which something has changed, and at
// the way down to them. What it works in is used again.
type pager struct {
	most    int
	all     bool // anything may have changed
	changes []edit
	were    []stored
	spans   []civil.Day // of the changes
	moves   []move      // in the order of the pages that were
	next    []stored

	touched []int // buckets of a day
	marks   []bool
	entries []entry
	items   []credit.Item
}

// move puts a page, or none, in place of some of those that were. In place of none, the page is new.
type move struct {
	from, to int
	page     page
	none     bool
	days     codec.Days
}

// same says that the page was there, and what it has may be other entries.
func (m *move) same(were []stored) bool {
	return !m.none && m.to == m.from+1 && were[m.from].page == m.page
}

// entry is which of a day's open items belongs to a bucket.
type entry struct{ bucket, item int }

// itemWeight is how many sums take as many bytes as an open item.
const itemWeight = 3

// weight is how much a page of d would have.
func weight(d *codec.Days) int { return d.Len() + (itemWeight-1)*len(d.Items) }

// pagesOf finds what pages there are of d in place of those that were.
func (g *pager) pagesOf(d *codec.Days, most int, h *history) {
	g.most, g.all, g.changes, g.were = most, h.all, h.changes, h.pages
	g.spans, g.moves = g.spans[:0], g.moves[:0]
	if g.all {
		g.spans = d.Spans(g.spans, spanBits)
		for i := range g.were {
			g.spans = append(g.spans, g.were[i].span())
		}
	}
	for _, x := range g.changes {
		first, last := x.from>>spanBits, (x.to-1)>>spanBits
		g.spans = append(g.spans, first)
		for i := g.first(first + 1); last > first && i < len(g.were) && g.were[i].span() <= last; i = g.first(g.were[i].span() + 1) {
			g.spans = append(g.spans, g.were[i].span())
		}
	}
	slices.Sort(g.spans)
	for _, span := range slices.Compact(g.spans) {
		p := pageOf(span)
		g.under(p, d.Between(p.first, p.first+p.days()), g.first(span), g.first(span+1))
	}
}

// first is the first of the pages that were of a span, or of those after it.
func (g *pager) first(span civil.Day) int {
	i, _ := slices.BinarySearchFunc(g.were, span, func(s stored, span civil.Day) int { return cmp.Compare(s.span(), span) })
	return i
}

// under finds p, which has days, or the pages under it, in place of those from one to before another that were.
func (g *pager) under(p page, days codec.Days, from, to int) {
	if n := weight(&days); n <= g.most || p.depth == dayDepth {
		if n > 0 || to > from {
			g.moves = append(g.moves, move{from, to, p, n == 0, days})
		}
		return
	}
	touched := byte(math.MaxUint8)
	if !g.all && to > from && g.were[from].depth > p.depth {
		touched = g.touch(p)
	}
	for x := range 8 {
		if touched>>x&1 == 0 {
			continue
		}
		q := p.under(x)
		first, last := g.within(q, from, to)
		g.under(q, days.Between(q.first, q.first+q.days()), first, last)
	}
}

// within is which of the pages that were are p or under it.
func (g *pager) within(p page, from, to int) (first, last int) {
	upTo := func(day civil.Day) int {
		n, _ := slices.BinarySearchFunc(g.were[from:to], day, func(s stored, day civil.Day) int { return cmp.Compare(s.first, day) })
		return from + n
	}
	return upTo(p.first), upTo(p.first + p.days())
}

// touch has a bit for each page under p of which something has changed, or was dropped.
func (g *pager) touch(p page) (under byte) {
	days := p.under(0).days()
	for _, x := range g.changes {
		if from, to := max(x.from, p.first), min(x.to, p.first+8*days); from < to {
			under |= byte(2<<((to-1-p.first)/days) - 1<<((from-p.first)/days))
		}
	}
	return under
}

// touchParts finds the buckets of a day in parts of which something may have changed, now that there are n, and whether its sums may have.
func (g *pager) touchParts(p *stored, n int) (sums bool) {
	g.touched = g.touched[:0]
	were := len(p.buckets)
	if g.all || !p.parts {
		for b := range max(n, were) {
			g.touched = append(g.touched, b)
		}
		return true
	}
	for _, x := range g.changes {
		if !x.of(p.first) {
			continue
		}
		if x.place == 0 {
			sums = true
			continue
		}
		if n > 0 { // what is elsewhere now was in a bucket that comes next
			g.touched = append(g.touched, bucketOf(x.place, n))
		}
	}
	for b := min(n, were); b < max(n, were); b++ {
		if g.touched = append(g.touched, b); b > 0 {
			g.touched = append(g.touched, halved(b))
		}
	}
	slices.Sort(g.touched)
	g.touched = slices.Compact(g.touched)
	return sums
}

// sortItems finds which of a day's open items the buckets have that were touched, of n.
func (g *pager) sortItems(items []credit.Item, n int) {
	g.marks = slices.Grow(g.marks[:0], n)[:n]
	for _, b := range g.touched {
		if b < n {
			g.marks[b] = true
		}
	}
	g.entries = g.entries[:0]
	for i := range items {
		if b := bucketOf(placeOf(&items[i]), n); g.marks[b] {
			g.entries = append(g.entries, entry{b, i})
		}
	}
	clear(g.marks)
	slices.SortFunc(g.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.item, b.item)) })
}
