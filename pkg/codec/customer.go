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
