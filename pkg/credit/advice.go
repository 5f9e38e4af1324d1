package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/figure"
)

// Advice is a row of the policy's table: the credit that a customer of a tier, a grade and a volume should have.
type Advice struct {
	Tiers     []string     // any of these; none: of every tier
	Grade     int64        // number of the grade that it takes at least; 0: any
	Volume    int64        // net sales of the window that it takes at least, in minor units; 0: any
	Limit     int64        // in minor units
	Share     figure.Micro // no more than this share of the net sales; null: whatever they are
	TermsDays int
}

// Advised is a credit limit in minor units, and terms in days.
type Advised struct {
	Limit     int64
	TermsDays int
}

// Advise is what the first row says that fits; false: none does. Nobody applies it: a person decides.
func (c *Scoring) Advise(tier string, grade, net int64) (Advised, bool) {
	for i := range c.Advice {
		if a := &c.Advice[i]; a.fits(tier, grade, net) {
			return Advised{a.limit(net), a.TermsDays}, true
		}
	}
	return Advised{}, false
}

func (a *Advice) fits(tier string, grade, net int64) bool {
	graded := a.Grade == 0 || grade > 0 && grade <= a.Grade
	return graded && (a.Volume == 0 || net >= a.Volume) && (len(a.Tiers) == 0 || slices.Contains(a.Tiers, tier))
}

func (a *Advice) limit(net int64) int64 {
	if !a.Share.Known {
		return a.Limit
	}
	return min(a.Limit, figure.MulDiv(max(net, 0), a.Share.Millionths, figure.One*figure.One).Millionths)
}
