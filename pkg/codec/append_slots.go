package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
)

// AppendOrderSlot appends what Redis holds of a slot; nothing where there is nothing in it.
func AppendOrderSlot(b []byte, s *OrderSlot) []byte {
	w := pen(b)
	if s == nil {
		return w
	}
	for i := range s.Entries {
		from := w.begin(1)
		w.text(1, s.Entries[i].Source)
		inner := w.begin(2)
		w.order(&s.Entries[i].Body)
		w.end(inner)
		w.end(from)
	}
	for i := range s.Returns {
		r := &s.Returns[i]
		from := w.begin(2)
		w.text(1, r.Source)
		w.text(2, r.ID)
		w.int(3, r.Value)
		w.int(4, r.Amount)
		w.zigzag(5, int64(r.Day))
		if r.HasCost {
			w.present(10, r.Cost)
		}
		w.rate(11, &r.Rate)
		w.end(from)
	}
	for _, source := range s.Delivered {
		w.presentBytes(9, []byte(source))
	}
	for _, n := range s.Invoiced {
		from := w.begin(11)
		w.text(1, n.Source)
		w.text(2, n.ID)
		w.end(from)
	}
	return w
}

func (w *pen) order(o *register.Order) {
	if o.Placed != nil {
		w.version(1, &o.Placed.Version)
		d := &o.Placed.Doc
		from := w.begin(2)
		w.int(1, d.Amount)
		w.int(2, d.Tax)
		w.int(3, d.Freight)
		if d.HasCost {
			w.present(4, d.Cost)
		}
		w.terms(d.Terms)
		w.bool(7, d.InvoiceExpected)
		w.categories(d.Categories)
		w.rate(13, &d.Rate)
		w.end(from)
	}
	for i := range o.Amendments {
		from := w.begin(3)
		w.version(1, &o.Amendments[i].Version)
		w.patch(&o.Amendments[i].Patch)
		w.end(from)
	}
	if o.Cancelled != nil {
		w.version(4, o.Cancelled)
	}
	for i := range o.Old {
		from := w.begin(5)
		w.version(1, &o.Old[i].Version)
		w.bool(2, o.Old[i].Placed)
		w.terms(o.Old[i].Terms)
		w.end(from)
	}
	for i := range o.Rates {
		from := w.begin(6)
		w.version(1, &o.Rates[i].Version)
		w.rate(2, &o.Rates[i].Rate)
		w.end(from)
	}
}

func (w *pen) patch(p *register.OrderPatch) {
	from := w.begin(2)
	for i, v := range [...]*int64{p.Amount, p.Tax, p.Freight, p.Cost} {
		if v != nil {
			w.present(protowire.Number(i+1), *v)
		}
	}
	if p.Terms != nil {
		w.terms(*p.Terms)
	}
	if v := p.InvoiceExpected; v != nil {
		w.present(7, int64(protowire.EncodeBool(*v)))
	}
	w.categories(p.Categories)
	if p.Rate != nil {
		w.presentRate(13, p.Rate)
	}
	w.end(from)
}

// terms are fields 5 and 6 of OrderDoc, OrderPatch and OldTerms.
func (w *pen) terms(t register.Terms) {
	switch t.Kind {
	case register.Days:
		w.present(5, int64(t.Days))
	case register.Date:
		w.presentZigzag(6, int64(t.Due))
	case register.Cash:
	}
}

func (w *pen) version(n protowire.Number, v *register.Version) {
	from := w.begin(n)
	w.int(1, v.Revision)
	w.int(2, int64(v.OccurredAt))
	w.text(3, v.EventID)
	w.end(from)
}

// AppendReturnSlot appends what Redis holds of a slot.
func AppendReturnSlot(b []byte, s *ReturnSlot) []byte {
	w := pen(b)
	if s == nil {
		return w
	}
	for i := range s.Entries {
		r := &s.Entries[i].Body
		from := w.begin(1)
		w.text(1, s.Entries[i].Source)
		inner := w.begin(2)
		w.version(1, &r.Version)
		w.text(2, r.OrderID)
		w.text(3, r.InvoiceID)
		w.int(4, r.Amount)
		w.int(5, r.Tax)
		if r.HasCost {
			w.present(10, r.Cost)
		}
		w.rate(11, &r.Rate)
		w.end(inner)
		w.end(from)
	}
	return w
}

