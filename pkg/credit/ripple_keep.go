package credit

import (
	"cmp"
	"slices"
)

// keep has everything be as it has been worked out.
func (r *ripple) keep() {
	s, days := &r.settler, r.days[r.first:r.end]
	r.keepWaits()
	r.billAll()
	r.relist()
	for _, m := range r.movers {
		if !m.of.noted.dead {
			r.moved(m.of)
		}
		if !m.gone {
			r.keepMover(m)
		}
	}
	list, head := days[0].past.sweeps.days, days[0].past.head
	tangled, rises, decided := false, false, -never
	r.swept = min(r.swept, len(list))
	for i := range r.plan {
		x, p := &r.plan[i], days[i].past
		if i > 0 {
			p.head, p.sweeps.days = head, list
			p.sweeps.tangled, p.sweeps.rises, p.sweeps.decided = p.sweeps.tangled || tangled, p.sweeps.rises || rises, max(p.sweeps.decided, decided)
		}
		tangled, rises = tangled || x.freed, rises || x.rises
		if p.freed || len(x.free) > 0 || len(r.freeAfter(i)) > 0 {
			p.free, p.freed = slices.Clone(x.free), true
		}
		for _, y := range x.told {
			y.swept.told = append(y.swept.told, told{y, days[i].day})
		}
		if x.swept != nil {
			x.swept.edit(x)
			p.swept = x.swept
		}
		if x.moved {
			list = append(list, x.sweep)
			head = x.sweep.head()
		}
		p.decided, decided = max(p.decided, x.decided), max(decided, x.decided)
		if p.decided > -never && head.before(p.decided) {
			head = Key{Day: p.decided, Phase: markDay}
		}
	}
	s.free, s.head, s.sweeps.days = slices.Clone(r.freeAfter(len(days)-1)), head, list
	s.sweeps.tangled, s.sweeps.rises, s.sweeps.decided = s.sweeps.tangled || tangled, s.sweeps.rises || rises, max(s.sweeps.decided, decided)
	r.followed++
}

// freeAfter is what is free after the n-th day.
func (r *ripple) freeAfter(n int) []Money {
	if n+1 < len(r.plan) {
		return r.plan[n+1].free
	}
	return r.is
}

// head is how far a ledger is decided by what free money did.
func (x *sweep) head() Key {
	if x.left > 0 {
		return Key{Day: x.Day, Phase: markDay}
	}
	return x.Key
}

// edit has the record of a day be what free money does now.
func (y *swept) edit(x *rippledDay) {
	if y.shared {
		y.money, y.shared = slices.Clone(y.money), false
	}
	y.money = edited(y.money, x.goes, x.comes)
	y.total, y.fresh = x.total, x.fresh
	for _, e := range x.edits {
		i := y.place(e)
		if e.was != nil {
			y.parts, y.paid = slices.Delete(y.parts, i, i+1), y.paid-e.was.amount
		}
		if e.is != nil {
			y.parts, y.paid = slices.Insert(y.parts, i, e.is), y.paid+e.is.amount
		}
	}
}

// place is where an account is among what was settled, or belongs, as a rule near the end.
func (y *swept) place(e sweptEdit) int {
	if e.was == nil {
		return lately(y.parts, func(p **portion) bool { return compareAccounts((*p).of, e.of) < 0 })
	}
	i := len(y.parts) - 1
	for y.parts[i] != e.was {
		i--
	}
	return i
}

// relist has movers be among what was open before each day, if they were open now.
func (r *ripple) relist() {
	movers := r.sorted()
	for i := r.first; i < r.end; i++ {
		open, room := r.openAfter(i)
		at, moved := 0, 0
		for _, m := range movers {
			is := m.is.before(i + 1).listed
			if i < m.from || m.old.before(i+1).listed == is {
				continue
			}
			if at, moved = r.place(m, *open, at, moved); is {
				*open = room.insert(*open, at, m.of)
			} else {
				*open = room.remove(*open, at)
			}
		}
	}
}

