package reducer

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// errNotRead says that Needs has promised less than Reduce wanted: a fault of this package.
var errNotRead = errors.New("a customer's registers were needed and hadn't been read")

// environment is what an event meets.
type environment struct {
	calendar civil.Calendar
	policy   *policy.Policy
	oldest   civil.Day // the first whose engagements count
	counts   *counts
	rate     fx.Rate    // of the amounts of the event at hand
	desks    *sync.Pool // of *desk

	journalFrom int // of Options
}

// settlement is how an event changes the ledger: not at all, by one entry after all others, or by settling the whole
// book again.
type settlement struct {
	needed  bool
	lostEnd bool // the first or the last order may be gone: all orders must be looked at
	first   first
	order   credit.Order
	was     credit.Order // before it became order
	payment credit.Payment
	invoice credit.Invoice
	back    credit.Return // of a part of order
	note    credit.Adjustment
}

// first says of what an event is the first word. An order or a payment may do alone.
type first int8

const (
	firstNothing first = iota
	firstOrder
	firstPayment
	firstInvoice
	firstReturn
	firstNote  // an adjustment
	lastOrder  // the last word on an order: it is cancelled
	otherOrder // a word on an order that there was: it is of another amount
)

// everything says whether every register must be read for it, given the ledger that the event will meet.
func (s *settlement) everything(c *customer, meets func() credit.Ledger, env environment) bool {
	if s.lostEnd || !s.needed {
		return s.lostEnd
	}
	l := meets()
	does, known := s.would(&l, c, env)
	if !known {
		l = l.Clone()
		does = s.alone(&l, c, env)
	}
	return !does
}

// would says whether the one entry will do, where that can be told without trying.
func (s *settlement) would(l *credit.Ledger, c *customer, env environment) (does, known bool) {
	switch s.first {
	case firstOrder:
		return l.OpensOrder(s.order, env.policy.Credit), true
	case firstPayment:
		return l.TakesPayment(s.payment, c.kindOf, env.policy.Credit)
	case firstNothing, firstInvoice, firstReturn, firstNote, lastOrder, otherOrder:
	}
	return false, true
}

// alone tries to do with the one entry; false: the ledger is of no use any more.
func (s *settlement) alone(l *credit.Ledger, c *customer, env environment) bool {
	switch s.first {
	case firstOrder:
		return l.OpenOrder(s.order, env.policy.Credit)
	case firstPayment:
		return l.TakePayment(s.payment, c.kindOf, env.policy.Credit)
	case firstNothing, firstInvoice, firstReturn, firstNote, lastOrder, otherOrder:
	}
	return false
}

// settle brings the ledger up to date. One that is the whole book's goes on with it, as long as that can: what it gives is
// the same as by one entry, or by settling the book again.
func (c *customer) settle(s *settlement, env environment) error {
	var refused *credit.Running
	if c.running != nil && (s.needed || s.first == firstOrder) {
		if s.goesOn(c.running, c, env) {
			c.ledger = c.running.Ledger()
			c.registers.follow = c.running.Journaled()
			return nil
		}
		if c.goBack(env) {
			return nil
		}
		refused, c.running = c.running, nil // its lists, which are the ledger's, are good still if nothing was needed
	}
	switch {
	case !s.needed || !c.whole && s.alone(&c.ledger, c, env):
		return nil
	case !c.registers.all:
		return errNotRead
	}
	env.counts.add("ledgers settled again", 1)
	c.running, c.whole, c.history.all = c.run(refused, env), true, true
	c.carried = credit.Carried{}
	c.running.Watch(c.told, &c.carried)
	c.ledger = c.running.Ledger()
	c.registers.journal(c.running.Journaled())
	return nil
}

// goBack settles again from the first day on which what has changed makes a difference, where a journal of the book is kept.
func (c *customer) goBack(env environment) bool {
	if !c.running.Journaled() {
		return false
	}
	d := env.desk()
	defer env.desks.Put(d)
	if !c.running.Rewrite(d.changes(&c.registers, env.calendar), env.policy.Credit) {
		return false
	}
	env.counts.add("ledgers settled again in part", 1)
	c.ledger = c.running.Ledger()
	c.registers.journal(true)
	return true
}

