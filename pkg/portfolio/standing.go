package portfolio

import (
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/figure"
)

// Cutoffs are those in force, ready to be asked. The zero value is none.
type Cutoffs struct {
	Version string // the day that they hold for
	List    []Cutoff
	ranks   map[string][]rank // by figure, within its segment if it has one
	inside  bool              // there are some within segments
}

type rank struct {
	percent int
	value   int64
}

// NewCutoffs prepares a list.
func NewCutoffs(version string, list []Cutoff) Cutoffs {
	c := Cutoffs{Version: version, List: list}
	for _, x := range list {
		key, percent, k := parse(x.Name)
		if k != isPercentile {
			continue
		}
		if c.ranks == nil {
			c.ranks = map[string][]rank{}
		}
		c.ranks[key] = append(c.ranks[key], rank{percent, x.Value})
		c.inside = c.inside || strings.Contains(key, inSegment)
	}
	return c
}

func (c *Cutoffs) value(name string) (int64, bool) {
	i := slices.IndexFunc(c.List, func(x Cutoff) bool { return x.Name == name })
	if i < 0 {
		return 0, false
	}
	return c.List[i].Value, true
}

// Class by net: A, B or C, N where nothing is net; empty where there are no cut-offs yet.
func (c *Cutoffs) Class(net int64) string {
	a, ok := c.value(Net + "_a")
	b, both := c.value(Net + "_b")
	switch {
	case net <= 0:
		return "N"
	case !ok || !both:
		return ""
	case net >= a:
		return "A"
	case net >= b:
		return "B"
	}
	return "C"
}

// Rank is the highest percentile among the cut-offs that a figure reaches, 0 where it reaches none; null where there are no
// cut-offs of the figure. key is the figure, or Within a segment.
func (c *Cutoffs) Rank(key string, v int64) figure.Micro {
	return c.highest(key, v, func(int) bool { return true })
}

// Step is Rank among the steps of a score's factors alone, whatever else is asked for. A figure that isn't above 0 has 0.
func (c *Cutoffs) Step(key string, v int64) figure.Micro {
	out := c.highest(key, v, isStep)
	if out.Known && v <= 0 {
		return figure.Of(0)
	}
	return out
}

// highest is the highest percentile that a figure reaches among those of its cut-offs that count.
func (c *Cutoffs) highest(key string, v int64, counts func(percent int) bool) (out figure.Micro) {
	for _, r := range c.ranks[key] {
		if !counts(r.percent) {
			continue
		}
		at := int64(0)
		if v >= r.value {
			at = int64(r.percent) * figure.One
		}
		out = figure.Of(max(out.Millionths, at))
	}
	return out
}

// Place is what a customer is ranked by.
type Place struct {
	Net, Orders     int64
	Contribution    int64
	HasContribution bool   // else it is null, and so are its ranks
	Segment         string // empty: of none
}

// Standing is where a customer stands in the portfolio by the cut-offs in force.
type Standing struct {
	Class   string // empty: not computable
	Ranks          // among all
	Segment Ranks
}

// Ranks are percentiles. Null: there are no such cut-offs, or no such figure.
type Ranks struct{ Net, Orders, Contribution figure.Micro }

// Standing is that of a customer in such a place.
func (c *Cutoffs) Standing(p Place) Standing {
	s := Standing{Class: c.Class(p.Net), Ranks: Ranks{Net: c.Rank(Net, p.Net), Orders: c.Rank(Orders, p.Orders)}}
	if p.HasContribution {
		s.Contribution = c.Rank(Contribution, p.Contribution)
	}
	if !c.inside {
		return s
	}
	s.Segment = Ranks{Net: c.Rank(Within(Net, p.Segment), p.Net), Orders: c.Rank(Within(Orders, p.Segment), p.Orders)}
	if p.HasContribution {
		s.Segment.Contribution = c.Rank(Within(Contribution, p.Segment), p.Contribution)
	}
	return s
}
