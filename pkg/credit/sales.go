package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Sales are the credit sales that a DSO is taken over.
type Sales struct {
	Amount int64 // of the window, tax included, net of returns
	Days   int64 // of the window, no more than the days since the first sale, both ends counted
}

// CreditSales are those as of today.
func (l *Ledger) CreditSales(cfg Config, today civil.Day) (s Sales) {
	s.Amount = l.sums(&cfg, today).sales
	if l.HasSale {
		s.Days = min(int64(cfg.DSODays), int64(today-l.FirstSale)+1)
	}
	return s
}

// And are the sales of two together: of several customers as of one day the first sale is that of the earliest.
func (s Sales) And(o Sales) Sales { return Sales{s.Amount + o.Amount, max(s.Days, o.Days)} }

// DSO is days sales outstanding: open / credit sales of the window x its days. Without sales it is null where something
// is open, else 0. Of a portfolio it is that of its sums
// (https://en.wikipedia.org/wiki/Days_sales_outstanding).
func (s Sales) DSO(open int64) figure.Micro {
	if s.Amount <= 0 {
		if open > 0 {
			return figure.Micro{}
		}
		return figure.Of(0)
	}
	return figure.MulDiv(open, s.Days, s.Amount)
}
