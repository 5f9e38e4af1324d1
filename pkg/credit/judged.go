package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Judged is what silence alone has made worse, as far as the books are taken to be complete: what is open today, by how
// late it was on the day that silence is judged up to, less what is disputed. A payment that was made and isn't booked yet makes
// nobody late.
type Judged struct {
	Overdue        int64 // minor units
	MaxDaysOverdue int64 // 0 where nothing was overdue
}

// Judged is what is judged as of a day.
func (l *Ledger) Judged(judged civil.Day) Judged {
	n := l.late(judged)
	return Judged{n.overdue, n.days}
}

// late is what is overdue, and not disputed, on a day.
type late struct {
	overdue int64 // minor units
	items   int64
	days    int64 // past due, of the oldest

	// Of these, what is so by more days than any payment counts for: paying it can't make it better any more.
	unpaid, unpaidItems int64
}

// late is what is late on a day. Where sums are carried, they are added up once.
func (l *Ledger) late(day civil.Day) (n late) {
	if c := l.Carried; l.carries() && c.judges && c.judged == day {
		n = c.late
	} else {
		for i := 0; i < len(l.Items) && l.Items[i].Due < day; i++ { // they are in the order of their due days
			n.add(&l.Items[i], day, 1)
		}
		if l.carries() {
			c.judges, c.judged, c.late = true, day, n
		}
	}
	if n.items > 0 {
		n.days = int64(day - l.Items[firstGraded(l.Items)].Due)
	}
	return n
}

// add adds an item, or takes one away, but for the days of the oldest.
func (n *late) add(i *Item, day civil.Day, sign int64) {
	left, past := i.graded(), int64(day-i.Due)
	if past <= 0 || left <= 0 {
		return
	}
	n.overdue += sign * left
	n.items += sign
	if past > heldDays {
		n.unpaid += sign * left
		n.unpaidItems += sign
	}
}

// graded is what is left of an item beside what is disputed.
func (i *Item) graded() int64 { return i.Left - i.Disputed }

// Oldest appends to out the items that are overdue today and not wholly disputed, those that are so longest first, up to most.
func (l *Ledger) Oldest(out []Item, today civil.Day, most int) []Item {
	for n := 0; len(out) < most && n < len(l.Items) && l.Items[n].Due < today; n++ {
		if l.Items[n].graded() > 0 {
			if out == nil {
				out = make([]Item, 0, most)
			}
			out = append(out, l.Items[n])
		}
	}
	return out
}

// judged adds the days that what is judged of open items changes with.
func (s *soonest) judged(items []Item, d Drift) {
	first := firstGraded(items)
	for _, days := range d.JudgedDays {
		if first >= 0 { // it has the most days
			s.add(items[first].Due + civil.Day(days))
			s.add(items[first].Due + civil.Day(days) + 1)
		}
	}
	if d.Judged {
		after(s, items, dueDay, 1)
	}
	if d.Daily && len(items) > 0 {
		s.add(s.today + 1)
	}
}

// firstGraded is the place of the first item that isn't disputed as a whole; -1: there is none.
func firstGraded(items []Item) int {
	return slices.IndexFunc(items, func(i Item) bool { return i.graded() > 0 })
}
