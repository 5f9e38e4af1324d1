package portfolio

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/figure"
)

// Cutoffs are those in force, ready to be asked. The zero value is none.
type Cutoffs struct {
	Version string // the day that they hold for
	List    []Cutoff
	ranks   []rank // by figure and percent
}

type rank struct {
	figure  string
	percent int
	value   int64
}

// NewCutoffs prepares a list.
func NewCutoffs(version string, list []Cutoff) Cutoffs {
	c := Cutoffs{Version: version, List: list}
	for _, x := range list {
		if f, percent, k := parse(x.Name); k == isPercentile {
			c.ranks = append(c.ranks, rank{f, percent, x.Value})
		}
	}
	return c
}

func (c Cutoffs) value(name string) (int64, bool) {
	i := slices.IndexFunc(c.List, func(x Cutoff) bool { return x.Name == name })
	if i < 0 {
		return 0, false
	}
	return c.List[i].Value, true
}

// Class by net: A, B or C, N where nothing is net; empty where there are no cut-offs yet.
func (c Cutoffs) Class(net int64) string {
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
// cut-offs of the figure.
func (c Cutoffs) Rank(name string, v int64) figure.Micro {
	var out figure.Micro
	for _, r := range c.ranks {
		if r.figure != name {
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

// Standing is where a customer stands in the portfolio by the cut-offs in force.
type Standing struct {
	Class  string // empty: not computable
	Net    figure.Micro
	Orders figure.Micro
}

// Standing is that of a customer with such figures.
func (c Cutoffs) Standing(net, orders int64) Standing {
	return Standing{c.Class(net), c.Rank(Net, net), c.Rank(Orders, orders)}
}
