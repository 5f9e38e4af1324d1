// Package civil has the two kinds of time that the domain computes with: instants, and days of the policy's time zone.
//
// An Instant is what the logs carry; a Day is what a figure belongs to. Calendar leads from one to the other, so no
// other package of the domain handles time zones.
package civil

import (
	"errors"
	"fmt"
	"time"
)

// Instant is a moment in microseconds since 1970-01-01T00:00:00Z. Microseconds, because a Redis score is a double
// and holds every one of them exactly until the year 2255.
type Instant int64

// Bounds of what an event may carry: the years 1900 to 2199. They keep every sum of an instant and a duration of a
// policy inside Instant and inside what a Redis score holds exactly.
const (
	MinInstant Instant = -2208988800_000000
	MaxInstant Instant = 7258118400_000000 - 1
)

// Common spans in the unit of Instant.
const (
	Microsecond Instant = 1
	Second              = 1_000_000 * Microsecond
	Minute              = 60 * Second
	Hour                = 60 * Minute
	FullDay             = 24 * Hour
)

// FromTime truncates t to microseconds.
func FromTime(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time is the instant as a time.Time in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// String is RFC 3339 in UTC with as many decimals as needed: 2011-03-01T00:00:00Z.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }

// Day is a civil day, counted from 1970-01-01 (day 0).
type Day int32

const layout = "2006-01-02"

// ErrDay says that a text is no civil date.
var ErrDay = errors.New("not a date of the form YYYY-MM-DD")

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(layout, s)
	if err != nil || len(s) != len(layout) {
		return 0, fmt.Errorf("%q is %w", s, ErrDay)
	}
	return Day(floorDiv(t.Unix(), 86400)), nil
}

// String is YYYY-MM-DD.
func (d Day) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(layout) }

// Calendar tells the days of one time zone. The zero value is UTC.
type Calendar struct{ loc *time.Location }

// NewCalendar is the calendar of an IANA zone. The program that calls it embeds the zone data (time/tzdata).
func NewCalendar(zone string) (Calendar, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("time zone %q is not known: give an IANA name such as Asia/Shanghai: %w", zone, err)
	}
	if loc == time.UTC {
		return Calendar{}, nil
	}
	return Calendar{loc}, nil
}

// DayOf is the civil day at instant i.
func (c Calendar) DayOf(i Instant) Day {
	if c.loc == nil {
		return Day(floorDiv(int64(i), int64(FullDay)))
	}
	t := i.Time().In(c.loc)
	_, offset := t.Zone()
	return Day(floorDiv(t.Unix()+int64(offset), 86400))
}

// Local is what a clock on the wall shows at instant i.
func (c Calendar) Local(i Instant) time.Time {
	if c.loc == nil {
		return i.Time()
	}
	return i.Time().In(c.loc)
}

// Start is the first instant of day d: midnight, or the first moment after a gap where the zone skips midnight.
func (c Calendar) Start(d Day) Instant {
	if c.loc == nil {
		return Instant(d) * FullDay
	}
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	at := FromTime(time.Date(y, m, day, 0, 0, 0, 0, c.loc))
	for c.DayOf(at) < d { // a gap at midnight: time.Date falls before it
		at += 15 * Minute
	}
	return at
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
