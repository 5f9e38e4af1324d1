package codec

import (
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Entry is the register of one source.
type Entry[T any] struct {
	Source string
	Body   T
}

// OrderSlot is every order of one business id, by source, the returns that name the id, the systems that have told of a
// delivery, sorted, and the invoices that name it, sorted.
type OrderSlot struct {
	Entries   []Entry[register.Order]
	Returns   []register.LinkedReturn
	Delivered []string
	Invoiced  []InvoiceName
}

// InvoiceName is an invoice, and the system whose it is.
type InvoiceName struct{ Source, ID string }

// ReturnSlot is every return of one business id, by source.
type ReturnSlot struct{ Entries []Entry[register.Return] }

// InvoiceSlot is every invoice of one business id, by source, and what is said of it.
type InvoiceSlot struct {
	Entries []Entry[register.Invoice]
	register.Remarks
}

// PaymentSlot is every payment of one business id, by source, what took it back, and what failed before.
type PaymentSlot struct {
	Entries []Entry[register.Payment]
	register.Takebacks
	register.Attempts
}

// ReadOrderSlot reads what AppendOrderSlot wrote.
func ReadOrderSlot(b []byte) (s OrderSlot, err error) {
	p := &pb.OrderSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	for _, e := range p.Entries {
		s.Entries = append(s.Entries, Entry[register.Order]{e.Source, readOrder(e.Order)})
	}
	for _, r := range p.Returns {
		s.Returns = append(s.Returns, register.LinkedReturn{Source: r.Source, ID: r.Id, Value: r.Value, Amount: r.Amount, Day: civil.Day(r.Day),
			Cost: r.GetCost(), HasCost: r.Cost != nil, Rate: readRate(r.Rate)})
	}
	s.Delivered = p.Delivered
	for _, n := range p.Invoiced {
		s.Invoiced = append(s.Invoiced, InvoiceName{n.Source, n.Id})
	}
	return s, nil
}

func readOrder(p *pb.OrderRegister) (o register.Order) {
	if p.GetPlaced() != nil {
		o.Placed = &register.Placed{Version: readVersion(p.Placed), Doc: readOrderDoc(p.Doc)}
	}
	for _, a := range p.GetAmendments() {
		o.Amendments = append(o.Amendments, register.Amendment{Version: readVersion(a.Version), Patch: readPatch(a.Patch)})
	}
	o.Cancelled = optionalVersion(p.GetCancelled())
	for _, t := range p.GetOld() {
		o.Old = append(o.Old, register.OldTerms{Version: readVersion(t.Version), Placed: t.Placed, Terms: readTerms(t.TermsDays, t.Due)})
	}
	for _, r := range p.GetRates() {
		o.Rates = append(o.Rates, register.OldRate{Version: readVersion(r.Version), Rate: readRate(r.Rate)})
	}
	return o
}

func readOrderDoc(p *pb.OrderDoc) register.OrderDoc {
	d := register.OrderDoc{Amount: p.GetAmount(), Tax: p.GetTax(), Freight: p.GetFreight(), InvoiceExpected: p.GetInvoiceExpected()}
	if p != nil {
		d.Cost, d.HasCost = p.GetCost(), p.Cost != nil
		d.Terms = readTerms(p.TermsDays, p.Due)
		d.Categories = readCategories(p.Categories)
		d.Rate = readRate(p.Rate)
	}
	return d
}

func readTerms(days, due *int32) register.Terms {
	switch {
	case due != nil:
		return register.Terms{Kind: register.Date, Due: civil.Day(*due)}
	case days != nil:
		return register.Terms{Kind: register.Days, Days: *days}
	}
	return register.Terms{}
}

func readPatch(p *pb.OrderPatch) register.OrderPatch {
	out := register.OrderPatch{Amount: p.Amount, Tax: p.Tax, Freight: p.Freight, Cost: p.Cost, InvoiceExpected: p.InvoiceExpected,
		Categories: readCategories(p.Categories)}
	if p.TermsDays != nil || p.Due != nil {
		t := readTerms(p.TermsDays, p.Due)
		out.Terms = &t
	}
	if p.Rate != nil {
		r := readRate(p.Rate)
		out.Rate = &r
	}
	return out
}

func readVersion(p *pb.Version) register.Version {
	return register.Version{Revision: p.GetRevision(), OccurredAt: civil.Instant(p.GetOccurredAt()), EventID: p.GetEventId()}
}

func optionalVersion(p *pb.Version) *register.Version {
	if p == nil {
		return nil
	}
	v := readVersion(p)
	return &v
}
