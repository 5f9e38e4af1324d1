package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Period is how the items were paid that were settled in some days.
type Period struct {
	Settled, Late int64
	LateRatio     figure.Micro // null without any
	Days          figure.Micro // mean days beyond terms, per item, unweighted
}

// Trend is how the customer pays of late, and how before: the last days of the window against the rest of it.
type Trend struct{ Recent, Habit Period }

// Trend as of today.
func (l *Ledger) Trend(cfg Config, today civil.Day) (t Trend) {
	recent, habit := int64(0), int64(0)
	for _, s := range l.Settled {
		switch {
		case !within(s.Day, today, cfg.WindowDays):
		case within(s.Day, today, cfg.Scoring.TrendDays):
			recent += s.Beyond
			t.Recent.Settled += s.Settled
			t.Recent.Late += s.Late
		default:
			habit += s.Beyond
			t.Habit.Settled += s.Settled
			t.Habit.Late += s.Late
		}
	}
	t.Recent.mean(recent)
	t.Habit.mean(habit)
	return t
}

func (p *Period) mean(beyond int64) {
	p.LateRatio, p.Days = figure.Div(p.Late, p.Settled), figure.Div(beyond, p.Settled)
}
