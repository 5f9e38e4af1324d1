package value

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// Figures is what a customer was worth in the window, as of one instant. Money is minor units of the base currency,
// tax and freight left out. Null: not computable.
type Figures struct {
	Gross, Returns, Net int64
	Orders, ReturnCount int64
	LastOrderAt         civil.Instant // of all time; 0 where the customer never ordered
	MeanGap             figure.Micro  // days between purchase days of the window; null below two of them
	GapVariability      figure.Micro  // standard deviation of these gaps by their mean; null below two gaps
	CostToServe         int64
	Contribution        Money
	Growth              figure.Micro // as a part of one; null without a base
	Breadth             figure.Micro // categories bought in; null where the policy names none
	ReorderRatio        figure.Micro // a step of ReorderSteps; null without a mean gap
	TenureDays          figure.Micro // a step of the factor tenure; null before the first order
	ContactDays         figure.Micro // a step of days since the last contact; null where none is kept
	Satisfaction        figure.Micro // 0 to 10, the mean of the surveys; null without one
	Score, Potential    figure.Micro // 0 to 100
	Stage               Stage
}

// Money is an amount in minor units; the zero value is null: not computable.
type Money struct {
	Minor int64
	Known bool
}

// Profile is what value looks at beside what was bought: ratings from 0 to 100 that the customer's profile says, and, for
// factors that go by ranks, the cut-offs in force (nil: none) and the name of the customer's segment (empty: of none).
type Profile struct {
	IndustryStanding, Outlook, BrandAwareness figure.Micro

	Cutoffs *portfolio.Cutoffs
	Segment string
}

// Now is a state as of any moment of a day, under a policy: the full days before it that the policy counts, and that day so
// far. Days that are still to come don't count. It holds as long as neither of the two changes.
type Now struct {
	state *State
	cfg   *Config
	sums
}

// At looks at the state once for all that is asked of a day.
func (s *State) At(cfg *Config, today civil.Day) (n Now) {
	if s.Carried == nil {
		return s.at(cfg, today)
	}
	n.state, n.cfg, n.sums = s, cfg, *s.Carried.of(s, cfg, today)
	return n
}

// at adds up.
func (s *State) at(cfg *Config, today civil.Day) (n Now) {
	n.state, n.cfg = s, cfg
	n.of(s, cfg, today)
	return n
}

// Figures are those of the window.
func (n *Now) Figures(p Profile) Figures {
	f := n.figures(n.cfg)
	f.Score, f.Potential = n.score(n.cfg, &f, &p, nil)
	return f
}

// Figures are those of the window as of any moment of today; see Now.
func (s *State) Figures(cfg Config, today civil.Day, p Profile) Figures {
	n := s.at(&cfg, today)
	return n.Figures(p)
}

// sums is what one pass over the buckets finds.
type sums struct {
	Bucket                // of the window, all days together
	today, first, from    civil.Day
	lastAt                civil.Instant
	service               Service
	habit, kept           gaps // of the window, of all days kept
	returned, contact     civil.Day
	recent, before, aYear int64 // net of the 91 days up to now, of those before, of those a year before
	categories            mix
	uncosted              mix
}

// mix is money by code; code 0 is for what has no category of its own.
type mix [CategoriesMost + 1]int64

// gaps are the purchase days of a span and what lies between them.
type gaps struct {
	first, last civil.Day
	days        int64
	squares     int64
}

func (g *gaps) add(d civil.Day) {
	if g.days > 0 {
		n := int64(d - g.last)
		g.squares += n * n
	} else {
		g.first = d
	}
	g.last = d
	g.days++
}

// mean is null below two days.
func (g *gaps) mean() figure.Micro { return figure.Div(int64(g.last-g.first), max(g.days-1, 0)) }

// variability is the standard deviation of the gaps by their mean, as of a whole population: with n gaps that add up to S,
// the root of n*(sum of squares) - S*S, by S. Null below two gaps.
func (g *gaps) variability() figure.Micro {
	n, sum := g.days-1, int64(g.last-g.first)
	if n < 2 {
		return figure.Micro{}
	}
	return figure.RootDiv(n*g.squares-sum*sum, sum)
}

