package loadgen

// oneDay is the scale of the daily odds: rate in thousandths x activity in percent x odds.
const oneDay = 365 * 1000 * 100 * 100 * 100

// odds are a day's: season times day of the week, both in percent, so in parts of 10,000.
type odds struct{ mild, strong int64 }

// oddsOf is the odds of the day whose midnight UTC is given.
func oddsOf(midnight int64) odds {
	mild, strong := SeasonOf(midnight).Strength()
	week := weekPercent(midnight)
	return odds{mild * week, strong * week}
}

func (o odds) of(b Buyer) int64 {
	if b == BuyerSeasonal {
		return o.strong
	}
	return o.mild
}

// weekPercent is the trade of a day of the week in percent of the mean day. 1970-01-01 was a Thursday.
func weekPercent(midnight int64) int64 {
	if fromMonday := (midnight/day + 3) % 7; fromMonday >= 5 {
		return WeekendPercent
	}
	return WeekdayPercent
}
