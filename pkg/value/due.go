package value

import (
	"math"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// NextDay is the next day after today at whose start time alone changes a figure that matters: a bucket leaves the window, a
// day that was still to come begins, or what the policy looks at reaches its next step. False: nothing will ever change by
// itself again.
func (s *State) NextDay(cfg Config, today civil.Day) (civil.Day, bool) {
	d := due{today: today, next: math.MaxInt32}
	growth := cfg.Looks.Growth || cfg.Looks.Lifecycle || cfg.Looks.Score && cfg.weighs(FactorGrowth)
	for i := range s.Buckets {
		b := &s.Buckets[i]
		if b.Day > today {
			d.on(b.Day)
			continue
		}
		d.after(b.Day, cfg.WindowDays+1)
		if growth && (b.Gross != 0 || b.Returns != 0) {
			d.spans(b.Day)
		}
		if cfg.Looks.Lifecycle && b.Orders > 0 {
			d.after(b.Day, int(cfg.Kept())+1)
		}
	}
	if growth && s.FirstDay != 0 {
		d.after(s.FirstDay, yearDays+growthDays)
	}
	s.steps(&cfg, &d)
	if d.next == math.MaxInt32 {
		return 0, false
	}
	return d.next, true
}

// due finds the first of many days.
type due struct{ today, next civil.Day }

func (d *due) on(day civil.Day) {
	if day > d.today {
		d.next = min(d.next, day)
	}
}

func (d *due) after(day civil.Day, days int) { d.on(day + civil.Day(days)) }

// spans are the days on which a bucket comes into a span of growth, or leaves it.
func (d *due) spans(day civil.Day) {
	for _, n := range [...]int{growthDays + 1, 2*growthDays + 1, yearDays + 1, yearDays + growthDays + 1} {
		d.after(day, n)
	}
}

func (d *due) curve(day civil.Day, knots []Knot) {
	for _, k := range knots {
		d.after(day, int(k.Raw/figure.One))
	}
}

// steps are those of habits, recency and tenure, as far as the policy looks at them.
func (s *State) steps(cfg *Config, d *due) {
	l := &cfg.Looks
	recency := l.Score && cfg.weighs(FactorRecency)
	if !recency && !l.Reorder && !l.Late && !l.Lifecycle && !l.Silence && !l.Tenure && (!l.Score || !cfg.weighs(FactorTenure)) {
		return
	}
	w := sums{}
	w.of(s, cfg, d.today)
	if s.FirstDay != 0 && (l.Tenure || l.Score) {
		d.curve(s.FirstDay, cfg.curve(FactorTenure))
	}
	if w.kept.days > 0 && recency {
		d.curve(w.kept.last, cfg.curve(FactorRecency))
	}
	if w.habit.days > 1 && (l.Reorder || l.Late) {
		for _, halves := range reorderHalves() {
			if l.Reorder || halves == 3 || halves == 6 {
				d.after(w.habit.last, int(w.habit.atLeast(halves)))
			}
		}
	}
	if l.Lifecycle || l.Silence {
		d.after(s.FirstDay, cfg.Lifecycle.NewDays)
		d.after(w.kept.last, int(w.kept.gone(&cfg.Lifecycle)))
		d.after(w.returned, cfg.Lifecycle.ReturningDays)
	}
}
