package policy_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
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
