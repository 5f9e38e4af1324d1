package credit

import (
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

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

// after adds the earliest day after today that lies so many days after one of a list, which is in the order of its days.
func after[T any](s *soonest, list []T, day func(*T) civil.Day, days civil.Day) {
	i := sort.Search(len(list), func(i int) bool { return day(&list[i])+days > s.today })
	if i < len(list) {
		s.add(day(&list[i]) + days)
	}
}

// window adds the days on which what belongs to a day comes into a window, where that day is still ahead, and rolls off.
func window[T any](s *soonest, list []T, day func(*T) civil.Day, days int) {
	after(s, list, day, 0)
	after(s, list, day, civil.Day(days)+1)
}

func dueDay(i *Item) civil.Day           { return i.Due }
func settledDay(x *SettledDay) civil.Day { return x.Day }
func portionDay(x *Portion) civil.Day    { return x.Day }
func saleDay(x *Sale) civil.Day          { return x.Day }

// NextDay is the next day after today at whose start time alone changes a figure that matters. What is open, overdue
// and how it ages always does, and what is exposed. What silence makes worse is NextSilence's to say.
func (l *Ledger) NextDay(cfg Config, d Drift, today civil.Day) (civil.Day, bool) {
	s := soonest{today: today}
	s.items(l.Items, d)
	for _, b := range l.Bills {
		s.add(b.Matures)
	}
	if d.Warnings {
		s.warnings(l)
	}
	if d.Counts {
		window(&s, l.Settled, settledDay, cfg.WindowDays)
	}
	if d.Promptness {
		window(&s, l.Portions, portionDay, cfg.PromptnessDays)
	}
	if d.DSO && len(l.Items) > 0 {
		window(&s, l.Sales, func(x *Sale) civil.Day { return x.Day }, cfg.DSODays)
		if l.HasSale && int64(today-l.FirstSale)+1 < int64(cfg.DSODays) {
			s.add(today + 1) // the days still grow
		}
	}
	s.score(l, &cfg, d)
	return s.day, s.ok
}

// NextSilence is the first day after judged that silence has to be judged up to for it to change something: what is overdue as it
// is judged, the score or the grade.
func (l *Ledger) NextSilence(cfg Config, d Drift, judged civil.Day) (civil.Day, bool) {
	s := soonest{today: judged}
	s.judged(l.Items, d)
	s.scoreBySilence(l, &cfg.Scoring)
	return s.day, s.ok
}

// items adds the days on which open items, which are in the order of their due days, change a figure.
func (s *soonest) items(items []Item, d Drift) {
	if len(items) == 0 {
		return
	}
	for _, b := range borders {
		after(s, items, dueDay, b)
	}
	if d.Daily || d.Promptness && ages(items, s.today) {
		s.add(s.today + 1)
	}
	for _, days := range d.OverdueDays { // the first has the most days
		s.add(items[0].Due + civil.Day(days))
		s.add(items[0].Due + civil.Day(days) + 1)
	}
}

// ages says that there is an item whose promptness is less with every day.
func ages(items []Item, today civil.Day) bool {
	worst := today - civil.Day(curve[len(curve)-1].days)
	i := sort.Search(len(items), func(i int) bool { return items[i].Due > worst })
	return i < len(items) && items[i].Due < today
}

// warnings adds the days on which promises are broken, and on which what warns rolls off.
func (s *soonest) warnings(l *Ledger) {
	window(s, l.Failed, func(f *Failed) civil.Day { return f.Day }, WarningDays)
	window(s, l.Promises, func(u *Unkept) civil.Day { return u.By + 1 }, WarningDays)
}
