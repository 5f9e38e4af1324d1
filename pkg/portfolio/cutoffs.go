package portfolio

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Figures that customers are ranked by. Scores, tiers and classes are never among them: a rank would feed on itself.
const (
	Net    = "net"
	Orders = "orders"
)

// Ranked are the figures that a histogram is kept of, in the order of their names.
func Ranked() []string { return []string{Net, Orders} }

// Borders of the classes by net, in percent of the total before the customer: the ABC analysis.
const (
	borderA = 80
	borderB = 95
)

// Config is what a policy wants of the portfolio.
type Config struct {
	Wanted   []string // names of cut-offs, ascending, each once; empty: the policy asks for none
	DeadBand int64    // millionths that a cut-off must move by before it is published
	Decides  bool     // conditions look at them, so that new ones may move anybody
}

// DefaultDeadBand is half a per cent: with the error of the buckets, a cut-off in force lies within 1 % of the exact one.
const DefaultDeadBand = 5_000

// Used says whether the policy asks for classes or ranks.
func (c Config) Used() bool { return len(c.Wanted) > 0 }

// Want adds names.
func (c *Config) Want(names ...string) {
	c.Wanted = append(c.Wanted, names...)
	slices.Sort(c.Wanted)
	c.Wanted = slices.Compact(c.Wanted)
}

// ClassNames are the cut-offs that classes need: net_a is the least net of class A, net_b of class B.
func ClassNames() []string { return []string{Net + "_a", Net + "_b"} }

// PercentileName is the name of a cut-off: net_p90 is the net at or below which 90 of 100 customers lie.
func PercentileName(figure string, percent int) string { return figure + "_p" + strconv.Itoa(percent) }

// Cutoff is one border.
type Cutoff struct {
	Name  string
	Value int64 // minor units, or a number
}

// Take takes the cut-offs of those names from the histograms of their figures. One that can't be computed is left out.
func Take(names []string, of func(figure string) Histogram) []Cutoff {
	var out []Cutoff
	for _, name := range names {
		figure, percent, kind := parse(name)
		h := of(figure)
		var v int64
		var ok bool
		switch kind {
		case isClass:
			v, ok = h.ShareBorder(percent)
		case isPercentile:
			v, ok = h.Percentile(percent)
		}
		if ok {
			out = append(out, Cutoff{name, v})
		}
	}
	return out
}

type kind int

const (
	isNothing kind = iota
	isClass
	isPercentile
)

func parse(name string) (figure string, percent int, k kind) {
	figure, rest, _ := strings.Cut(name, "_")
	switch rest {
	case "a":
		return figure, borderA, isClass
	case "b":
		return figure, borderB, isClass
	}
	n, err := strconv.Atoi(strings.TrimPrefix(rest, "p"))
	if err != nil || n < 1 || n > 99 {
		return figure, 0, isNothing
	}
	return figure, n, isPercentile
}

// Settle says what is to be published after was: a cut-off that hasn't moved beyond the band keeps its value. False: none
// has, and none came or went.
func Settle(was, is []Cutoff, band int64) (out []Cutoff, moved bool) {
	moved = len(was) != len(is)
	for _, c := range is {
		i, found := slices.BinarySearchFunc(was, c, func(a, b Cutoff) int { return cmp.Compare(a.Name, b.Name) })
		if found && within(was[i].Value, c.Value, band) {
			c.Value = was[i].Value
		} else {
			moved = true
		}
		out = append(out, c)
	}
	return out, moved
}

// within says whether b is no further from a than band millionths of a.
func within(a, b, band int64) bool {
	h1, l1 := bits.Mul64(distance(a, b), 1_000_000)
	h2, l2 := bits.Mul64(distance(a, 0), uint64(band))
	return h1 < h2 || h1 == h2 && l1 <= l2
}

func distance(a, b int64) uint64 {
	if a < b {
		a, b = b, a
	}
	return uint64(a) - uint64(b)
}
