package reducer

import (
	"cmp"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Silence makes a customer worse only up to the day that it is judged up to: by the policy's lag behind today, and once a feed
// of payments has said how far it is complete, up to there (docs/adr/0015-quiet-feed.md). A judging is that day with the moment
// from which on it holds. Who is to be worse with a later one can't be told by time: they wait in the due set, beyond all time,
// by the day that they wait for, beside their own moments:
//
//	due:  ... moments that will come ... | day 20510: anna | day 20513: bert, dora
//
// When silence is judged up to day 20510, a Tick takes those up to there, some at a time, and is owed until none is left. Each is
// looked at as if at the moment from which the judging holds, after their own moments up to then and before anything later.

// feedsMost bounds how many feeds a partition remembers. What others say counts for nothing, and is counted.
const feedsMost = 64

// A time of waiting has more days than there are, from firstDay on.
const (
	timeOfWaiting civil.Instant = 1 << 22
	firstDay      civil.Instant = 1 << 21
)

// waitFor is the place of whoever waits for a day. Who has waited when a person released the feeds comes before all who wait since they
// have spoken again: all of the former are looked at.
func waitFor(time int64, day civil.Day) civil.Instant {
	return waiting + civil.Instant(time)*timeOfWaiting + firstDay + civil.Instant(day)
}

// judged is the day that silence is judged up to, at any moment of today.
func (r rule) judged(today civil.Day) civil.Day {
	lagged := today - civil.Day(r.policy.Credit.Scoring.LagDays)
	switch {
	case r.judging == nil:
		return lagged
	case r.judging.Held:
		return civil.Day(r.judging.Day)
	}
	return max(lagged, civil.Day(r.judging.Day))
}

// Silence is how far silence is judged at a moment, for people.
type Silence struct {
	Judged civil.Day // items that were due before it count as overdue
	Held   bool      // feeds of payments say so
	Since  civil.Day // from this day on it has been held further back than the policy's lag; 0: it isn't
	Feeds  []FeedWord
}

// FeedWord is what a feed of payments has said last.
type FeedWord struct {
	Source, Name string
	Until        civil.Instant
	Released     bool // by a person: it counts for nothing until it says more
	Slowest      bool // it is what silence is judged by
	Quiet        bool // it is no feed, but stands for the payments of everybody, which have stopped coming
}

// Silence is how far silence is judged at t, which is no moment before now.
func (v *View) Silence(t civil.Instant) (s Silence) {
	r, today := v.part.current(), v.part.calendar.DayOf(t)
	s.Judged, s.Held = r.judged(today), r.held()
	if back := r.heldBack(today); back > 0 {
		s.Since = today - back + 1
	}
	slowest, _ := v.part.complete()
	if since := v.part.QuietSince; since != nil {
		at := v.part.calendar.Start(civil.Day(*since))
		w := FeedWord{Name: quietFeed, Until: at, Released: int64(at) <= v.part.releasedQuiet(), Quiet: true}
		w.Slowest = !w.Released && s.Held && slowest == civil.Day(*since)
		s.Feeds = append(s.Feeds, w)
	}
	for _, f := range v.part.Feeds {
		if f.Name == quietFeed {
			continue
		}
		w := FeedWord{Source: f.Source, Name: f.Name, Until: civil.Instant(f.Until), Released: f.Until <= f.Released}
		w.Slowest = !w.Released && v.part.calendar.DayOf(w.Until) == slowest
		s.Feeds = append(s.Feeds, w)
	}
	return s
}

// heldBack is by how many days silence is judged less far than the policy's lag alone would have it.
func (r rule) heldBack(today civil.Day) civil.Day {
	return max(0, today-civil.Day(r.policy.Credit.Scoring.LagDays)-r.judged(today))
}

// holds says that something would be worse for the customer by now, if feeds of payments didn't hold it.
func (r rule) holds(c *customer, segment int, today civil.Day) bool {
	if r.heldBack(today) == 0 {
		return false
	}
	judged := r.judged(today)
	next, ok := c.ledger.NextSilence(*r.policy.CreditOf(segment), r.policy.DriftOf(segment), judged)
	return ok && next <= judged+r.heldBack(today)
}

// held says that it isn't for time to say how far silence is judged.
func (r rule) held() bool { return r.judging.GetHeld() }

// judgingBefore is what was in force just before moment d; nil: nothing. Due moments at a time come before records at that time.
func (p *partition) judgingBefore(d civil.Instant) *pb.Judging {
	for _, j := range slices.Backward(p.Judging) {
		if civil.Instant(j.From) < d {
			return j
		}
	}
	return nil
}

// lastJudging is the judging in force now; nil: there is none.
func (p *partition) lastJudging() *pb.Judging {
	if n := len(p.Judging); n > 0 {
		return p.Judging[n-1]
	}
	return nil
}

// hear takes what a feed says at t: that it is complete, or, of a release, what it had said. False: that is nothing new. What a
// feed says of the time to come counts up to now.
func (p *partition) hear(f *pb.Feed, t civil.Instant) bool {
	i, found := slices.BinarySearchFunc(p.Feeds, f, compareFeeds)
	if !found {
		if len(p.Feeds) >= feedsMost {
			return false
		}
		p.Feeds = slices.Insert(p.Feeds, i, &pb.Feed{Source: f.Source, Name: f.Name})
	}
	is := p.Feeds[i]
	was := proto.CloneOf(is)
	is.Until, is.Released = max(is.Until, min(f.Until, int64(t))), max(is.Released, f.Released)
	return !found || !proto.Equal(is, was)
}

func compareFeeds(a, b *pb.Feed) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
}

