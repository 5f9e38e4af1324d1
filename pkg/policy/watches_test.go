package policy

import (
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// Between two grades that are neighbours a margin lies on both sides of their border. Whatever else makes a grade is told.
func TestHovers(t *testing.T) {
	grades := []credit.Grade{{Name: "A", From: 80 * figure.One}, {Name: "B", From: 50 * figure.One}, {Name: "C"}}
	for _, c := range []struct {
		score     int64 // thousandths
		now, told int64
		want      bool
	}{
		{79_999, 2, 1, true}, {78_000, 2, 1, true}, {77_999, 2, 1, false}, // down
		{80_000, 1, 2, true}, {81_999, 1, 2, true}, {82_000, 1, 2, false}, // up
		{49_000, 3, 2, true}, {51_000, 2, 3, true}, {47_999, 3, 2, false},
		{85_000, 2, 1, false}, // a cap
		{49_000, 3, 1, false}, // two grades at once
		{79_000, 2, 0, false}, {79_000, 2, 9, false}, {79_000, 0, 1, false},
	} {
		if got := hovers(grades, figure.Of(c.score*1000), c.now, c.told, 2*figure.One); got != c.want {
			t.Errorf("a score of %d, grade %d after %d: %v", c.score, c.now, c.told, got)
		}
	}
	if hovers(grades, figure.Micro{}, 2, 1, 2*figure.One) {
		t.Error("a grade without a score hovers")
	}
}

// A rising star is small and grows; a key customer is large and has more to give. What isn't known makes neither.
func TestStars(t *testing.T) {
	p, err := Parse("p", []byte("version: \"1\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	told := func(name string, growth, potential figure.Micro) (out []string) {
		f := &tier.Figures{Value: value.Figures{Growth: growth, Potential: potential, Orders: 6}}
		s := tier.State{Tier: name, Since: 1}
		_, events := watch.Decide(p.Signals, watch.State{}, &watch.View{At: 2, Figures: f, Ladder: &p.Ladder, Before: s, Now: s})
		for _, e := range events {
			if e.Raised && e.Kind != watch.WillDowngrade && e.Kind != watch.NearUpgrade {
				out = append(out, string(e.Kind))
			}
		}
		return out
	}
	percent := func(n int64) figure.Micro { return figure.Of(n * figure.One / 100) }
	points := func(n int64) figure.Micro { return figure.Of(n * figure.One) }
	for _, c := range []struct {
		tier              string
		growth, potential figure.Micro
		want              []string
	}{
		{"standard", percent(50), points(50), []string{"RISING_STAR"}},
		{"silver", percent(200), points(90), []string{"RISING_STAR"}},
		{"gold", percent(200), points(60), []string{"KEY_CUSTOMER"}},
		{"platinum", figure.Micro{}, points(60), []string{"KEY_CUSTOMER"}},
		{"standard", percent(49), points(90), nil},
		{"standard", percent(50), points(49), nil},
		{"standard", figure.Micro{}, points(90), nil},
		{"standard", percent(90), figure.Micro{}, nil},
		{"platinum", percent(90), points(59), nil},
	} {
		if got := told(c.tier, c.growth, c.potential); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A rising star whose credit grade is of the worse half is none, and stops being one; a policy's own condition says it otherwise.
func TestNoStarOfBadCredit(t *testing.T) {
	for _, c := range []struct {
		policy string
		grade  int64 // AAA is 1, D 10
		want   bool
	}{
		{`version: "1"`, 0, true}, {`version: "1"`, 1, true}, {`version: "1"`, 5, true}, {`version: "1"`, 6, false}, {`version: "1"`, 10, false},
		{"version: \"1\"\nsignals: {rising_star: {info: value.growth >= 0.5}}\n", 10, true},
	} {
		p, err := Parse("p", []byte(c.policy+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Drift.Score {
			t.Error("everybody is due for the score, which no condition of the policy's own asks for")
		}
		i := slices.IndexFunc(p.Signals, func(w watch.Watch) bool { return w.Kind() == "RISING_STAR" })
		f := &tier.Figures{Value: value.Figures{Growth: figure.Of(figure.One), Potential: figure.Of(90 * figure.One), Orders: 9}, Credit: credit.Figures{Grade: c.grade}}
		v := &watch.View{At: 2, Figures: f, Ladder: &p.Ladder, Now: tier.State{Tier: "standard", Since: 1}}
		if got := p.Signals[i].Judge(v, watch.Memory{}).Severity > 0; got != c.want {
			t.Errorf("%s, grade %d: %v", c.policy, c.grade, got)
		}
		if over := p.Signals[i].Judge(v, watch.Memory{Seq: 1, Severity: watch.Info}).Over; over == c.want {
			t.Errorf("%s, grade %d, raised: over %v", c.policy, c.grade, over)
		}
	}
}

// Growth near the border of a stage makes no other stage.
func TestStagesLinger(t *testing.T) {
	p, err := Parse("p", []byte(`version: "1"`))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Signals, func(w watch.Watch) bool { return w.Kind() == "LIFECYCLE_CHANGED" })
	is := watch.Memory{Kind: "LIFECYCLE_CHANGED", To: "stable"}
	for _, c := range []struct {
		percent int64
		stage   value.Stage
		told    string
	}{
		{30, value.StageGrowing, "stable"}, {39, value.StageGrowing, "stable"}, {40, value.StageGrowing, "growing"}, {5, value.StageStable, "growing"},
		{0, value.StageStable, "stable"}, {-39, value.StageDeclining, "stable"}, {-40, value.StageDeclining, "declining"}, {-1, value.StageStable, "declining"},
		{25, value.StageGrowing, "growing"}, {-25, value.StageDeclining, "declining"}, {-25, value.StageDormant, "dormant"}, {10, value.StageReturning, "returning"},
		{10, value.StageStable, "stable"},
	} {
		f := &tier.Figures{Value: value.Figures{Growth: figure.Of(c.percent * figure.One / 100), Stage: c.stage}}
		found := p.Signals[i].Judge(&watch.View{Figures: f, Ladder: &p.Ladder}, is)
		seq := is.Seq
		if is = found.Memory; found.Severity > 0 {
			seq++
		}
		if is.Seq = seq; is.To != c.told {
			t.Errorf("with growth of %d %%, %s, what is told is %s, want %s", c.percent, c.stage, is.To, c.told)
		}
	}
}
