package codec

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// OrderDoc is a placed order as the domain sees it. What ingest accepted has dates that can be read.
func OrderDoc(p *pb.OrderPlaced, rate fx.Rate) register.OrderDoc {
	d := register.OrderDoc{Amount: p.AmountMinor, Tax: p.TaxMinor, Freight: p.FreightMinor, InvoiceExpected: p.InvoiceExpected, Rate: rate}
	if p.CostMinor != nil {
		d.Cost, d.HasCost = *p.CostMinor, true
	}
	if t := orderTerms(p.TermsDays, p.DueDate); t != nil {
		d.Terms = *t
	}
	d.Categories = orderCategories(p.Lines)
	return d
}

// OrderPatch is an amendment as the domain sees it.
func OrderPatch(a *pb.OrderAmended, rate fx.Rate) register.OrderPatch {
	out := register.OrderPatch{
		Amount: a.AmountMinor, Tax: a.TaxMinor, Freight: a.FreightMinor, Cost: a.CostMinor,
		Terms: orderTerms(a.TermsDays, a.GetDueDate()), InvoiceExpected: a.InvoiceExpected,
		Categories: orderCategories(a.Lines),
	}
	if a.GetCurrency() != "" {
		out.Rate = &rate
	}
	return out
}

// orderTerms: a date rules over days; neither is nil.
func orderTerms(days *int32, due string) *register.Terms {
	if d, ok := day(due); ok {
		return &register.Terms{Kind: register.Date, Due: d}
	}
	if days != nil {
		return &register.Terms{Kind: register.Days, Days: *days}
	}
	return nil
}

func day(text string) (civil.Day, bool) {
	if text == "" {
		return 0, false // an error would take longer to make than the rest
	}
	d, err := civil.ParseDay(text)
	return d, err == nil
}

// InvoiceDoc is an issued invoice as the domain sees it.
func InvoiceDoc(i *pb.InvoiceIssued, rate fx.Rate) register.InvoiceDoc {
	d := register.InvoiceDoc{Amount: i.AmountMinor, Tax: i.TaxMinor, Rate: rate}
	d.Due, d.HasDue = day(i.DueDate)
	for _, o := range i.Orders {
		d.Orders = append(d.Orders, register.Share{OrderID: o.OrderId, Amount: o.AmountMinor})
	}
	return d
}

// Adjustment is an adjustment as the domain sees it, without its version.
func Adjustment(source string, a *pb.InvoiceAdjusted, rate fx.Rate) register.Adjustment {
	out := register.Adjustment{Source: source, ID: a.AdjustmentId, Kind: int32(a.Kind), Amount: a.AmountMinor, Rate: rate}
	out.Due, out.HasDue = day(a.DueDate)
	return out
}

// Promise is a promise as the domain sees it, without its version; false: it names no day.
func Promise(source string, p *pb.InvoicePromised, rate fx.Rate) (register.Promise, bool) {
	by, ok := day(p.ByDate)
	return register.Promise{Source: source, By: by, Amount: p.AmountMinor, Currency: rate.Code}, ok
}

// PaymentDoc is a payment as the domain sees it.
func PaymentDoc(p *pb.PaymentReceived, rate fx.Rate) register.PaymentDoc {
	d := register.PaymentDoc{Amount: p.AmountMinor, Rate: rate}
	d.ValueDay, d.HasValueDay = day(p.ValueDate)
	d.Matures, d.HasMatures = day(p.MaturesOn)
	for _, a := range p.Allocations {
		x := register.Allocation{ID: a.OrderId, Amount: a.AmountMinor, Discount: a.DiscountMinor}
		if a.InvoiceId != "" {
			x.Invoice, x.ID = true, a.InvoiceId
		}
		d.Allocations = append(d.Allocations, x)
	}
	return d
}
