package codec

import (
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// head is what the three events have in common: the fields up to 7, and the kind in one of those behind them.
type head struct {
	event, customer, id []byte
	source              string
	seconds             int64 // of its time
	nanos               int32
	revision            int64
	kind                key
	data                []byte // of the kind
	timed               bool
}

func (r *FactReader) head(b []byte) (h head, ok bool) {
	ok = fields(b, func(k key, v uint64, data []byte) (ok bool) {
		switch k {
		case bytesIn(1):
			h.event = data
			return utf8.Valid(data)
		case bytesIn(2):
			return r.few.text(&h.source, data)
		case bytesIn(3):
			ok = once(&h.timed)
			if ok {
				h.seconds, h.nanos, ok = readInstant(data)
			}
			return ok
		case bytesIn(4): // when it was recorded
			_, _, ok = readInstant(data)
			return ok
		case varint(5):
			h.revision = int64(v)
			return true
		case bytesIn(6):
			h.customer = data
			return utf8.Valid(data)
		case bytesIn(7):
			h.id = data
			return utf8.Valid(data)
		case bytesIn(8), bytesIn(10):
			ok = h.kind == 0 // one kind, in one part
			h.kind, h.data = k, data
		}
		return ok
	})
	return h, ok && h.timed
}

// texts are the ids of the event, its customer, and what it is about, in one piece: who keeps one of them keeps the last, too.
func (h *head) texts() (event, customer, id string) {
	var b strings.Builder
	b.Grow(len(h.event) + len(h.customer) + len(h.id))
	b.Write(h.event)
	b.Write(h.id)
	b.Write(h.customer)
	all, n := b.String(), len(h.event)+len(h.id)
	return all[:len(h.event)], all[n:], all[len(h.event):n]
}

func (h *head) when(at *timestamppb.Timestamp) *timestamppb.Timestamp {
	at.Seconds, at.Nanos = h.seconds, h.nanos
	return at
}

func (h *head) order(e *pb.OrderEvent, at *timestamppb.Timestamp) {
	e.EventId, e.CustomerId, e.OrderId = h.texts()
	e.Source, e.OccurredAt, e.Revision = h.source, h.when(at), h.revision
}

// placedFact is the messages of an order that is placed.
type placedFact struct {
	fact   pb.Fact
	body   pb.Fact_Order
	event  pb.OrderEvent
	at     timestamppb.Timestamp
	kind   pb.OrderEvent_Placed
	placed pb.OrderPlaced
	cost   int64
	terms  int32
	lines  [4]*pb.OrderLine // few have more
}

// placed is an order that is placed.
func (r *FactReader) placed(h *head) *pb.Fact {
	x := r.orders.next()
	e, p := &x.event, &x.placed
	x.fact.Body, x.body.Order, e.Kind, x.kind.Placed = &x.body, e, &x.kind, p
	h.order(e, &x.at)
	ok := fields(h.data, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			p.AmountMinor = int64(v)
		case bytesIn(2):
			return r.few.text(&p.Currency, data)
		case varint(3):
			p.TaxMinor = int64(v)
		case varint(4):
			p.FreightMinor = int64(v)
		case varint(5):
			x.cost, p.CostMinor = int64(v), &x.cost
		case varint(6):
			x.terms, p.TermsDays = int32(v), &x.terms
		case bytesIn(7):
			return r.days.text(&p.DueDate, data)
		case varint(8):
			p.InvoiceExpected = v != 0
		case bytesIn(9):
			return r.few.text(&p.Channel, data)
		case bytesIn(10):
			if p.Lines == nil {
				p.Lines = x.lines[:0]
			}
			l := r.lines.next()
			p.Lines = append(p.Lines, &l.line)
			return r.orderLine(l, data)
		default:
			return false
		}
		return true
	})
	if !ok {
		return nil
	}
	return &x.fact
}

// fulfilledFact is the messages of an order of which something has been delivered.
type fulfilledFact struct {
	fact      pb.Fact
	body      pb.Fact_Order
	event     pb.OrderEvent
	at        timestamppb.Timestamp
	kind      pb.OrderEvent_Fulfilled
	fulfilled pb.OrderFulfilled
	cost      int64
}

