package policy

import (
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/credit"
)

// maxOverdueDays is more than any item can be overdue between the years 1900 and 2200.
const maxOverdueDays = 120_000

// drift collects what the conditions look at that moves by time alone, so that the scorer knows when to look again.
func drift(rungs []rung, watched []*rule) credit.Drift {
	var out credit.Drift
	for _, c := range append(conditions(rungs), watched...) {
		if c == nil {
			continue
		}
		for i := range c.leaves {
			c.leaves[i].addTo(&out)
		}
	}
	for _, days := range []*[]int64{&out.OverdueDays, &out.JudgedDays} {
		slices.Sort(*days)
		*days = slices.Compact(*days)
	}
	return out
}

// conditions are all of a ladder.
func conditions(rungs []rung) (out []*rule) {
	for _, r := range rungs {
		for _, c := range []*rule{r.enter, r.keep} {
			if c != nil {
				out = append(out, c)
			}
		}
	}
	return out
}

func (l *leaf) addTo(out *credit.Drift) {
	for _, n := range l.uses {
		if n.drift == byOverdueDays || n.drift == byJudgedDays {
			out.Daily = true
		}
		n.addTo(out)
	}
	if l.figure == nil {
		return
	}
	l.figure.addTo(out)
	days := math.Floor(l.threshold)
	if l.op == "" || days < 0 || days > maxOverdueDays {
		return
	}
	switch l.figure.drift {
	case byOverdueDays:
		out.OverdueDays = append(out.OverdueDays, int64(days))
	case byJudgedDays:
		out.JudgedDays = append(out.JudgedDays, int64(days))
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
	case byJudged:
		out.Judged = true
	}
}
