package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Rate is the figures as of any moment of today with what the profile and the score add, and what the score is made of.
// Silence is judged as of judged.
func (l *Ledger) Rate(cfg Config, p Profile, today, judged civil.Day) (Figures, Score) {
	f := l.Figures(cfg, today)
	f.Limit, f.Utilisation = p.Limit, Utilised(f.Exposure, p.Limit)
	if len(cfg.Scoring.Grades) == 0 {
		return f, Score{}
	}
	t := l.Trend(cfg, today)
	f.RecentDays, f.HabitDays = t.Recent.Days, t.Habit.Days
	s := l.score(cfg, p, f, today, judged)
	f.Score, f.Grade, f.Warnings = s.Score, s.Grade, s.Warnings
	return f, s
}

// Utilised is exposure / limit. Without a limit it is null; of one of nothing it is all, once there is exposure.
func Utilised(exposure int64, l Limit) figure.Micro {
	switch {
	case !l.Known:
		return figure.Micro{}
	case l.Minor > 0:
		return figure.Div(exposure, l.Minor)
	case exposure > 0:
		return figure.Of(figure.One)
	}
	return figure.Of(0)
}

// Collection is what goes with the DSO, in days. The formulas are those of credit managers
// (https://en.wikipedia.org/wiki/Days_sales_outstanding, "best possible DSO" and "average days delinquent").
type Collection struct {
	BestPossible figure.Micro // the DSO, if nothing were overdue
	Delinquent   figure.Micro // average days delinquent: DSO less the best possible
	Turnover     figure.Micro // of receivables, times a year: 365 / DSO; null where nothing is open
}

// Collection as of today, of the figures of that day.
func (l *Ledger) Collection(cfg Config, f Figures, today civil.Day) (c Collection) {
	if !f.DSO.Known {
		return c
	}
	c.BestPossible = l.dso(cfg, f.Ageing.Current, today)
	c.Delinquent = figure.Of(f.DSO.Millionths - c.BestPossible.Millionths)
	c.Turnover = figure.MulDiv(365, figure.One, f.DSO.Millionths)
	return c
}
