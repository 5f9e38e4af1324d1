package credit

import (
	"math/bits"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Scoring is what the policy says of the credit score and of the grades. The zero value: there are none.
type Scoring struct {
	Weights   [FactorCount]int64 // of the factors, by their number; how much each counts against the others
	TrendDays int                // payments of so many days are recent
	ThinItems int64              // with fewer items settled in the window the habit is taken partly from Prior
	Prior     Prior
	LagDays   int     // silence is judged so many days behind today
	Grades    []Grade // best first
	Caps      []Cap
	Advice    []Advice // the first that fits holds
}

// Prior is how the portfolio's customers pay on average: what is assumed of one of whom little is known.
type Prior struct {
	LateRatio figure.Micro // of the items settled or overdue
	Days      figure.Micro // beyond terms
}

// Profile is what a customer's profile says of credit, as of one day.
type Profile struct {
	Limit         Limit
	Blocked       bool
	Grade, Source string // that somebody else gives, and who
}

// FactorName is a factor of the score, by its number: its place in every list.
type FactorName int

// The factors of the score.
const (
	Lateness    FactorName = iota // late and overdue items, of all that were due
	BeyondTerms                   // mean days beyond terms of what was paid, weighted by amount
	Slowing                       // the same of the last days, less that of the whole window
	OverdueNow                    // the share of what is open that is overdue
	Utilisation                   // exposure of the limit
	Rating                        // an agency's grade
	FactorCount
)

// String is the factor's name in policies and in customers.jsonl.
func (n FactorName) String() string {
	return [...]string{"lateness", "days_beyond_terms", "trend", "overdue", "utilisation", "rating"}[n]
}

// Factor is one part of the score. All of one that the policy gives no weight is null.
type Factor struct {
	Raw    figure.Micro // as its name says: a share, days, or a grade's number
	Value  figure.Micro // 0 to 100, 100 the best; null: not computable, and the factor drops out
	Weight figure.Micro // its share of the weights of all factors that count, which add up to 1; null where it doesn't count
	Points figure.Micro // Value x Weight, which add up to the score; null where it doesn't count
}

// Score is how good a customer's credit is, and what that is made of.
type Score struct {
	Score    figure.Micro // 0 to 100; null where no factor counts
	Factors  [FactorCount]Factor
	ByScore  int64 // number of the grade that the score alone gives, 1 the best; 0: none
	Grade    int64 // number of the grade that holds
	Warnings Warnings
}

// score rates the customer as of any moment of today. Silence is judged as of judged: what fell due later doesn't count as
// overdue yet, since its payment may be on its way.
func (l *Ledger) score(cfg Config, p Profile, f Figures, today, judged civil.Day) (s Score) {
	c, n := &cfg.Scoring, now{late: l.late(judged), open: f.Open - f.Disputed}
	n.lost = l.HasLoss && l.LastLoss >= today-civil.Day(cfg.WindowDays)
	habit, thin := l.habit(cfg, n, today), c.thin(f, n)
	set := func(name FactorName, raw figure.Micro, value func(int64) int64) {
		s.set(name, c.Weights[name], raw, value)
	}
	set(Lateness, c.lateness(f, n, thin), func(x int64) int64 { return 100*figure.One - 100*x })
	set(BeyondTerms, c.beyondTerms(habit, f.Settled, n, thin), daysValue)
	set(Slowing, c.slowing(habit, f.Settled), daysValue)
	set(OverdueNow, c.overdueNow(n, thin), func(x int64) int64 { return 100*figure.One - 100*x })
	set(Utilisation, f.Utilisation, utilisationValue)
	rated, warned := c.rated(p)
	set(Rating, rated, c.ratingValue)
	s.add(c.Weights)
	s.Warnings = warned
	if thin > 0 {
		s.Warnings |= ThinFile
	}
	s.grade(c, p, n)
	return s
}

func (s *Score) set(n FactorName, weight int64, raw figure.Micro, value func(int64) int64) {
	if raw.Known && weight > 0 {
		s.Factors[n] = Factor{Raw: raw, Value: figure.Of(value(raw.Millionths))}
	}
}

// add weighs the factors that can be computed, and shares out what rounding leaves, so that weights and points add up to
// the last digit: the largest remainder first, then the factor's place.
func (s *Score) add(weights [FactorCount]int64) {
	total, sum := int64(0), int64(0)
	for i := range s.Factors {
		if !s.Factors[i].Value.Known {
			weights[i] = 0
		}
		total += weights[i]
		sum += weights[i] * s.Factors[i].Value.Millionths
	}
	if total == 0 {
		return
	}
	s.Score = figure.Div(sum, total*figure.One)
	var values, ones [FactorCount]int64
	for i := range s.Factors {
		values[i], ones[i] = weights[i]*s.Factors[i].Value.Millionths, weights[i]*figure.One
	}
	points, shares := apportion(values, total, s.Score.Millionths), apportion(ones, total, figure.One)
	for i := range s.Factors {
		if weights[i] > 0 {
			s.Factors[i].Weight, s.Factors[i].Points = figure.Of(shares[i]), figure.Of(points[i])
		}
	}
}

// apportion divides each part by total so that the quotients add up to sum, which is what the parts' sum gives, rounded.
func apportion(parts [FactorCount]int64, total, sum int64) (out [FactorCount]int64) {
	var rest [FactorCount]int64
	for i, p := range parts {
		out[i], rest[i] = p/total, p%total
		sum -= out[i]
	}
	for ; sum > 0; sum-- {
		most := 0
		for i := range rest {
			if rest[i] > rest[most] {
				most = i
			}
		}
		out[most]++
		rest[most] = -1
	}
	return out
}

// knot is a point of a curve, both in millionths.
type knot struct{ at, value int64 }

// linear is the value of a curve: linear between the knots, level outside.
func linear(x int64, knots ...knot) int64 {
	if x <= knots[0].at {
		return knots[0].value
	}
	for i := 1; i < len(knots); i++ {
		a, b := knots[i-1], knots[i]
		if x <= b.at {
			return a.value + figure.MulDiv(b.value-a.value, x-a.at, (b.at-a.at)*figure.One).Millionths
		}
	}
	return knots[len(knots)-1].value
}

// heldDays is how far a payment's days beyond terms count, early and late: a single one can't speak for all.
const heldDays = 15

// daysValue rates days beyond terms: on terms is 75.
func daysValue(x int64) int64 {
	const far = heldDays * figure.One
	return linear(x, knot{-far, 100 * figure.One}, knot{0, 75 * figure.One}, knot{far, 0})
}

// utilisationValue is good up to half of the limit, and nothing from one and a half on.
func utilisationValue(x int64) int64 {
	return linear(x, knot{500_000, 100 * figure.One}, knot{800_000, 75 * figure.One}, knot{figure.One, 50 * figure.One}, knot{1_500_000, 0})
}

// heldMean is a mean of days, each held to heldDays, weighted by amounts.
type heldMean struct{ products } // of amount x (days + heldDays)

func (m *heldMean) add(amount, beyond int64) {
	m.products.add(amount, uint64(min(max(beyond, -heldDays), heldDays)+heldDays))
}

// mean is rounded half to even to a millionth; null without any amount.
func (m *heldMean) mean() figure.Micro {
	if m.amount <= 0 || m.hi >= uint64(m.amount) {
		return figure.Micro{}
	}
	amount := uint64(m.amount)
	days, rest := bits.Div64(m.hi, m.lo, amount)
	return figure.Of((int64(days)-heldDays)*figure.One + figure.MulDiv(int64(rest), 1, m.amount).Millionths)
}
