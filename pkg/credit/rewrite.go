package credit

import (
	"cmp"
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Kind is a kind of documents that are under ids of their own.
type Kind int8

// Kinds: orders; invoices with adjustments, disputes and promises; returns; payments with their refunds.
const (
	OfOrders Kind = iota
	OfInvoices
	OfReturns
	OfPayments
)

// Change is all documents that count of a kind under an id, in place of those that there were.
type Change struct {
	Kind Kind
	ID   string
	Book Book
}

// rewriting is changes on their way into a journal.
type rewriting struct {
	*Journal
	from  civil.Day    // the first that has to be settled again
	seeds []*dossier   // of ids whose accounts may be other ones now
	notes []Adjustment // that change what is there
	fresh []int32      // numbers of returns
	added []task       // on the agenda
	gone  []task       // payments that are on it no more
	other bool         // something else has come or gone

	refunded []Payment // on the agenda, of which something goes back
}

// never is a day after all.
const never = civil.Day(math.MaxInt32)

// staleMost is how much may have been replaced before a journal is made anew, whatever its size.
const staleMost = 1000

// Rewrite replaces documents, and settles again from the first day on which that makes a difference. False: the journal is of
// no use any more, and has to be made anew. Of each kind an id is changed once. It keeps nothing of the memory of the changes.
func (j *Journal) Rewrite(changes []Change) bool {
	if j.dead > staleMost+len(j.settler.numbered)+len(j.book.Payments) {
		return false
	}
	j.edit++
	j.told, j.swept = j.told[:0], len(j.settler.sweeps.days)
	w := j.rewriting()
	for i := range changes {
		w.take(&changes[i])
	}
	parts := w.parts()
	r := w.rippling(parts)
	w.remove(parts)
	if r == nil {
		w.askAll()
		if !j.back(w.from) {
			return false
		}
	}
	if len(parts) > 0 {
		w.renew(parts)
	}
	w.remark(parts)
	if from, ok := r.run(parts); ok {
		w.from, w.added, r.rest, w.gone = from, r.rest, w.added[:0], w.gone[:0]
	} else if r != nil {
		w.from = min(w.from, r.stop)
	}
	if r != nil {
		w.askAll()
	}
	if w.from == never && w.settleRest() {
		j.close()
		return true
	}
	for _, t := range w.added {
		w.since(t.day)
	}
	if !j.back(w.from) {
		return false
	}
	if w.from < never {
		i, _ := j.day(w.from)
		j.run(i)
	}
	j.close()
	return true
}

// settleRest settles what is left on the agenda of the last day after all else of that day, if that comes to the same. False: it doesn't, and
// whatever has been done is undone where the day is gone back to.
func (w *rewriting) settleRest() bool {
	all := w.added
	if len(all) == 0 {
		return true
	}
	for _, settles := range []struct {
		these func(step) bool
		all   func() bool
	}{
		{func(x step) bool { return x == stepOpen || x == stepPayment || x == stepLate }, w.appendAll},
		{func(x step) bool { return x.lowers() || x == stepRaise }, func() bool { return w.lowerAll() || w.lowerLate() }},
		{func(x step) bool { return x == stepRefund }, w.refundAll},
	} {
		w.added = slices.DeleteFunc(slices.Clone(all), func(t task) bool { return !settles.these(t.what) })
		if len(w.added) > 0 && !settles.all() {
			w.added = all
			return false
		}
	}
	return true
}

// lowers says that it takes something off an account, or settles it, but by a payment.
func (x step) lowers() bool {
	return x == stepReturn || x == stepLower || x == stepNet || x == stepWriteOff
}

// askAll has it be noted what payments settle of which something goes back, once they have been settled as far as they will be before all is settled again.
func (w *rewriting) askAll() {
	for i := range w.refunded {
		w.ask(&w.refunded[i])
	}
}

// since has all be settled again from a day on.
func (w *rewriting) since(day civil.Day) { w.from, w.other = min(w.from, day), true }

// take takes note of a change. What makes no other accounts is on the agenda at once.
func (w *rewriting) take(c *Change) {
	switch c.Kind {
	case OfOrders:
		w.takeOrders(c.ID, c.Book.Orders)
	case OfInvoices:
		w.takeRemarks(c.ID, &c.Book)
		w.takeInvoices(w.dossier(c.ID), &c.Book)
	case OfReturns:
		w.takeReturns(c.ID, c.Book.Returns)
	case OfPayments:
		w.takePayments(c.ID, c.Book.Payments)
		w.takeRefunds(c.ID, &c.Book)
	}
}

func (w *rewriting) takeOrders(id string, is []Order) {
	b := &w.bench
	from := len(b.list)
	for i := range is {
		b.list = append(b.list, is[i].known(w.settler.cfg))
	}
	is = b.list[from:len(b.list):len(b.list)]
	slices.SortFunc(is, func(a, b Order) int { return cmp.Compare(a.Source, b.Source) })
	n := w.settler.index.name(id)
	if slices.EqualFunc(n.orders, is, func(a *orderDoc, b Order) bool { return a.Order == b }) {
		b.list = b.list[:from]
		return
	}
	d := n.about(id)
	b.orders = append(b.orders, is)
	d.orders, w.seeds = int32(len(b.orders)), append(w.seeds, d)
}

func (w *rewriting) takeRemarks(id string, b *Book) {
	d := w.dossier(id)
	if n := len(b.Disputes) + len(b.Promises); d.remarks > 0 || n > 0 {
		d.remarks = int32(n)
		w.book.Disputes = append(slices.DeleteFunc(w.book.Disputes, func(x Dispute) bool { return x.ID == id }), b.Disputes...)
		w.book.Promises = append(slices.DeleteFunc(w.book.Promises, func(x Promise) bool { return x.ID == id }), b.Promises...)
	}
}

// takeInvoices takes invoices and adjustments. Of the latter only those make accounts that raise what is owed, where nothing is there that they raise.
func (w *rewriting) takeInvoices(d *dossier, b *Book) {
	if !slices.EqualFunc(d.invoices, b.Invoices, sameInvoice) || !w.onlyRaised(raising(d.notes), raising(b.Adjustments)) {
		w.seed(d)
		w.unbills(d)
		for _, v := range b.Invoices {
			v = v.own()
			w.bills(&v)
		}
		w.seed(d)
		w.keepNotes(d, b.Adjustments)
		return
	}
	for _, n := range d.notes {
		if !slices.Contains(b.Adjustments, n) {
			w.removeNote(d, n)
		}
	}
	for _, n := range b.Adjustments {
		if !slices.Contains(d.notes, n) {
			w.notes = append(w.notes, n)
		}
	}
	w.keepNotes(d, b.Adjustments)
}

// onlyRaised says that notes are those that there were, and others that raise accounts of documents.
func (w *rewriting) onlyRaised(was, is []Adjustment) bool {
	return !slices.ContainsFunc(was, func(n Adjustment) bool { return !slices.Contains(is, n) }) &&
		!slices.ContainsFunc(is, func(n Adjustment) bool { return !slices.Contains(was, n) && w.raises(&n) == nil })
}

// raises is the account of a document that a debit note raises; nil: there is none.
func (w *rewriting) raises(n *Adjustment) *account {
	if n.Kind != DebitNote {
		return nil
	}
	a := w.settler.raised(n)
	if a == nil || !a.counts {
		return nil
	}
	of := func(v Invoice) bool { return v.Source == a.Source }
	if a.Ref.Invoice && !slices.ContainsFunc(a.named.about(a.Ref.ID).invoices, of) {
		return nil // of an opening balance or another note
	}
	return a
}

func (j *Journal) keepNotes(d *dossier, is []Adjustment) {
	j.noting += counting(is) - counting(d.notes)
	d.notes = slices.Clone(is)
}

// counting is how many are of something.
func counting(list []Adjustment) (n int) {
	for i := range list {
		n += btoi(list[i].Amount > 0)
	}
	return n
}

// seed has other accounts made of an id, and of the orders that its invoices name.
func (w *rewriting) seed(d *dossier) {
	w.seeds = append(w.seeds, d)
	for i := range d.invoices {
		for _, s := range d.invoices[i].Orders {
			w.seeds = append(w.seeds, w.dossier(s.OrderID))
		}
	}
}

func raising(list []Adjustment) (out []Adjustment) {
	for _, n := range list {
		if n.Kind == Opening || n.Kind == DebitNote {
			out = append(out, n)
		}
	}
	return out
}

func (w *rewriting) removeNote(d *dossier, n Adjustment) {
	s := &w.settler
	is := func(t task) bool {
		return (t.what == stepLower || t.what == stepNet || t.what == stepWriteOff) && s.notes[t.of].Adjustment == n
	}
	i := slices.IndexFunc(d.tasks, is)
	if i < 0 {
		return // it does nothing
	}
	w.meet(d, -btoi(s.notes[d.tasks[i].of].unmet))
	for _, t := range d.tasks {
		if is(t) {
			w.since(t.day)
			w.drop(t)
		}
	}
	d.tasks = slices.DeleteFunc(d.tasks, is)
	w.dead++
}

func (w *rewriting) takeReturns(id string, is []Return) {
	book := &w.book
	was := slices.Clone(w.returns[id])
	for _, i := range was {
		if r := book.Returns[i]; !slices.Contains(is, r) {
			if t := (task{r.Day, stepReturn, i}); w.has(t) {
				w.drop(t)
				w.since(r.Day)
			}
			w.removeReturn(i)
			w.dead++
		}
	}
	for _, r := range is {
		if !slices.ContainsFunc(was, func(i int32) bool { return book.Returns[i] == r }) {
			book.Returns = append(book.Returns, r)
			w.fresh = append(w.fresh, int32(len(book.Returns)-1))
		}
	}
}

// put puts a task on the agenda of the day on which it has to be settled.
func (w *rewriting) put(t task) {
	w.added = append(w.added, t)
	w.add(t)
}

func sameInvoice(a, b Invoice) bool {
	return a.Source == b.Source && a.ID == b.ID && a.Standing == b.Standing && a.Day == b.Day && a.Due == b.Due && a.HasDue == b.HasDue &&
		a.Amount == b.Amount && a.Rate == b.Rate && slices.Equal(a.Old, b.Old) && slices.Equal(a.Orders, b.Orders)
}
