package credit

import "slices"

// noteSpent notes what a payment has settled, of which nobody has asked so far, as if it had been asked from the beginning. False: that is
// more than one part of what it names, or a part of something else, or it isn't known.
func (w *rewriting) noteSpent(p *Payment) bool {
	payer := docKey{p.Source, p.ID}
	a := w.soleAccount(p)
	if a == nil {
		return len(p.Allocations) == 0 && w.noteFree(payer, p)
	}
	i := slices.IndexFunc(a.portions, func(x *portion) bool { return x.payer == payer })
	if i < 0 || a.portions[i].amount != p.Amount {
		return false
	}
	x := a.portions[i]
	for i := len(w.days) - 1; i >= 0; i-- {
		d := &w.days[i]
		if d.past != nil && d.past.number == x.made {
			d.past.spent = append(d.past.spent, x)
		}
		if d.ran && (d.past == nil || d.past.number <= x.made) {
			break
		}
	}
	w.settler.paid[payer] = []*portion{x}
	return true
}

// spending is a portion that free money has settled, a part of which a payment has paid.
type spending struct {
	in *past
	*portion
}

// noteFree is noteSpent for a payment that named nothing. What of it was spent and came back is of a later day.
func (w *rewriting) noteFree(payer docKey, p *Payment) bool {
	left := p.Amount
	for _, m := range w.settler.free {
		if m.payer() == payer && m.ValueDay == p.ValueDay {
			left -= m.Left
		}
	}
	from, _ := w.day(p.ValueDay)
	var list []spending
	for _, d := range w.days[from:] {
		switch {
		case d.past == nil || d.past.unswept:
			return false
		case d.past.swept == nil:
			continue
		}
		for x, n := range d.past.swept.spent(payer, p.ValueDay) {
			if !slices.Contains(x.of.portions, x) {
				return false
			}
			list, left = append(list, spending{d.past, x}), left-n
		}
	}
	if left != 0 {
		return false
	}
	for _, d := range w.days[from:] {
		if x := d.past.swept; x != nil {
			x.told = x.told || slices.ContainsFunc(x.money, func(m Money) bool { return m.payer() == payer })
		}
	}
	for _, x := range list {
		w.settler.paid[payer] = append(w.settler.paid[payer], w.noteEach(x, payer))
	}
	return true
}

// noteEach has what free money settled say who paid it, as if it had been asked from the beginning, and gives what a payment did.
func (w *rewriting) noteEach(x spending, payer docKey) (of *portion) {
	w.moved(x.of)
	each := x.each()
	instead := func(list []*portion) []*portion {
		if i := slices.Index(list, x.portion); i >= 0 {
			return slices.Replace(slices.Clone(list), i, i+1, each...)
		}
		return list
	}
	for i := len(w.days) - 1; w.days[i].past != x.in; i-- {
		for n := range w.days[i].past.accounts {
			if was := &w.days[i].past.accounts[n]; was.of == x.of {
				was.portions = instead(was.portions)
			}
		}
	}
	x.of.portions = instead(x.of.portions)
	of = each[slices.IndexFunc(each, func(y *portion) bool { return y.payer == payer })]
	x.in.spent = append(x.in.spent, of)
	return of
}
