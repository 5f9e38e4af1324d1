package reducer

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Which pages there are stands in the blob: see history.go for what pages are. The directory has the first span, and then of one span
// after the other two bytes: which of its eight parts there are, and which of these are in parts themselves. 0 and 1 is a span that is
// one page. 0 and 0 are spans without a page, as many as the number after it says. Of each part in parts there are two such bytes for its days, and of each
// day in parts twice how many open items it has, and one more if it has sums.

// listed is a page that a directory names.
type listed struct {
	page
	parts bool
	sums  bool
	items int
}

// leading is how many entries at the beginning of a list are of a kind.
func leading[T any](list []T, is func(T) bool) int {
	n := 0
	for n < len(list) && is(list[n]) {
		n++
	}
	return n
}

// appendDirectory appends the directory of pages, which are in the order of their days.
func appendDirectory(b []byte, pages []stored) []byte {
	for next := civil.Day(math.MinInt32); len(pages) > 0; {
		span := pages[0].span()
		switch {
		case next == math.MinInt32:
			b = binary.AppendVarint(b, int64(span))
		case span > next:
			b = binary.AppendUvarint(append(b, 0, 0), uint64(span-next))
		}
		if next = span + 1; pages[0].depth == 0 {
			b, pages = append(b, 0, 1), pages[1:]
			continue
		}
		n := leading(pages, func(p stored) bool { return p.span() == span })
		b, pages = appendSpan(b, pages[:n]), pages[n:]
	}
	return b
}

func appendSpan(b []byte, pages []stored) []byte {
	at := len(b)
	b = append(b, 0, 0)
	for len(pages) > 0 {
		x := pages[0].at(0)
		b[at] |= 1 << x
		if pages[0].depth < dayDepth {
			pages = pages[1:]
			continue
		}
		b[at+1] |= 1 << x
		n := leading(pages, func(p stored) bool { return p.at(0) == x })
		b, pages = appendDays(b, pages[:n]), pages[n:]
	}
	return b
}

func appendDays(b []byte, days []stored) []byte {
	at := len(b)
	b = append(b, 0, 0)
	for i := range days {
		d := &days[i]
		b[at] |= 1 << d.at(1)
		if !d.parts {
			continue
		}
		b[at+1] |= 1 << d.at(1)
		n := 2 * uint64(d.items)
		if d.number != 0 {
			n++
		}
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// isSpan says that there are days of a span, and others after it.
func isSpan(n int64) bool { return n >= math.MinInt32>>spanBits && n < math.MaxInt32>>spanBits }

// errDirectory says that the pages of a blob can't be told apart.
var errDirectory = fmt.Errorf("the pages of a customer's days are not told apart: %w", processor.ErrDamaged)

// directory is one that is read.
type directory struct {
	b   []byte
	bad bool
}

func (d *directory) number() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || n > 1 && d.b[n-1] == 0 || v > math.MaxUint32 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

// masks are which of eight there are, and which of these are in parts.
func (d *directory) masks() (there, parts byte) {
	if len(d.b) < 2 {
		d.bad = true
		return 0, 0
	}
	there, parts, d.b = d.b[0], d.b[1], d.b[2:]
	return there, parts
}

// readDirectory gives the pages that a directory names, in their order. It takes what appendDirectory writes, and nothing else.
func readDirectory(b []byte) (out []listed, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	d, gap := &directory{b: b}, true // none comes first
	first := d.number()
	span := int64(first>>1) ^ -int64(first&1) // as binary.AppendVarint has it
	if d.bad || len(d.b) == 0 {
		return nil, errDirectory
	}
	for ; len(d.b) > 0; span++ {
		there, parts := d.masks()
		if none := there == 0 && parts == 0; none {
			missing := d.number()
			if gap || missing == 0 || len(d.b) == 0 {
				return nil, errDirectory
			}
			span, gap = span+int64(missing)-1, true
			continue
		}
		if gap = false; !isSpan(span) {
			return nil, errDirectory
		}
		p := listed{page: pageOf(civil.Day(span))}
		if there == 0 && parts == 1 {
			out = append(out, p)
			continue
		}
		if out = d.under(out, p.page, there, parts); d.bad {
			return nil, errDirectory
		}
	}
	return out, nil
}

// under are the pages under p.
func (d *directory) under(out []listed, p page, there, parts byte) []listed {
	d.bad = d.bad || there == 0 || parts&^there != 0
	for x := 0; x < 8 && !d.bad; x++ {
		q := listed{page: p.under(x), parts: parts>>x&1 == 1}
		switch {
		case there>>x&1 == 0:
		case !q.parts:
			out = append(out, q)
		case q.depth < dayDepth:
			there, parts := d.masks()
			out = d.under(out, q.page, there, parts)
		default:
			n := d.number()
			q.sums, q.items = n&1 == 1, int(n>>1)
			d.bad = d.bad || n == 0
			out = append(out, q)
		}
	}
	return out
}

// names appends the names of what there may be of a page: a bucket of a day in parts may have nothing.
func (p *listed) names(to []string) []string {
	if !p.parts {
		return append(to, p.name())
	}
	if p.sums {
		to = append(to, p.sumsName())
	}
	for x := range bucketsOf(p.items) {
		to = append(to, p.bucket(x))
	}
	return to
}

// asCut says that pages, with what they weigh, are those that there are where a page weighs at most so much.
func asCut(pages []stored, most int) bool {
	for len(pages) > 0 {
		n := leading(pages, func(s stored) bool { return s.span() == pages[0].span() })
		if _, ok := cutUnder(pages[:n], 0, most); !ok {
			return false
		}
		pages = pages[n:]
	}
	return true
}

// cutUnder is what the pages under one of a depth weigh, or that alone.
func cutUnder(pages []stored, depth uint8, most int) (weight int, ok bool) {
	if p := &pages[0]; p.depth == depth {
		return p.weight, p.weight <= most && !p.parts || depth == dayDepth && p.parts == (p.weight > most)
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
