package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ripple is changes that may have money go elsewhere than it went, followed from day to day: only what is paid by somebody else, on
// another day or no longer is looked at, and not what else there is on these days. It is worked out first, and changes nothing until keep.
type ripple struct {
	*rewriting
	movers []*mover
	edits  []moneyEdit
	rest   []task              // on the agenda, that it isn't for: they have their effect after all else, or their days are settled again
	went   map[*dossier]*mover // whose accounts are gone
	idle   map[*dossier]int32  // of new payments, those that name what is no account

	lowered []lowered // on the last day, by what else is on the agenda

	first int       // place of the first day
	most  int       // movers that it is worth, and pieces of free money in a day
	was   [][]Money // that was free when each day began, from the first on, and at the end
	is    []Money   // that is free now
	plan  []rippledDay
}

// moneyEdit is money that names nothing, or nothing any more.
type moneyEdit struct {
	Money
	gone bool
}

// rippling begins with what is to be replaced, as long as that is known. Nil: it isn't for this.
func (w *rewriting) rippling(parts []*dossier) *ripple {
	if !w.exact() || w.other {
		return nil
	}
	r := &ripple{rewriting: w, went: map[*dossier]*mover{}, idle: map[*dossier]int32{}}
	for _, d := range parts {
		a := d.account()
		switch {
		case !w.alone(d):
			return nil
		case a == nil:
			continue
		}
		m := r.mover(a)
		if m == nil {
			return nil
		}
		m.gone, r.went[d] = true, m
		r.movers = append(r.movers, m)
	}
	return r
}

// alone says that an id is of one order or one invoice at most, of which nothing has been said so far but by payments.
func (w *rewriting) alone(d *dossier) bool {
	n := w.settler.index.name(d.id)
	old := func(i int32) bool { return !slices.Contains(w.fresh, i) }
	if slices.ContainsFunc(d.returns, old) || len(d.billedBy) > 0 || d.discount > 0 || len(d.accounts) > 1 || len(n.orders)+len(n.invoices) > 1 {
		return false
	}
	if slices.ContainsFunc(d.tasks, func(t task) bool { return t.what != stepOpen && !slices.Contains(w.added, t) }) {
		return false
	}
	for _, o := range n.orders {
		if o.InvoiceExpected || o.commitment != 0 || o.invoiced != 0 || len(o.waits)+len(o.bills) > 0 {
			return false
		}
	}
	return len(d.invoices) == 0 || len(d.invoices[0].Orders) == 0
}

// account is that of an id that is alone, if there is something to pay; nil: there isn't.
func (d *dossier) account() *account {
	if len(d.accounts) == 0 || !d.accounts[0].counts {
		return nil
	}
	return d.accounts[0]
}

// begin takes what has been put on the agenda, and taken off it, once new accounts have been made. False: it isn't for this.
func (r *ripple) begin(parts []*dossier) bool {
	for _, t := range r.added {
		if t.what != stepOpen {
			continue
		}
		a := r.settler.numbered[t.of]
		m := r.moverOf(a)
		if m == nil {
			return false
		}
		m.fresh = true
		if old := r.went[r.dossier(a.Ref.ID)]; old != nil {
			m.named, old.named = old.named, nil
		}
	}
	for _, t := range r.gone {
		if !r.goes(&r.book.Payments[t.of]) {
			return false
		}
	}
	for _, t := range r.added {
		switch {
		case t.what == stepOpen:
		case t.what != stepPayment || !r.admit(&r.book.Payments[t.of], false):
			r.rest = append(r.rest, t)
		}
	}
	for _, d := range parts {
		if !r.alone(d) || d.account() == nil && !r.nothing(d) {
			return false
		}
	}
	return !slices.ContainsFunc(r.movers, func(m *mover) bool { return !r.complete(m) }) && r.start()
}

// goes takes a payment that is to be gone.
func (r *ripple) goes(p *Payment) bool {
	for _, m := range r.movers {
		if slices.ContainsFunc(m.named, func(x namedPart) bool { return x.of == p }) {
			return true // as its portion says
		}
	}
	return r.admit(p, true)
}

// admit takes a payment that is new, or gone.
func (r *ripple) admit(p *Payment, gone bool) bool {
	if r.settler.asks(docKey{p.Source, p.ID}) {
		return false
	}
	if len(p.Allocations) == 0 {
		r.free(p, gone)
		return true
	}
	a := p.Allocations[0]
	if len(p.Allocations) > 1 || p.Amount <= 0 || a.Discount != 0 || a.most(p.Amount) < p.Amount {
		return false
	}
	d, to, own := r.dossier(a.Ref.ID), r.settler.index.resolve(a.Ref, p.Source), r.soleAccount(p)
	switch {
	case gone && d.edit == r.edit: // it named something else, as far as that is known
		return false
	case to.kind == RefCash || to.kind == RefGone:
		if !gone {
			r.idle[d]++
		}
		if to.kind == RefGone {
			r.free(p, gone)
		}
		return true
	case own == nil:
		return false
	}
	m := r.moverOf(own)
	if m == nil {
		return false
	}
	was := slices.ContainsFunc(m.named, func(x namedPart) bool { return x.of == p }) // it became a mover with it
	if !was {
		m.named = append(m.named, namedPart{of: p, gone: gone, fresh: !gone})
	}
	return true
}

func (r *ripple) free(p *Payment, gone bool) {
	if p.Amount > 0 {
		r.edits = append(r.edits, moneyEdit{Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: p.Amount}, gone})
	}
}

// nothing says that an id is no account now, and what named it is known: payments of cash orders settle nothing else, those of what is gone are
// free.
func (r *ripple) nothing(d *dossier) bool {
	old := r.went[d]
	if old == nil {
		return d.money == r.idle[d]
	}
	n := int32(0)
	for _, x := range old.named {
		to := r.settler.index.resolve(x.of.Allocations[0].Ref, x.of.Source)
		if to.kind == RefCash || to.kind == RefUnknown || to.own != nil || to.toCome() {
			return false
		}
		n += int32(btoi(!x.gone))
	}
	return d.money == n+r.idle[d]
}

// ranOn says that a day has been settled.
func (j *Journal) ranOn(day civil.Day) bool {
	i, found := j.day(day)
	return found && j.days[i].ran
}

// start finds the first day, and has everything as it was before that. False: nobody can go back so far, or it is less to settle all again.
func (r *ripple) start() bool {
	day := never
	for _, m := range r.movers {
		if m.gone || m.fresh {
			day = min(day, m.of.Opened)
		}
		for _, x := range m.named {
			if x.gone || x.fresh {
				day = min(day, x.of.ValueDay)
			}
		}
	}
	for _, e := range r.edits {
		day = min(day, e.ValueDay)
	}
	if slices.ContainsFunc(r.added, func(t task) bool { return !r.ranOn(t.day) }) {
		return false
	}
	if day == never {
		return true
	}
	r.first, _ = r.day(day)
	return r.reach()
}

// reach has everything as it was before the first day. False: see start.
func (r *ripple) reach() bool {
	tasks := 0
	for i := len(r.days) - 1; i >= r.first; i-- {
		d := &r.days[i]
		if !d.ran || d.past == nil || d.past.fresh {
			return false
		}
		tasks += len(d.tasks)
	}
	r.carried()
	takes := len(r.edits)
	for _, money := range r.was {
		takes += 1 + len(money)
	}
	if r.most = 16 + tasks/8 - takes; len(r.movers) > r.most {
		return false
	}
	for _, m := range r.movers {
		r.rewind(m, r.first)
	}
	return true
}
