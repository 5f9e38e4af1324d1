package credit

import "slices"

// waiting takes the money that has been waiting for an id of which there are other documents now. False: it isn't all of a payment that names nothing else.
func (r *ripple) waiting(d *dossier) bool {
	n := r.settler.index.name(d.id)
	var all []*wait
	for _, o := range n.orders {
		all = append(all, o.waits...)
	}
	if n.unknown != nil {
		all = append(all, n.unknown.waits...)
	}
	for _, a := range d.accounts {
		all = append(all, a.waits...)
	}
	for _, w := range all {
		i := slices.IndexFunc(d.payers, func(number int32) bool {
			p := &r.book.Payments[number]
			return p.key() == w.payer()
		})
		if i < 0 || w.over || w.discount > 0 || r.settler.asks(w.payer()) {
			return false
		}
		x := r.seen(d.payers[i])
		if x.gone || x.fresh || len(x.Allocations) > 1 || x.Allocations[0].Discount > 0 || w.Left != x.Amount {
			return false
		}
		x.waits, x.unknown = w, false
	}
	return true
}

// awaits says that all of a payment still waits for something of what it names.
func (r *ripple) awaits(x *namedPayment) bool {
	to := r.settler.index.resolve(x.Allocations[0].Ref, x.Source)
	return x.waits != nil && to.order != nil && to.own == nil && len(to.bills) == 0 && to.toCome()
}

// wakes says that a payment waits for an account that opens later.
func (x *namedPayment) wakes() bool {
	return x.waits != nil && len(x.to) > 0 && x.to[0].of.Opened > x.ValueDay
}

// waiters are the payments that have waited, as they began to.
func (r *ripple) waiters() (list []*namedPayment) {
	for _, x := range r.named {
		if x.waits != nil {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b *namedPayment) int { return a.waits.number - b.waits.number })
	return list
}

// wakeAll has what has waited pay the movers that open on the day at a place. What is over is free.
func (r *ripple) wakeAll(place int, day *rippledDay) {
	d := &r.days[place]
	for _, x := range r.waiters() {
		if !x.wakes() || x.to[0].of.Opened != d.day {
			continue
		}
		m, over := x.to[0], x.waits.Money
		n := min(over.Left, m.left())
		if n > 0 {
			m.is.settle(m.portion(nil, n, over.payer(), nil, d), place)
		}
		over.Left -= n
		if x.left = over.Left; over.Left > 0 {
			over.WaitsFor, day.freed = Ref{}, true
			day.comes = append(day.comes, over)
		}
	}
}

// keepWaits has what has waited wait no more, or for what there is now.
func (r *ripple) keepWaits() {
	for _, x := range r.waiters() {
		place, _ := r.day(x.ValueDay)
		if place >= r.end { // all is settled again from there on
			continue
		}
		if x.still || x.wakes() {
			r.waitFor(x, r.days[place].past)
			if x.still {
				continue
			}
			if place, _ = r.day(x.to[0].of.Opened); place >= r.end {
				continue
			}
			w := x.waits
			r.days[place].past.keepWait(w)
			w.Left, w.over, w.done = x.left, true, r.days[place].day
		}
		for i := place; i < r.end; i++ {
			list := r.waitsAfter(i)
			*list = slices.DeleteFunc(*list, func(w *wait) bool { return w == x.waits })
		}
	}
}

// waitFor has a payment wait for an order, as there is one now, from its day on.
func (r *ripple) waitFor(x *namedPayment, p *past) {
	if o := r.settler.index.resolve(x.Allocations[0].Ref, x.Source).order; o != nil {
		p.orders = append(p.orders, orderWas{o, o.commitment, slices.Clip(o.waits)})
		o.waits = append(slices.Clip(o.waits), x.waits)
	}
}
