package codec

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadValue is the value state in a customer's blob.
func ReadValue(p *pb.ScorerCustomer) (s value.State) {
	s.LastOrderAt, s.FirstDay = civil.Instant(p.LastOrderAt), civil.Day(p.FirstOrderDay)
	s.Buckets = readBuckets(nil, p.Buckets)
	return s
}

// ReadLedger is the ledger in a customer's blob.
func ReadLedger(p *pb.LedgerState) (l credit.Ledger) {
	if p == nil {
		return l
	}
	l.Items = readItems(nil, p.Items)
	for _, m := range p.Money {
		l.Money = append(l.Money, credit.Money{PaymentID: m.PaymentId, Source: m.Source, ValueDay: civil.Day(m.ValueDay), Left: m.Left,
			WaitsFor: credit.Ref{Invoice: m.WaitsForInvoice, ID: m.WaitsFor}})
	}
	l.Settled, l.Portions, l.Sales = readSettled(nil, p.Settled), readPortions(nil, p.Portions), readSales(nil, p.Sales)
	for _, x := range p.Bills {
		l.Bills = append(l.Bills, credit.Bill{Matures: civil.Day(x.Matures), Amount: x.Amount})
	}
	for _, x := range p.Failed {
		l.Failed = append(l.Failed, credit.Failed{Day: civil.Day(x.Day), N: x.N})
	}
	for _, x := range p.Promises {
		l.Promises = append(l.Promises, credit.Unkept{By: civil.Day(x.By), Missing: x.Missing})
	}
	l.Commitments, l.Invoiced, l.Remarked, l.Foreign = p.Commitments, p.Invoiced, p.Remarked, p.Foreign
	l.FirstSale, l.HasSale = civil.Day(p.GetFirstSale()), p.FirstSale != nil
	l.LastLoss, l.HasLoss = civil.Day(p.GetLastLoss()), p.LastLoss != nil
	if h := p.Head; h != nil {
		l.Head = credit.Key{Day: civil.Day(h.Day), Phase: h.Phase, Due: civil.Day(h.Due), ID: h.Id, Source: h.Source}
	}
	return l
}
