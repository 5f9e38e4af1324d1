package policy

import (
	"math"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// maxPercentile is the highest that can be asked for.
const maxPercentile = 99

// portfolio reads what a policy asks for of the portfolio beside its conditions.
func (d document) portfolio(keys map[string]lintyaml.Field) portfolio.Config {
	c := portfolio.Config{DeadBand: portfolio.DefaultDeadBand}
	f, ok := keys["portfolio"]
	if !ok {
		return c
	}
	c.Want(portfolio.ClassNames()...)
	sub := d.Fields(f.Value, `"portfolio"`, "dead_band", "percentiles")
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

// wants adds the cut-offs that a condition looks at.
func (c *condition) wants(p *portfolio.Config) {
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
					p.Want(portfolio.PercentileName(n.ranks, percent))
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
