package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// A condition can tell segments apart; a customer of none is known to be of none.
func TestSegmentInConditions(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: "1"
tiers:
  - name: base
  - {name: top, enter: 'segment == "makers" ? value.net >= 200 : value.net >= 100'}
  - {name: none, enter: 'segment == "" && value.net >= 900'}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		segment string
		net     int64
		want    string
	}{{"makers", 199_99, "base"}, {"makers", 200_00, "top"}, {"", 100_00, "top"}, {"", 900_00, "none"}, {"others", 900_00, "top"}} {
		f := &tier.Figures{Segment: c.segment, Value: value.Figures{Net: c.net}}
		if is, _ := p.Ladder.Decide(tier.State{}, f, 1); is.Tier != c.want {
			t.Errorf("segment %q with %d is %s, want %s", c.segment, c.net, is.Tier, c.want)
		}
	}
}

// Who is of a segment has all that it asks for, and is of the first such one.
func TestSegments(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: "1"
segments:
  - {name: big makers, when: {industry: [toys, shoes], size: large}}
  - {name: makers, when: {industry: [toys, shoes]}}
  - {name: partners, when: {attributes: {channel: partner, "since when": ["2024", "2025"]}}}
  - {name: gone, when: {lifecycle: dormant, region: north}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		profile register.Profile
		stage   value.Stage
		want    string
	}{
		{register.Profile{}, value.StageNone, ""},
		{register.Profile{Industry: "toys", Size: "large"}, value.StageNew, "big makers"},
		{register.Profile{Industry: "shoes", Size: "small"}, value.StageNew, "makers"},
		{register.Profile{Industry: "tools", Size: "large"}, value.StageNew, ""},
		{register.Profile{Attributes: []register.Attribute{{Name: "channel", Text: "partner"}}}, value.StageNew, ""},
		{register.Profile{Attributes: []register.Attribute{{Name: "channel", Text: "partner"}, {Name: "since when", Text: "2025"}}}, value.StageNew, "partners"},
		{register.Profile{Region: "north"}, value.StageDormant, "gone"},
		{register.Profile{Region: "north"}, value.StageStable, ""},
	} {
		if got := p.SegmentName(p.Segment(&c.profile, c.stage)); got != c.want {
			t.Errorf("%+v in stage %q is of %q, want %q", c.profile, c.stage, got, c.want)
		}
	}
	if !p.ByStage() || !p.Value.Looks.Lifecycle || p.ValueOf(1) != &p.Value {
		t.Error("a segment asks for a stage, and nobody looks at stages; or one without sections has its own")
	}
}

// A segment's section of credit begins as the policy's: what it doesn't give, windows and the lag above all, is the policy's.
func TestCreditOfASegment(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: v
credit:
  window_days: 90
  booking_lag: 3d
  thin_file: 7
  prior: {late_ratio: 0.5}
  score: {factors: {days_beyond_terms: 5}}
  caps: [{cap: write_off, grade: B}]
  advice: [{limit: 10, terms_days: 1}]
segments:
  - {name: plain, when: {region: north}}
  - {name: some, when: {region: south}, credit: {thin_file: 0, caps: []}}
  - name: all
    when: {region: east}
    credit:
      thin_file: 1
      prior: {days_beyond_terms: 9}
      score: {factors: {lateness: 3}}
      caps: [{cap: credit_block, grade: D}]
      advice: [{tiers: [gold], limit: 20, terms_days: 2}, {limit: 30, terms_days: 3}]
`))
	if err != nil {
		t.Fatal(err)
	}
	if p.CreditOf(0) != &p.Credit || p.CreditOf(1) != &p.Credit || p.CreditOf(9) != &p.Credit {
		t.Error("who is of no segment, or of one without a section, isn't judged by the policy's")
	}
	want := p.Credit
	want.Scoring.ThinItems, want.Scoring.Caps = 0, nil
	if d := cmp.Diff(want, *p.CreditOf(2)); d != "" {
		t.Error(d)
	}
	own := p.CreditOf(3)
	s := own.Scoring
	if s.ThinItems != 1 || s.Prior.LateRatio != p.Credit.Scoring.Prior.LateRatio || s.Prior.Days.String() != "9" || s.LagDays != 3 || own.WindowDays != 90 ||
		len(s.Caps) != 1 || s.Caps[0].Kind != credit.CapBlock || s.Weights == p.Credit.Scoring.Weights {
		t.Errorf("%+v", own)
	}
	if a, _ := s.Advise("gold", 1, 1); a.TermsDays != 2 {
		t.Errorf("%+v", a)
	}
	if a, _ := s.Advise("base", 1, 1); a.TermsDays != 3 {
		t.Errorf("%+v", a)
	}
	if p.Credit.Scoring.ThinItems != 7 || len(p.Credit.Scoring.Caps) != 1 || len(p.Credit.Scoring.Advice) != 1 {
		t.Errorf("a segment has changed the policy's own: %+v", p.Credit.Scoring)
	}
}

// A score that hovers at the border of a grade hovers at that of the customer's segment.
func TestGradesOfASegmentHover(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: v
credit: {grades: [{grade: good, from: 60}, {grade: bad, from: 0}]}
segments:
  - {name: public, when: {industry: government}, credit: {grades: [{grade: good, from: 40}, {grade: bad, from: 0}]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var turn *watch.Turn
	for _, a := range p.Alerts {
		if a.Kind() == "GRADE_CHANGED" {
			turn, _ = a.(*watch.Turn)
		}
	}
	for _, c := range []struct {
		kind         int
		score, grade int64
		told         string
		stays        bool
	}{{0, 59, 2, "good", true}, {0, 57, 2, "good", false}, {1, 39, 2, "good", true}, {1, 37, 2, "good", false}, {1, 41, 1, "bad", true}, {0, 61, 1, "bad", true}, {1, 61, 1, "bad", false}} {
		f := tier.Figures{Kind: c.kind, Credit: credit.Figures{Score: figure.Of(c.score * figure.One), Grade: c.grade}}
		if turn.Stay(&f, c.told) != c.stays {
			t.Errorf("%+v", c)
		}
	}
}

// Growth near the border of a stage lingers by the borders of the customer's segment.
func TestStagesOfASegmentLinger(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: v
segments:
  - {name: steady, when: {industry: salt}, value: {lifecycle: {growing: 0.5}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Signals, func(s watch.Watch) bool { return s.Kind() == "LIFECYCLE_CHANGED" })
	turn, _ := p.Signals[i].(*watch.Turn)
	for kind, stays := range []bool{false, true} { // 0.2 and 0.5 are the borders: twice as far are 0.4 and 1
		f := tier.Figures{Kind: kind, Value: value.Figures{Stage: value.StageGrowing, Growth: figure.Of(600_000)}}
		if turn.Stay(&f, "stable") != stays {
			t.Errorf("of segment %d, who was told to be stable and grows by 0.6 stays so: %t", kind, !stays)
		}
	}
}
