package value

import (
	"math"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// NextDay is the next day after today at whose start time alone changes a figure that matters: a bucket leaves the window, a
// day that was still to come begins, or what the policy looks at reaches its next step. False: nothing will ever change by
// itself again.
func (s *State) NextDay(cfg Config, today civil.Day) (civil.Day, bool) {
	n := s.at(&cfg, today)
	return n.NextDay()
}

// NextDay is that of the state; see State.NextDay.
func (n *Now) NextDay() (civil.Day, bool) {
	s, cfg := n.state, n.cfg
	d := due{today: n.today, next: math.MaxInt32}
	growth := cfg.Looks.Growth || cfg.Looks.Lifecycle || cfg.Looks.Score && cfg.weighs(FactorGrowth)
	d.first(s.Buckets, 0, anyDay)
	d.first(s.Buckets, cfg.WindowDays+1, anyDay)
	if growth { // a bucket comes into a span, or leaves it
		for _, days := range [...]int{growthDays + 1, 2*growthDays + 1, yearDays + 1, yearDays + growthDays + 1} {
			d.first(s.Buckets, days, (*Bucket).sells)
		}
		if s.FirstDay != 0 {
			d.after(s.FirstDay, yearDays+growthDays)
		}
	}
	if cfg.Looks.Lifecycle {
		d.first(s.Buckets, int(cfg.Kept())+1, (*Bucket).ordered)
	}
	n.contacts(&d)
	n.steps(&d)
	if cfg.Looks.Score && cfg.Ranks() {
		d.after(n.today, 1) // there may be new cut-offs (docs/adr/0017)
	}
	if d.next == math.MaxInt32 {
		return 0, false
	}
	return d.next, true
}

func anyDay(*Bucket) bool       { return true }
func (b *Bucket) sells() bool   { return b.Gross != 0 || b.Returns != 0 }
func (b *Bucket) ordered() bool { return b.Orders > 0 }

// due finds the first of many days.
type due struct{ today, next civil.Day }

func (d *due) on(day civil.Day) {
	if day > d.today {
		d.next = min(d.next, day)
	}
}

func (d *due) after(day civil.Day, days int) { d.on(day + civil.Day(days)) }

// first is so many days after the first bucket that counts and for which that lies ahead. Buckets that are still to come
// count only once they are there.
func (d *due) first(buckets []Bucket, days int, counts func(*Bucket) bool) {
	i := sort.Search(len(buckets), func(i int) bool { return buckets[i].Day+civil.Day(days) > d.today })
	for ; i < len(buckets) && (days == 0 || buckets[i].Day <= d.today); i++ {
		if counts(&buckets[i]) {
			d.after(buckets[i].Day, days)
			return
		}
	}
}

func (d *due) curve(day civil.Day, knots []Knot) {
	for _, k := range knots {
		d.after(day, int(k.Raw/figure.One))
	}
}

// contacts are the steps of the days since the last contact, and the day on which it is forgotten.
func (n *Now) contacts(d *due) {
	l := &n.cfg.Looks
	if n.contact == 0 {
		return
	}
	if l.Contact {
		d.curve(n.contact, contactCurve())
		d.after(n.contact, int(n.cfg.Kept())+1)
	}
	if l.Unmet {
		d.after(n.contact, ContactDue)
	}
}

// steps are those of habits, recency and tenure, as far as the policy looks at them.
func (n *Now) steps(d *due) {
	s, cfg, l := n.state, n.cfg, &n.cfg.Looks
	recency := l.Score && cfg.weighs(FactorRecency)
	if !recency && !l.Reorder && !l.Late && !l.Lifecycle && !l.Silence && !l.Tenure && (!l.Score || !cfg.weighs(FactorTenure)) {
		return
	}
	if s.FirstDay != 0 && (l.Tenure || l.Score) {
		d.curve(s.FirstDay, cfg.curve(FactorTenure))
	}
	if n.kept.days > 0 && recency {
		d.curve(n.kept.last, cfg.curve(FactorRecency))
	}
	if n.habit.days > 1 && (l.Reorder || l.Late) {
		for _, halves := range reorderHalves() {
			if l.Reorder || halves == 3 || halves == 6 {
				d.after(n.habit.last, int(n.habit.atLeast(halves)))
			}
		}
	}
	if l.Lifecycle || l.Silence {
		d.after(s.FirstDay, cfg.Lifecycle.NewDays)
		d.after(n.kept.last, int(n.kept.gone(&cfg.Lifecycle)))
		d.after(n.returned, cfg.Lifecycle.ReturningDays)
	}
}
