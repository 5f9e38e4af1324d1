package policy

import (
	"math"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

// drifting says how a figure moves by time alone, beyond what always has a due moment.
type drifting int

const (
	steady drifting = iota
	byCounts
	byPromptness
	byDSO
	byOverdueDays
	byWarnings
	byScore
	byJudgedDays
	byJudged
)

// figureName is one name that a condition may use. Number is nil for the one that is a moment, and for those of text.
type figureName struct {
	name   string
	number func(*tier.Figures) (x float64, known bool)
	text   func(*tier.Figures) (text string, known bool)
	drift  drifting
	ranks  string // the figure whose percentile it is; empty: none
	within bool   // among those of the segment
}

// lastOrderAt is the only figure that is a moment.
const lastOrderAt = "value.last_order_at"

// JudgedDays is the figure of how many days the oldest item was overdue as booked.
const JudgedDays = "credit.max_days_overdue_judged"

// figureNames is the table of names, with money in major units of a currency with scale decimals.
func figureNames(v value.Config, scale int) []figureName {
	major := math.Pow10(scale)
	money := func(name string, of func(*tier.Figures) int64) figureName {
		return figureName{name: name, number: func(f *tier.Figures) (float64, bool) { return float64(of(f)) / major, true }}
	}
	names := []figureName{
		money("value.gross", func(f *tier.Figures) int64 { return f.Value.Gross }),
		money("value.returns", func(f *tier.Figures) int64 { return f.Value.Returns }),
		money("value.net", func(f *tier.Figures) int64 { return f.Value.Net }),
		count("value.orders", steady, func(f *tier.Figures) int64 { return f.Value.Orders }),
		count("value.return_count", steady, func(f *tier.Figures) int64 { return f.Value.ReturnCount }),
		count("value.window_days", steady, func(*tier.Figures) int64 { return int64(v.WindowDays) }),
		rate("value.mean_gap_days", steady, func(f *tier.Figures) figure.Micro { return f.Value.MeanGap }),
		{name: lastOrderAt},
		money("credit.open", func(f *tier.Figures) int64 { return f.Credit.Open }),
		money("credit.unapplied", func(f *tier.Figures) int64 { return f.Credit.Unapplied }),
		money("credit.overdue", func(f *tier.Figures) int64 { return f.Credit.Overdue }),
		money("credit.disputed", func(f *tier.Figures) int64 { return f.Credit.Disputed }),
		money("credit.commitments", func(f *tier.Figures) int64 { return f.Credit.Commitments }),
		money("credit.exposure", func(f *tier.Figures) int64 { return f.Credit.Exposure }),
		money("credit.ageing.current", func(f *tier.Figures) int64 { return f.Credit.Ageing.Current }),
		money("credit.ageing.d1_30", func(f *tier.Figures) int64 { return f.Credit.Ageing.D1To30 }),
		money("credit.ageing.d31_60", func(f *tier.Figures) int64 { return f.Credit.Ageing.D31To60 }),
		money("credit.ageing.d61_90", func(f *tier.Figures) int64 { return f.Credit.Ageing.D61To90 }),
		money("credit.ageing.d90_plus", func(f *tier.Figures) int64 { return f.Credit.Ageing.D90Plus }),
		limit(major),
	}
	names = append(append(names, worthFigures(scale)...), portfolioFigures()...)
	judged := money("credit.overdue_judged", func(f *tier.Figures) int64 { return f.Judged.Overdue })
	judged.drift = byJudged
	return append(append(append(names, paymentFigures()...), judged), signFigures()...)
}

// valueClass is the class by the cut-offs in force.
const valueClass = "value.class"

// portfolioFigures are the names of where a customer stands among all, by the cut-offs in force.
func portfolioFigures() []figureName {
	percentile := func(of string, rank func(*portfolio.Standing) figure.Micro) figureName {
		n := rate("value.rank."+of, steady, func(f *tier.Figures) figure.Micro { return rank(&f.Portfolio) })
		n.ranks = of
		return n
	}
	inside := func(of string, rank func(*portfolio.Ranks) figure.Micro) figureName {
		n := rate("value.segment_rank."+of, steady, func(f *tier.Figures) figure.Micro { return rank(&f.Portfolio.Segment) })
		n.ranks, n.within = of, true
		return n
	}
	return []figureName{
		{name: valueClass, text: func(f *tier.Figures) (string, bool) { return f.Portfolio.Class, f.Portfolio.Class != "" }},
		percentile(portfolio.Net, func(s *portfolio.Standing) figure.Micro { return s.Net }),
		percentile(portfolio.Orders, func(s *portfolio.Standing) figure.Micro { return s.Orders }),
		percentile(portfolio.Contribution, func(s *portfolio.Standing) figure.Micro { return s.Contribution }),
		inside(portfolio.Net, func(r *portfolio.Ranks) figure.Micro { return r.Net }),
		inside(portfolio.Orders, func(r *portfolio.Ranks) figure.Micro { return r.Orders }),
		inside(portfolio.Contribution, func(r *portfolio.Ranks) figure.Micro { return r.Contribution }),
	}
}

// Figures are the names that conditions may use, as docs/policy.md lists them.
func Figures() []string {
	var names []string
	for _, n := range figureNames(value.Config{}, 0) {
		names = append(names, n.name)
	}
	return names
}

// paymentFigures are the names of how a customer pays.
func paymentFigures() []figureName {
	return []figureName{
		count("credit.max_days_overdue", byOverdueDays, func(f *tier.Figures) int64 { return f.Credit.MaxDaysOverdue }),
		count(JudgedDays, byJudgedDays, func(f *tier.Figures) int64 { return f.Judged.MaxDaysOverdue }),
		count("credit.settled", byCounts, func(f *tier.Figures) int64 { return f.Credit.Settled }),
		count("credit.settled_late", byCounts, func(f *tier.Figures) int64 { return f.Credit.SettledLate }),
		rate("credit.on_time_rate", byCounts, func(f *tier.Figures) figure.Micro { return f.Credit.OnTimeRate }),
		rate("credit.mean_days_beyond_terms", byCounts, func(f *tier.Figures) figure.Micro { return f.Credit.MeanDaysBeyondTerms }),
		rate("credit.promptness", byPromptness, func(f *tier.Figures) figure.Micro { return f.Credit.Promptness }),
		count("credit.failed_payments", byWarnings, func(f *tier.Figures) int64 { return f.Credit.FailedPayments }),
		count("credit.broken_promises", byWarnings, func(f *tier.Figures) int64 { return f.Credit.BrokenPromises }),
		count("credit.part_payments", steady, func(f *tier.Figures) int64 { return f.Credit.PartPayments }),
		rate("credit.dso_days", byDSO, func(f *tier.Figures) figure.Micro { return f.Credit.DSO }),
		rate("credit.score", byScore, func(f *tier.Figures) figure.Micro { return f.Credit.Score }),
		{name: creditGrade, drift: byScore},
		rate("credit.utilisation", steady, func(f *tier.Figures) figure.Micro { return f.Credit.Utilisation }),
		rate("credit.recent_days_beyond_terms", byScore, func(f *tier.Figures) figure.Micro { return f.Credit.RecentDays }),
		rate("credit.habit_days_beyond_terms", byScore, func(f *tier.Figures) figure.Micro { return f.Credit.HabitDays }),
	}
}

// limit is the credit limit in major units; null where there is none.
func limit(major float64) figureName {
	return figureName{name: "credit.limit", number: func(f *tier.Figures) (float64, bool) {
		return float64(f.Credit.Limit.Minor) / major, f.Credit.Limit.Known
	}}
}

// slowdown is by how many days payments of late are later than the customer's own habit; null without both.
func slowdown(f *tier.Figures) figure.Micro {
	recent, habit := f.Credit.RecentDays, f.Credit.HabitDays
	if !recent.Known || !habit.Known {
		return figure.Micro{}
	}
	return figure.Of(recent.Millionths - habit.Millionths)
}

// signFigures are the names of what may foretell trouble. They are looked at whenever something else moves.
func signFigures() []figureName {
	return []figureName{
		rate("credit.slowdown_days", steady, slowdown),
		rate("credit.open_growth", steady, func(f *tier.Figures) figure.Micro { return f.Signs.OpenGrowth }),
		count("credit.distress", steady, func(f *tier.Figures) int64 {
			if f.Signs.Distress {
				return 1
			}
			return 0
		}),
	}
}

func count(name string, d drifting, of func(*tier.Figures) int64) figureName {
	return figureName{name: name, drift: d, number: func(f *tier.Figures) (float64, bool) { return float64(of(f)), true }}
}

func rate(name string, d drifting, of func(*tier.Figures) figure.Micro) figureName {
	return figureName{name: name, drift: d, number: func(f *tier.Figures) (float64, bool) {
		m := of(f)
		return m.Float(), m.Known
	}}
}

// reserved are the names of customers.jsonl that conditions can't use yet, or never will.
func reserved() []string {
	return []string{
		"customer_id", "as_of", "tier", "tier.name", "tier.since", "tier.seq",
		"value.share", "value.cutoff_version", "value.factors",
		"credit.warnings", "credit.advice", "credit.trend", "credit.factors", "plan", "to_next", "to_keep",
	}
}
