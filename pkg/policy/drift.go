package policy

import (
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/credit"
)

// maxOverdueDays is more than any item can be overdue between the years 1900 and 2200.
const maxOverdueDays = 120_000

// drift collects what the conditions look at that moves by time alone, so that the scorer knows when to look again.
func drift(rungs []rung) credit.Drift {
	var out credit.Drift
	for _, r := range rungs {
		for _, c := range []*rule{r.enter, r.keep} {
			if c == nil {
				continue
			}
			for i := range c.leaves {
				c.leaves[i].addTo(&out)
			}
		}
	}
	slices.Sort(out.OverdueDays)
	out.OverdueDays = slices.Compact(out.OverdueDays)
	return out
}

func (l *leaf) addTo(out *credit.Drift) {
	for _, n := range l.uses {
		if n.drift == byOverdueDays {
			out.Daily = true
		}
		n.addTo(out)
	}
	if l.figure == nil {
		return
	}
	l.figure.addTo(out)
	if days := math.Floor(l.threshold); l.figure.drift == byOverdueDays && l.op != "" && days >= 0 && days <= maxOverdueDays {
		out.OverdueDays = append(out.OverdueDays, int64(days))
	}
}

func (n *figureName) addTo(out *credit.Drift) {
	switch n.drift {
	case byCounts:
		out.Counts = true
	case byPromptness:
		out.Promptness = true
	case byDSO:
		out.DSO = true
	case byWarnings:
		out.Warnings = true
	case byScore:
		out.Score = true
	}
}
