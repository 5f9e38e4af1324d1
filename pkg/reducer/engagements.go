package reducer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Engagement events are no registers: what came once counts once, for as long as it may come again. The ids of each day are
// kept in a field of their own, and dropped once nothing of that day is taken any more.

// horizonDays is how long an event that is no register is known again, and taken at all.
const horizonDays = 35

// visit is the kind of activity that costs the policy's rate of a visit.
const visit = "visit"

func engagedOn(e *pb.EngagementEvent, calendar civil.Calendar) civil.Day {
	return calendar.DayOf(civil.FromTime(e.GetOccurredAt().AsTime()))
}

// oldest is the first day whose engagements still count on a day. Under the wall clock ingest refuses what is older, and
// the ids are dropped. Under the event clock every day of the history counts, in whatever order it comes.
func (p *partition) oldest(today civil.Day, c *policy.Policy) civil.Day {
	if p.Wall {
		return today - horizonDays
	}
	return today - c.Value.Kept()
}

// applyEngagement counts an event, unless it came before or is too old.
func (c *customer) applyEngagement(e *pb.EngagementEvent, env environment) bool {
	service, ok := serviceOf(e)
	service.Cost = env.rate.Base(service.Cost)
	day := engagedOn(e, env.calendar)
	if !ok || day < env.oldest {
		env.counts.add("too old", int64(btoi(ok)))
		return false
	}
	s, id := slot(c.registers.engaged, day.String()), fingerprint(e.Source, e.EventId)
	i, found := slices.BinarySearch(s.Seen, id)
	if found {
		return false
	}
	s.Seen = slices.Insert(s.Seen, i, id)
	c.registers.touch(engagementPrefix, day.String())
	c.value.Add(value.OfService(service, day))
	return true
}

// serviceOf is what an event adds to its day; false: it is of a kind that this program doesn't know.
func serviceOf(e *pb.EngagementEvent) (s value.Service, ok bool) {
	switch k := e.Kind.(type) {
	case *pb.EngagementEvent_ServiceContact:
		s.Contacts, s.Minutes, s.Cost = 1, thousandths(k.ServiceContact.Minutes), k.ServiceContact.CostMinor
		if s.Cost == 0 {
			s.Unpriced = s.Minutes
		}
		s.Complaints = int32(btoi(k.ServiceContact.Complaint))
	case *pb.EngagementEvent_Survey:
		s.Surveys, s.Answers = 1, thousandths(k.Survey.Score)
	case *pb.EngagementEvent_Referral:
		s.Referrals = 1
	case *pb.EngagementEvent_Activity:
		s.Activities, s.Visits = 1, int32(btoi(k.Activity.Kind == visit))
	default:
		return s, false
	}
	return s, true
}

// mostThousandths keeps sums of them far from the end of int64.
const mostThousandths = 1e12

func thousandths(x float64) int64 {
	return int64(math.RoundToEven(min(max(x, 0), mostThousandths/1000) * 1000))
}

// fingerprint tells events of one customer and day apart.
func fingerprint(source, id string) uint64 {
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	return binary.BigEndian.Uint64(sum[:])
}

// forget drops the ids of the days before oldest, those of the days before from having been dropped.
func (c *customer) forget(from, oldest civil.Day) {
	at := func(d civil.Day) int {
		i, _ := slices.BinarySearchFunc(c.value.Buckets, d, func(b value.Bucket, d civil.Day) int { return cmp.Compare(b.Day, d) })
		return i
	}
	for i := at(from); i < len(c.value.Buckets) && c.value.Buckets[i].Day < oldest; i++ {
		if c.value.Buckets[i].Service == nil {
			continue
		}
		name := c.value.Buckets[i].Day.String()
		delete(c.registers.engaged, name)
		c.registers.known[engagementPrefix+name] = true
		c.registers.touch(engagementPrefix, name)
	}
}

// forget drops what a customer need not know any more as of today. What the event clock kept goes once the wall clock has
// taken over.
func (p *partition) forget(c *customer, today civil.Day, r *policy.Policy) {
	from := civil.Day(math.MinInt32)
	if p.Wall && c.At > p.LiveSince {
		from = p.oldest(p.calendar.DayOf(civil.Instant(c.At)), r)
	}
	c.forget(from, p.oldest(today, r))
}

// said is what value looks at beside what was bought, for a customer of a segment.
func (c *customer) said(r rule, segment int) value.Profile {
	p := c.ratings()
	p.Cutoffs, p.Segment = r.cutoffs, r.policy.SegmentName(segment)
	return p
}

// ratings are those that value looks at.
func (c *customer) ratings() (p value.Profile) {
	for _, r := range c.profile.Ratings {
		switch r.Name {
		case value.FactorIndustryStanding:
			p.IndustryStanding = figure.Of(r.Millionths)
		case value.FactorOutlook:
			p.Outlook = figure.Of(r.Millionths)
		case value.FactorBrandAwareness:
			p.BrandAwareness = figure.Of(r.Millionths)
		}
	}
	return p
}
