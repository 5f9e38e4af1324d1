package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// keep has everything be as it has been worked out.
func (r *ripple) keep() {
	s, days := &r.settler, r.days[r.first:]
	for _, m := range r.movers {
		if !m.of.noted.dead {
			r.moved(m.of)
		}
		r.relist(m)
		if !m.gone {
			r.keepMover(m)
		}
	}
	list, head := days[0].past.sweeps.days, days[0].past.head
	tangled, decided := false, -never
	for i := range r.plan {
		x, p := &r.plan[i], days[i].past
		if i > 0 {
			p.head, p.sweeps.days = head, list
			p.sweeps.tangled, p.sweeps.decided = p.sweeps.tangled || tangled, max(p.sweeps.decided, decided)
		}
		tangled = tangled || x.freed
		if p.freed || len(x.free) > 0 || len(r.freeAfter(i)) > 0 {
			p.free, p.freed = slices.Clone(x.free), true
		}
		for _, y := range x.told {
			y.told = true
		}
		if x.swept != nil {
			x.keep()
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
	s.free, s.head, s.sweeps.days = slices.Clone(r.is), head, list
	s.sweeps.tangled, s.sweeps.decided = s.sweeps.tangled || tangled, max(s.sweeps.decided, decided)
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

// keep has the record of a day be what free money does now.
func (x *rippledDay) keep() {
	y := x.swept
	if y.shared {
		y.money, y.shared = slices.Clone(y.money), false
	}
	y.money = edited(y.money, x.goes, x.comes)
	y.total, y.fresh = x.total, x.fresh
	for _, e := range x.edits {
		i, _ := slices.BinarySearchFunc(y.parts, e.of, func(p *portion, a *account) int { return compareAccounts(p.of, a) })
		if e.was != nil {
			y.parts, y.paid = slices.Delete(y.parts, i, i+1), y.paid-e.was.amount
		}
		if e.is != nil {
			y.parts, y.paid = slices.Insert(y.parts, i, e.is), y.paid+e.is.amount
		}
	}
}

// relist has a mover be among what was open before each day, if it was open now.
func (r *ripple) relist(m *mover) {
	for i := m.from; i < len(r.days); i++ {
		day, open := never, &r.settler.open
		if i+1 < len(r.days) {
			day, open = r.days[i+1].day, &r.days[i+1].past.open
		}
		was, is := m.wasOpen(day), m.before(i+1).listed
		if was == is {
			continue
		}
		at := early(*open, m.of)
		if is {
			*open = slices.Insert(*open, at, m.of)
		} else {
			*open = slices.Delete(*open, at, at+1)
		}
	}
}

// wasOpen says that the account was open before a day.
func (m *mover) wasOpen(day civil.Day) bool {
	left := m.of.Amount
	for _, x := range m.of.portions {
		if x.day < day {
			left -= x.amount
		}
	}
	return !m.fresh && m.of.Opened < day && left > 0
}

// keepMover has a mover be what it is now, and what it was before each day on which something happens to it.
func (r *ripple) keepMover(m *mover) {
	a, had := m.of, r.touched(m)
	a.noted.kept = 0
	for _, x := range m.was {
		p, is := r.days[x.place].past, accountWas{a, x.moving}
		if at := slices.Index(had, x.place); at < 0 {
			p.accounts = append(p.accounts, is)
		} else {
			p.accounts[p.place(a)] = is
			had = slices.Delete(had, at, at+1)
		}
		a.noted.kept = p.number
	}
	for _, place := range had { // nothing happens to it any more
		p := r.days[place].past
		at := p.place(a)
		p.accounts = slices.Delete(p.accounts, at, at+1)
	}
	x := &m.now
	a.Amount, a.Left, a.sale, a.opened, a.listed, a.portions = x.amount, x.left, x.sale, x.opened, x.listed, x.portions
	a.noted.back = a.noted.back || len(m.lowers) > 0
}

// touched are the places of the days on which something happened to the account of a mover, from the first on that may be different.
func (r *ripple) touched(m *mover) (places []int) {
	add := func(day civil.Day) {
		if place, found := r.day(day); found && place >= m.from && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	if !m.fresh {
		add(m.of.Opened)
	}
	for _, x := range m.of.portions {
		add(x.day)
	}
	return places
}

// place is where an account is among those that the day has changed, as a rule at the end of them.
func (p *past) place(a *account) int {
	i := len(p.accounts) - 1
	for p.accounts[i].of != a {
		i--
	}
	return i
}
