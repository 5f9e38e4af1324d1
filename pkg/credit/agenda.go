package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// task is a document on the day on which it has its effect. It points by number, so that sorting moves little.
type task struct {
	day  civil.Day
	what step
	of   int32 // in settler.numbered, settler.notes, or in the book's returns, refunds or payments
}

// step is where a task comes on its day.
type step int8

const (
	stepOpen step = iota
	stepRaise
	stepReturn
	stepLower
	stepRefund
	stepNet
	stepPayment
	stepLate // a refund of money that comes in on this very day
	stepWriteOff
)

// loose says that what comes later in the day makes no difference to it, as a rule: what is lowered by less than what is left to be
// paid frees nothing.
func (s step) loose() bool {
	return s == stepOpen || s == stepPayment || s == stepReturn || s == stepLower
}

// begin puts the documents of a book on the agenda.
func (s *settler) begin(b *Book, cfg Config) {
	items := len(b.Orders) + len(b.Invoices) + len(b.Adjustments)
	tasks := len(b.Payments) + len(b.Returns) + len(b.Refunds)
	s.index.empty(b)
	*s = settler{cfg: cfg, book: b, index: s.index, woken: s.woken[:0], waits: s.waits[:0],
		agenda: empty(s.agenda, items+tasks), accounts: empty(s.accounts, items),
		docs: empty(s.docs, len(b.Orders)), items: empty(s.items, items), parts: empty(s.parts, len(b.Payments)),
		sweeps: s.sweeps.none(), named: s.named[:0], lists: empty(s.lists, len(b.Payments)), claims: s.claims[:0],
		listed: empty(s.listed, items), frees: empty(s.frees, len(b.Payments)), notes: s.notes[:0], numbered: empty(s.numbered, items)}
	s.open, s.free = s.listed, s.frees
	s.documents(b)
	for i := range b.Returns {
		if r := &b.Returns[i]; s.lowers(r) {
			s.agenda = append(s.agenda, task{r.Day, stepReturn, int32(i)})
		}
	}
	for i := range b.Payments {
		s.agenda = append(s.agenda, task{b.Payments[i].ValueDay, stepPayment, int32(i)})
	}
	s.refunds(b)
	slices.SortFunc(s.agenda, s.compareTasks)
}

// documents opens accounts for orders and invoices. An order with terms is its own invoice, less what invoices name of it,
// or it is commitment.
func (s *settler) documents(b *Book) {
	for i := range b.Orders {
		o := next(&s.docs)
		o.Order = b.Orders[i].known(s.cfg)
		s.index.addOrder(o)
	}
	for i := range b.Invoices {
		v, a := &b.Invoices[i], s.newAccount()
		a.Item, a.rate = Item{Ref: Ref{true, v.ID}, Source: v.Source}, v.Rate
		if v.Standing == Live {
			a.Opened, a.Amount, s.invoiced = v.Day, v.Amount, true
			s.index.addInvoice(a, v.Orders)
			a.Due = a.dueOf(v, s.cfg)
			continue
		}
		a.gone = true
		s.index.addInvoice(a, nil)
	}
	s.readNotes(b)
	for i := range s.docs {
		o := &s.docs[i]
		switch {
		case o.InvoiceExpected:
			o.commitment = o.Amount
			s.index.expected = append(s.index.expected, o)
		case o.Credit:
			a := s.newAccount()
			a.Item = Item{Ref: Ref{false, o.ID}, Source: o.Source, Opened: o.Day, Due: o.Due, Amount: max(0, o.Amount-o.invoiced)}
			a.rate = o.Rate
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
	s.adjust()
}

// newAccount is an account with a number.
func (s *settler) newAccount() *account {
	a := next(&s.items)
	a.number = int32(len(s.numbered))
	s.numbered = append(s.numbered, a)
	return a
}

// addAccount has an account open on its day, and says whether there is anything to pay. One of nothing is no item; an
// invoice still takes what it names.
func (s *settler) addAccount(a *account) bool {
	if a.Amount <= 0 && len(a.shares) == 0 {
		return false
	}
	a.Left, a.sale, a.counts = a.Amount, a.Amount, a.Amount > 0
	s.agenda = append(s.agenda, task{a.Opened, stepOpen, a.number})
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
		came[p.key()] = p.ValueDay
	}
	for i := range b.Refunds {
		r := &b.Refunds[i]
		payer := r.payer()
		day, known := came[payer]
		s.agenda = append(s.agenda, refundTask(r, int32(i), day, known))
		s.paid[payer] = nil // what it settles is noted from now on
	}
}

// refundTask is a refund, in the book's list under its number, of a payment that came on a day, if it is known.
func refundTask(r *Refund, number int32, came civil.Day, known bool) task {
	if known && came >= r.Day {
		return task{came, stepLate, number}
	}
	return task{r.Day, stepRefund, number}
}

// eachDay yields what is on the agenda, day by day.
func (s *settler) eachDay(yield func([]task) bool) {
	for from := 0; from < len(s.agenda); {
		to := from + 1
		for to < len(s.agenda) && s.agenda[to].day == s.agenda[from].day {
			to++
		}
		if !yield(s.agenda[from:to]) {
			return
		}
		from = to
	}
}

// compareTasks is by day and step, then in an order that is the documents' own, not that of their arrival.
func (s *settler) compareTasks(a, b task) int {
	switch {
	case a.day != b.day:
		return cmp.Compare(a.day, b.day)
	case a.what != b.what:
		return cmp.Compare(a.what, b.what)
	}
	switch a.what {
	case stepOpen:
		return compareAccounts(s.numbered[a.of], s.numbered[b.of])
	case stepReturn:
		x, y := &s.book.Returns[a.of], &s.book.Returns[b.of]
		return compareKeys(docKey{x.ID, x.Source}, docKey{y.ID, y.Source})
	case stepPayment:
		return compareKeys(s.book.Payments[a.of].key(), s.book.Payments[b.of].key())
	case stepRaise, stepLower, stepNet, stepWriteOff:
		x, y := &s.notes[a.of], &s.notes[b.of]
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Source, y.Source), cmp.Compare(x.InvoiceID, y.InvoiceID))
	case stepRefund, stepLate:
	}
	return compareRefunds(s.book.Refunds[a.of], s.book.Refunds[b.of])
}
