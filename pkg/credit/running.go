package credit

// Running is the settlement of a whole book that goes on with documents as they come: what it has is what Settle gives
// for the book with every document that it has taken, nothing pruned. It takes what is simple, and refuses the rest:
// then it is of no use any more, and the book is settled again.
type Running struct {
	ledger    Ledger
	tolerance int64
	uses      map[string]use // what refers to an id
}

// use is what refers to an id.
type use struct {
	money  bool  // a payment or a return names it
	bills  bool  // an invoice names it as an order
	whole  bool  // and all of it
	billed int64 // and so much of it
}

// Run settles a book so that it can go on.
func (w *Settler) Run(b *Book, cfg Config) *Running {
	r := &Running{ledger: w.Settle(b, cfg), tolerance: cfg.Tolerance, uses: make(map[string]use, len(b.Payments)+len(b.Invoices))}
	for i := range b.Invoices {
		if v := &b.Invoices[i]; v.Standing == Live {
			r.issued(v)
		}
	}
	for i := range b.Payments {
		r.pays(b.Payments[i])
	}
	for i := range b.Returns {
		r.names(b.Returns[i].OrderID)
		r.names(b.Returns[i].InvoiceID)
	}
	return r
}

func (r *Running) names(id string) {
	u := r.uses[id]
	u.money = true
	r.uses[id] = u
}

func (r *Running) pays(p Payment) {
	for _, a := range p.Allocations {
		r.names(a.Ref.ID)
	}
}

func (r *Running) issued(i *Invoice) {
	for _, s := range i.Orders {
		r.bills(s)
	}
}

func (r *Running) bills(s Share) {
	u := r.uses[s.OrderID]
	u.bills, u.whole = true, u.whole || s.Amount == 0
	u.billed += max(0, s.Amount)
	r.uses[s.OrderID] = u
}

// Ledger shares its lists with r: it is for looking at, until r takes the next document.
func (r *Running) Ledger() Ledger { return r.ledger }

// Order takes an order that is the first document under its id, in any system.
func (r *Running) Order(o Order, cfg Config) bool {
	switch {
	case cfg.Tolerance != r.tolerance || r.uses[o.ID] != use{}:
		return false
	case !o.OnCredit():
		return true
	}
	return r.ledger.openOrder(o, cfg)
}

// Invoice takes an invoice that is the first document under its id, in any system. order gives the order that an id
// means; known is false where there is none, sure where there are several.
func (r *Running) Invoice(i Invoice, order func(id string) (o Order, known, sure bool), cfg Config) bool {
	if cfg.Tolerance != r.tolerance || r.uses[i.ID] != (use{}) {
		return false
	}
	item := Item{Ref: Ref{Invoice: true, ID: i.ID}, Source: i.Source, Opened: i.Day, Due: i.Day, Amount: i.Amount}
	due := i.HasDue
	if due {
		item.Due = i.Due
	}
	for _, s := range i.Orders {
		o, known, sure := order(s.OrderID)
		switch {
		case !sure || r.uses[s.OrderID].money: // payments that name the order go to the invoice first
			return false
		case known && o.Credit && !o.InvoiceExpected: // less of the order is an invoice of its own
			return false
		case known && o.InvoiceExpected:
			r.lowerCommitment(o, s)
		}
		if known && o.Credit && !due {
			item.Due, due = o.Due, true
		}
		r.bills(s)
	}
	r.ledger.Invoiced = true
	return r.ledger.openItem(item, cfg)
}

// lowerCommitment takes what an invoice names of an order from what was still expected.
func (r *Running) lowerCommitment(o Order, s Share) {
	u := r.uses[s.OrderID]
	if u.whole {
		return // nothing was
	}
	n := s.Amount
	if n == 0 {
		n = o.Amount
	}
	r.ledger.Commitments -= max(0, min(n, o.Amount-u.billed))
}

// Payment takes a payment that is the first document under its id, in any system. kind says what a reference of a document
// of source means, and the source of what it means.
func (r *Running) Payment(p Payment, kind func(ref Ref, source string) (RefKind, string), cfg Config) bool {
	if cfg.Tolerance != r.tolerance {
		return false
	}
	for _, a := range p.Allocations {
		if what, _ := kind(a.Ref, p.Source); what != RefInvoice && r.uses[a.Ref.ID].bills {
			return false // it means the invoices of the order
		}
	}
	r.pays(p)
	return r.ledger.takePayment(p, kind, cfg)
}
