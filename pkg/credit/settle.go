package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Settle makes the ledger of a book. It goes through the days: items open, returns lower them, refunds go out, then
// money comes in, what names an item first. So a document that comes late has its effect from its own day on, and the
// order in which documents came can't be seen.
func Settle(b Book, cfg Config) Ledger { return new(Settler).Settle(&b, cfg) }

// Settler settles books one after the other in the same memory: most of what a settlement takes is making what it works
// on. The zero value is ready. It isn't safe for concurrent use.
type Settler struct{ settler }

// Settle is the function of that name.
func (w *Settler) Settle(b *Book, cfg Config) Ledger {
	s := &w.settler
	s.begin(b, cfg)
	for from := 0; from < len(s.agenda); {
		to := from + 1
		for to < len(s.agenda) && s.agenda[to].day == s.agenda[from].day {
			to++
		}
		s.settleDay(s.agenda[from].day, s.agenda[from:to])
		from = to
	}
	return s.ledger()
}

// account is an item with what settled it.
type account struct {
	Item
	shares   []share // that an invoice names
	sale     int64   // what was sold: billed, less what came back
	counts   bool    // it was of something
	opened   bool    // its day has come
	listed   bool    // in settler.open
	portions []*portion
	waits    []*wait // that mean it
}

// portion is a part of an item that a payment settled, or, of nil, of a cash order.
type portion struct {
	of     *account
	payer  docKey
	day    civil.Day
	amount int64
}

// docKey is a document.
type docKey struct{ source, id string }

// wait is named money for which something of what it names is still to come.
type wait struct {
	Money
	number   int
	discount int64
	over     bool
}

// task is a document on the day on which it has its effect.
type task struct {
	day     civil.Day
	what    step
	open    *account // what it is about, by its kind
	returns *Return
	refund  *Refund
	payment *Payment
}

// step is where a task comes on its day.
type step int8

const (
	stepOpen step = iota
	stepReturn
	stepRefund
	stepPayment
	stepLate // a refund of money that comes in on this very day
)

// settler is a settlement under way.
type settler struct {
	cfg      Config
	index    index
	agenda   []task
	accounts []*account
	open     []*account // by (due day, id); settled ones stay until money passes them
	free     []Money    // by (value day, payment id)
	waits    []*wait
	woken    []*wait               // to look at on this day
	paid     map[docKey][]*portion // by payment; nil where no refund will ask
	head     Key
	invoiced bool // there is an invoice
	fresh    bool // free money has come on this day
	firm     bool // what happened on this day depends on all that went before

	// What pointers and short lists are made from lives until the next book.
	docs   []orderDoc
	items  []account
	parts  []portion
	named  []wait
	lists  []*portion
	listed []*account // what open is a part of
	frees  []Money    // what free is a part of
	claims []*wait
}

// empty is a list of nothing with room for n.
func empty[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, 0, n)
	}
	return list[:0]
}

// begin puts the documents of a book on the agenda.
func (s *settler) begin(b *Book, cfg Config) {
	items, tasks := len(b.Orders)+len(b.Invoices), len(b.Payments)+len(b.Returns)+len(b.Refunds)
	s.index.empty(b)
	*s = settler{cfg: cfg, index: s.index, woken: s.woken[:0], waits: s.waits[:0],
		agenda: empty(s.agenda, items+tasks), accounts: empty(s.accounts, items),
		docs: empty(s.docs, len(b.Orders)), items: empty(s.items, items), parts: empty(s.parts, len(b.Payments)),
		named: s.named[:0], lists: empty(s.lists, len(b.Payments)), claims: s.claims[:0],
		listed: empty(s.listed, items), frees: empty(s.frees, len(b.Payments))}
	s.open, s.free = s.listed, s.frees
	s.documents(b)
	for i := range b.Returns {
		if r := &b.Returns[i]; s.lowers(r) {
			s.agenda = append(s.agenda, task{day: r.Day, what: stepReturn, returns: r})
		}
	}
	for i := range b.Payments {
		p := &b.Payments[i]
		s.agenda = append(s.agenda, task{day: p.ValueDay, what: stepPayment, payment: p})
	}
	s.refunds(b)
	slices.SortFunc(s.agenda, compareTasks)
}

// documents opens accounts for orders and invoices. An order with terms is its own invoice, less what invoices name of it,
// or it is commitment.
func (s *settler) documents(b *Book) {
	for i := range b.Orders {
		o := next(&s.docs)
		if o.Order = b.Orders[i]; o.Standing != Live {
			o.Order = Order{Source: o.Source, ID: o.ID, Standing: o.Standing}
		}
		s.index.addOrder(o)
	}
	for i := range b.Invoices {
		v, a := &b.Invoices[i], next(&s.items)
		a.Item = Item{Ref: Ref{true, v.ID}, Source: v.Source}
		if v.Standing == Live {
			a.Opened, a.Amount, s.invoiced = v.Day, v.Amount, true
			s.index.addInvoice(a, v.Orders)
			a.Due = a.dueOf(v)
			continue
		}
		s.index.addInvoice(a, nil)
	}
	for i := range s.docs {
		o := &s.docs[i]
		switch {
		case o.InvoiceExpected:
			o.commitment = o.Amount
			s.index.expected = append(s.index.expected, o)
		case o.Credit:
			a := next(&s.items)
			a.Item = Item{Ref: Ref{false, o.ID}, Source: o.Source, Opened: o.Day, Due: o.Due, Amount: max(0, o.Amount-o.invoiced)}
			if s.addAccount(a) {
				o.own = a
			}
		}
	}
	for i := range b.Invoices {
		if a := &s.items[i]; s.addAccount(a) {
			s.index.tell(a)
		}
	}
}