// complete is the day up to which every feed is complete that counts, or, where none does, the day since which payments have stopped
// coming for everybody; false: there is no such.
func (p *partition) complete() (day civil.Day, ok bool) {
	for _, f := range p.Feeds {
		if f.Name == quietFeed || f.Until <= f.Released {
			continue
		}
		if d := p.calendar.DayOf(civil.Instant(f.Until)); !ok || d < day {
			day, ok = d, true
		}
	}
	if p.QuietSince != nil && !ok && p.current().policy.Credit.Quiet.Asks() && int64(p.calendar.Start(civil.Day(*p.QuietSince))) > p.releasedQuiet() {
		return civil.Day(*p.QuietSince), true
	}
	return day, ok
}

// quietFeed stands for the payments of everybody among the feeds that a person has released: no feed has such a name.
const quietFeed = "\x00"

// releasedQuiet is up to when a person says that payments may have stopped.
func (p *partition) releasedQuiet() int64 {
	i, found := slices.BinarySearchFunc(p.Feeds, &pb.Feed{Name: quietFeed}, compareFeeds)
	if !found {
		return math.MinInt64
	}
	return p.Feeds[i].Released
}

// quiet takes as of a day's beginning whether payments have stopped coming for everybody. It is so at once: the record comes after all
// that belongs to the days before.
func (p *partition) quiet(q *pb.PaymentsQuiet, t civil.Instant) {
	if !newer(&p.QuietSequence, q.Sequence) {
		return
	}
	p.QuietSince = q.Since
	p.rejudge(t)
}

// rejudge puts in force at once what no feed has to do with. What feeds have said, and isn't in force yet, brings it along in its time.
func (p *partition) rejudge(t civil.Instant) {
	if j := p.judge(t); j != nil && p.Coming == nil {
		p.put(j, t)
	}
}

// see notes that a bank has told something: money, or that there was none. What is paid back is told by others. The day is that on which
// it happened, so that what comes again changes nothing.
func (p *partition) see(e *pb.PaymentEvent, t civil.Instant) {
	if e.GetReceived() == nil && e.GetReversed() == nil && e.GetFailed() == nil {
		return
	}
	if day := int32(p.calendar.DayOf(min(civil.FromTime(e.OccurredAt.AsTime()), t))); p.Paid == nil || day > *p.Paid {
		p.Paid = proto.Int32(day)
	}
}

// judge is the judging that the feeds come to at t; nil: the one in force goes on. It never goes back: what was judged is.
func (p *partition) judge(t civil.Instant) *pb.Judging {
	last, r, today := p.lastJudging(), p.current(), p.calendar.DayOf(t)
	day, held := p.complete()
	if held == last.GetHeld() && (!held || day <= civil.Day(last.Day)) {
		return nil
	}
	is := r.judged(today)
	if held {
		is = max(is, day)
	}
	j := &pb.Judging{Number: last.GetNumber() + 1, From: int64(t), Day: int32(is), Held: held, Rule: r.Number, Time: last.GetTime()}
	if held && !last.GetHeld() {
		j.Time++
	}
	return j
}

// announce puts in force what the feeds come to with a record written at at. Under the event clock that is so at once: the record
// has its place among the events. Under the wall clock payments that were sent before it may still be on their way through other
// partitions of the inputs: it asks whether these are in, as of a time that is later by any clock.
func (p *partition) announce(at, t civil.Instant) {
	j := p.judge(t)
	switch {
	case j == nil:
		p.Coming = nil
	case !p.Wall:
		p.put(j, t)
	case p.Coming == nil || p.Coming.Day != j.Day || p.Coming.Held != j.Held:
		p.Coming = &pb.Judging{From: int64(min(at, t) + p.opts.Skew + 1), Day: j.Day, Held: j.Held}
	}
}

