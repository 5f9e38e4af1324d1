package policy

import (
	"math"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
)

// maxPercentile is the highest that can be asked for.
const maxPercentile = 99

// portfolio reads what a policy asks for of the portfolio beside its conditions.
func (d document) portfolio(keys map[string]lintyaml.Field) portfolio.Config {
	c := portfolio.Config{DeadBand: portfolio.DefaultDeadBand, Classes: portfolio.DefaultClasses()}
	f, ok := keys["portfolio"]
	if !ok {
		return c
	}
	c.Want(portfolio.ClassNames()...)
	sub := d.Fields(f.Value, `"portfolio"`, "dead_band", "percentiles", "classes")
	if f, ok := sub["classes"]; ok {
		d.classes(f, &c.Classes)
	}
	if f, ok := sub["dead_band"]; ok {
		c.DeadBand = d.percent(f)
	}
	if f, ok := sub["percentiles"]; ok {
		for _, x := range d.List(f) {
			percent := d.Integer(x, 1, maxPercentile)
			for _, figure := range portfolio.Ranked() {
				c.Want(portfolio.PercentileName(figure, percent))
			}
		}
	}
	return c
}

// classes reads where the classes end.
func (d document) classes(f lintyaml.Field, c *portfolio.Classes) {
	sub := d.Fields(f.Value, `"classes"`, "by", "a", "b")
	before := len(d.Problems())
	c.ByCount = d.choice(sub, "by", "share", "count")
	fa, a := sub["a"]
	if a {
		c.A = d.percent(fa)
	}
	fb, b := sub["b"]
	if b {
		c.B = d.percent(fb)
	}
	switch {
	case sub == nil || len(d.Problems()) > before:
	case c.ByCount && (!a || !b):
		d.Fail(f.At, "write it as in {by: count, a: 20%, b: 50%}", "classes by count have no usual borders")
	case c.A == 0 || c.A >= c.B:
		d.Fail(f.At, "by default a is 80% and b 95%", "class A must end above 0%%, and B above A")
	}
}

// percent reads 0.5% into millionths.
func (d document) percent(f lintyaml.Field) int64 {
	text, ok := d.Scalar(f)
	if !ok {
		return 0
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(text, "%")), 64)
	if err != nil || !strings.HasSuffix(text, "%") || !(x >= 0 && x <= 100) {
		d.Fail(lintyaml.At(f.Value), "write it as in 0.5%", "%q must be from 0%% to 100%%, not %q", f.Name, text)
		return 0
	}
	return int64(math.Round(x * 10_000))
}

// insideMost bounds the histograms within segments: all of a day are one message, and part of a partition's state.
const insideMost = 24

// wanted adds the cut-offs that conditions look at.
func (d document) wanted(keys map[string]lintyaml.Field, all []*rule, p *Policy) {
	names := []string{""} // who is of none
	for _, s := range p.Segments {
		names = append(names, s.Name)
	}
	for _, cond := range all {
		if cond != nil {
			cond.wants(&p.Portfolio, names)
		}
	}
	for i, name := range names {
		scored(p.ValueOf(i), name, &p.Portfolio)
		p.Ladder.Words.RankedScore = p.Ladder.Words.RankedScore || p.ValueOf(i).Ranks()
	}
	if n := p.Portfolio.Inside(); n > insideMost {
		d.Fail(keys["segments"].At, "have fewer segments, or rank by fewer figures within them",
			"there are %d figures to rank by within segments (each of a segment, or of who is of none, counts), more than %d", n, insideMost)
	}
}

// scored adds the cut-offs that the factors of a segment's score go by.
func scored(c *value.Config, segment string, p *portfolio.Config) {
	for _, f := range c.Score {
		for _, percent := range portfolio.Steps() {
			switch figure := value.RankedBy(f.Name); {
			case f.Weight == 0:
			case f.Rank == value.RankAll:
				p.Want(portfolio.PercentileName(figure, percent))
			case f.Rank == value.RankSegment:
				p.Want(portfolio.PercentileWithin(figure, percent, segment))
			}
		}
	}
}

// rank reads among whom a factor is ranked, in the place of its curve.
func (d document) rank(f lintyaml.Field, own map[string]lintyaml.Field, x *value.Factor) {
	word, ok := d.Scalar(f)
	switch _, curved := own["curve"]; {
	case !ok:
	case word != value.RankAll.String() && word != value.RankSegment.String():
		d.Fail(lintyaml.At(f.Value), "write all, or segment", "%q is among whom the factor is ranked: all or segment, not %q", f.Name, word)
	case value.RankedBy(x.Name) == "":
		d.Fail(f.At, "give it a curve", "%s can't be ranked: contribution, frequency and net can", x.Name)
	case curved:
		d.Fail(f.At, "leave one of them out", "%s has a rank and a curve", x.Name)
	case word == value.RankAll.String():
		x.Rank = value.RankAll
	default:
		x.Rank = value.RankSegment
	}
}

// lintRanks warns of ranks within segments where there are none.
func (d document) lintRanks(rungs []rung, p *Policy) {
	if len(p.Segments) > 0 {
		return
	}
	for _, r := range conditions(rungs) {
		for i := range r.leaves {
			if f := r.leaves[i].figure; f != nil && f.within {
				d.Warn(r.position(&r.leaves[i]), "use value.rank."+f.ranks, "the policy has no segments: %s is the rank among all", f.name)
			}
		}
	}
}

// wants adds the cut-offs that a condition looks at. segments has the names of all, and an empty one for who is of none.
func (c *condition) wants(p *portfolio.Config, segments []string) {
	for i := range c.leaves {
		l := &c.leaves[i]
		for _, n := range append(l.uses[:len(l.uses):len(l.uses)], l.figure) {
			switch {
			case n == nil:
			case n.name == valueClass:
				p.Decides = true
				p.Want(portfolio.ClassNames()...)
			case n.ranks != "":
				p.Decides = true
				for _, percent := range l.percentiles() {
					if !n.within {
						p.Want(portfolio.PercentileName(n.ranks, percent))
						continue
					}
					for _, segment := range segments {
						p.Want(portfolio.PercentileWithin(n.ranks, percent, segment))
					}
				}
			}
		}
	}
}

// percentiles are those that a comparison of a rank, which is a whole number, tells apart; all where it is no plain one.
func (l *leaf) percentiles() (out []int) {
	least, above := int(math.Ceil(l.threshold)), int(math.Floor(l.threshold))+1
	switch l.op {
	case ">=", "<":
		above = least
	case ">", "<=":
		least = above
	case "":
		least, above = 1, maxPercentile
	}
	for n := max(1, least); n <= min(above, maxPercentile); n++ {
		out = append(out, n)
	}
	if len(out) == 0 { // always true or never, once there are cut-offs at all
		out = append(out, min(max(1, least), maxPercentile))
	}
	return out
}