// addAccount has an account open on its day, and says whether there is anything to pay. One of nothing is no item; an
// invoice still takes what it names.
func (s *settler) addAccount(a *account) bool {
	if a.Amount <= 0 && len(a.shares) == 0 {
		return false
	}
	a.Left, a.sale, a.counts = a.Amount, a.Amount, a.Amount > 0
	s.agenda = append(s.agenda, task{day: a.Opened, what: stepOpen, open: a})
	if a.counts {
		s.accounts = append(s.accounts, a)
	}
	return a.counts
}

// refunds go out on their day, or after the payment has come in.
func (s *settler) refunds(b *Book) {
	if len(b.Refunds) == 0 {
		return
	}
	s.paid = map[docKey][]*portion{}
	came := map[docKey]civil.Day{}
	for i := range b.Payments {
		p := &b.Payments[i]
		came[docKey{p.Source, p.ID}] = p.ValueDay
	}
	for i := range b.Refunds {
		t := task{day: b.Refunds[i].Day, what: stepRefund, refund: &b.Refunds[i]}
		if day, ok := came[docKey{t.refund.PaymentSource, t.refund.PaymentID}]; ok && day >= t.day {
			t.day, t.what = day, stepLate
		}
		s.agenda = append(s.agenda, t)
	}
}

// compareTasks is by day and step, then in an order that is the documents' own, not that of their arrival.
func compareTasks(a, b task) int {
	switch {
	case a.day != b.day:
		return cmp.Compare(a.day, b.day)
	case a.what != b.what:
		return cmp.Compare(a.what, b.what)
	}
	switch a.what {
	case stepOpen:
		return compareAccounts(a.open, b.open)
	case stepReturn:
		return cmp.Or(cmp.Compare(a.returns.ID, b.returns.ID), cmp.Compare(a.returns.Source, b.returns.Source))
	case stepPayment:
		return cmp.Or(cmp.Compare(a.payment.ID, b.payment.ID), cmp.Compare(a.payment.Source, b.payment.Source))
	}
	return compareRefunds(*a.refund, *b.refund)
}

func (s *settler) settleDay(day civil.Day, tasks []task) {
	firm := false
	for i := range tasks {
		t := &tasks[i]
		switch t.what {
		case stepOpen:
			s.opens(t.open)
		case stepReturn:
			s.giveBack(t.returns, day)
		case stepRefund:
			s.refund(t.refund)
		case stepPayment:
			s.wakeAll(day)
			s.take(t.payment, day)
		case stepLate:
		}
		firm = firm || t.what != stepOpen && t.what != stepPayment
	}
	s.wakeAll(day)
	s.sweep(day)
	for i := range tasks {
		if tasks[i].what == stepLate {
			s.refund(tasks[i].refund)
		}
	}
	s.wakeAll(day)
	if s.firm || firm {
		s.head = Key{Day: day, Phase: markDay}
	}
	s.firm = false
}

// opens has an account count from now on.
func (s *settler) opens(a *account) {
	for _, x := range a.shares {
		s.lowerCommitment(x.of, x.billed())
	}
	a.opened = true
	s.list(a)
	s.woken = append(s.woken, a.waits...)
}

// wakeAll looks at the waiting money whose things have changed.
func (s *settler) wakeAll(day civil.Day) {
	if len(s.woken) == 0 {
		return
	}
	slices.SortFunc(s.woken, func(a, b *wait) int { return cmp.Compare(a.number, b.number) })
	for _, w := range s.woken {
		s.wake(w, day)
	}
	s.woken = s.woken[:0]
}

// ledger is what is left when the book is settled.
func (s *settler) ledger() Ledger {
	l := Ledger{Commitments: s.index.commitments(), Invoiced: s.invoiced, Head: s.head, Money: slices.Clone(s.free)}
	for _, w := range s.waits {
		if !w.over && (w.Left > 0 || s.index.resolve(w.WaitsFor, w.Source).kind == RefUnknown) {
			l.Money = append(l.Money, w.Money)
		}
	}
	slices.SortFunc(l.Money, compareMoney)
	if n := len(s.accounts); n > 0 {
		l.Sales, l.Portions = make([]Sale, 0, n), make([]Portion, 0, len(s.parts))
	}
	for _, a := range s.accounts {
		l.addSale(a.Opened, a.sale)
		var last civil.Day
		for _, p := range a.portions {
			last = p.day // portions are in the order of their days
			l.addPortion(p.day, a.Due, p.amount)
		}
		switch {
		case a.Left > s.cfg.Tolerance:
			l.Items = append(l.Items, a.Item)
		case len(a.portions) > 0:
			l.addSettled(last, a.Due)
		}
	}
	slices.SortFunc(l.Items, compareItems)
	if len(l.Portions) == 0 {
		l.Portions = nil
	}
	l.normalise()
	return l
}