// fulfilled is an order of which something has been delivered.
func (r *FactReader) fulfilled(h *head) *pb.Fact {
	x := r.delivered.next()
	e, p := &x.event, &x.fulfilled
	x.fact.Body, x.body.Order, e.Kind, x.kind.Fulfilled = &x.body, e, &x.kind, p
	h.order(e, &x.at)
	ok := fields(h.data, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return utf8.Valid(data)
		case varint(2):
			p.AmountMinor = int64(v)
		case bytesIn(3):
			return r.few.text(&p.Currency, data)
		case varint(4):
			x.cost, p.CostMinor = int64(v), &x.cost
		default:
			return false
		}
		return true
	})
	if !ok {
		return nil
	}
	return &x.fact
}

// lineRead is a line of an order.
type lineRead struct {
	line pb.OrderLine
	cost int64
}

// orderLine is a line without its article and quantity.
func (r *FactReader) orderLine(x *lineRead, b []byte) bool {
	l := &x.line
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1), fixed64(3):
		case bytesIn(2):
			return r.few.text(&l.Category, data)
		case varint(4):
			l.AmountMinor = int64(v)
		case varint(5):
			l.TaxMinor = int64(v)
		case varint(6):
			x.cost, l.CostMinor = int64(v), &x.cost
		default:
			return false
		}
		return true
	})
}

// issuedFact is the messages of an invoice that is issued.
type issuedFact struct {
	fact   pb.Fact
	body   pb.Fact_Invoice
	event  pb.InvoiceEvent
	at     timestamppb.Timestamp
	kind   pb.InvoiceEvent_Issued
	issued pb.InvoiceIssued
}

// issued is an invoice that is issued.
func (r *FactReader) issued(h *head) *pb.Fact {
	x := r.invoices.next()
	e, i := &x.event, &x.issued
	x.fact.Body, x.body.Invoice, e.Kind, x.kind.Issued = &x.body, e, &x.kind, i
	e.EventId, e.CustomerId, e.InvoiceId = h.texts()
	e.Source, e.OccurredAt, e.Revision = h.source, h.when(&x.at), h.revision
	ok := fields(h.data, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			i.AmountMinor = int64(v)
		case varint(2):
			i.TaxMinor = int64(v)
		case bytesIn(3):
			return r.few.text(&i.Currency, data)
		case bytesIn(4):
			return r.days.text(&i.DueDate, data)
		case bytesIn(5):
			o := &pb.InvoicedOrder{}
			i.Orders = append(i.Orders, o)
			return invoicedOrder(o, data)
		default:
			return false
		}
		return true
	})
	if !ok {
		return nil
	}
	return &x.fact
}

func invoicedOrder(o *pb.InvoicedOrder, b []byte) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return text(&o.OrderId, data)
		case varint(2):
			o.AmountMinor = int64(v)
			return true
		}
		return false
	})
}

// receivedFact is the messages of a payment that is received.
type receivedFact struct {
	fact     pb.Fact
	body     pb.Fact_Payment
	event    pb.PaymentEvent
	at       timestamppb.Timestamp
	kind     pb.PaymentEvent_Received
	received pb.PaymentReceived
	first    pb.Allocation // as a rule there is one
	list     [1]*pb.Allocation
}

// received is a payment that is received.
func (r *FactReader) received(h *head) *pb.Fact {
	x := r.payments.next()
	e, p := &x.event, &x.received
	x.fact.Body, x.body.Payment, e.Kind, x.kind.Received = &x.body, e, &x.kind, p
	e.EventId, e.CustomerId, e.PaymentId = h.texts()
	e.Source, e.OccurredAt, e.Revision = h.source, h.when(&x.at), h.revision
	ok := fields(h.data, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			p.AmountMinor = int64(v)
		case bytesIn(2):
			return r.few.text(&p.Currency, data)
		case bytesIn(3):
			return r.days.text(&p.ValueDate, data)
		case bytesIn(4):
			return r.few.text(&p.Method, data)
		case bytesIn(5):
			return r.days.text(&p.MaturesOn, data)
		case bytesIn(6):
			a := &x.first
			if p.Allocations == nil {
				p.Allocations = x.list[:0]
			} else {
				a = &pb.Allocation{}
			}
			p.Allocations = append(p.Allocations, a)
			return allocation(a, data)
		default:
			return false
		}
		return true
	})
	if !ok {
		return nil
	}
	return &x.fact
}

func allocation(a *pb.Allocation, b []byte) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return text(&a.OrderId, data)
		case bytesIn(2):
			return text(&a.InvoiceId, data)
		case bytesIn(3):
			return text(&a.CustomerId, data)
		case varint(4):
			a.AmountMinor = int64(v)
		case varint(5):
			a.DiscountMinor = int64(v)
		default:
			return false
		}
		return true
	})
}
