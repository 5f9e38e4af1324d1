package reducer

import (
	"cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"

	"google.golang.org/protobuf/proto"
)

// View reads the state of a partition for people: what a customer's figures and tier are at a moment.
type View struct{ part *partition }

// NewView opens the scorer's partition blob.
func NewView(blob []byte) (*View, error) {
	p, err := openPartition(blob, Options{}.withDefaults(), &policies{})
	if err != nil {
		return nil, err
	}
	if !p.Started {
		return nil, ErrNoInit
	}
	return &View{p}, nil
}

// Now is the largest time that the partition's log has shown.
func (v *View) Now() civil.Instant { return civil.Instant(v.part.Now) }

// Wall says whether the wall clock drives the partition.
func (v *View) Wall() bool { return v.part.Wall }

// Owed is the time of a Tick that wasn't passed on in full; 0: there is none.
func (v *View) Owed() civil.Instant { return civil.Instant(v.part.Owed) }

// Waits is the earliest time of a Tick that something waits for beside due moments: one that wasn't passed on in full, or what feeds
// of payments have said. processor.NoDue: nothing.
func (v *View) Waits() civil.Instant {
	waits := processor.NoDue
	for _, at := range []civil.Instant{v.Owed(), civil.Instant(v.part.Coming.GetFrom())} {
		if at != 0 {
			waits = min(waits, at)
		}
	}
	return waits
}

// Midnights says whether something is decided over all partitions at midnights, by the policy in force: cut-offs, or whether payments
// have stopped.
func (v *View) Midnights() bool { return v.part.current().policy.Midnights() }

// Cutoffs are those in force.
func (v *View) Cutoffs() portfolio.Cutoffs { return *v.part.current().cutoffs }

// Classes are the borders of the classes under the policy in force.
func (v *View) Classes() portfolio.Classes { return v.part.current().policy.Portfolio.Classes }

// Calendar tells the days of the deployment's time zone.
func (v *View) Calendar() civil.Calendar { return v.part.calendar }

// Number is the last number given in scores (of the scorer's blob), or taken from it (of tierchange's).
func (v *View) Number() int64 { return v.part.Number }

// Registers reads registers of a customer by their names; those that there aren't are left out.
type Registers func(id string, names []string) map[string][]byte

// Customer is a customer as of t, from the blobs of both stages and the registers of the scorer; false: erased, or never
// seen. Every moment due up to t has fired.
func (v *View) Customer(id string, scorer []byte, registers Registers, tierchange []byte, t civil.Instant) (line codec.CustomerLine, ok bool, err error) {
	c, err := openCustomer(id, scorer)
	if err != nil || c.Version == 0 || c.Erased {
		return line, false, err
	}
	if names := c.history.missing; len(names) > 0 {
		if err := c.registers.load(processor.Fields{Names: names}, registers(id, names), &c.history); err != nil {
			return line, false, err
		}
		if err := c.unite(); err != nil {
			return line, false, err
		}
	}
	m := &pb.TierCustomer{}
	if err := proto.Unmarshal(tierchange, m); err != nil {
		return line, false, err
	}
	r := v.part.current()
	p := r.policy
	today := v.part.calendar.DayOf(t)
	segment := c.segment(p, today)
	worth := p.ValueOf(segment)
	f := tier.Figures{AsOf: t, Segment: cmp.Or(p.SegmentName(segment), NameOf(m, pb.NamedField_SEGMENT)), Kind: segment,
		Value: c.value.Figures(*worth, today, c.said(r, segment)), Judged: c.ledger.Judged(r.judged(today)), Signs: c.signs(p, segment, today)}
	var score credit.Score
	f.Credit, score = c.rate(r, segment, today)
	if r.holds(c, segment, today) {
		f.Credit.Warnings |= credit.SilenceHeld
	}
	f.Portfolio = r.standing(&f.Value, segment)
	s := tierState(m)
	sales := c.ledger.CreditSales(p.Credit, today)
	line = codec.Customer(id, t, s, f.Value, p.Value.WindowDays, f.Credit)
	line.CreditSales = sales
	c.rateLine(&line.Credit, p, today, &f, score, s.Tier)
	line.Value.Report(c.value.Report(*worth, today, c.said(r, segment), f.Value))
	if f.Segment != "" {
		line.Segment = &f.Segment
	}
	if version := r.cutoffVersion(); version != "" {
		line.Value.CutoffVersion = &version
	}
	climb, stay := Advice(p, s, &f, civil.Instant(c.Due))
	line.ToNext, line.ToKeep = codec.Next(codec.NextTier(climb)), codec.Keep(codec.KeepTier(&stay))
	return line, true, nil
}

func tierState(m *pb.TierCustomer) tier.State {
	return tier.State{Tier: m.Tier, Since: civil.Instant(m.Since), Seq: m.Seq, Failing: civil.Instant(m.Failing), Pending: civil.Instant(m.Pending)}
}
