package reducer

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Which pages there are stands in the blob: see history.go for what pages are.

// leading is how many entries at the beginning of a list are of a kind.
func leading[T any](list []T, is func(T) bool) int {
	n := 0
	for n < len(list) && is(list[n]) {
		n++
	}
	return n
}

// asCut says that pages, with what they weigh, are those that there are where a page weighs at most so much.
func asCut(pages []stored, most int) bool {
	for len(pages) > 0 {
		n := leading(pages, func(s stored) bool { return s.span == pages[0].span })
		if _, ok := cutUnder(pages[:n], 0, most); !ok {
			return false
		}
		pages = pages[n:]
	}
	return true
}

// cutUnder is what the pages under one of a depth weigh, or that alone.
func cutUnder(pages []stored, depth uint8, most int) (weight int, ok bool) {
	if pages[0].depth == depth {
		return pages[0].weight, pages[0].weight <= most || depth == deepest
	}
	for len(pages) > 0 {
		n := leading(pages, func(s stored) bool { return s.at(depth) == pages[0].at(depth) })
		of, ok := cutUnder(pages[:n], depth+1, most)
		if weight += of; !ok {
			return weight, false
		}
		pages = pages[n:]
	}
	return weight, weight > most
}

// alike is how many pages at the beginning, and how many at the end, are those that were.
func alike(pages []page, were []stored) (before, behind int) {
	n := min(len(pages), len(were))
	for before < n && pages[before] == were[before].page {
		before++
	}
	for behind < n-before && pages[len(pages)-1-behind] == were[len(were)-1-behind].page {
		behind++
	}
	return before, behind
}

// directory says which pages there are. Spans are as they were but for those of the pages that are new, or are no more: was. So many
// pages before and behind these are as they were.
func (g *pager) directory(spans []*pb.HistorySpan, was []stored, before, behind int) []*pb.HistorySpan {
	first, last := civil.Day(noDay), civil.Day(-noDay)
	for i := range was {
		first, last = min(first, was[i].span), max(last, was[i].span)
	}
	for _, p := range g.pages[before : len(g.pages)-behind] {
		first, last = min(first, p.span), max(last, p.span)
	}
	bySpan := func(p page, span civil.Day) int { return cmp.Compare(p.span, span) }
	from, _ := slices.BinarySearchFunc(g.pages, first, bySpan)
	to, _ := slices.BinarySearchFunc(g.pages, last+1, bySpan)
	out := make([]*pb.HistorySpan, 0, len(spans)+2)
	for _, s := range spans {
		if civil.Day(s.Span) < first {
			out = append(out, s)
		}
	}
	for pages := g.pages[from:to]; len(pages) > 0; {
		n := leading(pages, func(p page) bool { return p.span == pages[0].span })
		out = append(out, &pb.HistorySpan{Span: int32(pages[0].span), Split: masks(make([]byte, 0, 2*n), pages[:n])})
		pages = pages[n:]
	}
	for _, s := range spans {
		if civil.Day(s.Span) > last {
			out = append(out, s)
		}
	}
	return out
}

// masks appends, for a span that is split, which of the eight pages under it there are and which of these are split, and the
// same for each of those, and so on. pages are all of the span, in their order.
func masks(b []byte, pages []page) []byte {
	if pages[0].depth == 0 {
		return b
	}
	var at [deepest]int // where it stands of those that the page before is under, by depth
	for i, p := range pages {
		depth := uint8(0)
		if i > 0 {
			depth = p.shares(pages[i-1]) + 1
		}
		for ; depth < p.depth; depth++ {
			at[depth] = len(b)
			b = append(b, 0, 0)
		}
		for depth := range p.depth {
			bit := byte(1) << p.at(depth)
			b[at[depth]] |= bit
			if p.depth > depth+1 {
				b[at[depth]+1] |= bit
			}
		}
	}
	return b
}

// shares is the depth of the page that both are under, and nothing deeper.
func (p page) shares(q page) uint8 { return uint8(bits.LeadingZeros64(p.digits^q.digits) / digit) }

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