// goesOn hands the one entry to a settled book; false: it is of no use any more.
func (s *settlement) goesOn(r *credit.Running, c *customer, env environment) bool {
	switch s.first {
	case firstOrder:
		return r.Order(s.order, env.policy.Credit)
	case firstPayment:
		return r.Payment(s.payment, c.kindOf, env.policy.Credit)
	case firstInvoice:
		order := func(id string) (credit.Order, int) { return c.orderOf(id, env.calendar) }
		return r.Invoice(s.invoice, order, env.policy.Credit)
	case firstReturn:
		return r.Return(s.back, s.order, env.policy.Credit)
	case firstNote:
		return r.Note(s.note, c.kindOf, env.policy.Credit)
	case lastOrder:
		return r.Cancel(s.order, env.policy.Credit)
	case otherOrder:
		return r.Amend(s.was, s.order, env.policy.Credit)
	case firstNothing:
	}
	return false
}

// orderOf is the order of an id, and how many systems have one; of several it is none.
func (c *customer) orderOf(id string, calendar civil.Calendar) (o credit.Order, n int) {
	s := c.registers.orders[id]
	if s == nil {
		return o, 0
	}
	if len(s.Entries) == 1 {
		o = creditOrder(&s.Entries[0].Body, s.Entries[0].Source, id, calendar)
	}
	return o, len(s.Entries)
}

// kindOf says what a payment of the base currency names, as far as it is known, and the source of it.
func (c *customer) kindOf(r credit.Ref, source string) (credit.RefKind, string) {
	if c.foreign(r.ID) {
		return credit.RefForeign, ""
	}
	if s := c.registers.invoices[r.ID]; r.Invoice && s != nil {
		if own := meant(s.Entries, source); own != nil {
			if _, _, ok := own.Body.Live(); !ok {
				return credit.RefGone, own.Source
			}
			return credit.RefInvoice, own.Source
		}
	}
	s := c.registers.orders[r.ID]
	if s == nil {
		return credit.RefUnknown, ""
	}
	own := meant(s.Entries, source)
	if own == nil {
		return credit.RefUnknown, ""
	}
	switch doc, _, ok := own.Body.Live(); {
	case !ok && own.Body.Cancelled != nil:
		return credit.RefGone, own.Source
	case !ok:
		return credit.RefUnknown, ""
	case doc.Terms.Kind != register.Cash || doc.InvoiceExpected:
		return credit.RefCredit, own.Source
	}
	return credit.RefCash, own.Source
}

// applyInvoice takes what is said of an invoice.
func (c *customer) applyInvoice(e *pb.InvoiceEvent, env environment) (bool, error) {
	s := slot(c.registers.invoices, e.InvoiceId)
	plan, changed, named := settlement{needed: true}, false, invoicedOrders(s, e.Source, env)
	switch k := e.Kind.(type) {
	case *pb.InvoiceEvent_Issued:
		first := len(s.Entries) == 0
		is := bySource(&s.Entries, e.Source)
		changed = is.Issue(versionOf(e), codec.InvoiceDoc(k.Issued, env.rate))
		if first {
			plan.first, plan.invoice = firstInvoice, invoice(is, e.Source, e.InvoiceId, env.calendar, &[]credit.Share{})
		}
	case *pb.InvoiceEvent_Voided:
		changed = bySource(&s.Entries, e.Source).Void(versionOf(e))
	case *pb.InvoiceEvent_Adjusted:
		a := codec.Adjustment(e.Source, k.Adjusted, env.rate)
		a.Version = versionOf(e)
		if !slices.ContainsFunc(s.Adjustments, func(x register.Adjustment) bool { return x.Source == a.Source && x.ID == a.ID }) {
			plan.first, plan.note = firstNote, creditAdjustment(&a, e.InvoiceId, env.calendar)
		}
		changed = s.Adjust(a)
	case *pb.InvoiceEvent_Promised:
		if p, ok := codec.Promise(e.Source, k.Promised, env.rate); ok {
			p.Version = versionOf(e)
			changed = s.Promise(p)
		}
	case *pb.InvoiceEvent_Disputed:
		changed = s.Dispute(register.Dispute{Source: e.Source, Version: versionOf(e), Amount: k.Disputed.AmountMinor, Resolved: k.Disputed.Resolved, Currency: env.rate.Code})
	default:
		return false, nil
	}
	if !changed {
		return false, nil
	}
	c.registers.touch(invoicePrefix, e.InvoiceId)
	if err := c.invoiced(codec.InvoiceName{Source: e.Source, ID: e.InvoiceId}, named, invoicedOrders(s, e.Source, env), env); err != nil {
		return true, err
	}
	return true, c.settle(&plan, env)
}

