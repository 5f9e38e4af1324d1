package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// GrowthDays is how far back OpenGrowth looks.
const GrowthDays = 90

// Signs is what may foretell that a customer pays late, beside the figures.
type Signs struct {
	OpenGrowth figure.Micro // what is open as a part of what was open GrowthDays ago: 1.5 is half as much again; null where that was nothing
	Distress   bool         // the profile reports it
}

// Signs are those of any moment of today, but for what the profile reports. What was open then is what is open now, less what
// was sold on credit since, and what was paid since: credit notes and write-offs of those days count as if still open then.
func (l *Ledger) Signs(cfg Config, today civil.Day) (s Signs) {
	if min(cfg.DSODays, cfg.PromptnessDays) < GrowthDays { // the days are not kept
		return s
	}
	n := l.sums(&cfg, today)
	if then := n.open - n.sold + n.settled; then > 0 {
		s.OpenGrowth = figure.Div(n.open, then)
	}
	return s
}
