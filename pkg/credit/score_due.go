package credit

import "github.com/tierstream/tierstream/pkg/civil"

// score adds the days on which time alone moves the score or the grade: always where silence does, which makes them worse,
// and where the policy looks at them also where something comes into a window or rolls off.
func (s *soonest) score(l *Ledger, cfg *Config, d Drift) {
	c := &cfg.Scoring
	if len(c.Grades) == 0 {
		return
	}
	lag := civil.Day(c.LagDays)
	after(s, l.Items, dueDay, 1+lag)
	if c.ThinItems > 0 || c.Weights[BeyondTerms] > 0 { // else nobody asks by how far an item is overdue
		after(s, l.Items, dueDay, heldDays+1+lag)
	}
	oldest := firstGraded(l.Items) // it has the most days
	for _, x := range c.Caps {
		if x.Kind == CapOverdue && oldest >= 0 {
			s.add(l.Items[oldest].Due + civil.Day(x.Days) + 1 + lag)
		}
	}
	if l.HasLoss {
		s.add(l.LastLoss + civil.Day(cfg.WindowDays) + 1)
	}
	if !d.Score {
		return
	}
	window(s, l.Settled, settledDay, cfg.WindowDays)
	window(s, l.Settled, settledDay, c.TrendDays)
	window(s, l.Portions, portionDay, cfg.PromptnessDays)
	window(s, l.Portions, portionDay, c.TrendDays)
}
