package codec

import (
	"errors"
	"math"

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

// isNoPage says that pages have this of a span without one. It is no split: these have pairs of bytes.
func isNoPage(b []byte) bool { return string(b) == "\x00" }

// errPages says that the pages of a blob can't be told apart.
var errPages = errors.New("the pages of a customer's days are not told apart")

// ReadSpans has the directory that a former program has left in a customer's blob be its spans, however it was written. Today's is days.
func ReadSpans(p *pb.ScorerCustomer) error {
	pages, span := p.Pages, int64(p.FirstSpan)
	p.Pages, p.FirstSpan = nil, 0
	if len(p.Days) > 0 && (len(pages) > 0 || len(p.Spans) > 0 || span != 0) {
		return errPages
	}
	if len(pages) == 0 {
		if span != 0 {
			return errPages
		}
		return nil
	}
	last := len(pages) - 1
	if len(p.Spans) > 0 || isNoPage(pages[0]) || isNoPage(pages[last]) || span+int64(last) > math.MaxInt32 {
		return errPages
	}
	p.Spans = make([]*pb.HistorySpan, 0, len(pages))
	all := make([]pb.HistorySpan, len(pages))
	for i, split := range pages {
		if !isNoPage(split) {
			all[i].Span, all[i].Split = int32(span)+int32(i), split
			p.Spans = append(p.Spans, &all[i])
		}
	}
	return nil
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
