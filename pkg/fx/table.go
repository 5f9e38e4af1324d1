package fx

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Quote is a rate as it was published.
type Quote struct {
	Rate    Rate
	AsOf    civil.Day // the day that it was published for
	Version int64     // of that day's rates
}

// Table is the rates that were published, by currency. The order in which they came can't be seen in it. The zero value is
// empty and ready.
type Table struct {
	quotes map[Code][]Quote // ascending by day, one per day
	newest civil.Day
	filled bool
}

// Add takes a rate. Of one day the highest version counts; of two with the same version the higher rate, whichever came
// first.
func (t *Table) Add(q Quote) {
	if t.quotes == nil {
		t.quotes = map[Code][]Quote{}
	}
	if !t.filled || q.AsOf > t.newest {
		t.newest, t.filled = q.AsOf, true
	}
	list := t.quotes[q.Rate.Code]
	i, found := slices.BinarySearchFunc(list, q.AsOf, func(x Quote, d civil.Day) int { return cmp.Compare(x.AsOf, d) })
	switch {
	case !found:
		t.quotes[q.Rate.Code] = slices.Insert(list, i, q)
	case cmp.Or(cmp.Compare(q.Version, list[i].Version), compareRates(q.Rate, list[i].Rate)) > 0:
		list[i] = q
	}
}

// Take takes several rates.
func (t *Table) Take(qs []Quote) {
	for _, q := range qs {
		t.Add(q)
	}
}

// Clone shares nothing with t.
func (t *Table) Clone() Table {
	c := Table{quotes: make(map[Code][]Quote, len(t.quotes)), newest: t.newest, filled: t.filled}
	for code, list := range t.quotes {
		c.quotes[code] = slices.Clone(list)
	}
	return c
}

// compareRates compares by value: of two rates of one currency the mantissas count once the decimals are alike.
func compareRates(a, b Rate) int {
	x, y := a.Mantissa, b.Mantissa
	xs, ys := tens(int(a.Places)), tens(int(b.Places))
	return cmp.Or(cmp.Compare(x/xs, y/ys), cmp.Compare(figureOf(x%xs, a.Places), figureOf(y%ys, b.Places)))
}

// figureOf is a part below 1 in 10^-PlacesMost.
func figureOf(part int64, places int32) int64 { return part * tens(PlacesMost-int(places)) }

// Codes are the currencies that there are rates of, ascending.
func (t *Table) Codes() []Code {
	return slices.SortedFunc(maps.Keys(t.quotes), func(a, b Code) int { return cmp.Compare(a.String(), b.String()) })
}

// NewestOf is the latest day that a rate of a currency was published for; false: there is none.
func (t *Table) NewestOf(code Code) (civil.Day, bool) {
	list := t.quotes[code]
	if len(list) == 0 {
		return 0, false
	}
	return list[len(list)-1].AsOf, true
}

// Newest is the latest day that rates were published for; false: there are none.
func (t *Table) Newest() (civil.Day, bool) { return t.newest, t.filled }

// Find is the rate of a document's day: that of the latest day up to it, which must be no more than maxAge days before. Where
// there is none, missing says so. A rate is never used for a document of an earlier day.
func (t *Table) Find(code Code, day civil.Day, maxAge int) (q Quote, missing string) {
	list := t.quotes[code]
	i, found := slices.BinarySearchFunc(list, day, func(x Quote, d civil.Day) int { return cmp.Compare(x.AsOf, d) })
	if !found {
		i--
	}
	switch {
	case i < 0:
		return Quote{}, fmt.Sprintf("has no rate of %s or before", day)
	case int(day-list[i].AsOf) > maxAge:
		return Quote{}, fmt.Sprintf("has no rate for %s: the latest before is of %s, over %d days", day, list[i].AsOf, maxAge)
	}
	return list[i], ""
}

// Desk quotes rates for documents.
type Desk struct {
	Table
	Calendar civil.Calendar // of the deployment: a document's day is one of its days
	MaxAge   int            // days that a rate may be older than its document
}

// Quote is the rate of a document that occurred at an instant.
func (d *Desk) Quote(code Code, occurred civil.Instant) (Quote, string) {
	return d.Find(code, d.Calendar.DayOf(occurred), d.MaxAge)
}
