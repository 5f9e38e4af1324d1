package value

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// Factor is one part of the score as the policy has it.
type Factor struct {
	Name      string
	Potential bool  // of what the customer could be worth, not of what they are worth
	Weight    int64 // 0: left out
	Curve     []Knot
	Scale     int64 // of a factor in money: minor units of a major one
	Rank      Rank  // in the place of the curve
}

// Rank is among whom a factor is ranked.
type Rank int8

// The ranks of a factor.
const (
	RankNone    Rank = iota // it has a curve
	RankAll                 // among all customers
	RankSegment             // among those of the customer's segment, or of none
)

// String is the word for it in the policy and in customers.jsonl; empty: none.
func (r Rank) String() string { return [...]string{"", "all", "segment"}[r] }

// RankedBy is the figure that a factor can be ranked by; empty: it can't. Ranks are taken over these alone, so that none feeds
// on itself.
func RankedBy(factor string) string {
	switch factor {
	case FactorContribution:
		return portfolio.Contribution
	case FactorFrequency:
		return portfolio.Orders
	case FactorNet:
		return portfolio.Net
	}
	return ""
}

// Knot is one point of a curve from a raw figure to 0..100, both in millionths.
type Knot struct{ Raw, Points int64 }

// Names of the factors, in the order in which they are shown.
const (
	FactorContribution     = "contribution"
	FactorFrequency        = "frequency"
	FactorRecency          = "recency"
	FactorBreadth          = "breadth"
	FactorSatisfaction     = "satisfaction"
	FactorTenure           = "tenure"
	FactorGrowth           = "growth"
	FactorReferrals        = "referrals"
	FactorEngagement       = "engagement"
	FactorIndustryStanding = "industry_standing"
	FactorOutlook          = "outlook"
	FactorBrandAwareness   = "brand_awareness"
	FactorNet              = "net"
)

// DefaultScore is the score of a policy which says nothing of it, for a currency with so many minor units to a major one.
// 80 of 100 are for what the customer is worth, 20 for what they could be.
func DefaultScore(scale int64) []Factor {
	return []Factor{
		{FactorContribution, false, 40, Curve(0, 0, 1000, 15, 10_000, 40, 50_000, 70, 200_000, 100), scale, RankNone},
		{FactorFrequency, false, 15, Curve(0, 0, 1, 20, 4, 50, 12, 80, 24, 100), 0, RankNone},
		{FactorRecency, false, 12, Curve(0, 100, 7, 90, 30, 75, 60, 60, 90, 40, 180, 15, 365, 0), 0, RankNone},
		{FactorBreadth, false, 5, Curve(0, 0, 1, 30, 3, 70, 5, 100), 0, RankNone},
		{FactorSatisfaction, false, 4, Curve(0, 0, 10, 100), 0, RankNone},
		{FactorTenure, false, 4, Curve(0, 0, 7, 2, 30, 5, 60, 10, 90, 20, 180, 35, 365, 60, 730, 80, 1095, 100), 0, RankNone},
		{FactorGrowth, true, 8, []Knot{{-figure.One / 2, 0}, {0, 50 * figure.One}, {figure.One / 2, 100 * figure.One}}, 0, RankNone},
		{FactorReferrals, true, 3, Curve(0, 0, 1, 50, 3, 100), 0, RankNone},
		{FactorEngagement, true, 3, Curve(0, 0, 4, 50, 12, 100), 0, RankNone},
		{FactorIndustryStanding, true, 2, Curve(0, 0, 100, 100), 0, RankNone},
		{FactorOutlook, true, 2, Curve(0, 0, 100, 100), 0, RankNone},
		{FactorBrandAwareness, true, 2, Curve(0, 0, 100, 100), 0, RankNone},
		{FactorNet, false, 0, Curve(0, 0, 5000, 15, 50_000, 40, 250_000, 70, 1_000_000, 100), scale, RankNone},
	}
}

// Curve is the knots of pairs of whole numbers: a raw figure, and its points.
func Curve(pairs ...int64) (knots []Knot) {
	for i := 0; i+1 < len(pairs); i += 2 {
		knots = append(knots, Knot{pairs[i] * figure.One, pairs[i+1] * figure.One})
	}
	return knots
}

// Stepped says whether a factor moves by mere time, so that its curve is one of steps: a knot holds up to the next.
func Stepped(name string) bool { return name == FactorRecency || name == FactorTenure }

// at is the curve at a raw figure: linear between knots, the outer ones beyond them.
func (f *Factor) at(raw int64) int64 {
	if len(f.Curve) == 0 {
		return 0
	}
	i := 0
	for i < len(f.Curve) && f.Curve[i].Raw <= raw {
		i++
	}
	switch {
	case i == 0:
		return f.Curve[0].Points
	case i == len(f.Curve) || Stepped(f.Name):
		return f.Curve[i-1].Points
	}
	a, b := f.Curve[i-1], f.Curve[i]
	return a.Points + figure.Portion(b.Points-a.Points, raw-a.Raw, b.Raw-a.Raw)
}

// curve is the knots of a factor; nil where the score doesn't have it.
func (c *Config) curve(name string) []Knot {
	for i := range c.Score {
		if c.Score[i].Name == name {
			return c.Score[i].Curve
		}
	}
	return nil
}

// step is the last of a curve's knots that a number of days has reached; 0 before the first.
func step(curve []Knot, days int64) figure.Micro {
	last := int64(0)
	for _, k := range curve {
		if k.Raw > 0 && k.Raw <= days*figure.One {
			last = k.Raw
		}
	}
	return figure.Of(last)
}

