package codec

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// head is what the three events have in common: the fields up to 7, and the usual kind in field 8.
type head struct {
	event, source, customer, id *string
	occurred                    *timestamppb.Timestamp
	revision                    *int64
	timed, seen                 bool
}

// read visits an event, and hands its kind to usual.
func (h *head) read(b []byte, usual func([]byte) bool) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return text(h.event, data)
		case bytesIn(2):
			return text(h.source, data)
		case bytesIn(3):
			return once(&h.timed) && timestamp(h.occurred, data)
		case bytesIn(4): // when it was recorded
			return timestamp(&timestamppb.Timestamp{}, data)
		case varint(5):
			*h.revision = int64(v)
			return true
		case bytesIn(6):
			return text(h.customer, data)
		case bytesIn(7):
			return text(h.id, data)
		case bytesIn(8):
			return once(&h.seen) && usual(data)
		}
		return false
	}) && h.timed && h.seen
}

// usualOrder is an order that is placed.
func usualOrder(b []byte) *pb.Fact {
	x := &struct {
		fact   pb.Fact
		body   pb.Fact_Order
		event  pb.OrderEvent
		at     timestamppb.Timestamp
		kind   pb.OrderEvent_Placed
		placed pb.OrderPlaced
		cost   int64
		terms  int32
	}{}
	e, p := &x.event, &x.placed
	x.fact.Body, x.body.Order, e.OccurredAt, e.Kind, x.kind.Placed = &x.body, e, &x.at, &x.kind, p
	h := head{event: &e.EventId, source: &e.Source, customer: &e.CustomerId, id: &e.OrderId, occurred: &x.at, revision: &e.Revision}
	ok := h.read(b, func(b []byte) bool {
		return fields(b, func(k key, v uint64, data []byte) bool {
			switch k {
			case varint(1):
				p.AmountMinor = int64(v)
			case bytesIn(2):
				return text(&p.Currency, data)
			case varint(3):
				p.TaxMinor = int64(v)
			case varint(4):
				p.FreightMinor = int64(v)
			case varint(5):
				x.cost, p.CostMinor = int64(v), &x.cost
			case varint(6):
				x.terms, p.TermsDays = int32(v), &x.terms
			case bytesIn(7):
				return text(&p.DueDate, data)
			case varint(8):
				p.InvoiceExpected = v != 0
			case bytesIn(9):
				return text(&p.Channel, data)
			case bytesIn(10):
				l := &pb.OrderLine{}
				p.Lines = append(p.Lines, l)
				return orderLine(l, data)
			default:
				return false
			}
			return true
		})
	})
	if !ok {
		return nil
	}
	return &x.fact
}

// orderLine is a line without its article and quantity.
func orderLine(l *pb.OrderLine, b []byte) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1), fixed64(3):
		case bytesIn(2):
			return text(&l.Category, data)
		case varint(4):
			l.AmountMinor = int64(v)
		case varint(5):
			l.TaxMinor = int64(v)
		case varint(6):
			cost := int64(v)
			l.CostMinor = &cost
		default:
			return false
		}
		return true
	})
}

// usualInvoice is an invoice that is issued.
func usualInvoice(b []byte) *pb.Fact {
	x := &struct {
		fact   pb.Fact
		body   pb.Fact_Invoice
		event  pb.InvoiceEvent
		at     timestamppb.Timestamp
		kind   pb.InvoiceEvent_Issued
		issued pb.InvoiceIssued
	}{}
	e, i := &x.event, &x.issued
	x.fact.Body, x.body.Invoice, e.OccurredAt, e.Kind, x.kind.Issued = &x.body, e, &x.at, &x.kind, i
	h := head{event: &e.EventId, source: &e.Source, customer: &e.CustomerId, id: &e.InvoiceId, occurred: &x.at, revision: &e.Revision}
	ok := h.read(b, func(b []byte) bool {
		return fields(b, func(k key, v uint64, data []byte) bool {
			switch k {
			case varint(1):
				i.AmountMinor = int64(v)
			case varint(2):
				i.TaxMinor = int64(v)
			case bytesIn(3):
				return text(&i.Currency, data)
			case bytesIn(4):
				return text(&i.DueDate, data)
			case bytesIn(5):
				o := &pb.InvoicedOrder{}
				i.Orders = append(i.Orders, o)
				return invoicedOrder(o, data)
			default:
				return false
			}
			return true
		})
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

// usualPayment is a payment that is received.
func usualPayment(b []byte) *pb.Fact {
	x := &struct {
		fact     pb.Fact
		body     pb.Fact_Payment
		event    pb.PaymentEvent
		at       timestamppb.Timestamp
		kind     pb.PaymentEvent_Received
		received pb.PaymentReceived
	}{}
	e, p := &x.event, &x.received
	x.fact.Body, x.body.Payment, e.OccurredAt, e.Kind, x.kind.Received = &x.body, e, &x.at, &x.kind, p
	h := head{event: &e.EventId, source: &e.Source, customer: &e.CustomerId, id: &e.PaymentId, occurred: &x.at, revision: &e.Revision}
	ok := h.read(b, func(b []byte) bool {
		return fields(b, func(k key, v uint64, data []byte) bool {
			switch k {
			case varint(1):
				p.AmountMinor = int64(v)
			case bytesIn(2):
				return text(&p.Currency, data)
			case bytesIn(3):
				return text(&p.ValueDate, data)
			case bytesIn(4):
				return text(&p.Method, data)
			case bytesIn(5):
				return text(&p.MaturesOn, data)
			case bytesIn(6):
				a := &pb.Allocation{}
				p.Allocations = append(p.Allocations, a)
				return allocation(a, data)
			default:
				return false
			}
			return true
		})
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
