package reducer

import (
	"fmt"
	"math/bits"

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

// masksOf is how many bytes at the beginning of a directory are of one page and those under it that are split: two of each. The first
// has a bit for each of the eight pages under it that there is, the second for each of them that is split, whose own come after it.
func masksOf(b []byte) int {
	n := 2
	for range bits.OnesCount8(b[1]) {
		n += masksOf(b[n:])
	}
	return n
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
