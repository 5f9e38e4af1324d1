package credit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// said reads what a profile says in the manual's accounts: limit 500, blocked, rating BB by agency.
func said(t *testing.T, line string, p *credit.Profile) bool {
	t.Helper()
	switch f := strings.Fields(line); f[0] {
	case "limit":
		p.Limit = credit.Limit{Minor: number(t, f[1]), Known: true}
	case "blocked":
		p.Blocked = true
	case "rating":
		p.Grade, p.Source = f[1], f[3]
	default:
		return false
	}
	return true
}

// rates are the figures of a day with the score and what goes with it, under the default policy of scores. A factor is
// named score.lateness, and written as: its raw figure -> its value x its weight = its points.
func rates(l credit.Ledger, cfg credit.Config, p credit.Profile, today civil.Day) map[string]string {
	cfg.Scoring = scoring()
	f, s := l.Rate(cfg, p, today, today-civil.Day(cfg.Scoring.LagDays))
	out, days, trend := figures(f), l.Collection(cfg, f, today), l.Trend(cfg, today)
	out["score"], out["utilisation"] = f.Score.String(), f.Utilisation.String()
	out["best_possible_dso_days"], out["average_days_delinquent"], out["receivable_turnover"] = days.BestPossible.String(), days.Delinquent.String(), days.Turnover.String()
	out["grade"], out["grade_by_score"] = cfg.Scoring.GradeName(s.Grade), cfg.Scoring.GradeName(s.ByScore)
	out["warnings"] = strings.Join(s.Warnings.Codes(), " ")
	out["recent"] = fmt.Sprintf("%d of %d late by %v days", trend.Recent.Late, trend.Recent.Settled, trend.Recent.Days)
	out["habit"] = fmt.Sprintf("%d of %d late by %v days", trend.Habit.Late, trend.Habit.Settled, trend.Habit.Days)
	for i, f := range s.Factors {
		out["score."+credit.FactorName(i).String()] = fmt.Sprintf("%v -> %v x %v = %v", f.Raw, f.Value, f.Weight, f.Points)
	}
	return out
}
