package credit

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// now is what is open and not disputed, as it is judged.
type now struct {
	late
	open int64 // minor units
	lost bool  // something was written off in the window
}

// share of what is open that is overdue; nothing is where nothing is open.
func (n now) share() figure.Micro {
	if n.open <= 0 {
		return figure.Of(0)
	}
	return figure.Div(n.overdue, n.open)
}

// habit is how the customer paid over the window of promptness, and in the last days of it; owing is the former with what
// isn't paid by far. Who stops paying must not be forgotten as what they had paid rolls off.
type habit struct{ all, recent, owing figure.Micro }

func (l *Ledger) habit(cfg Config, n now, today civil.Day) habit {
	s := l.sums(&cfg, today)
	owing := s.all
	owing.add(n.unpaid, heldDays)
	return habit{s.all.mean(), s.recent.mean(), owing.mean()}
}

// thin is how many items a customer lacks to be known, of those that are settled or unpaid by far.
func (c *Scoring) thin(f Figures, n now) int64 { return max(0, c.ThinItems-f.Settled-n.unpaidItems) }

// lateness is the share of late ones among the items settled in the window and those overdue, with as many of the
// portfolio's as are lacking. What is unpaid by far takes the place of one that is lacking, unless that would be for the
// better: silence improves nothing.
func (c *Scoring) lateness(f Figures, n now, thin int64) figure.Micro {
	filled := func(lacking int64) figure.Micro {
		late := (f.SettledLate+n.items)*figure.One + lacking*c.Prior.LateRatio.Millionths
		return figure.Div(late, (f.Settled+n.items+lacking)*figure.One)
	}
	a, b := filled(thin), filled(max(0, c.ThinItems-f.Settled))
	if a.Millionths > b.Millionths {
		return a
	}
	return b
}

// beyondTerms is the mean of the days. Of a customer of few settled items it is by items: what is unpaid by far takes the
// place of one that is lacking, and the portfolio's days stand for those that lack still. What is worse than any payment
// never stands for less than what it takes the place of, so that silence improves nothing.
func (c *Scoring) beyondTerms(h habit, settled int64, n now, thin int64) figure.Micro {
	lacking, prior := c.ThinItems-settled, c.Prior.Days.Millionths
	if lacking <= 0 {
		return h.owing
	}
	paid := h.all.Millionths
	if !h.all.Known {
		paid = prior
	}
	unpaid := min(n.unpaidItems, lacking) * max(heldDays*figure.One, prior)
	return figure.Div(settled*paid+unpaid+thin*prior, c.ThinItems*figure.One)
}

// slowing is how many days later the recent payments are than the customer's own habit, which they are part of. With few
// settled it is taken in part; without any recent payment nothing has changed.
func (c *Scoring) slowing(h habit, settled int64) figure.Micro {
	if !h.recent.Known {
		return figure.Of(0)
	}
	change := h.recent.Millionths - h.all.Millionths
	if settled >= c.ThinItems {
		return figure.Of(change)
	}
	return figure.Div(change*settled, c.ThinItems*figure.One)
}

// overdueNow is the share of what is open that is overdue. Of a thin file it stands for as many items as are known; for those
// that lack it is the portfolio's share of late ones, where that is less. What gets worse by silence is a larger share, and more
// items that are known by being unpaid by far: neither makes it smaller.
func (c *Scoring) overdueNow(n now, thin int64) figure.Micro {
	share := n.share()
	if thin == 0 || !share.Known {
		return share
	}
	held := min(share.Millionths, c.Prior.LateRatio.Millionths)
	return figure.Div((c.ThinItems-thin)*share.Millionths+thin*held, c.ThinItems*figure.One)
}

// rated is the number of the grade that an agency gives; null where there is none.
func (c *Scoring) rated(p Profile) (figure.Micro, Warnings) {
	switch n := c.numberOf(p.Grade); {
	case p.Grade == "":
		return figure.Micro{}, 0
	case n == 0:
		return figure.Micro{}, RatingUnknown
	case p.Source == ManualSource:
		return figure.Micro{}, 0
	default:
		return figure.Of(n * figure.One), 0
	}
}

// ratingValue puts the grades at equal distances, the best at 100 and the last at 0.
func (c *Scoring) ratingValue(x int64) int64 {
	last := int64(len(c.Grades)-1) * figure.One
	if last == 0 {
		return 100 * figure.One
	}
	return linear(x, knot{figure.One, 100 * figure.One}, knot{figure.One + last, 0})
}