// atLeast is the first number of days that is no less than times the mean gap, times in halves; 0 without a mean.
func (g *gaps) atLeast(halves int64) int64 {
	if g.days < 2 {
		return 0
	}
	over := 2 * (g.days - 1)
	return (halves*int64(g.last-g.first) + over - 1) / over
}

// of adds up what is kept, in one pass: this is done with every event.
func (w *sums) of(s *State, cfg *Config, today civil.Day) {
	w.today, w.first, w.lastAt = today, s.FirstDay, s.LastOrderAt
	w.from = today - civil.Day(cfg.WindowDays)
	oldest := today - cfg.Kept()
	for i := range s.Buckets {
		b := &s.Buckets[i]
		if b.Day < oldest || b.Day > today {
			continue
		}
		if b.Day >= w.from {
			w.count(b)
		}
		if b.Gross != 0 || b.Returns != 0 {
			w.compare(b)
		}
		if b.Orders > 0 {
			w.purchase(s, b.Day, cfg)
		}
		if b.Service != nil && b.Service.Contacts > 0 {
			w.contact = b.Day
		}
	}
}

// count adds a day of the window.
func (w *sums) count(b *Bucket) {
	w.Gross += b.Gross
	w.Returns += b.Returns
	w.Orders += b.Orders
	w.ReturnCount += b.ReturnCount
	w.Cost += b.Cost
	w.Costed += b.Costed
	w.Back += b.Back
	w.categorise(b.Categories, 1)
	if b.Service != nil {
		w.service.add(b.Service, 1)
	}
}

func (w *sums) categorise(list []Category, sign int64) {
	for _, c := range list {
		if c.Code > 0 && c.Code <= CategoriesMost {
			w.categories[c.Code] += sign * c.Net
			w.uncosted[c.Code] += sign * c.Uncosted
		}
	}
}

// Days that growth compares: the last 91 with the same 91 days 364 days earlier, else with the 91 before.
const (
	growthDays = 91
	yearDays   = 364
)

// compare adds a day to the spans of growth. Today so far comes on top of the last 91 full days, and has no counterpart.
func (w *sums) compare(b *Bucket) {
	net := b.Gross - b.Returns
	switch age := w.today - b.Day; {
	case age <= growthDays:
		w.recent += net
	case age <= 2*growthDays:
		w.before += net
	case age > yearDays && age <= yearDays+growthDays:
		w.aYear += net
	}
}

// purchase adds a purchase day, and sees whether it ended a silence.
func (w *sums) purchase(s *State, d civil.Day, cfg *Config) {
	late := w.kept.days == 0 && w.first < d || w.kept.days > 0 && int64(d-w.kept.last) >= int64(cfg.Lifecycle.DormantDays)
	if late && int64(w.today-d) < int64(cfg.Lifecycle.ReturningDays) && s.cameBack(d, cfg) {
		w.returned = d
	}
	w.kept.add(d)
	if d >= w.from {
		w.habit.add(d)
	}
}

// cameBack says whether an order of day, which isn't the first, ended a silence that counts as gone. It looks as far back from
// that day as is kept as long as the stage lasts: so what is forgotten meanwhile makes nobody return.
func (s *State) cameBack(day civil.Day, cfg *Config) bool {
	span := cfg.Kept() - civil.Day(cfg.Lifecycle.ReturningDays)
	g, silence := gaps{}, int64(span)+1
	for i := range s.Buckets {
		if b := &s.Buckets[i]; b.Orders > 0 && b.Day >= day-span && b.Day < day {
			g.add(b.Day)
			silence = int64(day - b.Day)
		}
	}
	return silence >= g.gone(&cfg.Lifecycle)
}

