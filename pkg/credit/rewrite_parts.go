package credit

// parts are the ids of which new accounts have to be made: those that are named by each other's invoices belong together.
func (w *rewriting) parts() []*dossier {
	all := w.bench.parts[:0]
	reach := func(d *dossier) {
		if d.edit != w.edit {
			d.edit = w.edit
			all = append(all, d)
		}
	}
	for _, d := range w.seeds {
		reach(d)
	}
	for n := 0; n < len(all); n++ {
		d := all[n]
		for i := range d.invoices {
			for _, s := range d.invoices[i].Orders {
				reach(w.dossier(s.OrderID))
			}
		}
		for _, id := range d.billedBy {
			reach(w.dossier(id))
		}
	}
	w.bench.parts = all
	return all
}

// remove takes the accounts of ids away, and what was disputed.
func (w *rewriting) remove(parts []*dossier) {
	for _, d := range parts {
		w.from = min(w.from, d.first)
		for _, t := range d.tasks {
			w.drop(t)
		}
		for _, a := range d.accounts {
			a.noted.dead = true
			w.moved(a) // so that what it was is gone when all has been settled
			w.invoiced -= btoi(a.Ref.Invoice && !a.gone)
		}
		for _, o := range w.settler.index.name(d.id).orders {
			w.took(o)
			o.dead = true
			w.owing -= btoi(o.OnCredit())
		}
		w.dead += len(d.accounts) + len(d.tasks)
		w.meet(d, -int(d.unmet))
		d.empty()
	}
	for _, a := range w.disputed {
		w.moved(a)
		a.Disputed = 0
	}
	w.disputed = w.disputed[:0]
}

// remark has what is new of adjustments and returns on the agenda, once there are new accounts.
func (w *rewriting) remark(parts []*dossier) {
	for _, n := range w.notes {
		if d := w.dossier(n.InvoiceID); d.edit != w.edit && n.Amount > 0 {
			w.addNote(d, n)
		}
	}
	for _, d := range parts {
		for _, i := range d.returns {
			w.decide(i)
		}
	}
	for _, i := range w.fresh {
		w.addReturn(i)
		w.decide(i)
	}
}

// renew makes new accounts of ids, and has them on the agenda.
func (w *rewriting) renew(parts []*dossier) {
	s := &w.settler
	first := len(s.numbered)
	b := w.gather(parts)
	s.slabs(b)
	s.documents(b)
	w.open(first)
	for _, t := range s.agenda {
		w.put(t)
	}
	s.agenda = s.agenda[:0]
}

// gather is the documents of which new accounts are made; the index has none of them any more.
func (w *rewriting) gather(parts []*dossier) *Book {
	b := &w.bench.book
	*b = Book{Orders: b.Orders[:0], Invoices: b.Invoices[:0], Adjustments: b.Adjustments[:0]}
	for _, d := range parts {
		n := w.settler.index.name(d.id)
		if d.orders > 0 {
			b.Orders = append(b.Orders, w.bench.orders[d.orders-1]...)
			d.orders = 0
		} else {
			for _, o := range n.orders {
				b.Orders = append(b.Orders, o.Order)
			}
		}
		b.Invoices, b.Adjustments = append(b.Invoices, d.invoices...), append(b.Adjustments, d.notes...)
		n.orders, n.invoices, n.unknown = nil, nil, nil
	}
	return b
}

func (w *rewriting) addNote(d *dossier, a Adjustment) {
	s := &w.settler
	s.notes = append(s.notes, note{Adjustment: a, to: w.raises(&a)})
	n := len(s.notes) - 1
	s.plan(&s.notes[n], int32(n))
	w.meet(d, btoi(s.notes[n].unmet))
	for _, t := range s.agenda {
		w.file(t)
		w.put(t)
	}
	s.agenda = s.agenda[:0]
}

// decide has a return on the agenda if it is a matter of credit.
func (w *rewriting) decide(i int32) {
	r := &w.book.Returns[i]
	t := task{r.Day, stepReturn, i}
	switch lowers, has := w.settler.lowers(r), w.has(t); {
	case lowers && !has:
		w.put(t)
	case has && !lowers:
		w.since(r.Day)
		w.drop(t)
	}
}

// slabs are new ones for what is made of the documents of some ids, so that what is replaced of these is all that they hold. Names stay.
func (s *settler) slabs(b *Book) {
	items := len(b.Orders) + len(b.Invoices) + len(b.Adjustments)
	s.docs, s.items = make([]orderDoc, 0, len(b.Orders)), make([]account, 0, items)
	s.accounts, s.agenda = s.accounts[:0], s.agenda[:0]
	x := &s.index
	if len(x.spare) == cap(x.spare) {
		x.spare = nil // else the next would be twice as large each time
	}
	x.unknown, x.shares, x.orders, x.invoices, x.expected = nil, nil, nil, nil, x.expected[:0]
}
