package reducer

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Merge makes the portfolio of one day end of those of all partitions, partition 0 first: totals, histograms, and the
// cut-offs that hold from then on. It is a function of what the partitions told, so whoever merges gets the same. facts are
// the records that publish what is new: cut-offs, where one has moved beyond the dead band (docs/adr/0012), and that payments
// have stopped coming, or come again (docs/adr/0015).
func Merge(days []*pb.PortfolioDay) (merged *pb.PortfolioDay, facts []*pb.Fact) {
	first := days[0]
	merged = &pb.PortfolioDay{AsOf: first.AsOf, Day: first.Day, Ranked: true, Merged: true, Plan: first.Plan, Cutoffs: first.Cutoffs}
	for _, d := range days {
		merged.Totals = add(merged.Totals, d.Totals, 1)
		merge(&merged.Ranks, d.Ranks, 1)
	}
	was := listOf(first.Cutoffs)
	is := portfolio.Take(first.Plan.GetWanted(), classesOf(first.Plan), func(key string) portfolio.Histogram {
		for _, h := range merged.Ranks {
			if h.Figure == key {
				return histogram(h)
			}
		}
		return portfolio.Histogram{}
	})
	list, moved := portfolio.Settle(was, is, first.Plan.GetDeadBand())
	if quiet := quietOf(days); quiet != nil {
		facts = append(facts, quiet)
	}
	if !moved {
		return merged, facts
	}
	merged.Cutoffs = &pb.CutoffsPublished{Sequence: int64(first.Day), Day: civil.Day(first.Day).String()}
	for _, c := range list {
		merged.Cutoffs.Cutoffs = append(merged.Cutoffs.Cutoffs, &pb.Cutoff{Name: c.Name, Value: c.Value})
	}
	return merged, append(facts, &pb.Fact{At: first.AsOf, Body: &pb.Fact_Cutoffs{Cutoffs: merged.Cutoffs}})
}

// quietOf is the record that says whether payments have stopped coming for everybody, nil where that is as it was. Where no payment
// was ever seen there is nothing that could stop.
func quietOf(days []*pb.PortfolioDay) *pb.Fact {
	first, last := days[0], (*int32)(nil)
	for _, d := range days {
		if d.Paid != nil && (last == nil || *d.Paid > *last) {
			last = d.Paid
		}
	}
	is := &pb.PaymentsQuiet{Sequence: int64(first.Day)}
	if limit := first.Plan.GetQuiet(); first.GetPlan().Quiet != nil && last != nil && *last <= limit {
		is.Since = proto.Int32(*last + 1)
	}
	if (is.Since == nil) == (first.QuietSince == nil) && is.GetSince() == first.GetQuietSince() {
		return nil
	}
	return &pb.Fact{At: first.AsOf, Body: &pb.Fact_PaymentsQuiet{PaymentsQuiet: is}}
}

// listOf is published cut-offs as the domain has them.
func listOf(c *pb.CutoffsPublished) (out []portfolio.Cutoff) {
	for _, x := range c.GetCutoffs() {
		out = append(out, portfolio.Cutoff{Name: x.Name, Value: x.Value})
	}
	return out
}

// MergedMessage is a merged day as a record of the topic portfolio, without the histograms.
func MergedMessage(d *pb.PortfolioDay) processor.Message {
	d = proto.CloneOf(d)
	d.Ranks = nil
	return processor.Message{Key: fmt.Sprintf("merged/%s", civil.Instant(d.AsOf)), Value: encode(d)}
}
