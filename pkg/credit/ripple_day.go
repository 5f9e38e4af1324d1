package credit

import (
	"slices"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// rippledDay is what becomes of a day.
type rippledDay struct {
	day   civil.Day
	free  []Money // when it begins
	fresh bool    // some has become free on it
	moved bool    // free money did something
	sweep sweep   // where it did
	swept *swept  // nil: as it was
	goes  []Money // of what is swept
	comes []Money
	total int64
	edits []sweptEdit

	decided civil.Day  // by what is lowered on the day
	freed   bool       // money becomes free of it
	rises   bool       // what is left of a mover does
	told    []*portion // that say who paid them
}

// sweptEdit is what free money settles of a mover instead of what it settled on the day. Nil: nothing.
type sweptEdit struct {
	of      *account
	was, is *portion
}

// run works out all days that it can, keeps them, and says from which day on all is to be settled again. False: nothing is kept, and all is to be settled
// again from where it has gone back to, if not from an earlier day. The nil ripple is for nothing.
func (r *ripple) run(parts []*dossier) (from civil.Day, ok bool) {
	if r == nil || !r.begin(parts) {
		return 0, false
	}
	return r.goThrough()
}

// goThrough works out the days from the first on, and keeps what it can; see run.
func (r *ripple) goThrough() (from civil.Day, ok bool) {
	for place := r.first; place < r.end; place++ {
		if !r.follow(place) {
			r.end = place
		}
	}
	switch {
	case r.first >= r.end:
		return 0, false
	case r.end == len(r.days):
		from = never
	default:
		from = r.days[r.end].day
		r.back(from)
	}
	r.keep()
	return from, true
}

// carried finds what money was free when each day began.
func (r *ripple) carried() {
	days := r.days[r.first:]
	r.was = slices.Grow(r.was[:0], len(days)+1)[:len(days)+1]
	r.was[len(days)] = r.settler.free
	for i := len(days) - 1; i >= 0; i-- {
		if r.was[i] = r.was[i+1]; days[i].ran && days[i].past.freed {
			r.was[i] = days[i].past.free
		}
	}
	r.is = r.was[0]
}

// follow works out a day. False: there is more to it than can be followed.
func (r *ripple) follow(place int) bool {
	x := rippledDay{day: r.days[place].day, free: r.is, decided: -never}
	if !r.happen(place, &x) || !r.give(place, &x) {
		return false
	}
	r.plan = append(r.plan, x)
	return true
}

// happen has happen to the movers what does on the day at a place before free money is given. False: see follow.
func (r *ripple) happen(place int, x *rippledDay) bool {
	x.comes, x.goes = r.news(x.day)
	for _, m := range r.movers {
		if m.less = 0; m.of.Opened == x.day && !m.gone {
			m.is.open(place)
		}
		if !r.lower(m, place, x) {
			return false
		}
	}
	r.wakeAll(place, x)
	r.serveAll(place, x)
	return !slices.ContainsFunc(r.movers, func(m *mover) bool { return m.less == 0 && m.old.discounted(place) })
}

// give has free money settle what it comes to on the day at a place. False: see follow.
func (r *ripple) give(place int, x *rippledDay) bool {
	d := &r.days[place]
	was, end, old := r.was[place-r.first], r.was[place-r.first+1], d.past.swept
	same := slices.Equal(was, r.is)
	if same && len(x.comes)+len(x.goes) == 0 && (old == nil && len(was) == 0 && !d.past.unswept || !r.meets(d)) {
		r.is = end
		x.sweep, x.moved = r.sweepOn(place)
		return true
	}
	if r.end <= place || d.past.fresh || d.past.unswept || d.has(stepLate) || d.has(stepWriteOff) || len(was)+len(r.is)+len(x.goes) > 0 && d.has(stepRefund) {
		return false
	}
	if x.swept = old; old == nil {
		x.swept = &swept{money: slices.Clone(was), total: freeOf(was)}
	}
	fresh := len(x.goes) == 0 && x.swept.fresh
	if !same {
		x.goes, x.comes = slices.Concat(x.goes, was), slices.Concat(x.comes, r.is)
	}
	asked := func(m Money) bool { return r.settler.asks(m.payer()) }
	if !x.swept.has(x.goes) || old == nil && slices.ContainsFunc(was, asked) || slices.ContainsFunc(x.goes, asked) || slices.ContainsFunc(x.comes, asked) {
		return false
	}
	x.total = x.swept.total - freeOf(x.goes) + freeOf(x.comes)
	left, last, ok := r.sweep(place, x)
	if !ok || r.end <= place || len(left) > r.most {
		return false
	}
	r.stopWhereAsked(x)
	x.fresh = fresh || len(x.swept.money)+len(x.comes)-len(x.goes) > len(x.free)
	r.is = left
	x.went(last, freeOf(left))
	return true
}

// meets says that free money may come to a mover on a day, or did, as far as that is recorded.
func (r *ripple) meets(d *journalDay) bool {
	return slices.ContainsFunc(r.movers, func(m *mover) bool {
		return m.left() > 0 || r.sweptOn(m, d.day) != nil || d.past.unswept && d.past.place(m.of) >= 0
	})
}

// went notes how far free money went, the last account that it came to (nil: none), and what is left of it.
func (x *rippledDay) went(last *account, left int64) {
	if x.moved = x.fresh || last != nil; !x.moved {
		return
	}
	far := Key{Day: x.day}
	if last != nil {
		far = itemMark(x.day, last.Item)
	}
	x.sweep = sweep{far, left}
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
	if p := r.after(place); p != nil {
		to = len(p.sweeps.days)
	}
	if from == to {
		return sweep{}, false
	}
	return r.settler.sweeps.days[from], true
}

// serveAll has the payments of the day at a place pay the movers that they name. What is over is free.
func (r *ripple) serveAll(place int, x *rippledDay) {
	for _, p := range r.payments(x.day) {
		was, is := r.serve(p, place, x)
		if was == is {
			continue
		}
		over := Money{PaymentID: p.ID, Source: p.Source, ValueDay: x.day}
		if over.Left = was; was > 0 {
			x.goes = append(x.goes, over)
		}
		if over.Left = is; is > 0 {
			x.comes = append(x.comes, over)
		}
	}
}

// discounted says that it was lowered on a day by a discount.
func (h *history) discounted(place int) bool {
	return h.before(place+1).amount < h.before(place).amount
}
