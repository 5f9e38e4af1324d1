package credit

import (
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Quiet says when payments have stopped coming for everybody, where no feed says how far it is complete: when none was seen on more
// business days in a row than a portfolio's payments ever pause. The zero value: nobody asks.
type Quiet struct {
	Days     int     // business days without any payment that are nothing special; 0: nobody asks
	Weekend  [7]bool // days of the week that are no business days, Sunday first
	Holidays []Span  // nor are these: ascending, apart from each other
}

// Span is some days in a row, both ends included.
type Span struct{ From, To civil.Day }

// Asks says whether the policy asks at all.
func (q *Quiet) Asks() bool { return q.Days > 0 }

// Since is the last day on which a payment was seen at the latest, if it is quiet as day begins: between that day and this one lie
// more business days than Days.
func (q *Quiet) Since(day civil.Day) civil.Day {
	for left := q.Days + 1; left > 0; {
		if day--; q.Business(day) {
			left--
		}
	}
	return day - 1
}

// Business says that banks work on a day.
func (q *Quiet) Business(day civil.Day) bool {
	week := (int(day)%7 + 7 + int(thursday)) % 7
	if q.Weekend[week] {
		return false
	}
	i := sort.Search(len(q.Holidays), func(i int) bool { return q.Holidays[i].To >= day })
	return i == len(q.Holidays) || day < q.Holidays[i].From
}

// thursday is the day of the week of day 0, 1970-01-01, Sunday being 0.
const thursday = 4
