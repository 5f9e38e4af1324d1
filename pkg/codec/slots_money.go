package codec

import (
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadReturnSlot reads what AppendReturnSlot wrote.
func ReadReturnSlot(b []byte) (s ReturnSlot, err error) {
	p := &pb.ReturnSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		r := e.Return
		s.Entries = append(s.Entries, Entry[register.Return]{e.Source, register.Return{
			Version: readVersion(r.GetVersion()), OrderID: r.GetOrderId(), InvoiceID: r.GetInvoiceId(), Amount: r.GetAmount(), Tax: r.GetTax(),
			Cost: r.GetCost(), HasCost: r != nil && r.Cost != nil, Rate: readRate(r.GetRate())}})
	}
	return s, nil
}

// ReadInvoiceSlot reads what AppendInvoiceSlot wrote.
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
		for _, d := range e.GetInvoice().GetOld() {
			i.Old = append(i.Old, register.OldDue{Version: readVersion(d.Version), Due: civil.Day(d.GetDue()), HasDue: d.Due != nil})
		}
		s.Entries = append(s.Entries, Entry[register.Invoice]{e.Source, i})
	}
	for _, a := range p.Adjustments {
		s.Adjustments = append(s.Adjustments, register.Adjustment{Source: a.Source, ID: a.Id, Version: readVersion(a.Version), Kind: a.Kind,
			Amount: a.Amount, Due: civil.Day(a.GetDue()), HasDue: a.Due != nil, Rate: readRate(a.Rate)})
	}
	for _, d := range p.Disputes {
		s.Disputes = append(s.Disputes, register.Dispute{Source: d.Source, Version: readVersion(d.Version), Amount: d.Amount, Resolved: d.Resolved, Currency: fx.CodeOf(d.Currency)})
	}
	for _, x := range p.Promises {
		s.Promises = append(s.Promises, register.Promise{Source: x.Source, Version: readVersion(x.Version), By: civil.Day(x.By), Amount: x.Amount, Currency: fx.CodeOf(x.Currency)})
	}
	return s, nil
}

func readInvoiceDoc(r *pb.InvoiceRegister) register.InvoiceDoc {
	d := register.InvoiceDoc{Amount: r.Amount, Tax: r.Tax, Due: civil.Day(r.GetDue()), HasDue: r.Due != nil, Rate: readRate(r.Rate)}
	for _, o := range r.Orders {
		d.Orders = append(d.Orders, register.Share{OrderID: o.OrderId, Amount: o.Amount})
	}
	return d
}

// ReadPaymentSlot reads what AppendPaymentSlot wrote.
func ReadPaymentSlot(b []byte) (s PaymentSlot, err error) {
	p := &pb.PaymentSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		r := e.GetPayment()
		d := register.PaymentDoc{Amount: r.GetAmount(), ValueDay: civil.Day(r.GetValueDay()), HasValueDay: r != nil && r.ValueDay != nil,
			Matures: civil.Day(r.GetMaturesOn()), HasMatures: r != nil && r.MaturesOn != nil, Rate: readRate(r.GetRate())}
		for _, a := range r.GetAllocations() {
			d.Allocations = append(d.Allocations, register.Allocation{Invoice: a.Invoice, ID: a.Id, Amount: a.Amount, Discount: a.Discount})
		}
		s.Entries = append(s.Entries, Entry[register.Payment]{e.Source, register.Payment{Version: readVersion(r.GetReceived()), Doc: d}})
	}
	for _, r := range p.Reversals {
		s.Reversals = append(s.Reversals, register.Reversal{Source: r.Source, ID: r.Id, Version: readVersion(r.Version), Amount: r.Amount, Currency: fx.CodeOf(r.Currency)})
	}
	for _, f := range p.Failures {
		s.Failures = append(s.Failures, register.Failure{Source: f.Source, ID: f.Id, Version: readVersion(f.Version)})
	}
	for _, r := range p.Refunds {
		s.Refunds = append(s.Refunds, register.Refund{Source: r.Source, ID: r.Id, Version: readVersion(r.Version), Amount: r.Amount, Currency: fx.CodeOf(r.Currency)})
	}
	return s, nil
}
