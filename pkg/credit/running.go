package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Running is the settlement of a whole book that goes on with documents as they come: what it has is what Settle gives
// for the book with every document that it has taken, nothing pruned. It takes what is simple, and refuses the rest:
// then it is of no use any more, and the book is settled again.
type Running struct {
	ledger   Ledger
	rules    rules
	uses     map[string]use  // what refers to an id
	refunded map[docKey]bool // payments of which something has gone back
	reopens  bool            // there are refunds: what is left of an item may be more than it once was
	lowered  bool            // returns or credit notes have lowered something
	sweeps   sweeps          // of free money

	journal *journals // what goes back where a document comes that can't be appended; nil: the book is small
	since   []entryAt // of the ledger, that have changed since the journal was rewritten last
	behind  bool      // more has changed than is remembered: the journal is good for what referred to an id then, and for nothing else
	changed func(day civil.Day, id string)
}

// rules is what of a policy a settlement depends on.
type rules struct {
	tolerance     int64
	hold, forgive bool
}

func rulesOf(cfg Config) rules { return rules{cfg.Tolerance, cfg.Hold, cfg.Forgive} }

// use is what refers to an id.
type use struct {
	money   bool  // a payment names it
	lowers  bool  // a return names it, a credit note, or a discount: what waits doesn't tell of that
	bills   bool  // an invoice names it as an order
	noted   bool  // something else is said of it: an adjustment, a dispute, a promise
	undated bool  // and takes its due day from it
	whole   bool  // and bills all of it
	billed  int64 // and so much of it
}

// Run settles a book so that it can go on.
func (w *Settler) Run(b *Book, cfg Config) *Running { return w.RunAgain(nil, b, cfg) }

// RunAgain is Run in the memory of r, which has refused a document and is of no other use any more; nil: there is none.
func (w *Settler) RunAgain(r *Running, b *Book, cfg Config) *Running {
	if r == nil {
		r = &Running{uses: make(map[string]use, len(b.Payments)+len(b.Invoices))}
	}
	clear(r.uses)
	clear(r.refunded)
	if r.keepJournal(w, b, cfg) {
		return r
	}
	*r = Running{ledger: w.Settle(b, cfg), rules: rulesOf(cfg), uses: r.uses, refunded: r.refunded, sweeps: r.sweeps}
	for i := range b.Invoices {
		if v := &b.Invoices[i]; v.Standing == Live {
			r.issued(v)
		}
	}
	for i := range b.Payments {
		r.pays(&b.Payments[i])
	}
	for i := range b.Returns {
		r.lowers(b.Returns[i].OrderID)
		r.lowers(b.Returns[i].InvoiceID)
	}
	r.remarks(b)
	r.reopens = len(b.Refunds) > 0
	for i := range b.Refunds {
		if r.refunded == nil {
			r.refunded = map[docKey]bool{}
		}
		r.refunded[b.Refunds[i].payer()] = true
	}
	if !b.mixed() && !cfg.Hold {
		r.follow(&w.sweeps)
	}
	return r
}

// follow has the ledger go on with what free money has done. Where it is held, there is none.
func (r *Running) follow(s *sweeps) {
	r.followFrom(s, 0)
}

// followFrom is follow where so many days, the first ones, are as they were when it was followed last.
func (r *Running) followFrom(s *sweeps, from int) {
	r.sweeps = sweeps{append(r.sweeps.days[:from], s.days[from:]...), s.tangled, s.rises, s.decided, r, len(s.days)}
	r.ledger.sweeps = &r.sweeps
}

func (r *Running) remarks(b *Book) {
	note := func(id string) {
		u := r.uses[id]
		u.noted = true
		r.uses[id] = u
	}
	for i := range b.Adjustments {
		if a := &b.Adjustments[i]; a.Kind.lowers() {
			r.lowers(a.InvoiceID)
		} else {
			note(a.InvoiceID)
		}
	}
	for i := range b.Disputes {
		note(b.Disputes[i].ID)
	}
	for i := range b.Promises {
		note(b.Promises[i].ID)
	}
}

func (r *Running) lowers(id string) {
	r.lowered = true
	u := r.uses[id]
	u.lowers = true
	r.uses[id] = u
}

func (r *Running) pays(p *Payment) {
	for i := range p.Allocations {
		a := &p.Allocations[i]
		u := r.uses[a.Ref.ID]
		u.money, u.lowers = true, u.lowers || a.Discount != 0
		r.uses[a.Ref.ID] = u
	}
}

func (r *Running) issued(i *Invoice) {
	for _, s := range i.Orders {
		u := r.uses[s.OrderID]
		u.bill(s, i.undated())
		r.uses[s.OrderID] = u
	}
}

