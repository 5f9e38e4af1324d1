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
// of 8 days each, and these of one day. A day that would have too much is in parts: one has what has no id, which every event of today
// changes, and the open items are in as many others as there are, up to some thousands. Which pages there are is a function of what is kept, not of how it
// came to be: the same state is the same bytes.

// history is where a customer's days are stored.
type history struct {
	pages   []stored          // as they were written last, or read, in their order
	former  []string          // pages of a former program, which go when the customer is written
	changes []edit            // since then, as they were told
	all     bool              // or anything may have changed
	firsts  firsts            // of the lists, as the pages have them
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
		x.place = codec.HashID(id)
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

// dropped is told what is dropped at the beginning of lists, whose first days were others before. What the pages don't have (a journal's ledger
// begins long before) and nobody has told doesn't matter.
func (h *history) dropped(was, is firsts) {
	if h.pages == nil || h.all {
		return
	}
	for i := range was {
		if from := max(was[i], h.firsts[i]); from < is[i] {
			h.changes = append(h.changes, edit{from: from, to: is[i]})
		}
	}
}

// ready puts what has changed in order, or finds that anything may have.
func (h *history) ready(most int) {
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
	c.history.missing, err = pageNames(c.ScorerCustomer)
	return err
}

func pageNames(c *pb.ScorerCustomer) (names []string, err error) {
	pages, err := readDirectory(c.Days)
	if err != nil {
		return nil, err
	}
	for i := range pages {
		names = pages[i].names(names)
	}
	former, err := formerPages(c.Spans)
	for i := range former {
		names = append(names, former[i].name())
	}
	return names, err
}

// DayPages are the names of the registers that may have days of the customer of a blob in the scorer, beside those that the
// blob has itself.
func DayPages(blob []byte) (names []string, err error) {
	c, err := readBlob(blob)
	if err != nil {
		return nil, err
	}
	return pageNames(c)
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
	all := codec.Days{}
	pages, err := readDirectory(c.Days)
	if err != nil {
		return err
	}
	h.pages = make([]stored, 0, len(pages))
	for i := range pages {
		p, err := h.take(&all, &pages[i])
		if err != nil {
			return err
		}
		h.pages = append(h.pages, p)
	}
	if err := h.takeFormer(&all, c.Spans); err != nil {
		return err
	}
	for _, name := range h.missing { // nobody asks again
		delete(c.registers.known, name)
	}
	c.Spans = nil
	all.Sort()
	c.setDays(all)
	c.carried, c.worth = credit.Carried{}, value.Carried{}
	h.read, h.missing, h.firsts, h.loose = nil, nil, firstsOf(&all), true
	return nil
}

// take adds what was read of a page.
func (h *history) take(all *codec.Days, is *listed) (p stored, err error) {
	p = stored{page: is.page, parts: is.parts, items: is.items}
	weighed, items := weight(all), len(all.Items)
	switch {
	case !p.parts:
		p.number, err = h.readPage(all, p.page, p.name())
	case is.sums:
		p.number, err = h.readPage(all, p.page, p.sumsName())
	}
	if p.parts {
		p.buckets = make([]uint64, bucketsOf(p.items))
	}
	for x := range p.buckets {
		name, from := p.bucket(x), len(all.Items)
		if _, there := h.read[name]; !there || err != nil {
			continue
		}
		if p.buckets[x], err = h.readPage(all, p.page, name); err == nil && !belong(all.Items[from:], x, len(p.buckets)) {
			err = notOurs(p.page)
		}
	}
	if n := len(all.Items) - items; err == nil && p.parts && n != p.items {
		err = fmt.Errorf("a customer's days from %s on are missing: of %d open items that fall due then, %d are there: %w", p.first, p.items, n, processor.ErrDamaged)
	}
	p.weight = weight(all) - weighed
	return p, err
}

// readPage adds what was read by a name.
func (h *history) readPage(all *codec.Days, p page, name string) (number uint64, err error) {
	b, ok := h.read[name]
	if !ok {
		return 0, fmt.Errorf("a customer's days from %s on are missing: %w", p.first, processor.ErrDamaged)
	}
	were := *all
	if err := all.ReadPage(b, p.first); err != nil {
		return 0, fmt.Errorf("reading a customer's days from %s on: %w: %w", p.first, err, processor.ErrDamaged)
	}
	if !p.has(all, &were) {
		return 0, notOurs(p)
	}
	return numberOf(b), nil
}

func notOurs(p page) error {
	return fmt.Errorf("a customer's days from %s on have what isn't of them: %w", p.first, processor.ErrDamaged)
}

// has says that what was added to lists is of the page's days, in their order.
func (p page) has(all, were *codec.Days) bool {
	return within(p, all.Buckets[len(were.Buckets):], func(x *value.Bucket) civil.Day { return x.Day }) &&
		within(p, all.Settled[len(were.Settled):], func(x *credit.SettledDay) civil.Day { return x.Day }) &&
		within(p, all.Portions[len(were.Portions):], func(x *credit.Portion) civil.Day { return x.Day }) &&
		within(p, all.Sales[len(were.Sales):], func(x *credit.Sale) civil.Day { return x.Day }) &&
		within(p, all.Items[len(were.Items):], func(x *credit.Item) civil.Day { return x.Due })
}

func within[T any](p page, list []T, day func(*T) civil.Day) bool {
	last := p.first
	for i := range list {
		is := day(&list[i])
		if is < last || int64(is)-int64(p.first) >= int64(p.days()) {
			return false
		}
		last = is
	}
	return true
}

// belong says that items are of a bucket of so many.
func belong(items []credit.Item, bucket, n int) bool {
	for i := range items {
		if bucketOf(placeOf(&items[i]), n) != bucket {
			return false
		}
	}
	return true
}

// writeDays gives the pages that changed, and those that are no more, and leaves the directory in the blob. What it gives
// back is for the blob itself.
func (c *customer) writeDays(w *processor.CustomerWrite, slabs *slab, opts *Options, g *pager) (blob codec.Days) {
	d, h := c.days(), &c.history
	to := pageWriter{w, slabs, g}
	if d.Len() <= opts.InlineMost {
		for i := range h.pages {
			to.drop(&h.pages[i])
		}
		h.pages, c.Days, blob = nil, nil, d
	} else {
		h.ready(opts.PageMost)
		g.pagesOf(&d, opts.PageMost, h)
		h.pages = to.rewrite(h.pages)
		c.Days = appendDirectory(c.Days[:0], h.pages)
	}
	slices.SortFunc(w.Set, func(a, b processor.Register) int { return strings.Compare(a.Name, b.Name) })
	to.dropFormer(h.former)
	slices.Sort(w.Del)
	h.firsts = firstsOf(&d)
	h.forget()
	return blob
}

// forget is what is done when everything has been written.
func (h *history) forget() { h.changes, h.all, h.former = h.changes[:0], false, nil }
