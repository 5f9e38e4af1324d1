package reducer

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// rank moves a customer in the histograms. A day end still open lacks what isn't stamped up to it: that is kept with the
// latest such day, since every earlier one lacks it too.
func (p *partition) rank(was, is *pb.PortfolioTotals, due civil.Instant) {
	if was.GetRanked()+is.GetRanked() == 0 {
		return
	}
	lists := []*[]*pb.Histogram{&p.Ranks}
	for _, d := range slices.Backward(p.Days) {
		if d.Ranked && (due == 0 || d.AsOf < int64(due)) {
			lists = append(lists, &d.Later)
			break
		}
	}
	for _, list := range lists {
		count(list, was, -1)
		count(list, is, 1)
	}
}

// count adds a customer n times to the histograms of a list.
func count(list *[]*pb.Histogram, t *pb.PortfolioTotals, n int64) {
	if t.GetRanked() == 0 {
		return
	}
	change(list, portfolio.Net, func(h *portfolio.Histogram) { h.Add(t.NetMinor, n) })
	change(list, portfolio.Orders, func(h *portfolio.Histogram) { h.Add(t.Orders, n) })
	by := t.By
	if by == nil {
		return
	}
	for _, x := range [...]struct {
		counted bool
		key     string
		figure  int64
	}{
		{by.Contribution, portfolio.Contribution, by.ContributionMinor},
		{by.NetWithin, portfolio.Within(portfolio.Net, by.Segment), t.NetMinor},
		{by.OrdersWithin, portfolio.Within(portfolio.Orders, by.Segment), t.Orders},
		{by.ContributionWithin, portfolio.Within(portfolio.Contribution, by.Segment), by.ContributionMinor},
	} {
		if x.counted {
			change(list, x.key, func(h *portfolio.Histogram) { h.Add(x.figure, n) })
		}
	}
}

// rankedBy is what else a customer is to be counted in; nil: in nothing.
func rankedBy(p *policy.Policy, v *value.Figures, segment int) *pb.RankedBy {
	all, name := p.Portfolio.Contribution && v.Contribution.Known, p.SegmentName(segment)
	inside := p.Portfolio.Within[name]
	inside.Contribution = inside.Contribution && v.Contribution.Known
	if !all && inside == (portfolio.Kinds{}) {
		return nil
	}
	by := &pb.RankedBy{Contribution: all, NetWithin: inside.Net, OrdersWithin: inside.Orders, ContributionWithin: inside.Contribution}
	if all || inside.Contribution {
		by.ContributionMinor = v.Contribution.Minor
	}
	if inside != (portfolio.Kinds{}) {
		by.Segment = name
	}
	return by
}

// change edits the histogram of a figure. Lists are in the order of the figures' names, without empty histograms.
func change(list *[]*pb.Histogram, figure string, edit func(*portfolio.Histogram)) {
	i, found := slices.BinarySearchFunc(*list, figure, func(h *pb.Histogram, figure string) int { return cmp.Compare(h.Figure, figure) })
	if !found {
		*list = slices.Insert(*list, i, &pb.Histogram{Figure: figure})
	}
	h := (*list)[i]
	x := histogram(h)
	edit(&x)
	if h.Index, h.Count, h.Sum = x.Index, x.Count, x.Sum; len(h.Index) == 0 {
		*list = slices.Delete(*list, i, i+1)
	}
}

// histogram is h as the domain has it, sharing its lists.
func histogram(h *pb.Histogram) portfolio.Histogram {
	return portfolio.Histogram{Index: h.GetIndex(), Count: h.GetCount(), Sum: h.GetSum()}
}

// merge adds sign times from to a list.
func merge(list *[]*pb.Histogram, from []*pb.Histogram, sign int64) {
	for _, h := range from {
		change(list, h.Figure, func(x *portfolio.Histogram) { x.Merge(histogram(h), sign) })
	}
}

// closeRanks adds the histograms as of each day end to what is told of it, the last day first: each day has what the next
// has, but for what went to the next only.
func (p *partition) closeRanks(out []*pb.PortfolioDay) {
	ranks := p.Ranks
	for i, d := range slices.Backward(p.Days) {
		day := out[i]
		day.Day = int32(p.calendar.DayOf(civil.Instant(d.AsOf)))
		if len(d.Later) > 0 {
			ranks = clones(ranks)
			merge(&ranks, d.Later, -1)
		}
		if day.Ranked = d.Ranked; !d.Ranked {
			continue
		}
		day.Ranks = ranks
		if p.Partition == 0 {
			r := p.before(civil.Instant(d.AsOf))
			day.Plan = planOf(&r.policy.Portfolio)
			if q := &r.policy.Credit.Quiet; q.Asks() {
				day.Plan.Quiet = proto.Int32(int32(q.Since(civil.Day(day.Day))))
			}
			day.Cutoffs, day.QuietSince = r.Published, d.QuietSince
		}
	}
}

// planOf is what a policy wants, as it is told.
func planOf(c *portfolio.Config) *pb.CutoffPlan {
	plan := &pb.CutoffPlan{Wanted: c.Wanted, DeadBand: c.DeadBand}
	if c.Classes != portfolio.DefaultClasses() {
		plan.Classes = &pb.ClassBorders{A: c.Classes.A, B: c.Classes.B, ByCount: c.Classes.ByCount}
	}
	return plan
}

// classesOf are those of a plan.
func classesOf(plan *pb.CutoffPlan) portfolio.Classes {
	if c := plan.GetClasses(); c != nil {
		return portfolio.Classes{A: c.A, B: c.B, ByCount: c.ByCount}
	}
	return portfolio.DefaultClasses()
}

// standing is where figures of a customer of a segment stand by the rule's cut-offs; nothing where its policy doesn't ask.
func (r rule) standing(v *value.Figures, segment int) (s portfolio.Standing) {
	if r.policy.Portfolio.Used() {
		s = r.cutoffs.Standing(portfolio.Place{Net: v.Net, Orders: v.Orders, Contribution: v.Contribution.Minor,
			HasContribution: v.Contribution.Known, Segment: r.policy.SegmentName(segment)})
	}
	return s
}

// cutoffVersion names the cut-offs that a decision under the rule goes by; empty: none.
func (r rule) cutoffVersion() string {
	if r.policy.Portfolio.Used() {
		return r.cutoffs.Version
	}
	return ""
}

func clones(list []*pb.Histogram) (out []*pb.Histogram) {
	for _, h := range list {
		out = append(out, proto.CloneOf(h))
	}
	return out
}
