package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Figures are those as of any moment of today.
func (l *Ledger) Figures(cfg Config, today civil.Day) Figures {
	f := Figures{Commitments: l.Commitments}
	overdueItems := int64(0)
	for _, i := range l.Items {
		f.Open += i.Left
		f.Disputed += i.Disputed
		past := int64(today - i.Due)
		f.Ageing.add(past, i.Left)
		if past > 0 {
			f.Overdue += i.Left
			overdueItems++
			f.MaxDaysOverdue = max(f.MaxDaysOverdue, past)
		}
	}
	for _, m := range l.Money {
		f.Unapplied += m.Left
	}
	f.Exposure = f.Commitments + f.Open - f.Unapplied
	for _, b := range l.Bills {
		if b.Matures > today {
			f.Exposure += b.Amount
		}
	}
	beyond := int64(0)
	for _, s := range l.Settled {
		if within(s.Day, today, cfg.WindowDays) {
			f.Settled += s.Settled
			f.SettledLate += s.Late
			beyond += s.Beyond
		}
	}
	f.OnTimeRate = figure.Div(f.Settled-f.SettledLate, f.Settled+overdueItems)
	f.MeanDaysBeyondTerms = figure.Div(beyond, f.Settled)
	f.Promptness = l.promptness(cfg, today, func(i *Item) int64 { return i.Left })
	f.DSO = l.dso(cfg, f.Open, today)
	f.Undisputed = l.undisputed(cfg, &f, today)
	l.warnings(&f, today)
	return f
}

// add files an amount by its days past due.
func (a *Ageing) add(past, amount int64) {
	switch {
	case past <= 0:
		a.Current += amount
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
