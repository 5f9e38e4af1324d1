package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

func laddered(t *testing.T, head, enter string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("p.yaml", []byte("version: v\n"+head+"tiers:\n  - {name: base}\n  - {name: gold, enter: '"+enter+"'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A policy asks for the very cut-offs that its conditions look at, and for none where they look at none.
func TestWantedCutoffs(t *testing.T) {
	every := []string{}
	for n := 1; n < 100; n++ {
		every = append(every, portfolio.PercentileName(portfolio.Net, n))
	}
	slices.Sort(every)
	for _, c := range []struct {
		head, enter, want string
	}{
		{"", "value.net > 5", ""},
		{"", `value.class == "A"`, "net_a net_b"},
		{"", `value.net > 1 || !(value.class in ["A", "B"])`, "net_a net_b"},
		{"", "value.class != null", "net_a net_b"},
		{"", "value.rank.net >= 90 && value.rank.orders > 50", "net_p90 orders_p51"},
		{"", "value.rank.net < 89.5", "net_p90"},
		{"", "value.rank.net <= 90", "net_p91"},
		{"", "value.rank.net == 50", "net_p50 net_p51"},
		{"", "value.rank.net > 99", "net_p99"},
		{"", "value.rank.net >= 0", "net_p1"},
		{"", "value.rank.net > value.net", strings.Join(every, " ")},
		{"portfolio: {}\n", "value.net > 5", "net_a net_b"},
		{"", "value.rank.contribution >= 75", "contribution_p75"},
		{kinds, "value.segment_rank.orders >= 75 || value.segment_rank.net < 10 && value.rank.net > 8",
			"net_p10@ net_p10@big_p5 net_p10@over@seas net_p9 orders_p75@ orders_p75@big_p5 orders_p75@over@seas"},
		{"", "value.segment_rank.contribution > 9", "contribution_p10@"},
		{"portfolio: {percentiles: [90, 5], dead_band: 2.5%}\n", "value.net > 5", "net_a net_b net_p5 net_p90 orders_p5 orders_p90"},
	} {
		p := laddered(t, c.head, c.enter)
		if got := strings.Join(p.Portfolio.Wanted, " "); got != c.want || p.Portfolio.Used() != (c.want != "") {
			t.Errorf("%s%s wants %s, not %s", c.head, c.enter, got, c.want)
		}
		if asked := strings.Contains(c.enter, "class") || strings.Contains(c.enter, "rank"); p.Portfolio.Decides != asked {
			t.Errorf("%s%s: new cut-offs move customers: %v", c.head, c.enter, p.Portfolio.Decides)
		}
		want := int64(portfolio.DefaultDeadBand)
		if strings.Contains(c.head, "2.5%") {
			want = 25_000
		}
		if p.Portfolio.DeadBand != want {
			t.Errorf("%s: a dead band of %d", c.head, p.Portfolio.DeadBand)
		}
	}
}

// Where classes end is the policy's.
func TestClassesOfAPolicy(t *testing.T) {
	for text, want := range map[string]portfolio.Classes{
		"":                                   {A: 800_000, B: 950_000},
		"portfolio: {}\n":                    {A: 800_000, B: 950_000},
		"portfolio: {classes: {a: 70%}}\n":   {A: 700_000, B: 950_000},
		"portfolio: {classes: {b: 99.5%}}\n": {A: 800_000, B: 995_000},
		"portfolio: {classes: {by: count, a: 20%, b: 50%}}\n": {A: 200_000, B: 500_000, ByCount: true},
	} {
		if got := laddered(t, text, "value.net > 5").Portfolio.Classes; got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// kinds are segments with all that may stand in a name.
const kinds = "segments:\n  - {name: over@seas, when: {region: EU}}\n  - {name: big_p5, when: {size: large}}\n"

// Where there are no segments, a rank within them is likely a mistake.
func TestLintWarnsOfRanksWithinNoSegments(t *testing.T) {
	const enter = "value.segment_rank.net >= 90 && value.rank.net > 1"
	if w := laddered(t, kinds, enter).Warnings; len(w) > 0 {
		t.Errorf("%v", w)
	}
	w := laddered(t, "", enter).Warnings
	if len(w) != 1 || !strings.Contains(w.Error(), "p.yaml:4:26: warning: the policy has no segments: value.segment_rank.net is the rank among all") {
		t.Errorf("%v", w)
	}
}

// Histograms are kept of what is wanted, and of no more: those by net and orders always.
func TestKeptHistograms(t *testing.T) {
	for enter, want := range map[string]int{
		"value.rank.net >= 9": 2, "value.rank.contribution >= 9": 3, "value.segment_rank.net >= 9": 5,
		"value.segment_rank.net >= 9 && value.segment_rank.net >= 50 && value.segment_rank.contribution < 3": 8,
	} {
		if got := laddered(t, kinds, enter).Portfolio; got.Histograms() != want {
			t.Errorf("%s: %d histograms, want %d: %+v", enter, got.Histograms(), want, got)
		}
	}
}

// The class that a decision used stands in its reasons; advice by ranks says that it is an estimate.
func TestReasonsNameClassAndRank(t *testing.T) {
	l := laddered(t, "", `value.class == "A" && value.rank.net >= 90`).Ladder
	f := &tier.Figures{Portfolio: portfolio.Standing{Class: "B", Ranks: portfolio.Ranks{Net: figure.Of(0)}}}
	a, ok := l.ToNext(tier.State{Tier: "base"}, f)
	if !ok || len(a.Needs) != 2 {
		t.Fatalf("%+v", a)
	}
	const estimate = " This is an estimate: ranks move as others buy."
	for i, want := range []string{
		`The condition for gold “value.class == "A"” does not hold; the class is B.` + estimate,
		"The percentile by net sales of the last 365 days is 0, below the 90 needed for gold (short by 90)." + estimate,
	} {
		if a.Needs[i].Text != want {
			t.Errorf("%s\nwant %s", a.Needs[i].Text, want)
		}
	}
	f.Portfolio = portfolio.Standing{Class: "A", Ranks: portfolio.Ranks{Net: figure.Of(90e6)}}
	_, c := l.Decide(tier.State{}, f, 1)
	if c == nil || c.To != "gold" || c.Reasons[0].Text != `The condition for gold “value.class == "A"” holds; the class is A.` {
		t.Errorf("%+v", c)
	}
}

// A factor by rank is taken from the policy, and from the sections of its segments, as the curve that it stands for is. Its
// cut-offs are wanted for those who are judged so.
func TestFactorsByRank(t *testing.T) {
	p := laddered(t, `value: {score: {contribution: {rank: segment}, frequency: {rank: all, weight: 0}, net: {weight: 5}}}
segments:
  - {name: food, when: {industry: food}, value: {score: {contribution: {curve: [[0, 0], [100, 100]]}, net: {rank: segment}}}}
`, "value.score >= 60")
	var got []string
	for segment := range 2 {
		for _, x := range p.ValueOf(segment).Score {
			if x.Rank != value.RankNone {
				got = append(got, fmt.Sprint(segment, " ", x.Name, " ", x.Rank))
			}
		}
	}
	if said := strings.Join(got, ", "); said != "0 contribution segment, 0 frequency all, 1 frequency all, 1 net segment" {
		t.Error(said)
	}
	wanted := "contribution_p10@ contribution_p15@"
	if all := strings.Join(p.Portfolio.Wanted, " "); !strings.HasPrefix(all, wanted) || strings.Count(all, "contribution") != 20 || strings.Count(all, "@food") != 20 || strings.Contains(all, "orders") {
		t.Errorf("wanted: %s", all)
	}
	if p.Portfolio.Decides || !p.Ladder.Words.RankedScore {
		t.Error("a score by ranks is looked at each midnight, not when cut-offs come, and advice on it is an estimate")
	}
}
