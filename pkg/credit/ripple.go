package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ripple is changes that may have money go elsewhere than it went, followed from day to day: only what is paid by somebody else, on
// another day or no longer is looked at, and not what else there is on these days. It is worked out first, and kept then.
// From the first day on that has more to it, all is gone back to at once, and settled again.
type ripple struct {
	*rewriting
	movers []*mover
	named  []*namedPayment
	edits  []moneyEdit
	rest   []task // on the agenda of the last day, that it isn't for: they have their effect after all else

	late    bool      // lowers accounts on the last day as on any other
	lowered []lowered // on the last day, by what else is on the agenda

	first, end int       // places of the days that it is for: from one on, and up to another
	stop       civil.Day // that is at the end; never: it is for all days
	most       int       // movers that it is worth, and pieces of free money in a day
	was        [][]Money // that was free when each day began, from the first on, and at the end
	is         []Money   // that is free now
	plan       []rippledDay
	byDue      []*mover    // see sorted
	swaps      []sweptEdit // of all days
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
	r := w.ripple()
	for _, d := range parts {
		if !w.settler.index.name(d.id).single(d) {
			return nil
		}
		r.stopAt(r.noted(d, -never))
		for _, a := range d.accounts {
			if a.counts {
				r.goes(a)
			}
		}
	}
	for _, t := range w.gone {
		if p := &w.book.Payments[t.of]; len(p.Allocations) > 0 {
			r.seen(t.of).gone = true
		}
	}
	for _, d := range parts {
		for _, number := range d.payers {
			r.seen(number)
		}
		if !r.waiting(d) {
			return nil
		}
	}
	return r
}

// goes takes an account that is to be gone.
func (r *ripple) goes(a *account) {
	m := r.bench.mover(a)
	m.gone, m.complicated = true, r.complicated(a, a.Opened, a.Opened)
	r.movers = append(r.movers, m)
}

// single says that an id is of one order or one invoice at most.
func (n *name) single(d *dossier) bool {
	return len(d.accounts) <= 1 && len(n.orders)+len(n.invoices) <= 1 && d.unmet == 0
}

// plain says so, and that no money has waited for it on a day or later.
func (n *name) plain(d *dossier, from civil.Day) bool {
	if !n.single(d) || n.unknown != nil && len(n.unknown.waits) > 0 {
		return false
	}
	return (len(n.orders) == 0 || served(n.orders[0].waits, from)) && (len(d.accounts) == 0 || served(d.accounts[0].waits, from))
}

// served says that no money waited any more before a day.
func served(waits []*wait, day civil.Day) bool {
	return !slices.ContainsFunc(waits, func(w *wait) bool { return !w.over || w.done >= day })
}

// stopAt has all be settled again from a day on, and everything be as it was before that. Where nobody can go back so far, Rewrite finds that out
// when it does.
func (r *ripple) stopAt(day civil.Day) {
	if place, _ := r.day(day); place < r.end {
		r.end, r.stop = place, day
		r.back(r.days[place].day)
	}
}

// noted is the first day, of some day on, on which something has been said of an id but by payments.
func (w *rewriting) noted(d *dossier, from civil.Day) (first civil.Day) {
	first = never
	for _, i := range d.returns {
		if day := w.book.Returns[i].Day; day >= from && !slices.Contains(w.fresh, i) {
			first = min(first, day)
		}
	}
	for _, t := range d.tasks {
		if t.what != stepOpen && t.day >= from && !slices.Contains(w.added, t) {
			first = min(first, t.day)
		}
	}
	return first
}

// begin takes what has been put on the agenda, and taken off it, once new accounts have been made. False: it isn't for this.
func (r *ripple) begin(parts []*dossier) bool {
	if r.other || slices.ContainsFunc(parts, func(d *dossier) bool { return !r.settler.index.name(d.id).plain(d, -never) }) || !r.start() {
		return false
	}
	for _, m := range r.movers {
		r.recall(m, r.first, m.of.Opened)
	}
	slices.SortFunc(r.added, r.settler.compareTasks)
	for _, t := range r.added {
		if t.what == stepOpen {
			r.opens(r.settler.numbered[t.of], t.day)
		}
	}
	for _, t := range r.gone {
		if p := &r.book.Payments[t.of]; len(p.Allocations) == 0 {
			r.free(p, true)
		}
	}
	for _, t := range r.added {
		if t.what != stepOpen {
			r.admit(t)
		}
	}
	for i := 0; i < len(r.named); i++ {
		if x := r.named[i]; !r.means(x) {
			r.stopAt(x.ValueDay)
		}
	}
	return r.first < r.end && r.reach()
}