// gone is after how many days without an order a customer counts as gone.
func (g *gaps) gone(l *Lifecycle) int64 {
	return max(int64(l.DormantDays), g.atLeast(2*int64(l.DormantGaps)))
}

func (w *sums) figures(cfg *Config) Figures {
	f := Figures{
		Gross: w.Gross, Returns: w.Returns, Net: w.Gross - w.Returns, Orders: int64(w.Orders), ReturnCount: int64(w.ReturnCount),
		LastOrderAt: w.lastAt, MeanGap: w.habit.mean(), GapVariability: w.habit.variability(), CostToServe: w.costToServe(&cfg.Serve),
		Breadth: w.breadth(cfg), ReorderRatio: w.reorder(), Satisfaction: figure.Div(w.service.Answers, 1000*int64(w.service.Surveys)),
	}
	if cost := w.costOfGoods(cfg); cost.Known {
		f.Contribution = Money{f.Net - cost.Minor - f.CostToServe, true}
	}
	f.Growth, _ = w.growth()
	f.TenureDays, f.ContactDays = w.tenure(cfg), w.unmet()
	f.Stage = w.stage(&cfg.Lifecycle, f.Growth)
	return f
}

// costToServe is what was given, and the rates of the policy for the rest, rounded half to even once for the window.
func (w *sums) costToServe(r *Serve) int64 {
	v := &w.service
	return v.Cost + figure.Portion(v.Unpriced, r.Minute, 1000) + int64(v.Visits)*r.Visit + int64(v.Complaints)*r.Complaint +
		int64(w.ReturnCount)*r.Return
}

// costOfGoods is what was given, and for what is left of the net by the margin of its category: net * (1 - margin), rounded
// half to even once per category and window. A return that names no order, and doesn't say what its goods had cost, takes
// back a cost by the default margin, and none where there is no such margin. Null where sales are left without either. A
// margin is an estimate: where returns give more cost than it has left, what is sold and kept has cost nothing, never less.
func (w *sums) costOfGoods(cfg *Config) Money {
	cost, rest := w.Cost, w.Gross-w.Returns-w.Costed+w.Back // by orders
	for code := int32(1); int(code) <= len(cfg.Categories); code++ {
		n := w.uncosted[code]
		rest -= n
		if m := cfg.Margin.of(code); m.Known {
			cost += figure.Portion(n, figure.One-m.Millionths, figure.One)
		} else if n != 0 {
			return Money{}
		}
	}
	m := cfg.Margin.Default
	switch {
	case m.Known:
		cost += figure.Portion(rest-w.Back, figure.One-m.Millionths, figure.One)
	case rest != 0:
		return Money{}
	}
	if w.Gross >= w.Returns {
		cost = max(0, cost)
	}
	return Money{cost, true}
}

// growth is the net of the last 91 days against that of the same days 364 days earlier, for which 455 days of history are
// needed, else against the 91 days before. Null where that is not above 0.
func (w *sums) growth() (figure.Micro, Base) {
	base, of := w.before, BaseBefore
	if w.first != 0 && w.today-w.first >= yearDays+growthDays {
		base, of = w.aYear, BaseYear
	}
	if base <= 0 {
		return figure.Micro{}, BaseNone
	}
	return figure.Div(w.recent-base, base), of
}

// Base is what growth is taken against.
type Base int

// The bases of growth.
const (
	BaseNone   Base = iota // neither has a net above 0
	BaseBefore             // the 91 days before
	BaseYear               // the same 91 days 364 days earlier
)

// String is the word for it in customers.jsonl.
func (b Base) String() string {
	return [...]string{"none", "days_before", "year_before"}[b]
}

// breadth is in how many of the policy's categories something was bought and kept.
func (w *sums) breadth(cfg *Config) figure.Micro {
	if len(cfg.Categories) == 0 {
		return figure.Micro{}
	}
	n := int64(0)
	for code := 1; code <= len(cfg.Categories); code++ {
		if w.categories[code] > 0 {
			n++
		}
	}
	return figure.Of(n * figure.One)
}