// weighs says whether the score has a factor.
func (c *Config) weighs(name string) bool {
	return slices.ContainsFunc(c.Score, func(f Factor) bool { return f.Name == name && f.Weight > 0 })
}

// Ranks says whether a factor of the score goes by ranks.
func (c *Config) Ranks() bool {
	return slices.ContainsFunc(c.Score, func(f Factor) bool { return f.Rank != RankNone && f.Weight > 0 })
}

// Part is one factor of a customer's score. Raw and Normalised are null where the factor is not computable: its weight is then
// shared among the others in proportion.
type Part struct {
	Name            string
	Raw, Normalised figure.Micro
	Weight          figure.Micro // of 100, after sharing
	Points          figure.Micro
	NoBase          bool // growth without a base: neutral
	Rank            Rank
}

// Note says why a factor isn't computable, or stands at neutral; empty: it counts as it is.
func (p *Part) Note() string {
	switch {
	case p.NoBase:
		return "no base"
	case p.Normalised.Known:
		return ""
	case p.Rank != RankNone && p.Raw.Known:
		return "no cut-offs yet"
	}
	switch p.Name {
	case FactorContribution:
		return "no cost"
	case FactorRecency, FactorTenure, FactorGrowth:
		return "no order"
	case FactorBreadth:
		return "no categories"
	case FactorSatisfaction:
		return "no survey"
	}
	return "no rating"
}

// neutral is where growth counts that has no base.
const neutral = 50 * figure.One

// score is the weighted mean of the factors, and that of the factors of potential. Both are rounded half to even once. It
// appends to parts, if there is such a list, so that points and weights add up to the last digit: each is the difference
// between the rounded sums up to it and before it.
func (w *sums) score(cfg *Config, f *Figures, p *Profile, parts *[]Part) (score, potential figure.Micro) {
	var all, could weighing
	for i := range cfg.Score {
		x := &cfg.Score[i]
		if x.Weight <= 0 {
			continue
		}
		raw, noBase := w.raw(cfg, x, f, p)
		points := x.normalised(raw, noBase, f, p)
		part := Part{Name: x.Name, Raw: raw, Normalised: points, NoBase: noBase, Rank: x.Rank}
		if points.Known {
			all.add(points.Millionths, x.Weight)
			if x.Potential {
				could.add(points.Millionths, x.Weight)
			}
			part.Weight = figure.Of(x.Weight)
		}
		if parts != nil {
			*parts = append(*parts, part)
		}
	}
	if parts != nil {
		spread(*parts, all.weight)
	}
	return all.mean(), could.mean()
}

// normalised is a factor from 0 to 100; null: it takes no part.
func (x *Factor) normalised(raw figure.Micro, noBase bool, f *Figures, p *Profile) figure.Micro {
	switch {
	case noBase:
		return figure.Of(neutral)
	case !raw.Known:
		return figure.Micro{}
	case x.Rank == RankNone:
		return figure.Of(x.at(raw.Millionths))
	case p.Cutoffs == nil:
		return figure.Micro{}
	}
	key, v := RankedBy(x.Name), f.Net
	switch key {
	case portfolio.Contribution:
		v = f.Contribution.Minor
	case portfolio.Orders:
		v = f.Orders
	}
	if x.Rank == RankSegment {
		key = portfolio.Within(key, p.Segment)
	}
	return p.Cutoffs.Step(key, v)
}

// weighing adds up for a weighted mean.
type weighing struct{ points, weight int64 }

func (w *weighing) add(points, weight int64) {
	w.points += points * weight
	w.weight += weight
}

// mean is null without a weight.
func (w *weighing) mean() figure.Micro {
	if w.weight == 0 {
		return figure.Micro{}
	}
	return figure.Of(figure.Portion(w.points, 1, w.weight))
}

// spread turns the policy's weights into parts of 100, and gives the points.
func spread(parts []Part, total int64) {
	var sum, was weighing
	for i := range parts {
		x := &parts[i]
		sum.add(x.Normalised.Millionths, x.Weight.Millionths)
		is := weighing{points: figure.Portion(sum.points, 1, total), weight: figure.Portion(100*figure.One, sum.weight, total)}
		x.Weight, x.Points = figure.Of(is.weight-was.weight), figure.Of(is.points-was.points)
		was = is
	}
}

// raw is a factor's figure. noBase: it is growth, and there is nothing to compare with.
func (w *sums) raw(cfg *Config, x *Factor, f *Figures, p *Profile) (raw figure.Micro, noBase bool) {
	switch x.Name {
	case FactorContribution:
		if f.Contribution.Known {
			raw = figure.Div(f.Contribution.Minor, max(x.Scale, 1))
		}
	case FactorNet:
		raw = figure.Div(f.Net, max(x.Scale, 1))
	case FactorFrequency:
		raw = figure.Of(f.Orders * figure.One)
	case FactorRecency:
		if w.begun() {
			raw = step(x.Curve, w.silence(cfg))
		}
	case FactorBreadth:
		raw = f.Breadth
	case FactorSatisfaction:
		raw = f.Satisfaction
	case FactorTenure:
		raw = f.TenureDays
	case FactorGrowth:
		return f.Growth, !f.Growth.Known && w.begun()
	case FactorReferrals:
		raw = figure.Of(int64(w.service.Referrals) * figure.One)
	case FactorEngagement:
		raw = figure.Of(int64(w.service.Activities) * figure.One)
	case FactorIndustryStanding:
		raw = p.IndustryStanding
	case FactorOutlook:
		raw = p.Outlook
	case FactorBrandAwareness:
		raw = p.BrandAwareness
	}
	return raw, false
}