// undated says that the invoice may be due when an order is.
func (i *Invoice) undated() bool {
	return !i.HasDue || slices.ContainsFunc(i.Old, func(d OldDue) bool { return !d.HasDue })
}

// bill notes what an invoice bills of the order.
func (u *use) bill(s Share, undated bool) {
	u.bills, u.undated = true, u.undated || undated
	u.whole = u.whole || s.Amount == 0
	u.billed += max(0, s.Amount)
}

// count notes what an invoice bills of the order of an id.
func (u *use) count(i *Invoice, id string) {
	for _, s := range i.Orders {
		if s.OrderID == id {
			u.bill(s, i.undated())
		}
	}
}

// Watch has changed told what of the lists by day changes from now on, and carries sums; see Ledger.
func (r *Running) Watch(changed func(day civil.Day, id string), sums *Carried) {
	r.ledger.Changed, r.ledger.Carried, r.changed = changed, sums, changed
	if r.journal != nil {
		r.ledger.Changed = func(day civil.Day, id string) {
			r.note(entryAt{day, id})
			changed(day, id)
		}
	}
}

// Ledger shares its lists with r: it is for looking at, until r takes the next document.
func (r *Running) Ledger() Ledger {
	l := r.ledger
	l.sweeps, l.room = nil, nil
	return l
}

// Order takes an order that is the first document under its id, in any system. Payments and invoices may have named it.
func (r *Running) Order(o Order, cfg Config) bool {
	u := r.use(o.ID)
	switch {
	case rulesOf(cfg) != r.rules:
		return false
	case r.ledger.abroad(o.Rate):
		return u == use{} && !o.OnCredit()
	case u == use{}:
		return !o.OnCredit() || r.ledger.openOrder(o, cfg)
	case u.noted || (o.OnCredit() || u.bills) && (u.lowers || u.bills && u.money): // returns of cash orders are no matter of credit
		return false
	case !o.OnCredit():
		return r.spend(o.ID)
	case u.bills:
		return r.orderBilled(o, u, cfg)
	case o.InvoiceExpected: // money waits on for its invoices
		return o.Amount > 0 && !r.ledger.awaitsNoMoney(o.ID) && r.ledger.openOrder(o, cfg)
	}
	return r.ledger.openOrder(o, cfg)
}

// Cancel takes that an order of one system alone is gone. What it was worth to nobody else is taken back: a cash order that nothing
// names, what was expected to be invoiced, an item that no money has come to. Where money has passed by an item it would have
// passed by without it, too: it went to what is due before.
func (r *Running) Cancel(o Order, cfg Config) bool {
	switch {
	case rulesOf(cfg) != r.rules || r.use(o.ID) != use{}:
		return false
	case !o.OnCredit():
		return true
	case r.ledger.Remarked || r.ledger.abroad(o.Rate) || o.Amount <= 0:
		return false
	case o.InvoiceExpected:
		r.ledger.Commitments -= o.Amount
		return true
	}
	return r.ledger.close(Ref{ID: o.ID}, o.Source, o.Amount, !r.lowered && r.journal == nil)
}

// Amend takes that an order of one system alone is of another amount, and the same in all else, where nothing names it and no money
// has come to it.
func (r *Running) Amend(was, is Order, cfg Config) bool {
	same, u := was, r.use(is.ID)
	same.Amount = is.Amount
	switch {
	case same != is || rulesOf(cfg) != r.rules || u.money || u.lowers || u.noted || u.bills && !is.InvoiceExpected:
		return false
	case !is.OnCredit():
		return true
	case r.ledger.Remarked || r.ledger.abroad(is.Rate) || was.Amount <= 0 || is.Amount <= 0 || cfg.Tolerance != 0:
		return false
	case is.InvoiceExpected:
		r.ledger.Commitments += u.expected(is.Amount) - u.expected(was.Amount)
		return true
	}
	return r.ledger.amend(Ref{ID: is.ID}, is.Source, was.Amount, is.Amount)
}

// expected is what is still to be invoiced of an order of an amount that is billed as it is.
func (u *use) expected(amount int64) int64 {
	if u.whole {
		return 0
	}
	return max(0, amount-u.billed)
}

// Return takes a return of a part of an order on credit, which is the only one of its id and stands. No return has been known under
// its source and id. Where what is left of the order is more than what comes back, whoever paid it would have paid the same
// without that: it was never more than what money there was.
func (r *Running) Return(x Return, o Order, cfg Config) bool {
	if x.InvoiceID != "" || x.Currency != o.Rate.Code || !o.Credit || o.InvoiceExpected || !r.lowersItem(Ref{ID: o.ID}, o.Source, x.Day, x.Amount, cfg) {
		return false
	}
	r.lowers(o.ID)
	return true
}

