package reducer

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
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
	spans   []spanSum         // that they are of
	read    map[string][]byte // pages that were read, until all have been
	missing []string          // names of pages that have to be read; nil: the days are all there
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
	c := &pb.ScorerCustomer{}
	if err := proto.Unmarshal(blob, c); err != nil {
		return nil, fmt.Errorf("reading a customer's blob in the scorer: %w", err)
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
	all, entries := codec.Days{}, []codec.Entered(nil)
	for _, p := range pages {
		b, ok := h.read[p.name()]
		if !ok {
			return fmt.Errorf("a customer's days from %s on are missing: %w", p.first(), processor.ErrDamaged)
		}
		one := codec.Days{}
		if err := one.ReadPage(b); err != nil {
			return fmt.Errorf("reading a customer's days from %s on: %w", p.first(), err)
		}
		entries = one.Enter(entries[:0])
		h.pages = append(h.pages, stored{p, numberOf(entries)})
		all.Append(&one)
	}
	all.Sort()
	c.setDays(all)
	h.read, h.missing, h.spans = nil, nil, sumsOf(all.Enter(entries[:0]))
	return nil
}

// writeDays gives the pages that changed, and those that are no more, and leaves the directory in the blob. What it gives
// back is for the blob itself.
func (c *customer) writeDays(w *processor.CustomerWrite, slabs *slab, opts *Options, g *pager) (blob codec.Days) {
	d := c.days()
	var is []stored
	var spans []spanSum
	if d.Len() > opts.InlineMost {
		is, spans = g.pagesOf(&d, opts.PageMost, &c.history)
	} else {
		blob = d
	}
	if is == nil && c.history.pages == nil {
		return blob
	}
	was := c.history.pages
	for _, p := range is {
		for len(was) > 0 && was[0].compare(p.page) < 0 {
			w.Del, was = append(w.Del, was[0].name()), was[1:]
		}
		if len(was) > 0 && was[0].page == p.page {
			same := was[0] == p
			if was = was[1:]; same {
				continue
			}
		}
		part := p.of(&d)
		w.Set = append(w.Set, processor.Register{Name: p.name(), Value: slabs.keep(codec.AppendPage(slabs.room(pageMost), &part))})
	}
	for _, p := range was {
		w.Del = append(w.Del, p.name())
	}
	c.history.pages, c.history.spans, c.Spans = is, spans, directory(is)
	slices.SortFunc(w.Set, func(a, b processor.Register) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(w.Del)
	return blob
}

// pageMost is what most pages fit into.
const pageMost = 512
