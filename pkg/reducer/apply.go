package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// apply changes a customer by an event; false: the event said nothing new.
func (c *customer) apply(f *pb.Fact, env environment) (bool, error) {
	env.rate = codec.RateOf(f)
	switch b := f.Body.(type) {
	case *pb.Fact_Order:
		if b.Order.GetReturned() != nil {
			return c.applyReturn(b.Order, env)
		}
		return c.applyOrder(b.Order, env)
	case *pb.Fact_Invoice:
		return c.applyInvoice(b.Invoice, env)
	case *pb.Fact_Payment:
		return c.applyPayment(b.Payment, env)
	case *pb.Fact_Profile:
		return c.applyProfile(b.Profile, env), nil
	case *pb.Fact_Engagement:
		return c.applyEngagement(b.Engagement, env), nil
	}
	return false, nil
}

// needRegisters adds what an event needs: first the registers that it names, then, where the ledger must be settled
// again or the last order found, all of them.
func (b *scorerBatch) needRegisters(n *processor.Needs, p *parsedFact, r processor.Record) {
	id, f, c := p.about.id, p.fact, p.about.in(b.customers)
	if c != nil && c.registers.all {
		return
	}
	names := b.namesOf(f)
	if c == nil {
		b.need(n, processor.Fields{Customer: id, Names: names})
		return
	}
	if f.GetErasure() != nil {
		b.need(n, processor.Fields{Customer: id, All: true})
		return
	}
	if missing := c.registers.missing(append(names, c.linkedNames(f)...)...); len(missing) > 0 {
		b.need(n, processor.Fields{Customer: id, Names: missing})
		return
	}
	if c.history.missing != nil {
		return // needCustomer has asked for the days, which the plan is made with
	}
	meets := func() credit.Ledger { return b.ledgerAt(c, b.settle(p, r)) }
	if s := b.plan(c, f); s.everything(c, meets, b.environment()) {
		b.need(n, processor.Fields{Customer: id, All: true})
	}
}

// ledgerAt is the ledger that a record at t will meet, to be looked at: due moments up to t fire before it, and what they
// prune can't be appended to any more. It shares its lists with the customer's.
func (b *scorerBatch) ledgerAt(c *customer, t civil.Instant) credit.Ledger {
	if d := civil.Instant(c.Due); (d == 0 || d > t) && b.part.reached(c.ScorerCustomer, t) == nil { // as a rule
		l := c.ledger
		l.Changed, l.Carried = nil, nil
		return l
	}
	x := customer{ScorerCustomer: &pb.ScorerCustomer{At: c.At, Due: c.Due, Wait: c.Wait, WaitTime: c.WaitTime},
		value: c.value, ledger: c.ledger, profile: c.profile}
	x.value.Changed, x.value.Carried, x.ledger.Changed, x.ledger.Carried = nil, nil, nil, nil
	for {
		d, r := civil.Instant(x.Due), rule{}
		switch j := b.part.reached(x.ScorerCustomer, t); {
		case j != nil:
			r, _ = b.part.under(j)
			if r.Rule == nil {
				return x.ledger // which will be told when it is looked at
			}
			if !j.Held && x.time(r, b.part.calendar) {
				continue
			}
			d = max(civil.Instant(j.From), civil.Instant(x.At))
		case d == 0 || d > t:
			return x.ledger
		default:
			r = b.part.before(d)
		}
		today := b.part.calendar.DayOf(d)
		x.prune(r.policy, today)
		x.At = int64(d)
		segment := x.segment(r.policy, today)
		worth := x.value.At(r.policy.ValueOf(segment), today)
		x.plan(r, segment, &worth, b.part.calendar, today)
	}
}

func (b *scorerBatch) environment() environment {
	return environment{calendar: b.part.calendar, policy: b.part.current().policy, counts: &b.counts, desks: b.desks, journalFrom: b.part.opts.JournalFrom}
}

// plan says how an event changes the ledger.
func (b *scorerBatch) plan(c *customer, f *pb.Fact) settlement {
	env := b.environment()
	env.counts, env.rate = nil, codec.RateOf(f) // what is only planned isn't counted
	switch e := f.Body.(type) {
	case *pb.Fact_Order:
		if e.Order.GetReturned() != nil {
			return c.planReturn(e.Order, env)
		}
		p, _, _ := c.planOrder(e.Order, env)
		return p
	case *pb.Fact_Invoice:
		return settlement{needed: hasEffect(e.Invoice)}
	case *pb.Fact_Payment:
		if e.Payment.GetReceived() != nil || e.Payment.GetReversed() != nil || e.Payment.GetRefunded() != nil {
			received := receivedOf(e.Payment, env.rate)
			return c.planPayment(e.Payment, &received, env)
		}
	}
	return settlement{}
}

// hasEffect says that an event on an invoice is of a kind that changes figures.
func hasEffect(e *pb.InvoiceEvent) bool {
	return e.GetIssued() != nil || e.GetVoided() != nil || e.GetAdjusted() != nil || e.GetDisputed() != nil || e.GetPromised() != nil
}

// namesOf are the registers that an event names. Their names are not to be kept (slab.name).
func (b *scorerBatch) namesOf(f *pb.Fact) []string {
	var room [4]registerName // few name more
	named := room[:0]
	name := func(prefix, id string) { named = append(named, registerName{prefix, id}) }
	switch e := f.Body.(type) {
	case *pb.Fact_Order:
		if e.Order.OrderId != "" {
			name(orderPrefix, e.Order.OrderId)
		}
		if r := e.Order.GetReturned(); r != nil {
			name(returnPrefix, r.ReturnId)
		}
	case *pb.Fact_Profile:
		if len(codec.ProfileSaid(e.Profile, fx.Rate{})) > 0 {
			name(profilePrefix, "")
		}
	case *pb.Fact_Engagement:
		name(engagementPrefix, engagedOn(e.Engagement, b.part.calendar).String())
	case *pb.Fact_Invoice:
		name(invoicePrefix, e.Invoice.InvoiceId)
	case *pb.Fact_Payment:
		name(paymentPrefix, e.Payment.PaymentId)
		for _, a := range e.Payment.GetReceived().GetAllocations() {
			if a.InvoiceId != "" { // an order with terms is its own invoice
				name(invoicePrefix, a.InvoiceId)
				name(orderPrefix, a.InvoiceId)
			} else {
				name(orderPrefix, a.OrderId)
			}
		}
	}
	names := b.wanted.room(len(named))
	for _, n := range named {
		names = append(names, b.slab.name(n))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// linkedNames are the orders that a return named before: they lose it if it names another now.
func (c *customer) linkedNames(f *pb.Fact) (names []string) {
	r := f.GetOrder().GetReturned()
	if r == nil {
		return nil
	}
	if s := c.registers.returns[r.ReturnId]; s != nil {
		for _, e := range s.Entries {
			if e.Body.OrderID != "" {
				names = append(names, orderPrefix+e.Body.OrderID)
			}
		}
	}
	return names
}
