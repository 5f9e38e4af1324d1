package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Figures are those as of any moment of today.
func (l *Ledger) Figures(cfg Config, today civil.Day) Figures {
	f := Figures{Commitments: l.Commitments}
	overdueItems := int64(0)
	var overdue weighted     // what is, with its days so far, for promptness
	for n := range l.Items { // of a customer who buys much there are many, and this is done with every event
		i := &l.Items[n]
		f.Open += i.Left
		f.Disputed += i.Disputed
		if i.Left < i.Amount {
			f.PartPayments++
		}
		if past := int64(today - i.Due); past <= 0 {
			f.Ageing.Current += i.Left
		} else {
			f.Ageing.add(past, i.Left)
			overdue.add(i.Left, past)
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
	settled := l.settledIn(cfg, today)
	f.Promptness = settled.and(overdue).mean()
	f.DSO = l.dso(cfg, f.Open, today)
	f.Undisputed = l.undisputed(&f, settled, today)
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
