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
	open := int64(0)
	for i := range l.Items {
		open += l.Items[i].Left
	}
	if min(cfg.DSODays, cfg.PromptnessDays) < GrowthDays { // the days are not kept
		return s
	}
	then := open
	for i := len(l.Sales) - 1; i >= 0 && l.Sales[i].Day > today-GrowthDays; i-- {
		if l.Sales[i].Day <= today {
			then -= l.Sales[i].Amount
		}
	}
	for i := len(l.Portions) - 1; i >= 0 && l.Portions[i].Day > today-GrowthDays; i-- {
		if l.Portions[i].Day <= today {
			then += l.Portions[i].Amount
		}
	}
	if then > 0 {
		s.OpenGrowth = figure.Div(open, then)
	}
	return s
}
