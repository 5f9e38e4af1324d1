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
	Contribution = "contribution"
	Net          = "net"
	Orders       = "orders"
)

// Ranked are the figures that a histogram is kept of wherever there are any, in the order of their names.
func Ranked() []string { return []string{Net, Orders} }

// inSegment stands between a figure, or a cut-off of it, and the segment that it is taken within. Segments may have it in
// their names, figures don't.
const inSegment = "@"

// Within is a figure within a segment, as in net@wholesale; an empty name stands for all customers who are of no segment.
func Within(figure, segment string) string { return figure + inSegment + segment }

// Config is what a policy wants of the portfolio.
type Config struct {
	Wanted   []string // names of cut-offs, ascending, each once; empty: the policy asks for none
	DeadBand int64    // millionths that a cut-off must move by before it is published
	Decides  bool     // conditions look at them, so that new ones may move anybody
	Classes  Classes

	Contribution bool             // wanted names ranks by contribution among all; those by net and orders are kept in any case
	Within       map[string]Kinds // by the name of a segment: what is wanted within it
}

// Kinds are figures that customers are ranked by.
type Kinds struct{ Net, Orders, Contribution bool }

// DefaultDeadBand is half a per cent: with the error of the buckets, a cut-off in force lies within 1 % of the exact one.
const DefaultDeadBand = 5_000

// Used says whether the policy asks for classes or ranks.
func (c Config) Used() bool { return len(c.Wanted) > 0 }

// Want adds names.
func (c *Config) Want(names ...string) {
	c.Wanted = append(c.Wanted, names...)
	slices.Sort(c.Wanted)
	c.Wanted = slices.Compact(c.Wanted)
	for _, name := range names {
		c.keep(name)
	}
}

// keep notes the histogram that a cut-off is taken from.
func (c *Config) keep(name string) {
	key, _, _ := parse(name)
	figure, segment, inside := strings.Cut(key, inSegment)
	if !inside {
		c.Contribution = c.Contribution || figure == Contribution
		return
	}
	if c.Within == nil {
		c.Within = map[string]Kinds{}
	}
	k := c.Within[segment]
	k.Net, k.Orders, k.Contribution = k.Net || figure == Net, k.Orders || figure == Orders, k.Contribution || figure == Contribution
	c.Within[segment] = k
}

// Inside is how many histograms there are within segments.
func (c *Config) Inside() (n int) {
	for _, k := range c.Within {
		for _, kept := range [...]bool{k.Net, k.Orders, k.Contribution} {
			if kept {
				n++
			}
		}
	}
	return n
}

// Histograms is how many there are in all.
func (c *Config) Histograms() int {
	n := len(Ranked()) + c.Inside()
	if c.Contribution {
		n++
	}
	return n
}

// ClassNames are the cut-offs that classes need: net_a is the least net of class A, net_b of class B.
func ClassNames() []string { return []string{Net + "_a", Net + "_b"} }

// PercentileName is the name of a cut-off: net_p90 is the net at or below which 90 of 100 customers lie.
func PercentileName(figure string, percent int) string { return figure + "_p" + strconv.Itoa(percent) }

// PercentileWithin is the name of one within a segment, as in net_p90@wholesale.
func PercentileWithin(figure string, percent int, segment string) string {
	return Within(PercentileName(figure, percent), segment)
}

// Steps are the percentiles that a factor of a score moves by: 5, 10, ... 95, and 99.
func Steps() (percents []int) {
	for n := 1; n < 100; n++ {
		if isStep(n) {
			percents = append(percents, n)
		}
	}
	return percents
}

func isStep(percent int) bool { return percent%5 == 0 || percent == 99 }

// Cutoff is one border.
type Cutoff struct {
	Name  string
	Value int64 // minor units, or a number
}

// Take takes the cut-offs of those names from the histograms of their figures, also within segments. One that can't be
// computed is left out.
func Take(names []string, classes Classes, of func(key string) Histogram) []Cutoff {
	var out []Cutoff
	for _, name := range names {
		key, percent, kind := parse(name)
		h := of(key)
		var v int64
		var ok bool
		switch kind {
		case isClassA:
			v, ok = classes.border(&h, classes.A)
		case isClassB:
			v, ok = classes.border(&h, classes.B)
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
	isClassA
	isClassB
	isPercentile
)

// parse reads the name of a cut-off. key is its figure, within its segment if it has one.
func parse(name string) (key string, percent int, k kind) {
	name, segment, inside := strings.Cut(name, inSegment)
	key, rest, _ := strings.Cut(name, "_")
	if inside {
		key = Within(key, segment)
	}
	switch rest {
	case "a":
		return key, 0, isClassA
	case "b":
		return key, 0, isClassB
	}
	n, err := strconv.Atoi(strings.TrimPrefix(rest, "p"))
	if err != nil || n < 1 || n > 99 {
		return key, 0, isNothing
	}
	return key, n, isPercentile
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
