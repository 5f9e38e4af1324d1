package credit

import "slices"

// sweep gives the free money of a day to what is open. All that it has come to before is paid as it was, as long as there is as much money, so
// only the end of that, movers and what comes next are looked at. It says what is left, and the last account that it has come to.
func (r *ripple) sweep(place int, x *rippledDay) (left []Money, last *account, ok bool) {
	old := x.swept
	rest := int64(0)
	for joined := 2; joined > 1; { // where several do at once, some of them may be among those that are done with
		n := len(r.movers)
		if rest, ok = r.spread(place, x); !ok {
			return nil, nil, false
		}
		joined = len(r.movers) - n
	}
	day := r.days[place].day
	from := len(r.swaps)
	for _, m := range r.movers {
		was := r.sweptOn(m, day)
		e := sweptEdit{of: m.of, was: was}
		if m.pays > 0 {
			e.is = m.portion(was, m.pays, docKey{}, old, &r.days[place])
			m.is.settle(e.is, place)
			if last == nil || compareAccounts(m.of, last) > 0 {
				last = m.of
			}
		}
		if e.was != e.is {
			r.swaps = append(r.swaps, e)
		}
		m.is.untouch(place)
	}
	x.edits = slices.Clip(r.swaps[from:])
	for _, p := range slices.Backward(old.parts) {
		if r.moves(p.of) == nil {
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

// spread finds what free money pays of each mover, and what is left of it.
func (r *ripple) spread(place int, x *rippledDay) (rest int64, ok bool) {
	old := x.swept
	var end *account // up to which all was paid
	if n := len(old.parts); n > 0 {
		end = old.parts[n-1].of
	}
	rest = x.total - old.paid
	movers := r.sorted()
	covered := 0
	for _, m := range movers {
		m.pays = 0
		if p := r.sweptOn(m, r.days[place].day); p != nil {
			rest += p.amount
		}
		if end != nil && compareAccounts(m.of, end) <= 0 {
			covered++
			m.pays = m.left()
			rest -= m.left()
		}
	}
	if rest < 0 {
		return r.takeBack(place, old, movers[:covered], -rest)
	}
	return r.goOn(place, end, movers[covered:], rest)
}

// sorted are the movers in the order in which free money comes to them, until it is asked for again. One that is gone comes before what has come in
// its place, so that it isn't looked for among what is open when there are two.
func (r *ripple) sorted() []*mover {
	r.byDue = append(r.byDue[:0], r.movers...)
	slices.SortFunc(r.byDue, func(a, b *mover) int {
		if c := compareAccounts(a.of, b.of); c != 0 {
			return c
		}
		return btoi(b.gone) - btoi(a.gone)
	})
	return r.byDue
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

// moves is the mover that an account is; nil: it isn't.
func (r *ripple) moves(a *account) *mover {
	for _, m := range r.movers {
		if m.of == a {
			return m
		}
	}
	return nil
}

// takeBack has what was paid last on a day be paid no longer, since there isn't enough money.
func (r *ripple) takeBack(place int, old *swept, covered []*mover, missing int64) (rest int64, ok bool) {
	i, n := len(old.parts)-1, len(covered)-1
	for missing > 0 {
		for i >= 0 && r.moves(old.parts[i].of) != nil {
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
	list, _ := r.openAfter(place)
	open, i := *list, 0
	if end != nil {
		i = early(open, end)
	}
	for rest > 0 {
		for i < len(open) && (r.moves(open[i]) != nil || r.paid(open[i])) {
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

// join has an account be a mover from a day on, on which free money comes to it, or no longer does, and those that are paid with it. Nil: it can't.
func (r *ripple) join(a *account, place int) *mover {
	movers, named := len(r.movers), len(r.named)
	m := r.moverFrom(a, place, r.days[place].day+1)
	if m == nil || r.end <= place || len(r.movers) > r.most {
		r.movers, r.named = r.movers[:movers], r.named[:named]
		return nil
	}
	for _, m := range r.movers[movers:] {
		r.unsweep(m, place)
	}
	return m
}

// unsweep has a mover that has just joined be as the sweep of the day at a place finds it, which is as it was.
func (r *ripple) unsweep(m *mover, place int) {
	before, after := m.old.before(place), *m.old.before(place + 1)
	m.is.now = after
	if before != m.old.before(place+1) {
		m.is.was = append(m.is.was[:0], dayWas{place, *before})
	}
	if x := r.sweptOn(m, r.days[place].day); x != nil {
		i := slices.Index(after.portions, x)
		m.pays, m.is.now.left, m.is.now.listed = x.amount, after.left+x.amount, true
		m.is.now.portions = slices.Delete(slices.Clone(after.portions), i, i+1)
	}
	m.is.now.portions = slices.Clip(m.is.now.portions)
}
