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
// cut-offs that hold from then on. It is a function of what the partitions told, so whoever merges gets the same. fact is
// the record that publishes the cut-offs, nil where none has moved beyond the dead band. See docs/adr/0012.
func Merge(days []*pb.PortfolioDay) (merged *pb.PortfolioDay, fact *pb.Fact) {
	first := days[0]
	merged = &pb.PortfolioDay{AsOf: first.AsOf, Day: first.Day, Ranked: true, Merged: true, Plan: first.Plan, Cutoffs: first.Cutoffs}
	for _, d := range days {
		merged.Totals = add(merged.Totals, d.Totals, 1)
		merge(&merged.Ranks, d.Ranks, 1)
	}
	was := listOf(first.Cutoffs)
	is := portfolio.Take(first.Plan.GetWanted(), func(figure string) portfolio.Histogram {
		for _, h := range merged.Ranks {
			if h.Figure == figure {
				return histogram(h)
			}
		}
		return portfolio.Histogram{}
	})
	list, moved := portfolio.Settle(was, is, first.Plan.GetDeadBand())
	if !moved {
		return merged, nil
	}
	merged.Cutoffs = &pb.CutoffsPublished{Sequence: int64(first.Day), Day: civil.Day(first.Day).String()}
	for _, c := range list {
		merged.Cutoffs.Cutoffs = append(merged.Cutoffs.Cutoffs, &pb.Cutoff{Name: c.Name, Value: c.Value})
	}
	return merged, &pb.Fact{At: first.AsOf, Body: &pb.Fact_Cutoffs{Cutoffs: merged.Cutoffs}}
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
