package codec

import (
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadReturnSlot reads what WriteReturnSlot wrote.
func ReadReturnSlot(b []byte) (s ReturnSlot, err error) {
	p := &pb.ReturnSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		r := e.Return
		s.Entries = append(s.Entries, Entry[register.Return]{e.Source, register.Return{
			Version: readVersion(r.GetVersion()), OrderID: r.GetOrderId(), InvoiceID: r.GetInvoiceId(), Amount: r.GetAmount(), Tax: r.GetTax()}})
	}
	return s, nil
}

// WriteReturnSlot is the slot as Redis holds it.
func WriteReturnSlot(s *ReturnSlot) *pb.ReturnSlot {
	p := &pb.ReturnSlot{}
	if s == nil {
		return p
	}
	for _, e := range s.Entries {
		p.Entries = append(p.Entries, &pb.ReturnEntry{Source: e.Source, Return: &pb.ReturnRegister{
			Version: writeVersion(e.Body.Version), OrderId: e.Body.OrderID, InvoiceId: e.Body.InvoiceID, Amount: e.Body.Amount, Tax: e.Body.Tax}})
	}
	return p
}

// ReadInvoiceSlot reads what WriteInvoiceSlot wrote.
func ReadInvoiceSlot(b []byte) (s InvoiceSlot, err error) {
	p := &pb.InvoiceSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		i := register.Invoice{Voided: optionalVersion(e.GetInvoice().GetVoided())}
		if r := e.GetInvoice(); r.GetIssued() != nil {
			i.Issued = &register.Issued{Version: readVersion(r.Issued), Doc: readInvoiceDoc(r)}
		}
		s.Entries = append(s.Entries, Entry[register.Invoice]{e.Source, i})
	}
	return s, nil
}

func readInvoiceDoc(r *pb.InvoiceRegister) register.InvoiceDoc {
	d := register.InvoiceDoc{Amount: r.Amount, Tax: r.Tax, Due: civil.Day(r.GetDue()), HasDue: r.Due != nil}
	for _, o := range r.Orders {
		d.Orders = append(d.Orders, register.Share{OrderID: o.OrderId, Amount: o.Amount})
	}
	return d
}

// WriteInvoiceSlot is the slot as Redis holds it.
func WriteInvoiceSlot(s *InvoiceSlot) *pb.InvoiceSlot {
	p := &pb.InvoiceSlot{}
	if s == nil {
		return p
	}
	for _, e := range s.Entries {
		r := &pb.InvoiceRegister{}
		if e.Body.Voided != nil {
			r.Voided = writeVersion(*e.Body.Voided)
		}
		if i := e.Body.Issued; i != nil {
			r.Issued, r.Amount, r.Tax = writeVersion(i.Version), i.Doc.Amount, i.Doc.Tax
			r.Due = optionalDay(i.Doc.Due, i.Doc.HasDue)
			for _, o := range i.Doc.Orders {
				r.Orders = append(r.Orders, &pb.RegisterShare{OrderId: o.OrderID, Amount: o.Amount})
			}
		}
		p.Entries = append(p.Entries, &pb.InvoiceEntry{Source: e.Source, Invoice: r})
	}
	return p
}

func optionalDay(d civil.Day, has bool) *int32 {
	if !has {
		return nil
	}
	n := int32(d)
	return &n
}

// ReadPaymentSlot reads what WritePaymentSlot wrote.
func ReadPaymentSlot(b []byte) (s PaymentSlot, err error) {
	p := &pb.PaymentSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		r := e.GetPayment()
		d := register.PaymentDoc{Amount: r.GetAmount(), ValueDay: civil.Day(r.GetValueDay()), HasValueDay: r != nil && r.ValueDay != nil}
		for _, a := range r.GetAllocations() {
			d.Allocations = append(d.Allocations, register.Allocation{Invoice: a.Invoice, ID: a.Id, Amount: a.Amount, Discount: a.Discount})
		}
		s.Entries = append(s.Entries, Entry[register.Payment]{e.Source, register.Payment{Version: readVersion(r.GetReceived()), Doc: d}})
	}
	for _, r := range p.Reversals {
		s.Reversals = append(s.Reversals, register.Reversal{Source: r.Source, ID: r.Id, Version: readVersion(r.Version), Amount: r.Amount})
	}
	for _, r := range p.Refunds {
		s.Refunds = append(s.Refunds, register.Refund{Source: r.Source, ID: r.Id, Version: readVersion(r.Version), Amount: r.Amount})
	}
	return s, nil
}

// WritePaymentSlot is the slot as Redis holds it.
func WritePaymentSlot(s *PaymentSlot) *pb.PaymentSlot {
	p := &pb.PaymentSlot{}
	if s == nil {
		return p
	}
	for _, e := range s.Entries {
		d := e.Body.Doc
		r := &pb.PaymentRegister{Received: writeVersion(e.Body.Version), Amount: d.Amount, ValueDay: optionalDay(d.ValueDay, d.HasValueDay)}
		for _, a := range d.Allocations {
			r.Allocations = append(r.Allocations, &pb.RegisterAllocation{Invoice: a.Invoice, Id: a.ID, Amount: a.Amount, Discount: a.Discount})
		}
		p.Entries = append(p.Entries, &pb.PaymentEntry{Source: e.Source, Payment: r})
	}
	for _, r := range s.Reversals {
		p.Reversals = append(p.Reversals, &pb.RegisterReversal{Source: r.Source, Id: r.ID, Version: writeVersion(r.Version), Amount: r.Amount})
	}
	for _, r := range s.Refunds {
		p.Refunds = append(p.Refunds, &pb.RegisterRefund{Source: r.Source, Id: r.ID, Version: writeVersion(r.Version), Amount: r.Amount})
	}
	return p
}
