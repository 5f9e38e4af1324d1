package codec

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// required looks for what must be there: the customer first, then what all events have, then what its kind has.
func (c *checker) required(e event) {
	if e.topic == ratesTopic {
		c.need(e, "as_of", "base")
		return
	}
	kind := e.kind()
	if kind != feedKind && !c.has(feedKind) && e.text(customerField) == "" && !c.has(customerField) {
		c.add(MissingCustomer, customerField, "missing")
	}
	c.need(e, "event_id", "occurred_at")
	c.need(e, requiredBy(e.topic, kind)...)
	c.allocations(e.fact.GetPayment().GetReceived(), e.text(customerField))
	if e.hasKinds() && kind == "" && !c.anyKindDropped(e.plan) {
		c.add(UnknownKind, "message", "no kind of "+strings.TrimSuffix(e.topic, "s")+" event that is known")
	}
}

// requiredBy names what events of a kind must have beside what all have: the ids that their registers go by.
func requiredBy(topic, kind string) []string {
	switch kind {
	case "":
		return nil
	case "returned":
		return []string{"returned.return_id"}
	case "adjusted":
		return []string{"invoice_id", "adjusted.adjustment_id", "adjusted.kind"}
	case "reversed":
		return []string{"payment_id", "reversed.reversal_id"}
	case "refunded":
		return []string{"payment_id", "refunded.refund_id"}
	case feedKind:
		return []string{"complete_through.until"}
	case "referral":
		return []string{"referral.referred_customer_id"}
	}
	switch topic {
	case ordersTopic:
		return []string{"order_id"}
	case invoicesTopic:
		return []string{"invoice_id"}
	case paymentsTopic:
		return []string{"payment_id"}
	}
	return nil
}

func (c *checker) need(e event, paths ...string) {
	for _, path := range paths {
		if !c.has(path) && !present(e.message, e.plan, path) {
			c.add(MissingField, path, "missing")
		}
	}
}

// allocations must name what they are for, and how much where that is another customer's.
func (c *checker) allocations(p *pb.PaymentReceived, payer string) {
	if !c.has("received.amount_minor") && p.GetAmountMinor() < forOthers(p, payer) {
		c.add(BadAmount, "received.amount_minor", "less than what is allocated to other customers")
	}
	for i, a := range p.GetAllocations() {
		c.share(i, a, payer)
		if a.OrderId != "" || a.InvoiceId != "" {
			continue
		}
		at := trail{"received", "allocations"}
		at.pushIndex(i)
		if !c.has(at.to("order_id")) && !c.has(at.to("invoice_id")) {
			c.add(MissingField, at.String(), "names neither order_id nor invoice_id")
		}
	}
}

// share: what a payment brings another customer must be told, or it can't be split.
func (c *checker) share(i int, a *pb.Allocation, payer string) {
	at := trail{"received", "allocations"}
	at.pushIndex(i)
	if path := at.to("amount_minor"); isOthers(a, payer) && a.AmountMinor == 0 && !c.has(path) {
		c.add(MissingField, path, "missing for another customer's item: how much of the payment is theirs must be told")
	}
}

// present says whether the field at a path is set and not empty.
func present(m protoreflect.Message, p *plan, path string) bool {
	name, rest, deeper := strings.Cut(path, ".")
	f := p.find(name)
	if !m.Has(f.desc) {
		return false
	}
	return !deeper || present(m.Get(f.desc).Message(), f.sub, rest)
}

func (c *checker) anyKindDropped(p *plan) bool {
	for i := range p.fields {
		if p.fields[i].event && c.has(p.fields[i].name) {
			return true
		}
	}
	return false
}

// age compares an event with the clock.
func (c *checker) age(e event, at, now civil.Instant) {
	switch {
	case at > now+maxAhead:
		c.add(Future, "occurred_at", at.String()+" is more than 24 hours ahead of the clock")
	case at < now-maxAge && !isRegister(e.topic, e.kind()):
		c.add(TooOld, "occurred_at", at.String()+" is more than 35 days ago")
	}
}

// isRegister says whether an event goes into a register, so that it is never too old: all but engagements, and what is said of a
// whole input. A profile does, of which per field the latest wins, whenever it comes; and so do a dispute, a promise and a
// failed attempt, which stand beside their invoice or payment under an id of their own.
func isRegister(topic, kind string) bool { return topic != engagementsTopic && kind != feedKind }
