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
	oldest := -1 // that isn't disputed as a whole: it has the most days
	for i := range l.Items {
		s.add(l.Items[i].Due + 1 + lag)
		if oldest < 0 && l.Items[i].Left > l.Items[i].Disputed {
			oldest = i
		}
	}
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
	for i := range l.Settled {
		s.window(l.Settled[i].Day, cfg.WindowDays)
		s.window(l.Settled[i].Day, c.TrendDays)
	}
	for i := range l.Portions {
		s.window(l.Portions[i].Day, cfg.PromptnessDays)
		s.window(l.Portions[i].Day, c.TrendDays)
	}
}
