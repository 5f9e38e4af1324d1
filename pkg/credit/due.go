package credit

import "github.com/tierstream/tierstream/pkg/civil"

// Drift says which figures that move with mere time the policy looks at.
type Drift struct {
	Counts      bool // settled, late, on-time rate, mean days beyond terms
	Promptness  bool
	DSO         bool
	Warnings    bool    // failed payments and broken promises
	Score       bool    // score and grade, and the mean days beyond terms of the last days and before
	Daily       bool    // something that moves every day while anything is open
	OverdueDays []int64 // numbers that credit.max_days_overdue is compared with
	Judged      bool    // the amount overdue as it is judged
	JudgedDays  []int64 // numbers that credit.max_days_overdue_judged is compared with
}

// borders are the days past due on which an item changes its place in the ageing.
var borders = [...]civil.Day{1, 31, 61, 91}

// soonest collects the earliest of the days after today.
type soonest struct {
	today, day civil.Day
	ok         bool
}

func (s *soonest) add(d civil.Day) {
	if d > s.today && (!s.ok || d < s.day) {
		s.day, s.ok = d, true
	}
}

// window adds the days on which what belongs to day comes into a window, where day is still ahead, and rolls off.
func (s *soonest) window(day civil.Day, days int) {
	s.add(day)
	s.add(day + civil.Day(days) + 1)
}

// NextDay is the next day after today at whose start time alone changes a figure that matters. What is open, overdue
// and how it ages always does, and what is exposed.
func (l *Ledger) NextDay(cfg Config, d Drift, today civil.Day) (civil.Day, bool) {
	s := soonest{today: today}
	s.items(l.Items, d)
	for _, b := range l.Bills {
		s.add(b.Matures)
	}
	if d.Warnings {
		s.warnings(l)
	}
	s.judged(l.Items, cfg, d)
	if d.Counts {
		for _, x := range l.Settled {
			s.window(x.Day, cfg.WindowDays)
		}
	}
	if d.Promptness {
		for _, x := range l.Portions {
			s.window(x.Day, cfg.PromptnessDays)
		}
	}
	if d.DSO && len(l.Items) > 0 {
		for _, x := range l.Sales {
			s.window(x.Day, cfg.DSODays)
		}
		if l.HasSale && int64(today-l.FirstSale)+1 < int64(cfg.DSODays) {
			s.add(today + 1) // the days still grow
		}
	}
	s.score(l, &cfg, d)
	return s.day, s.ok
}

// items adds the days on which open items, which are in the order of their due days, change a figure.
func (s *soonest) items(items []Item, d Drift) {
	for n, i := range items {
		for _, b := range borders {
			s.add(i.Due + b)
		}
		past := s.today - i.Due
		if d.Daily || d.Promptness && past > 0 && int64(past) < curve[len(curve)-1].days {
			s.add(s.today + 1)
		}
		for _, days := range d.OverdueDays {
			if n == 0 { // the first has the most days
				s.add(i.Due + civil.Day(days))
				s.add(i.Due + civil.Day(days) + 1)
			}
		}
	}
}

// warnings adds the days on which promises are broken, and on which what warns rolls off.
func (s *soonest) warnings(l *Ledger) {
	for _, f := range l.Failed {
		s.window(f.Day, WarningDays)
	}
	for _, u := range l.Promises {
		s.window(u.By+1, WarningDays)
	}
}
