package credit

import "github.com/tierstream/tierstream/pkg/civil"

// scoreBySilence adds the days on which silence moves the score or the grade, which it makes worse.
func (s *soonest) scoreBySilence(l *Ledger, c *Scoring) {
	if len(c.Grades) == 0 {
		return
	}
	after(s, l.Items, dueDay, 1)
	if c.ThinItems > 0 || c.Weights[BeyondTerms] > 0 { // else nobody asks by how far an item is overdue
		after(s, l.Items, dueDay, heldDays+1)
	}
	oldest := firstGraded(l.Items) // it has the most days
	for _, x := range c.Caps {
		if x.Kind == CapOverdue && oldest >= 0 {
			s.add(l.Items[oldest].Due + civil.Day(x.Days) + 1)
		}
	}
}

// score adds the days on which time alone moves the score or the grade, beside silence: where the policy looks at them, those on
// which something comes into a window or rolls off.
func (s *soonest) score(l *Ledger, cfg *Config, d Drift) {
	c := &cfg.Scoring
	if len(c.Grades) == 0 {
		return
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
