package codec

import (
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

// RatingLine is what came to the credit of a customer later than the other keys, and stands after them.
type RatingLine struct {
	BestPossibleDSO figure.Micro `json:"best_possible_dso_days"`
	Delinquent      figure.Micro `json:"average_days_delinquent"`
	Turnover        figure.Micro `json:"receivable_turnover"`
	Trend           TrendLine    `json:"trend"`
	GradeByScore    *string      `json:"grade_by_score"` // before what is set by hand, and before caps
	Factors         []FactorLine `json:"factors"`
	Advice          *AdviceLine  `json:"advice"`
}

// TrendLine is how the customer pays of late, and how before.
type TrendLine struct {
	Days   int        `json:"days"`
	Recent PeriodLine `json:"recent"`
	Habit  PeriodLine `json:"habit"`
}

// PeriodLine is how the items were paid that were settled in some days.
type PeriodLine struct {
	Settled   int64        `json:"settled"`
	Late      int64        `json:"settled_late"`
	LateRatio figure.Micro `json:"late_ratio"`
	Days      figure.Micro `json:"mean_days_beyond_terms"`
}

// FactorLine is one part of the score, its weight in percent. Of one that can't be computed all but the name is null.
type FactorLine struct {
	Name       string       `json:"name"`
	Raw        figure.Micro `json:"raw"`
	Normalised figure.Micro `json:"normalised"`
	Weight     figure.Micro `json:"weight"`
	Points     figure.Micro `json:"points"`
}

// AdviceLine is the credit that the policy's table advises.
type AdviceLine struct {
	Limit     int64 `json:"limit_minor"`
	TermsDays int   `json:"terms_days"`
}

func percent(part figure.Micro) figure.Micro {
	return figure.Micro{Millionths: 100 * part.Millionths, Known: part.Known}
}

func noRating() RatingLine { return RatingLine{Factors: []FactorLine{}} }

func limitOf(l credit.Limit) *int64 {
	if !l.Known {
		return nil
	}
	return &l.Minor
}

// Rate sets what a score is made of, and the names of its grades.
func (c *CreditLine) Rate(cfg credit.Config, s credit.Score, t credit.Trend, days credit.Collection) {
	c.BestPossibleDSO, c.Delinquent, c.Turnover = days.BestPossible, days.Delinquent, days.Turnover
	c.Trend = TrendLine{cfg.Scoring.TrendDays, periodLine(t.Recent), periodLine(t.Habit)}
	c.Grade, c.GradeByScore = gradeOf(cfg, s.Grade), gradeOf(cfg, s.ByScore)
	for n, f := range s.Factors {
		if cfg.Scoring.Weights[n] > 0 {
			c.Factors = append(c.Factors, FactorLine{credit.FactorName(n).String(), f.Raw, f.Value, percent(f.Weight), f.Points})
		}
	}
}

// Advise sets the advice that the policy gives for the customer's tier, grade and net sales; none where no row fits.
func (c *CreditLine) Advise(cfg credit.Config, tier string, grade, net int64) {
	if a, ok := cfg.Scoring.Advise(tier, grade, net); ok {
		c.Advice = &AdviceLine{a.Limit, a.TermsDays}
	}
}

func gradeOf(cfg credit.Config, number int64) *string {
	if name := cfg.Scoring.GradeName(number); name != "" {
		return &name
	}
	return nil
}

func periodLine(p credit.Period) PeriodLine {
	return PeriodLine{p.Settled, p.Late, p.LateRatio, p.Days}
}
