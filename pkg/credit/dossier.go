package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// dossier is what a journal knows of an id, beside its orders.
type dossier struct {
	id       string
	invoices []Invoice
	notes    []Adjustment
	accounts []*account
	tasks    []task    // of its accounts and notes
	billedBy []string  // ids of invoices that name it as an order, once for each time
	returns  []int32   // that name it
	payers   []int32   // numbers of payments that name it, once for each time
	discount int32     // of these, how many give a discount
	unmet    int32     // of its notes
	remarks  int32     // disputes and promises of it
	edit     int32     // that has it in hand last
	orders   int32     // which of the bench's has other ones in the place of its orders; 0: none
	first    civil.Day // on which anything depends on what the id is; never: nothing does

	// What the lists of most are made of, so a dossier is never copied.
	account [1]*account
	task    [1]task
}

// touches notes that something on a day depends on what the id is.
func (d *dossier) touches(day civil.Day) {
	d.first = min(d.first, day)
}

// dossier is that of an id.
func (j *Journal) dossier(id string) *dossier {
	return j.settler.index.name(id).about(id)
}

// about is the dossier of an id, of which it is the name.
func (n *name) about(id string) *dossier {
	if n.dossier == nil {
		n.dossier = &dossier{id: id, first: never}
		n.dossier.empty()
	}
	return n.dossier
}

// empty has it be of no accounts.
func (d *dossier) empty() {
	d.account[0] = nil
	d.accounts, d.tasks = d.account[:0], d.task[:0]
}

// bills has an invoice in its dossier, and in those of the orders that it names.
func (j *Journal) bills(v *Invoice) {
	d := j.dossier(v.ID)
	d.invoices = append(d.invoices, *v)
	for _, s := range v.Orders {
		o := j.dossier(s.OrderID)
		o.billedBy = append(o.billedBy, v.ID)
	}
}

// unbills takes away all of an id's invoices.
func (j *Journal) unbills(d *dossier) {
	for i := range d.invoices {
		for _, s := range d.invoices[i].Orders {
			o := j.dossier(s.OrderID)
			at := slices.Index(o.billedBy, d.id)
			o.billedBy = slices.Delete(o.billedBy, at, at+1)
		}
	}
	d.invoices = nil
}

// addReturn has a return of the book in the dossiers of what it names.
func (j *Journal) addReturn(i int32) {
	r := &j.book.Returns[i]
	j.returns[r.ID] = append(j.returns[r.ID], i)
	for d := range j.named(r) {
		d.returns = append(d.returns, i)
		d.touches(r.Day)
	}
}

func (j *Journal) removeReturn(i int32) {
	r := &j.book.Returns[i]
	j.returns[r.ID] = slices.DeleteFunc(j.returns[r.ID], func(n int32) bool { return n == i })
	for d := range j.named(r) {
		d.returns = slices.DeleteFunc(d.returns, func(n int32) bool { return n == i })
	}
}

// named yields the dossiers of what a return names.
func (j *Journal) named(r *Return) func(func(*dossier) bool) {
	return func(yield func(*dossier) bool) {
		if r.OrderID != "" && !yield(j.dossier(r.OrderID)) {
			return
		}
		if r.InvoiceID != "" && r.InvoiceID != r.OrderID {
			yield(j.dossier(r.InvoiceID))
		}
	}
}

// pays counts a payment of the book, and what it names, or (-1) no longer.
func (j *Journal) pays(number int32, sign int) {
	p := &j.book.Payments[number]
	j.paying += sign
	j.files.fileBill(p, sign)
	for i := range p.Allocations {
		a := &p.Allocations[i]
		d := j.dossier(a.Ref.ID)
		if sign > 0 {
			d.payers = append(d.payers, number)
		} else {
			at := slices.Index(d.payers, number)
			d.payers = slices.Delete(d.payers, at, at+1)
		}
		if a.Discount != 0 {
			d.discount += int32(sign)
		}
		d.touches(p.ValueDay)
	}
}

// use is what refers to an id in the documents of the journal.
func (j *Journal) use(id string) (u use) {
	n := j.settler.index.names[id]
	if n == nil || n.dossier == nil {
		return u
	}
	d := n.dossier
	u.money, u.lowers, u.noted = len(d.payers) > 0, len(d.returns) > 0 || d.discount > 0, d.remarks > 0
	for i := range d.notes {
		lowers := d.notes[i].Kind.lowers()
		u.lowers, u.noted = u.lowers || lowers, u.noted || !lowers
	}
	for i, by := range d.billedBy {
		if slices.Contains(d.billedBy[:i], by) {
			continue
		}
		for _, v := range j.dossier(by).invoices {
			if v.Standing == Live {
				u.count(&v, id)
			}
		}
	}
	return u
}

// refunds says that something of a payment has gone back.
func (j *Journal) refunds(payer docKey) bool {
	return slices.ContainsFunc(j.payments[payer.id], func(t task) bool {
		return t.what != stepPayment && j.book.Refunds[t.of].PaymentSource == payer.source
	})
}
