package credit

import "slices"

// noteSpent notes what a payment has settled, of which nobody has asked so far, as if it had been asked from the beginning. False: that is
// more than one part of what it names, or a part of something else, or it isn't known.
func (w *rewriting) noteSpent(p *Payment) bool {
	payer := p.key()
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
	}
	w.settler.paid[payer] = []*portion{x}
	return true
}

// noteFree is noteSpent for a payment that named nothing.
func (w *rewriting) noteFree(payer docKey, p *Payment) bool {
	s := &w.settler
	from, _ := w.day(p.ValueDay)
	days := w.days[from:]
	for _, d := range days {
		if d.ran && (d.past == nil || d.past.unswept || slices.Contains(d.past.filled, payer)) {
			return false
		}
	}
	for _, d := range days {
		if d.ran && d.past.swept.of(p) {
			s.past = d.past
			d.past.swept.ask(payer, d.day, s)
		}
	}
	s.past = nil
	return true
}

// of says that some of the money is a payment's: of its day, or of a later one, on which it became free again.
func (x *swept) of(p *Payment) bool {
	if x == nil {
		return false
	}
	i, _ := slices.BinarySearchFunc(x.money, Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay}, compareMoney)
	for payer := p.key(); i < len(x.money); i++ {
		if x.money[i].payer() == payer {
			return true
		}
	}
	return false
}
