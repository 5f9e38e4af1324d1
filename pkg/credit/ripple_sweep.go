package credit

import "slices"

// sweep gives the free money of a day to what is open. All that it has come to before is paid as it was, as long as there is as much money, so
// only the end of that, movers and what comes next are looked at. It says what is left, and the last account that it has come to.
func (r *ripple) sweep(place int, x *rippledDay) (left []Money, last *account, ok bool) {
	old := x.swept
	day := r.days[place].day
	var end *account // up to which all was paid
	if n := len(old.parts); n > 0 {
		end = old.parts[n-1].of
	}
	rest := x.total - old.paid
	movers := slices.SortedFunc(slices.Values(r.movers), func(a, b *mover) int { return compareAccounts(a.of, b.of) })
	covered := 0
	for _, m := range movers {
		m.pays = 0
		if p := m.sweptOn(day); p != nil {
			rest += p.amount
		}
		if end != nil && compareAccounts(m.of, end) <= 0 {
			covered++
			m.pays = m.left()
			rest -= m.left()
		}
	}
	if rest < 0 {
		rest, ok = r.takeBack(place, old, movers[:covered], -rest)
	} else {
		rest, ok = r.goOn(place, end, movers[covered:], rest)
	}
	if !ok {
		return nil, nil, false
	}
	for _, m := range r.movers {
		was := m.sweptOn(day)
		e := sweptEdit{of: m.of, was: was}
		if m.pays > 0 {
			e.is = m.portion(was, m.pays, docKey{}, old, &r.days[place])
			m.settle(e.is, place)
			if last == nil || compareAccounts(m.of, last) > 0 {
				last = m.of
			}
		}
		if e.was != e.is {
			x.edits = append(x.edits, e)
		}
	}
	for _, p := range slices.Backward(old.parts) {
		if !r.moves(p.of) {
			if last == nil || compareAccounts(p.of, last) > 0 {
				last = p.of
			}
			break
		}
	}
	if rest > 0 {
		left = leftOf(edited(slices.Clone(old.money), x.goes, x.comes), x.total-rest)
	}
	return left, last, true
}

// leftOf is what is left of money of which so much is spent.
func leftOf(money []Money, spent int64) []Money {
	for spent > 0 {
		n := min(spent, money[0].Left)
		spent, money[0].Left = spent-n, money[0].Left-n
		if money[0].Left == 0 {
			money = money[1:]
		}
	}
	return money
}

func (r *ripple) moves(a *account) bool {
	return slices.ContainsFunc(r.movers, func(m *mover) bool { return m.of == a })
}

// takeBack has what was paid last on a day be paid no longer, since there isn't enough money.
func (r *ripple) takeBack(place int, old *swept, covered []*mover, missing int64) (rest int64, ok bool) {
	i, n := len(old.parts)-1, len(covered)-1
	for missing > 0 {
		for i >= 0 && r.moves(old.parts[i].of) {
			i--
		}
		var m *mover
		switch {
		case n >= 0 && (i < 0 || compareAccounts(covered[n].of, old.parts[i].of) > 0):
			m = covered[n]
			n--
		case i < 0:
			return 0, false
		default:
			if m = r.join(old.parts[i].of, place); m == nil {
				return 0, false
			}
			m.pays = old.parts[i].amount
			i--
		}
		k := min(missing, m.pays)
		m.pays, missing = m.pays-k, missing-k
	}
	return 0, true
}

// goOn has money settle what is open on a day beyond what it has come to.
func (r *ripple) goOn(place int, end *account, movers []*mover, rest int64) (_ int64, ok bool) {
	open := r.settler.open
	if place+1 < len(r.days) {
		open = r.days[place+1].past.open
	}
	i := 0
	if end != nil {
		i = early(open, end)
	}
	for rest > 0 {
		for i < len(open) && (r.moves(open[i]) || r.paid(open[i])) {
			i++
		}
		for len(movers) > 0 && movers[0].left() == 0 {
			movers = movers[1:]
		}
		var m *mover
		switch {
		case len(movers) > 0 && (i == len(open) || compareAccounts(movers[0].of, open[i]) < 0):
			m, movers = movers[0], movers[1:]
		case i == len(open):
			return rest, true
		default:
			if m = r.join(open[i], place); m == nil {
				return 0, false
			}
			i++
		}
		k := min(rest, m.left()-m.pays)
		m.pays, rest = m.pays+k, rest-k
	}
	return 0, true
}

// join has an account be a mover from a day on, on which free money comes to it, or no longer does. Nil: it can't.
func (r *ripple) join(a *account, place int) *mover {
	if r.lowers(a) != nil || len(r.movers) >= r.most {
		return nil
	}
	m := r.mover(a)
	if m == nil || !r.complete(m) {
		return nil
	}
	r.rewind(m, place)
	day := r.days[place].day
	if a.Opened == day {
		m.open(place)
	}
	for _, x := range a.portions {
		switch {
		case x.day != day:
		case x.swept == nil:
			m.settle(x, place)
		default:
			m.pays = x.amount
		}
	}
	r.movers = append(r.movers, m)
	return m
}
