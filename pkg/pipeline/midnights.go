package pipeline

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// pass lets the midnights up to an event come before it. The first that counts is the one after the first event.
func (p *Pipeline) pass(f *pb.Fact) error {
	t, ok := reducer.OccurredAt(f)
	if !ok {
		return nil
	}
	if p.midnight == 0 {
		p.midnight = p.calendar.Start(p.calendar.DayOf(t) + 1)
	}
	for p.midnight <= t {
		if err := settle([]*Pipeline{p}, p.midnight); err != nil {
			return err
		}
	}
	return nil
}

// Together fires every moment of all partitions due up to t. Where the policy asks for ranks, each midnight up to then
// comes with the cut-offs that all partitions together give, as it does for the services.
func Together(all []*Pipeline, t civil.Instant) error {
	now := civil.MaxInstant // the smallest of those that have one
	for _, p := range all {
		if err := p.flush(); err != nil {
			return err
		}
		if own := p.scorer.Status().Now; own > 0 {
			now = min(now, own)
		}
	}
	if p := all[0]; p.ranked {
		for d := p.calendar.DayOf(now) + 1; p.calendar.Start(d) <= t; d++ {
			if err := settle(all, p.calendar.Start(d)); err != nil {
				return err
			}
		}
	}
	for _, p := range all {
		if err := p.fire(t); err != nil {
			return err
		}
	}
	return nil
}

// settle brings all partitions through a midnight, and puts its cut-offs in force if they moved. A partition that was
// there before has told its day already: then there are none.
func settle(all []*Pipeline, at civil.Instant) error {
	var days []*pb.PortfolioDay
	for _, p := range all {
		p.days = nil
		if err := p.fire(at); err != nil {
			return err
		}
		for _, d := range p.days {
			if d.AsOf == int64(at) && d.Ranked {
				days = append(days, d)
			}
		}
		p.days, p.midnight = nil, p.calendar.Start(p.calendar.DayOf(at)+1)
	}
	if len(days) < len(all) {
		return nil
	}
	_, facts := reducer.Merge(days)
	for _, fact := range facts {
		value, err := proto.Marshal(fact)
		if err != nil {
			return fmt.Errorf("encoding what a midnight brings: %w", err)
		}
		for _, p := range all {
			p.put(value)
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take keeps what the scorer told of day ends.
func (p *Pipeline) take(emitted []processor.Emission) error {
	if !p.ranked {
		return nil
	}
	for m := range of(emitted, reducer.TopicPortfolio) {
		d := &pb.PortfolioDay{}
		if err := proto.Unmarshal(m.Value, d); err != nil {
			return fmt.Errorf("reading back a day of the portfolio: %w", err)
		}
		p.days = append(p.days, d)
	}
	return nil
}