// takenIn puts in force what the feeds come to at t, if what was sent before at is what was asked for.
func (p *partition) takenIn(at, t civil.Instant) {
	if p.Coming == nil || int64(at) < p.Coming.From {
		return
	}
	p.Coming = nil
	if j := p.judge(t); j != nil {
		p.put(j, t)
	}
}

// put puts a judging in force. A Tick is to look at those who wait.
func (p *partition) put(j *pb.Judging, t civil.Instant) {
	p.Judging, p.Owed = append(p.Judging, j), max(p.Owed, int64(t))
}

// unjudged is the first judging under which not every customer has been looked at; nil: there is none.
func (p *partition) unjudged() *pb.Judging {
	for _, j := range p.Judging {
		if j.Number > p.Judged {
			return j
		}
	}
	return nil
}

// waitersInto asks for those whom a Tick looks at under new judgings.
func (p *partition) waitersInto(info *processor.Info) {
	if p.unjudged() == nil {
		return
	}
	last := p.lastJudging()
	info.AlsoFrom, info.AlsoTo, info.AlsoMost = waiting, waitFor(last.Time, civil.Day(last.Day)), info.DueMost
	if !last.Held {
		info.AlsoTo = waitFor(last.Time, maxDay)
	}
}

// maxDay is after all days.
const maxDay = civil.Day(firstDay - 1)

// left is the earliest moment at which something is left to be done, where a customer is the first that is left.
func (p *partition) left(c *customer) civil.Instant {
	left := processor.NoDue
	if c.Due != 0 {
		left = civil.Instant(c.Due)
	}
	if j := p.unjudged(); j != nil { // whoever waits for it comes behind those that are due
		left = min(left, civil.Instant(j.From))
	}
	return left
}

// swept says that every customer has been looked at under what is in force, and forgets what was before.
func (p *partition) swept() {
	if last := p.lastJudging(); last != nil {
		p.Judging, p.Judged = []*pb.Judging{last}, last.Number
	}
}

// reached is the first judging in force at t that gives a customer what they wait for, if it comes before their own next moment;
// nil: there is none.
func (p *partition) reached(c *pb.ScorerCustomer, t civil.Instant) *pb.Judging {
	if c.Wait == nil {
		return nil
	}
	for _, j := range p.Judging {
		if j.Time == c.WaitTime && civil.Instant(j.From) <= t && (!j.Held || j.Day >= *c.Wait) {
			if c.Due != 0 && c.Due <= j.From {
				return nil
			}
			return j
		}
	}
	return nil
}

// under is the rule that customers are looked at under with a judging.
func (p *partition) under(j *pb.Judging) (rule, error) {
	r, err := p.numbered(j.Rule)
	r.judging = j
	return r, err
}

// time has time say again when a customer is to be worse; false: that is so at once.
func (c *customer) time(r rule, calendar civil.Calendar) bool {
	day := civil.Day(*c.Wait)
	if day <= r.judged(calendar.DayOf(civil.Instant(r.judging.From))) {
		return false
	}
	due := int64(calendar.Start(day + civil.Day(r.policy.Credit.Scoring.LagDays)))
	if c.Due == 0 || due < c.Due {
		c.Due = due
	}
	c.Wait, c.WaitTime = nil, 0
	return true
}

// lookUnder looks at a customer under a judging that has come to what they wait for.
func (b *scorerBatch) lookUnder(c *customer, j *pb.Judging) error {
	r, err := b.part.under(j)
	if err != nil {
		return err
	}
	if !j.Held && c.time(r, b.part.calendar) {
		b.touch(c)
		return nil
	}
	at := max(civil.Instant(j.From), civil.Instant(c.At))
	b.counts.add("waits", 1)
	return b.level(c, at, at, r, &pb.Trigger{Kind: pb.Trigger_TIME})
}

// feedOf is what a fact says of a feed of payments; nil: nothing.
func feedOf(f *pb.Fact) *pb.Feed {
	e := f.GetPayment()
	if e.GetCompleteThrough() == nil {
		return nil
	}
	return &pb.Feed{Source: e.Source, Name: e.GetCompleteThrough().Feed, Until: int64(civil.FromTime(e.GetCompleteThrough().Until.AsTime()))}
}

// feeds takes what is said of feeds of payments.
func (b *scorerBatch) feeds(f *pb.Fact, t civil.Instant, said ...*pb.Feed) {
	news := false
	for _, feed := range said {
		is := b.part.hear(feed, t)
		news = news || is
	}
	if !news {
		b.counts.add("feeds without news", 1)
		return
	}
	b.counts.add("feeds", 1)
	b.part.announce(civil.Instant(f.At), t)
}
