package credit

import (
	"slices"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// rippledDay is what becomes of a day.
type rippledDay struct {
	free  []Money // when it begins
	fresh bool    // some has become free on it
	moved bool    // free money did something
	sweep sweep   // where it did
	swept *swept  // nil: as it was
	goes  []Money // of what is swept
	comes []Money
	total int64
	edits []sweptEdit

	decided civil.Day // by what is lowered on the day
	freed   bool      // money becomes free of it
	told    []*swept  // of which portions say who paid them
}

// sweptEdit is what free money settles of a mover instead of what it settled on the day. Nil: nothing.
type sweptEdit struct {
	of      *account
	was, is *portion
}

// run works out all days, and keeps it. False: nothing has changed, and all is to be settled again. The nil ripple is for nothing.
func (r *ripple) run(parts []*dossier) bool {
	switch {
	case r == nil || !r.begin(parts):
		return false
	case r.was == nil: // nothing has changed
		return true
	}
	return r.goThrough()
}

// goThrough works out all days from the first on, and keeps it. False: nothing has changed.
func (r *ripple) goThrough() bool {
	for i := r.first; i < len(r.days); i++ {
		if !r.follow(i) {
			return false
		}
	}
	r.keep()
	return true
}

// carried finds what money was free when each day began.
func (r *ripple) carried() {
	days := r.days[r.first:]
	r.was = make([][]Money, len(days)+1)
	r.was[len(days)] = r.settler.free
	for i := len(days) - 1; i >= 0; i-- {
		if r.was[i] = r.was[i+1]; days[i].past.freed {
			r.was[i] = days[i].past.free
		}
	}
	r.is = r.was[0]
}

// follow works out a day. False: there is more to it than can be followed.
func (r *ripple) follow(place int) bool {
	d := &r.days[place]
	was, end := r.was[place-r.first], r.was[place-r.first+1]
	x := rippledDay{free: r.is, decided: -never}
	comes, goes := r.news(d.day)
	meets := false
	for _, m := range r.movers {
		if m.of.Opened == d.day && !m.gone {
			m.open(place)
		}
		back, ok := r.lower(m, place, &x)
		if !ok {
			return false
		}
		comes, goes = r.serve(m, place, append(comes, back...), goes)
		meets = meets || m.left() > 0 || m.sweptOn(d.day) != nil
	}
	old := d.past.swept
	same := slices.Equal(was, r.is)
	if same && len(comes)+len(goes) == 0 && (!meets || old == nil && len(was) == 0 && !d.past.unswept) {
		r.is = end
		x.sweep, x.moved = r.sweepOn(place)
		r.plan = append(r.plan, x)
		return true
	}
	asked := func(m Money) bool { return r.settler.asks(m.payer()) }
	if slices.ContainsFunc(was, asked) || slices.ContainsFunc(r.is, asked) {
		return false
	}
	if d.past.unswept || old != nil && old.told || d.has(stepLate) || d.has(stepWriteOff) || len(was)+len(r.is)+len(goes) > 0 && d.has(stepRefund) {
		return false
	}
	if x.swept = old; old == nil {
		x.swept = &swept{money: slices.Clone(was), total: freeOf(was)}
	}
	if x.goes, x.comes = goes, comes; !same {
		x.goes, x.comes = slices.Concat(goes, was), slices.Concat(comes, r.is)
	}
	if !x.swept.has(x.goes) {
		return false
	}
	x.total = x.swept.total - freeOf(x.goes) + freeOf(x.comes)
	left, last, ok := r.sweep(place, &x)
	if !ok || len(left) > r.most {
		return false
	}
	x.fresh = x.swept.fresh && len(goes) == 0 || len(x.swept.money)+len(x.comes)-len(x.goes) > len(x.free)
	r.is = left
	x.moved = x.fresh || last != nil
	if x.moved {
		far := Key{Day: d.day}
		if last != nil {
			far = itemMark(d.day, last.Item)
		}
		x.sweep = sweep{far, freeOf(left)}
	}
	r.plan = append(r.plan, x)
	return true
}

// has says that there is a task of a kind on the day.
func (d *journalDay) has(what step) bool {
	i := sort.Search(len(d.tasks), func(i int) bool { return d.tasks[i].what >= what })
	return i < len(d.tasks) && d.tasks[i].what == what
}

// news is what becomes free on a day, and what no longer does.
func (r *ripple) news(day civil.Day) (comes, goes []Money) {
	for _, e := range r.edits {
		switch {
		case e.ValueDay != day:
		case e.gone:
			goes = append(goes, e.Money)
		default:
			comes = append(comes, e.Money)
		}
	}
	return comes, goes
}

// sweepOn is what free money did on a day, and whether it did something.
func (r *ripple) sweepOn(place int) (s sweep, moved bool) {
	from, to := len(r.days[place].past.sweeps.days), len(r.settler.sweeps.days)
	if place+1 < len(r.days) {
		to = len(r.days[place+1].past.sweeps.days)
	}
	if from == to {
		return sweep{}, false
	}
	return r.settler.sweeps.days[from], true
}