// Note takes a credit note, or what was rounded off. None has been known under its source, id and invoice. kind says what it is of; see
// Payment.
func (r *Running) Note(a Adjustment, kind func(ref Ref, source string) (RefKind, string), cfg Config) bool {
	what, source := kind(Ref{Invoice: true, ID: a.InvoiceID}, a.Source)
	if !a.Kind.lowers() || a.Amount <= 0 || a.Rate.Foreign() || what != RefInvoice && what != RefCredit {
		return false
	}
	if !r.lowersItem(Ref{Invoice: what == RefInvoice, ID: a.InvoiceID}, source, a.Day, a.Amount, cfg) {
		return false
	}
	r.lowers(a.InvoiceID)
	return true
}

// lowersItem takes amount off an open item of an id of which nothing but payments and what lowers it has been said.
func (r *Running) lowersItem(of Ref, source string, day civil.Day, amount int64, cfg Config) bool {
	u := r.use(of.ID)
	if rulesOf(cfg) != r.rules || cfg.Tolerance != 0 || r.ledger.Foreign || u.noted || u.bills || r.reopens {
		return false
	}
	return r.ledger.lower(of, source, day, amount)
}

// spend has a cash order take what waits for it: it would have taken that at once. What a refund of it takes depends on that.
func (r *Running) spend(id string) bool {
	for _, m := range r.ledger.Money {
		if m.WaitsFor.ID == id && r.refunds(m.payer()) {
			return false
		}
	}
	r.ledger.Money = slices.DeleteFunc(r.ledger.Money, func(m Money) bool { return m.WaitsFor.ID == id })
	r.ledger.normalise()
	return true
}

// orderBilled takes an order on credit that invoices have named: less what they bill of it.
func (r *Running) orderBilled(o Order, u use, cfg Config) bool {
	switch {
	case u.undated && o.Credit: // they are due when it is
		return false
	case u.whole:
		o.Amount = min(0, o.Amount)
	case o.Amount > 0:
		o.Amount = max(0, o.Amount-u.billed)
	}
	return r.ledger.openOrder(o, cfg)
}

// Invoice takes an invoice that is the first document under its id, in any system. Payments may have named it. order
// gives the order that an id means, and how many there are: where it is more than one, that depends on who asks.
func (r *Running) Invoice(i Invoice, order func(id string) (o Order, n int), cfg Config) bool {
	u := r.use(i.ID)
	if rulesOf(cfg) != r.rules || r.ledger.abroad(i.Rate) || len(i.Old) > 0 || u.noted || u.lowers || u.bills {
		return false
	}
	if u.money { // else an order has taken it
		if _, n := order(i.ID); n > 0 {
			return false
		}
	}
	item := Item{Ref: Ref{Invoice: true, ID: i.ID}, Source: i.Source, Opened: i.Day, Due: i.Day, Amount: i.Amount}
	due := i.HasDue
	if due {
		item.Due = i.Due
	}
	for _, s := range i.Orders {
		o, n := order(s.OrderID)
		known, u := n == 1 && o.Standing == Live, r.use(s.OrderID)
		switch {
		case n > 1 || u.money || u.lowers || u.noted: // payments that name the order go to the invoice first
			return false
		case known && o.Credit && !o.InvoiceExpected: // less of the order is an invoice of its own
			return false
		case known && o.InvoiceExpected:
			r.lowerCommitment(o, s)
		}
		if known && o.Credit && !due {
			item.Due, due = o.dueDay(cfg), true
		}
		used := r.uses[s.OrderID]
		used.bill(s, !i.HasDue)
		r.uses[s.OrderID] = used
	}
	r.ledger.Invoiced = true
	return r.ledger.openItem(item, cfg)
}

// lowerCommitment takes what an invoice names of an order from what was still expected.
func (r *Running) lowerCommitment(o Order, s Share) {
	u := r.use(s.OrderID)
	is := u
	is.bill(s, false)
	r.ledger.Commitments -= u.expected(o.Amount) - is.expected(o.Amount)
}

// Payment takes a payment that is the first document under its id, in any system. kind says what a reference of a document
// of source means, and the source of what it means.
func (r *Running) Payment(p Payment, kind func(ref Ref, source string) (RefKind, string), cfg Config) bool {
	if rulesOf(cfg) != r.rules || r.ledger.Remarked || r.ledger.abroad(p.Rate) {
		return false
	}
	for _, a := range p.Allocations {
		if what, _ := kind(a.Ref, p.Source); what != RefInvoice && r.use(a.Ref.ID).bills || r.use(a.Ref.ID).noted {
			return false // it means the invoices of the order, or an item that an adjustment made
		}
	}
	r.pays(&p)
	return r.ledger.takePayment(p, kind, cfg)
}
