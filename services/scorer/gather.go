package scorer

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// gathering is what the partitions have told of day ends that aren't done. It is a function of the records of the topic
// portfolio: of each partition in their order, otherwise in any.
type gathering struct {
	partitions []told
	done       civil.Instant // the last day end that is done
}

// told is what one partition has told.
type told struct {
	days []*pb.PortfolioDay // with histograms, ascending, after the last that is done
	last civil.Instant      // the latest day end of all
}

// take takes a record of a partition. The first of a day counts: what is told again is the same bytes.
func (g *gathering) take(partition int, d *pb.PortfolioDay) {
	at := civil.Instant(d.AsOf)
	if d.Merged {
		g.finish(at)
		return
	}
	p := &g.partitions[partition]
	if at <= p.last {
		return
	}
	p.last = at
	if d.Ranked && at > g.done {
		p.days = append(p.days, d)
	}
}

// finish forgets the days up to one that is done.
func (g *gathering) finish(at civil.Instant) {
	g.done = max(g.done, at)
	for i := range g.partitions {
		p := &g.partitions[i]
		n, _ := slices.BinarySearchFunc(p.days, int64(g.done)+1, func(d *pb.PortfolioDay, at int64) int { return cmp.Compare(d.AsOf, at) })
		p.days = p.days[n:]
	}
}

// next is the earliest day end that isn't done, of all partitions in their order; 0: none is known. Waits names the
// partitions that haven't come so far. Days is nil where one has passed it by without its histograms: it is done, and
// there are no cut-offs of it.
func (g *gathering) next() (at civil.Instant, days []*pb.PortfolioDay, waits []int) {
	for i := range g.partitions {
		if p := &g.partitions[i]; len(p.days) > 0 && (at == 0 || civil.Instant(p.days[0].AsOf) < at) {
			at = civil.Instant(p.days[0].AsOf)
		}
	}
	if at == 0 {
		return 0, nil, nil
	}
	for i := range g.partitions {
		p := &g.partitions[i]
		switch {
		case len(p.days) > 0 && civil.Instant(p.days[0].AsOf) == at:
			days = append(days, p.days[0])
		case p.last < at:
			waits = append(waits, i)
		}
	}
	if len(waits) > 0 || len(days) < len(g.partitions) {
		days = nil
	}
	return at, days, waits
}
