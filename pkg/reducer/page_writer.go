package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
)

// pageWriter writes pages of days.
type pageWriter struct {
	*processor.CustomerWrite
	slabs *slab
	*pager
}

// rewrite writes the pages that are there still, and has others in place of those that aren't.
func (w *pageWriter) rewrite(were []stored) []stored {
	first, last := len(w.moves), 0
	for i := range w.moves {
		if m := &w.moves[i]; m.same(were) {
			w.write(m, &were[m.from])
		} else {
			first, last = min(first, i), i+1
		}
	}
	if first == len(w.moves) {
		return were
	}
	moves := w.moves[first:last]
	from := moves[0].from
	w.next = w.next[:0]
	for i := range moves {
		m := &moves[i]
		w.next = append(w.next, were[from:m.from]...)
		if from = m.to; m.same(were) {
			w.next = append(w.next, were[m.from])
			continue
		}
		for i := range were[m.from:m.to] {
			w.drop(&were[m.from+i])
		}
		if !m.none {
			p := stored{page: m.page}
			w.write(m, &p)
			w.next = append(w.next, p)
		}
	}
	return slices.Replace(were, moves[0].from, moves[len(moves)-1].to, w.next...)
}

// drop deletes what there is of a page.
func (w *pageWriter) drop(p *stored) {
	switch {
	case p.number == 0:
	case p.parts:
		w.Del = append(w.Del, p.sumsName())
	default:
		w.Del = append(w.Del, p.name())
	}
	for x, n := range p.buckets {
		if n != 0 {
			w.Del = append(w.Del, p.bucket(x))
		}
	}
	p.number, p.items, p.buckets = 0, 0, nil
}

// write writes of a page what is other bytes now.
func (w *pageWriter) write(m *move, p *stored) {
	parts := m.page.depth == dayDepth && weight(&m.days) > w.most
	if parts != p.parts {
		w.drop(p)
	}
	if parts {
		w.writeParts(m, p)
		return
	}
	p.parts = false
	if b, n := w.bytes(&m.days, p.page); n != p.number {
		p.number = n
		w.set(p.name(), b)
	}
}

// writeParts writes a day in parts.
func (w *pageWriter) writeParts(m *move, p *stored) {
	items := m.days.Items
	n := bucketsOf(len(items))
	sums := w.touchParts(p, n)
	p.parts, p.items = true, len(items)
	if sums {
		part := m.days
		part.Items = nil
		w.put(&part, p.page, &p.number, p.sumsName)
	}
	if len(w.touched) == 0 {
		return
	}
	w.sortItems(items, n)
	if had := len(p.buckets); n > had {
		p.buckets = append(p.buckets, make([]uint64, n-had)...)
	}
	rest := w.entries
	for _, b := range w.touched {
		w.items = w.items[:0]
		for ; len(rest) > 0 && rest[0].bucket == b; rest = rest[1:] {
			w.items = append(w.items, items[rest[0].item])
		}
		w.put(&codec.Days{Items: w.items}, p.page, &p.buckets[b], func() string { return p.bucket(b) })
	}
	p.buckets = p.buckets[:n]
}

// put writes what may be nothing now, and knows by a number what it was.
func (w *pageWriter) put(d *codec.Days, of page, was *uint64, name func() string) {
	if d.Len() == 0 {
		if *was != 0 {
			w.Del = append(w.Del, name())
		}
		*was = 0
		return
	}
	if b, n := w.bytes(d, of); n != *was {
		*was = n
		w.set(name(), b)
	}
}

// bytes are those of what there is of a page, which are kept if they are set next.
func (w *pageWriter) bytes(d *codec.Days, of page) (b []byte, number uint64) {
	b = codec.AppendPage(w.slabs.room(pageMost), d, of.first)
	return b, numberOf(b)
}

func (w *pageWriter) set(name string, b []byte) {
	w.Set = append(w.Set, processor.Register{Name: name, Value: w.slabs.keep(b)})
}

// pageMost is what most pages fit into.
const pageMost = 512
