package credit

import "github.com/tierstream/tierstream/pkg/civil"

// Drift says which figures that move with mere time the policy looks at.
type Drift struct {
	Counts, Promptness, DSO bool
	Daily                   bool    // something that moves every day while anything is open
	OverdueDays             []int64 // numbers that credit.max_days_overdue is compared with
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

// NextDay is the next day after today at whose start time alone changes a figure that matters.
func (l *Ledger) NextDay(cfg Config, d Drift, today civil.Day) (civil.Day, bool) {
	s := soonest{today: today}
	for _, i := range l.Items {
		for _, b := range borders {
			s.add(i.Due + b)
		}
		for _, n := range d.OverdueDays {
			s.add(i.Due + civil.Day(n))
			s.add(i.Due + civil.Day(n) + 1)
		}
		if d.Daily || d.DSO || d.Promptness && i.Due < today {
			s.add(today + 1)
		}
	}
	if d.Counts {
		for _, x := range l.Settled {
			s.add(x.Day + civil.Day(cfg.WindowDays) + 1)
		}
	}
	if d.Promptness {
		for _, x := range l.Portions {
			s.add(x.Day + civil.Day(cfg.PromptnessDays) + 1)
		}
	}
	if d.DSO {
		for _, x := range l.Sales {
			s.add(x.Day + civil.Day(cfg.DSODays) + 1)
		}
	}
	return s.day, s.ok
}