// place is where a mover is among what was open, or belongs, which is nowhere before some place. What was at its place on one day is so on the
// next, as a rule, moved by as much as that of the mover before, and is found by itself sooner than by what it is. What is new belongs near what was
// new last.
func (r *ripple) place(m *mover, open []*account, from, moved int) (at, by int) {
	switch {
	case m.next != nil:
		if at = m.near(open, moved); at < 0 || at > 0 && compareAccounts(open[at-1], m.of) >= 0 {
			at = from + around(open[from:], m.of, m.place+moved-from)
		}
		moved = at - m.place
	case m.fresh:
		at = from + around(open[from:], m.of, r.bench.place-from)
		r.bench.place = at
	default:
		at = from + early(open[from:], m.of)
	}
	if m.place, m.next = at, nil; at < len(open) {
		m.next = open[at]
	}
	return at, moved
}

// near is where what was at the mover's place on the day before is now, not far from there, as a rule moved by so much; -1: it is farther, or gone.
func (m *mover) near(open []*account, moved int) int {
	for _, most := range [...]int{nextFew, nextMost} {
		from := min(len(open), max(0, m.place+moved-most))
		to := min(len(open), max(from, m.place+moved+most))
		if i := slices.Index(open[from:to], m.next); i >= 0 {
			return from + i
		}
	}
	return -1
}

// nextFew and nextMost are how far from a mover's place on the day before what was there is looked for, first and then.
const (
	nextFew  = 8
	nextMost = 256
)

// keepMover has a mover be what it is now, and what it was before each day on which something happens to it.
func (r *ripple) keepMover(m *mover) {
	a := m.of
	if first := r.firstKept(m); first != nil {
		a.noted.kept = first.kept
	}
	for i := range m.old.was {
		place := m.old.was[i].place
		if is := func(x dayWas) bool { return x.place == place }; place >= m.from && place < r.end && !slices.ContainsFunc(m.is.was, is) {
			p := r.days[place].past // nothing happens to it any more
			if at := p.place(a); at >= 0 {
				p.remove(at)
			}
		}
	}
	for _, x := range m.is.was {
		if x.place >= r.end {
			break
		}
		p, at := r.days[x.place].past, -1
		if !m.fresh {
			at = p.place(a)
		}
		if at < 0 {
			p.add(a, x.moving)
			continue
		}
		p.were[at] = accountWas{a.noted.kept, x.moving}
		a.noted.kept = p.number
	}
	a.be(m.is.before(r.end))
	for _, l := range m.lowers {
		a.noted.back = max(a.noted.back, l.day)
	}
}

// firstKept is what the first of the days that have changed the account of a mover has of it; nil: none has.
func (r *ripple) firstKept(m *mover) *accountWas {
	for i := range m.old.was {
		if place := m.old.was[i].place; place < r.end {
			p := r.days[place].past
			if at := p.place(m.of); at >= 0 {
				return &p.were[at]
			}
		}
	}
	return nil
}

// billAll has what is new bill orders, one after the other.
func (r *ripple) billAll() {
	r.byDue = append(r.byDue[:0], r.movers...)
	r.byDue = slices.DeleteFunc(r.byDue, func(m *mover) bool { return !m.fresh || len(m.of.shares) == 0 })
	slices.SortStableFunc(r.byDue, func(a, b *mover) int { return cmp.Compare(a.of.Opened, b.of.Opened) })
	for _, m := range r.byDue {
		r.bill(m)
	}
}

// bill has an account that is new take what it bills off what is expected of orders, on the day on which it opens.
func (r *ripple) bill(m *mover) {
	place, _ := r.day(m.of.Opened)
	for _, x := range m.of.shares {
		if n := min(x.billed(), x.of.commitment); n > 0 && place < r.end {
			r.days[place].past.keepOrder(x.of)
			x.of.commitment -= n
		}
	}
}

// place is where an account is among those that the day has changed, as a rule at the end of them; -1: it isn't.
func (p *past) place(a *account) int {
	i := len(p.accounts) - 1
	for i >= 0 && p.accounts[i] != a {
		i--
	}
	return i
}
