package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Figures are those as of any moment of today.
func (l *Ledger) Figures(cfg Config, today civil.Day) Figures {
	s := l.sums(&cfg, today)
	f := Figures{Commitments: l.Commitments, Open: s.open, Disputed: s.disputed, PartPayments: s.parts, Settled: s.items.Settled, SettledLate: s.items.Late}
	f.Ageing, f.Overdue = s.overdue.ageing, s.overdue.amount
	if len(l.Items) > 0 { // they are in the order of their due days
		f.MaxDaysOverdue = max(0, int64(today-l.Items[0].Due))
	}
	f.Ageing.Current = f.Open - f.Overdue
	for _, m := range l.Money {
		f.Unapplied += m.Left
	}
	f.Exposure = f.Commitments + f.Open - f.Unapplied
	for _, b := range l.Bills {
		if b.Matures > today {
			f.Exposure += b.Amount
		}
	}
	f.OnTimeRate = figure.Div(f.Settled-f.SettledLate, f.Settled+s.overdue.items)
	f.MeanDaysBeyondTerms = figure.Div(s.items.Beyond, f.Settled)
	f.Promptness = s.paid.and(s.overdue.paid).mean()
	f.DSO = l.dso(cfg, f.Open, today)
	f.Undisputed = l.undisputed(&f, s.paid, today)
	l.warnings(&f, today)
	return f
}

// add files an overdue amount by its days past due.
func (a *Ageing) add(past, amount int64) {
	switch {
	case past <= 30:
		a.D1To30 += amount
	case past <= 60:
		a.D31To60 += amount
	case past <= 90:
		a.D61To90 += amount
	default:
		a.D90Plus += amount
	}
}

// dso is days sales outstanding.
func (l *Ledger) dso(cfg Config, open int64, today civil.Day) figure.Micro {
	return l.CreditSales(cfg, today).DSO(open)
}