// applyPayment takes what is said of a payment.
func (c *customer) applyPayment(e *pb.PaymentEvent, env environment) (bool, error) {
	received := receivedOf(e, env.rate)
	plan := c.planPayment(e, &received, env)
	s := slot(c.registers.payments, e.PaymentId)
	changed := false
	switch k := e.Kind.(type) {
	case *pb.PaymentEvent_Received:
		changed = bySource(&s.Entries, e.Source).Take(received)
	case *pb.PaymentEvent_Reversed:
		changed = s.Reverse(register.Reversal{Source: e.Source, ID: k.Reversed.ReversalId, Version: versionOf(e), Amount: k.Reversed.AmountMinor, Currency: env.rate.Code})
	case *pb.PaymentEvent_Failed:
		return c.applyFailed(e, s, env), nil
	case *pb.PaymentEvent_Refunded:
		changed = s.Refund(register.Refund{Source: e.Source, ID: k.Refunded.RefundId, Version: versionOf(e), Amount: k.Refunded.AmountMinor, Currency: env.rate.Code})
	default:
		return false, nil
	}
	if !changed {
		return false, nil
	}
	c.registers.touch(paymentPrefix, e.PaymentId)
	return true, c.settle(&plan, env)
}

// applyFailed counts a failed attempt on its day. Nothing is settled by it. One without an id is told by its event.
func (c *customer) applyFailed(e *pb.PaymentEvent, s *codec.PaymentSlot, env environment) (changed bool) {
	was := failedOn(s, env.calendar)
	if !s.Fail(register.Failure{Source: e.Source, ID: cmp.Or(e.GetFailed().AttemptId, e.EventId), Version: versionOf(e)}) {
		return false
	}
	c.registers.touch(paymentPrefix, e.PaymentId)
	is := failedOn(s, env.calendar)
	c.ledger.Fail(was, is)
	if c.running != nil {
		c.running.Fail(was, is)
	}
	return true
}

func failedOn(s *codec.PaymentSlot, calendar civil.Calendar) (days []civil.Day) {
	for _, f := range s.Failures {
		days = append(days, calendar.DayOf(f.Version.OccurredAt))
	}
	return days
}

// receivedOf is the payment that an event says came in, if it does.
func receivedOf(e *pb.PaymentEvent, rate fx.Rate) (p register.Payment) {
	if r := e.GetReceived(); r != nil {
		p = register.Payment{Version: versionOf(e), Doc: codec.PaymentDoc(r, rate)}
	}
	return p
}

// planPayment says how a payment event changes the ledger: the first word on a payment may do alone.
func (c *customer) planPayment(e *pb.PaymentEvent, received *register.Payment, env environment) settlement {
	p, s := settlement{needed: true}, c.registers.payments[e.PaymentId]
	if r := e.GetReceived(); r != nil && (s == nil || len(s.Entries)+len(s.Reversals)+len(s.Refunds) == 0) {
		p.first, p.payment = firstPayment, payment(e.Source, e.PaymentId, received, r.AmountMinor, env.calendar, &[]credit.Allocation{})
	}
	return p
}

// payment is a payment as the ledger sees it, with what is left of it after reversals. Its allocations are appended to a
// list that many have in common.
func payment(source, id string, p *register.Payment, left int64, calendar civil.Calendar, allocations *[]credit.Allocation) credit.Payment {
	out := credit.Payment{Source: source, ID: id, ValueDay: calendar.DayOf(p.Version.OccurredAt), Amount: left, Rate: p.Doc.Rate}
	if p.Doc.HasValueDay {
		out.ValueDay = p.Doc.ValueDay
	}
	out.Bill, out.Matures = p.Doc.HasMatures, p.Doc.Matures
	from := len(*allocations)
	for _, a := range p.Doc.Allocations {
		*allocations = append(*allocations, credit.Allocation{Ref: credit.Ref{Invoice: a.Invoice, ID: a.ID}, Amount: a.Amount, Discount: a.Discount})
	}
	out.Allocations = (*allocations)[from:len(*allocations):len(*allocations)]
	return out
}
