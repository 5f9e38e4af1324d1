package codec

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadValue is the value state in a customer's blob.
func ReadValue(p *pb.ScorerCustomer) (s value.State) {
	s.LastOrderAt = civil.Instant(p.LastOrderAt)
	for _, b := range p.Buckets {
		s.Buckets = append(s.Buckets, value.Bucket{Day: civil.Day(b.Day), Gross: b.Gross, Returns: b.Returns, Orders: b.Orders, ReturnCount: b.ReturnCount})
	}
	return s
}

// WriteValue puts the value state into a customer's blob.
func WriteValue(p *pb.ScorerCustomer, s value.State) {
	p.LastOrderAt, p.Buckets = int64(s.LastOrderAt), nil
	for _, b := range s.Buckets {
		p.Buckets = append(p.Buckets, &pb.ValueBucket{Day: int32(b.Day), Gross: b.Gross, Returns: b.Returns, Orders: b.Orders, ReturnCount: b.ReturnCount})
	}
}

// ReadLedger is the ledger in a customer's blob.
func ReadLedger(p *pb.LedgerState) (l credit.Ledger) {
	if p == nil {
		return l
	}
	for _, i := range p.Items {
		l.Items = append(l.Items, credit.Item{Ref: credit.Ref{Invoice: i.Invoice, ID: i.Id}, Source: i.Source,
			Opened: civil.Day(i.Opened), Due: civil.Day(i.Due), Amount: i.Amount, Left: i.Left})
	}
	for _, m := range p.Money {
		l.Money = append(l.Money, credit.Money{PaymentID: m.PaymentId, Source: m.Source, ValueDay: civil.Day(m.ValueDay), Left: m.Left,
			WaitsFor: credit.Ref{Invoice: m.WaitsForInvoice, ID: m.WaitsFor}})
	}
	for _, s := range p.Settled {
		l.Settled = append(l.Settled, credit.SettledDay{Day: civil.Day(s.Day), Settled: s.Settled, Late: s.Late, Beyond: s.Beyond})
	}
	for _, x := range p.Portions {
		l.Portions = append(l.Portions, credit.Portion{Day: civil.Day(x.Day), Beyond: x.Beyond, Amount: x.Amount})
	}
	for _, s := range p.Sales {
		l.Sales = append(l.Sales, credit.Sale{Day: civil.Day(s.Day), Amount: s.Amount})
	}
	l.Commitments, l.Invoiced = p.Commitments, p.Invoiced
	l.FirstSale, l.HasSale = civil.Day(p.GetFirstSale()), p.FirstSale != nil
	if h := p.Head; h != nil {
		l.Head = credit.Key{Day: civil.Day(h.Day), Phase: h.Phase, Due: civil.Day(h.Due), ID: h.Id, Source: h.Source}
	}
	return l
}

// WriteLedger is the ledger as a customer's blob has it; nil for one who never had anything on credit.
func WriteLedger(l credit.Ledger) *pb.LedgerState {
	p := &pb.LedgerState{Commitments: l.Commitments, Invoiced: l.Invoiced, FirstSale: optionalDay(l.FirstSale, l.HasSale)}
	for _, i := range l.Items {
		p.Items = append(p.Items, &pb.LedgerItem{Invoice: i.Ref.Invoice, Id: i.Ref.ID, Source: i.Source,
			Opened: int32(i.Opened), Due: int32(i.Due), Amount: i.Amount, Left: i.Left})
	}
	for _, m := range l.Money {
		p.Money = append(p.Money, &pb.LedgerMoney{PaymentId: m.PaymentID, Source: m.Source, ValueDay: int32(m.ValueDay), Left: m.Left,
			WaitsForInvoice: m.WaitsFor.Invoice, WaitsFor: m.WaitsFor.ID})
	}
	for _, s := range l.Settled {
		p.Settled = append(p.Settled, &pb.LedgerSettled{Day: int32(s.Day), Settled: s.Settled, Late: s.Late, Beyond: s.Beyond})
	}
	for _, x := range l.Portions {
		p.Portions = append(p.Portions, &pb.LedgerPortion{Day: int32(x.Day), Beyond: x.Beyond, Amount: x.Amount})
	}
	for _, s := range l.Sales {
		p.Sales = append(p.Sales, &pb.LedgerSales{Day: int32(s.Day), Amount: s.Amount})
	}
	if h := l.Head; h != (credit.Key{}) {
		p.Head = &pb.LedgerHead{Day: int32(h.Day), Phase: h.Phase, Due: int32(h.Due), Id: h.ID, Source: h.Source}
	}
	return p
}
