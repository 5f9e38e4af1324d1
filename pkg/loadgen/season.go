package loadgen

import "time"

// Season is a stretch of the year in which trade runs higher or lower.
type Season string

// The seasons. Where two overlap the first of this list counts.
const (
	SeasonFestival Season = "spring festival" // 15 days from New Year's Eve
	SeasonStocking Season = "stocking up"     // the three weeks before
	SeasonSingles  Season = "singles' day"    // November 1 to 11
	SeasonLull     Season = "autumn lull"     // November 15 to 30
	SeasonSummer   Season = "summer"          // June 15 to August 15
	SeasonPlain    Season = "plain"           // the rest of the year
)

// Strength is the trade of a season in percent of the mean day: for most customers, and for seasonal buyers.
func (s Season) Strength() (mild, strong int64) {
	switch s {
	case SeasonFestival:
		return 30, 10
	case SeasonStocking:
		return 120, 190
	case SeasonSingles:
		return 150, 320
	case SeasonLull:
		return 85, 50
	case SeasonSummer:
		return 105, 140
	}
	return 100, 75
}

// SeasonOf is the season of a civil day, given as seconds since 1970 of its midnight UTC.
func SeasonOf(midnight int64) Season {
	year, month, date := time.Unix(midnight, 0).UTC().Date()
	toFestival := (springFestival(year) - midnight) / day
	switch {
	case toFestival <= 1 && toFestival >= -13:
		return SeasonFestival
	case toFestival > 1 && toFestival <= 22:
		return SeasonStocking
	case month == time.November && date <= 11:
		return SeasonSingles
	case month == time.November && date >= 15:
		return SeasonLull
	case month == time.July, month == time.June && date >= 15, month == time.August && date <= 15:
		return SeasonSummer
	}
	return SeasonPlain
}

// springFestival is the first day of the Chinese year, as seconds of its midnight UTC. Outside the years of the table
// it is taken as February 5, the middle of its range.
func springFestival(year int) int64 {
	const first = 2015
	dates := [...]int{ // month*100 + day, from the almanac
		219, 208, 128, 216, 205, 125, 212, 201, 122, 210, 129, 217, 206,
		126, 213, 203, 123, 211, 131, 219, 208, 128, 215, 204, 124, 212,
	}
	date := 205
	if year >= first && year < first+len(dates) {
		date = dates[year-first]
	}
	return time.Date(year, time.Month(date/100), date%100, 0, 0, 0, 0, time.UTC).Unix()
}
