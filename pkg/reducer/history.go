package reducer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What is kept of a customer by day (and open items, by the day on which they fall due) is in the blob while it is little.
// When it is more, it is in pages beside the registers, so that an event writes the pages of its days alone, and the blob
// stays small however much was bought. A page has 64 days; one that would have too much has eight pages under it instead,
// of 8 days each, these of one day, and those one of what has no id and seven of the ids. Which pages there are is a function of what is kept,
// not of how it came to be: the same state is the same bytes.

// history is where a customer's days are stored.
type history struct {
	pages   []stored          // as they were written last, or read, in their order
	changes []edit            // since then, as they were told
	all     bool              // or anything may have changed
	firsts  firsts            // of the lists, as they were then
	loose   bool              // the pages were read: how they are cut hasn't been looked at
	read    map[string][]byte // pages that were read, until all have been
	missing []string          // names of pages that have to be read; nil: the days are all there
}

// entry is told of an entry that changes. Where there are no pages nobody has to know.
func (h *history) entry(day civil.Day, id string) {
	if h.pages == nil || h.all {
		return
	}
	x := edit{from: day, to: day + 1}
	if id != "" {
		x.place = place(id)
	}
	if n := len(h.changes); n == 0 || h.changes[n-1] != x {
		h.changes = append(h.changes, x)
	}
}

func (h *history) bucket(day civil.Day) { h.entry(day, "") }

// firsts are the first days of the lists of what has no id: as time goes on, days are dropped there.
type firsts [4]civil.Day

func firstsOf(d *codec.Days) firsts {
	f := firsts{noDay, noDay, noDay, noDay}
	if len(d.Buckets) > 0 {
		f[0] = d.Buckets[0].Day
	}
	if len(d.Settled) > 0 {
		f[1] = d.Settled[0].Day
	}
	if len(d.Portions) > 0 {
		f[2] = d.Portions[0].Day
	}
	if len(d.Sales) > 0 {
		f[3] = d.Sales[0].Day
	}
	return f
}

// noDay comes after all days.
const noDay = math.MaxInt32

// roll finds what was dropped.
func (h *history) roll(d *codec.Days, most int) {
	is := firstsOf(d)
	for i, was := range h.firsts {
		switch {
		case is[i] > was:
			h.changes = append(h.changes, edit{from: was, to: is[i]})
		case is[i] < was: // what was dropped is back, or something is older than the rest
			h.all = true
		}
	}
	h.firsts = is
	if h.all = h.all || h.pages == nil || h.loose && !asCut(h.pages, most); h.all {
		h.changes = h.changes[:0]
	}
	h.loose = false
	slices.SortFunc(h.changes, compareEdits)
	h.changes = slices.Compact(h.changes)
}

func (c *customer) days() codec.Days {
	return codec.Days{Buckets: c.value.Buckets, Settled: c.ledger.Settled, Portions: c.ledger.Portions, Sales: c.ledger.Sales, Items: c.ledger.Items}
}

func (c *customer) setDays(d codec.Days) {
	c.value.Buckets = d.Buckets
	c.ledger.Settled, c.ledger.Portions, c.ledger.Sales, c.ledger.Items = d.Settled, d.Portions, d.Sales, d.Items
}

// awaitPages says which pages have to be read before the customer's days are all there.
func (c *customer) awaitPages() (err error) {
	c.history.missing, err = pageNames(c.Spans)
	return err
}

func pageNames(spans []*pb.HistorySpan) (names []string, err error) {
	pages, err := listed(spans)
	for _, p := range pages {
		names = append(names, p.name())
	}
	return names, err
}

// DayPages are the names of the registers that have the days of the customer of a blob in the scorer, beside those that the
// blob has itself.
func DayPages(blob []byte) (names []string, err error) {
	c, err := readBlob(blob)
	if err != nil {
		return nil, err
	}
	return pageNames(c.Spans)
}

// takePage keeps a page that was read until all of them have been.
func (h *history) takePage(name string, b []byte) {
	if h.read == nil {
		h.read = map[string][]byte{}
	}
	h.read[name] = b
}

// unite makes the customer's days of the pages, if all have been read.
func (c *customer) unite() error {
	h := &c.history
	if h.missing == nil {
		return nil
	}
	for _, name := range h.missing {
		if !c.registers.all && !c.registers.known[name] {
			return nil
		}
	}
	pages, err := listed(c.Spans)
	if err != nil {
		return err
	}
	all := codec.Days{}
	h.pages = make([]stored, 0, len(pages))
	for _, p := range pages {
		b, ok := h.read[p.name()]
		if !ok {
			return fmt.Errorf("a customer's days from %s on are missing: %w", p.first(), processor.ErrDamaged)
		}
		n := weight(&all)
		if err := all.ReadPage(b); err != nil {
			return fmt.Errorf("reading a customer's days from %s on: %w", p.first(), err)
		}
		h.pages = append(h.pages, stored{p, weight(&all) - n, numberOf(b)})
	}
	all.Sort()
	c.setDays(all)
	c.carried, c.worth = credit.Carried{}, value.Carried{}
	h.read, h.missing, h.firsts, h.loose = nil, nil, firstsOf(&all), true
	return nil
}

// writeDays gives the pages that changed, and those that are no more, and leaves the directory in the blob. What it gives
// back is for the blob itself.
func (c *customer) writeDays(w *processor.CustomerWrite, slabs *slab, opts *Options, g *pager) (blob codec.Days) {
	d, h := c.days(), &c.history
	if d.Len() <= opts.InlineMost {
		for _, p := range h.pages {
			w.Del = append(w.Del, p.name())
		}
		slices.Sort(w.Del)
		h.pages, c.Spans = nil, nil
		h.forget()
		return d
	}
	h.roll(&d, opts.PageMost)
	c.Spans = g.pagesOf(&d, opts.PageMost, h, c.Spans)
	to := pageWriter{w, slabs, g}
	for i := range g.moves {
		if m := &g.moves[i]; m.same(h.pages) {
			to.write(m, &h.pages[m.from])
		}
	}
	h.pages = to.cut(h.pages)
	h.forget()
	slices.SortFunc(w.Set, func(a, b processor.Register) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(w.Del)
	return blob
}

// pageWriter writes pages of days.
type pageWriter struct {
	*processor.CustomerWrite
	slabs *slab
	*pager
}

// write writes a page if its bytes are other ones now.
func (w *pageWriter) write(m *move, p *stored) {
	part := w.of(m)
	b := codec.AppendPage(w.slabs.room(pageMost), &part)
	if n := numberOf(b); n != p.number {
		p.number = n
		w.Set = append(w.Set, processor.Register{Name: p.name(), Value: w.slabs.keep(b)})
	}
}

// cut has other pages from now on in place of those that were, where the pager says so.
func (w *pageWriter) cut(were []stored) []stored {
	first, last := len(w.moves), 0
	for i := range w.moves {
		if !w.moves[i].same(were) {
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
		for _, p := range were[m.from:m.to] {
			w.Del = append(w.Del, p.name())
		}
		if !m.none {
			p := stored{page: m.page}
			w.write(m, &p)
			w.next = append(w.next, p)
		}
	}
	return slices.Replace(were, moves[0].from, moves[len(moves)-1].to, w.next...)
}

// forget is what is done when everything has been written.
func (h *history) forget() { h.changes, h.all = h.changes[:0], false }

// pageMost is what most pages fit into.
const pageMost = 512
