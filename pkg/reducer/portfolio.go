package reducer

import (
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/portfolio"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// openDaysMost bounds the day ends that a jump of time opens: a partition that slept longer reports the last ones.
const openDaysMost = 400

// rankedDaysMost bounds those of them that are told with histograms: what one Tick sends is bounded, and the cut-offs of
// day ends that close together could only come after all of them. A policy that has more histograms tells fewer days.
const rankedDaysMost = 8

func (p *partition) rankedMost() int {
	fewest := len(portfolio.Ranked())
	return max(1, p.opts.RankedMost*fewest/p.current().policy.Portfolio.Histograms())
}

// pass opens every day end up to t, before anything at t is applied, and moves now. The aggregate as of a day end
// still gets what is stamped up to it; all else goes to the live one alone.
func (p *partition) pass(t civil.Instant) {
	ranked, last := p.current().policy.Midnights(), p.calendar.DayOf(t)
	first := max(p.calendar.DayOf(civil.Instant(p.Now))+1, last-openDaysMost+1)
	switch {
	case p.Now != 0:
	case ranked && t > 0 && p.calendar.Start(last) == t: // others wait for it: there was nobody yet
		first = last
	default:
		first = last + 1 // time begins with the first record after init
	}
	for d := first; d <= last; d++ {
		p.Days = append(p.Days, &pb.OpenDay{AsOf: int64(p.calendar.Start(d)), Totals: proto.CloneOf(p.Totals), Ranked: ranked,
			Paid: p.Paid, QuietSince: p.QuietSince})
	}
	p.Now = int64(t)
	if n := len(p.Days) - p.rankedMost(); n > 0 {
		for _, d := range p.Days[:n] {
			d.Ranked, d.Later = false, nil
		}
	}
}

// book replaces what a customer adds to the portfolio. due is the due moment that it comes from, 0 for a record.
func (p *partition) book(was, is *pb.PortfolioTotals, due civil.Instant) {
	p.Totals = add(add(p.Totals, was, -1), is, 1)
	p.rank(was, is, due)
	if due == 0 {
		return
	}
	for _, d := range p.Days {
		if int64(due) <= d.AsOf {
			d.Totals = add(add(d.Totals, was, -1), is, 1)
		}
	}
}

// close hands out the day ends, once nothing stamped up to them is left.
func (p *partition) close() []*pb.PortfolioDay {
	var out []*pb.PortfolioDay
	for _, d := range p.Days {
		out = append(out, &pb.PortfolioDay{Partition: p.Partition, AsOf: d.AsOf, Totals: d.Totals, Paid: d.Paid})
	}
	p.closeRanks(out)
	p.Days = nil
	return out
}

// add adds sign*b to a and gives a, a new one for nil; a b of nil is nothing.
func add(a, b *pb.PortfolioTotals, sign int64) *pb.PortfolioTotals {
	if a == nil {
		a = &pb.PortfolioTotals{}
	}
	if b != nil {
		a.Customers += sign * b.Customers
		a.NetMinor += sign * b.NetMinor
		a.Orders += sign * b.Orders
		a.OpenMinor += sign * b.OpenMinor
		a.OverdueMinor += sign * b.OverdueMinor
		a.Ranked += sign * b.Ranked
	}
	return a
}