// start finds the first day on which something may be different, and up to where days have been settled. False: nobody can go back so far.
func (r *ripple) start() bool {
	day := never
	for _, m := range r.movers {
		day = min(day, m.of.Opened)
	}
	for _, x := range r.named {
		day = min(day, x.ValueDay)
	}
	for _, list := range [][]task{r.added, r.gone} {
		for _, t := range list {
			day = min(day, t.day)
		}
	}
	r.first, _ = r.day(day)
	if r.end = len(r.days); r.stop < never { // there are days that there weren't
		r.end, _ = r.day(r.stop)
	}
	for i := r.first; i < r.end; i++ {
		switch d := &r.days[i]; {
		case !d.ran && r.after(i) != nil:
			r.empty(i)
		case !d.ran:
			r.stopAt(d.day)
		case d.past == nil:
			return false
		}
	}
	return r.first < r.end
}

// empty has a day that is new have been settled with nothing on it, as it was.
func (r *ripple) empty(place int) {
	d, p := &r.days[place], r.after(place)
	r.ran++
	d.ran, d.past = true, &past{number: r.ran, moved: r.moved, took: r.took, open: slices.Clone(p.open), waits: slices.Clone(p.waits),
		head: p.head, sweeps: p.sweeps, fresh: p.fresh, waited: p.waited, tasks: len(d.tasks), decided: -never}
}

// opens takes an account that is new.
func (r *ripple) opens(a *account, day civil.Day) {
	if !a.counts || len(a.waits) > 0 {
		r.stopAt(day)
		return
	}
	m := r.bench.mover(a)
	m.fresh, m.from = true, r.first
	m.is.now = moving{amount: a.Amount, left: a.Amount, sale: a.sale}
	r.movers = append(r.movers, m)
}

// admit takes what is new on the agenda beside accounts.
func (r *ripple) admit(t task) {
	last := t.day == r.days[len(r.days)-1].day
	switch {
	case t.what == stepPayment && r.admitPayment(t):
	case (!last || r.late) && (t.what == stepLower || t.what == stepReturn || t.what == stepRaise) && r.admitLowering(t):
	case last && !r.late:
		r.rest = append(r.rest, t)
	default:
		r.stopAt(t.day)
	}
}

func (r *ripple) admitPayment(t task) bool {
	p := &r.book.Payments[t.of]
	switch {
	case r.settler.asks(p.key()) || r.notedToday(p):
		return false
	case len(p.Allocations) == 0:
		r.free(p, false)
		return true
	}
	r.seen(t.of)
	return true
}

// notedToday says that a payment of the last day names what something else has been said of on that day.
func (r *ripple) notedToday(p *Payment) bool {
	if p.ValueDay != r.days[len(r.days)-1].day {
		return false
	}
	for i := range p.Allocations {
		a, _ := r.target(p, i)
		if a == nil {
			continue
		}
		for _, d := range a.papers {
			if a.noted.back >= p.ValueDay || r.noted(d, p.ValueDay) < never {
				return true
			}
		}
	}
	return false
}

func (r *ripple) free(p *Payment, gone bool) {
	if r.settler.asks(p.key()) {
		r.stopAt(p.ValueDay)
	}
	if p.Amount > 0 {
		r.edits = append(r.edits, moneyEdit{Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: p.Amount}, gone})
	}
}

// reach has everything as it was before the first day. False: it is less to settle all again.
func (r *ripple) reach() bool {
	tasks := 0
	for _, d := range r.days[r.first:r.end] {
		tasks += len(d.tasks)
	}
	r.carried()
	takes := len(r.edits)
	for _, money := range r.was {
		takes += 1 + len(money)
	}
	r.most = 16 + tasks/8 - takes
	return len(r.movers) <= r.most
}

// openAfter is what was open after the day at a place.
func (r *ripple) openAfter(place int) (*[]*account, *ends[*account]) {
	if p := r.after(place); p != nil {
		return &p.open, &p.room
	}
	return &r.settler.open, &r.settler.room
}

// waitsAfter is what waited after it.
func (r *ripple) waitsAfter(place int) *[]*wait {
	if p := r.after(place); p != nil {
		return &p.waits
	}
	return &r.settler.waits
}

// after is what was before the next day that has been settled; nil: there is none.
func (r *ripple) after(place int) *past {
	for i := place + 1; i < len(r.days); i++ {
		if d := &r.days[i]; d.ran {
			return d.past
		}
	}
	return nil
}