// AppendInvoiceSlot appends what Redis holds of a slot.
func AppendInvoiceSlot(b []byte, s *InvoiceSlot) []byte {
	w := pen(b)
	if s == nil {
		return w
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		from := w.begin(1)
		w.text(1, e.Source)
		inner := w.begin(2)
		if e.Body.Issued != nil {
			w.issued(e.Body.Issued)
		}
		if e.Body.Voided != nil {
			w.version(6, e.Body.Voided)
		}
		for i := range e.Body.Old {
			d := &e.Body.Old[i]
			from := w.begin(7)
			w.version(1, &d.Version)
			if d.HasDue {
				w.presentZigzag(2, int64(d.Due))
			}
			w.end(from)
		}
		if e.Body.Issued != nil {
			w.rate(8, &e.Body.Issued.Doc.Rate)
		}
		w.end(inner)
		w.end(from)
	}
	w.remarks(&s.Remarks)
	return w
}

func (w *pen) remarks(r *register.Remarks) {
	for i := range r.Adjustments {
		a := &r.Adjustments[i]
		from := w.begin(2)
		w.text(1, a.Source)
		w.text(2, a.ID)
		w.version(3, &a.Version)
		w.int(4, int64(a.Kind))
		w.int(5, a.Amount)
		if a.HasDue {
			w.presentZigzag(6, int64(a.Due))
		}
		w.rate(7, &a.Rate)
		w.end(from)
	}
	for i := range r.Disputes {
		d := &r.Disputes[i]
		from := w.begin(3)
		w.text(1, d.Source)
		w.version(2, &d.Version)
		w.int(3, d.Amount)
		w.bool(4, d.Resolved)
		w.code(5, d.Currency)
		w.end(from)
	}
	for i := range r.Promises {
		p := &r.Promises[i]
		from := w.begin(4)
		w.text(1, p.Source)
		w.version(2, &p.Version)
		w.zigzag(3, int64(p.By))
		w.int(4, p.Amount)
		w.code(5, p.Currency)
		w.end(from)
	}
}

func (w *pen) issued(i *register.Issued) {
	w.version(1, &i.Version)
	w.int(2, i.Doc.Amount)
	w.int(3, i.Doc.Tax)
	if i.Doc.HasDue {
		w.presentZigzag(4, int64(i.Doc.Due))
	}
	for _, o := range i.Doc.Orders {
		from := w.begin(5)
		w.text(1, o.OrderID)
		w.int(2, o.Amount)
		w.end(from)
	}
}

// AppendPaymentSlot appends what Redis holds of a slot.
func AppendPaymentSlot(b []byte, s *PaymentSlot) []byte {
	w := pen(b)
	if s == nil {
		return w
	}
	for i := range s.Entries {
		from := w.begin(1)
		w.text(1, s.Entries[i].Source)
		inner := w.begin(2)
		w.payment(&s.Entries[i].Body)
		w.end(inner)
		w.end(from)
	}
	for i := range s.Reversals {
		r := &s.Reversals[i]
		w.takeback(2, r.Source, r.ID, &r.Version, r.Amount, r.Currency)
	}
	for i := range s.Refunds {
		r := &s.Refunds[i]
		w.takeback(3, r.Source, r.ID, &r.Version, r.Amount, r.Currency)
	}
	for i := range s.Failures {
		f := &s.Failures[i]
		w.takeback(4, f.Source, f.ID, &f.Version, 0, fx.Code{})
	}
	return w
}

func (w *pen) payment(p *register.Payment) {
	w.version(1, &p.Version)
	w.int(2, p.Doc.Amount)
	if p.Doc.HasValueDay {
		w.presentZigzag(3, int64(p.Doc.ValueDay))
	}
	for _, a := range p.Doc.Allocations {
		from := w.begin(4)
		w.bool(1, a.Invoice)
		w.text(2, a.ID)
		w.int(3, a.Amount)
		w.int(4, a.Discount)
		w.end(from)
	}
	if p.Doc.HasMatures {
		w.presentZigzag(5, int64(p.Doc.Matures))
	}
	w.rate(6, &p.Doc.Rate)
}

func (w *pen) takeback(n protowire.Number, source, id string, v *register.Version, amount int64, currency fx.Code) {
	from := w.begin(n)
	w.text(1, source)
	w.text(2, id)
	w.version(3, v)
	w.int(4, amount)
	w.code(5, currency)
	w.end(from)
}
