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
func (l *Ledger) Trend(cfg Config, today civil.Day) Trend {
	s := l.sums(&cfg, today)
	all, recent := s.items, s.recentItems
	return Trend{periodOf(recent), periodOf(SettledDay{Settled: all.Settled - recent.Settled, Late: all.Late - recent.Late, Beyond: all.Beyond - recent.Beyond})}
}

func periodOf(s SettledDay) Period {
	return Period{s.Settled, s.Late, figure.Div(s.Late, s.Settled), figure.Div(s.Beyond, s.Settled)}
}
