package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

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

// begin puts the documents of a book on the agenda.
func (s *settler) begin(b *Book, cfg Config) {
	items := len(b.Orders) + len(b.Invoices)
	s.index.empty(b)
	*s = settler{cfg: cfg, invoiced: len(b.Invoices) > 0, index: s.index, woken: s.woken[:0],
		agenda: empty(s.agenda, items+len(b.Payments)+len(b.Returns)+len(b.Refunds)), accounts: empty(s.accounts, items),
		docs: empty(s.docs, len(b.Orders)), items: empty(s.items, items), parts: empty(s.parts, len(b.Payments)), lists: empty(s.lists, len(b.Payments))}
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
		o.Order, o.known = b.Orders[i], true
		s.index.addOrder(o)
	}
	for i := range b.Invoices {
		v := &b.Invoices[i]
		a := next(&s.items)
		a.Item = Item{Ref: Ref{true, v.ID}, Source: v.Source, Opened: v.Day, Amount: v.Amount}
		s.index.addInvoice(a, v.Orders)
		a.Due = a.dueOf(v)
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
			a.tell()
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
	if c := cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.what, b.what)); c != 0 {
		return c
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
