package value_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
)

// drawCutoffs are some of those that ranked factors look at; nil: none are in force.
func drawCutoffs(t *rapid.T) *portfolio.Cutoffs {
	if rapid.Bool().Draw(t, "none yet") {
		return nil
	}
	var list []portfolio.Cutoff
	for _, of := range []string{portfolio.Net, portfolio.Orders, portfolio.Contribution} {
		for _, percent := range []int{5, 42, 50, 99} {
			v := rapid.Int64Range(-100, 1_000_000).Draw(t, of)
			list = append(list, portfolio.Cutoff{Name: portfolio.PercentileName(of, percent), Value: v}, portfolio.Cutoff{Name: portfolio.PercentileWithin(of, percent, "food"), Value: v / 2})
		}
	}
	c := portfolio.NewCutoffs("v", list)
	return &c
}

// ranked is a score of three factors that go by ranks, each with a third of the weight.
func ranked(by value.Rank) value.Config {
	cfg := whole()
	for i := range cfg.Score {
		x := &cfg.Score[i]
		if x.Weight = 0; value.RankedBy(x.Name) != "" {
			x.Weight, x.Rank = 10, by
		}
	}
	return cfg
}

// A factor by rank stands at the highest of the steps that it reaches, whatever else there are cut-offs of; at 0 where
// it isn't above 0; and takes no part before there are cut-offs.
func TestFactorsByRank(t *testing.T) {
	s := holding(order(1000, 500), order(1010, 500)) // net 1000, contribution 700, 2 orders
	list := []portfolio.Cutoff{{Name: "contribution_p50", Value: -5}, {Name: "contribution_p99", Value: 701}, {Name: "net_p30", Value: 900}, {Name: "net_p42", Value: 950},
		{Name: "net_p5@food", Value: 1000}, {Name: "orders_p95", Value: 2}}
	cutoffs := portfolio.NewCutoffs("v", list)
	for name, c := range map[string]struct {
		by      value.Rank
		profile value.Profile
		want    map[string]string // raw, normalised, weight, note
		score   string
	}{
		"none yet": {value.RankAll, value.Profile{}, map[string]string{"contribution": "3 null 0 no cut-offs yet", "frequency": "2 null 0 no cut-offs yet", "net": "10 null 0 no cut-offs yet"}, "null"},
		"all": {value.RankAll, value.Profile{Cutoffs: &cutoffs, Segment: "food"},
			map[string]string{"contribution": "3 50 33.333333 ", "frequency": "2 95 33.333334 ", "net": "10 30 33.333333 "}, "58.333333"},
		"of a segment": {value.RankSegment, value.Profile{Cutoffs: &cutoffs, Segment: "food"},
			map[string]string{"contribution": "3 null 0 no cut-offs yet", "frequency": "2 null 0 no cut-offs yet", "net": "10 5 100 "}, "5"},
		"of none": {value.RankSegment, value.Profile{Cutoffs: &cutoffs},
			map[string]string{"contribution": "3 null 0 no cut-offs yet", "frequency": "2 null 0 no cut-offs yet", "net": "10 null 0 no cut-offs yet"}, "null"},
	} {
		cfg := ranked(c.by)
		cfg.Serve = value.Serve{}
		f := s.Figures(cfg, 1040, c.profile)
		for _, x := range s.Report(cfg, 1040, c.profile, f).Parts {
			if got := x.Raw.String() + " " + x.Normalised.String() + " " + x.Weight.String() + " " + x.Note(); got != c.want[x.Name] || x.Rank != c.by {
				t.Errorf("%s, %s: %s, want %s", name, x.Name, got, c.want[x.Name])
			}
		}
		if f.Score.String() != c.score {
			t.Errorf("%s: a score of %s, want %s", name, f.Score, c.score)
		}
	}
	loss := ranked(value.RankAll)
	loss.Margin = value.Margin{Default: figure.Of(-figure.One)}
	p := value.Profile{Cutoffs: &cutoffs}
	f := s.Figures(loss, 1040, p)
	if x := s.Report(loss, 1040, p, f).Parts[0]; x.Normalised != figure.Of(0) || f.Contribution.Minor >= 0 {
		t.Errorf("whoever brings a loss of %d stands at %s", f.Contribution.Minor, x.Normalised)
	}
}

// Where decisions look at a score by ranks, its customer is due each day: there may be new cut-offs. Else they aren't.
func TestRankedScoresAreDueDaily(t *testing.T) {
	s := holding(order(1000, 500))
	for _, c := range []struct {
		looks bool
		by    value.Rank
		want  civil.Day
	}{{true, value.RankAll, 1041}, {true, value.RankSegment, 1041}, {false, value.RankAll, 1366}, {true, value.RankNone, 1366}} {
		cfg := ranked(c.by)
		cfg.Looks = value.Looks{Score: c.looks}
		if got, _ := s.NextDay(cfg, 1040); got != c.want {
			t.Errorf("%+v: due on day %d", c, got)
		}
	}
	idle := ranked(value.RankAll)
	for i := range idle.Score {
		idle.Score[i].Weight = 0
	}
	idle.Looks = value.Looks{Score: true}
	if got, _ := s.NextDay(idle, 1040); got != 1366 {
		t.Errorf("without weight: due on day %d", got)
	}
}
