package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/tier"
)

// A policy of nothing but its version is the default ladder, which is without warnings.
func TestDefaults(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: "1"`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range p.Ladder.Rungs {
		names = append(names, r.Name)
	}
	if d := cmp.Diff([]string{"standard", "silver", "gold", "platinum"}, names); d != "" || len(p.Warnings) > 0 {
		t.Errorf("(-want +got):\n%s\n%v", d, p.Warnings)
	}
}

// The hash is that of the file: the same on every machine, another for any other byte.
func TestHash(t *testing.T) {
	for src, want := range map[string]string{
		"version: \"1\"\n":         "23d3858d3d7b",
		"version: \"1\"\n# note\n": "186218ac8135",
	} {
		p, err := policy.Parse("p.yaml", []byte(src))
		if err != nil || !strings.HasPrefix(p.Hash, want) || len(p.Hash) != 64 || string(p.Source) != src {
			t.Errorf("%q: %v, %v", src, p, err)
		}
	}
}

func TestExamplePolicies(t *testing.T) {
	for _, file := range corpus(t, "../../deploy/policies/*.yaml") {
		p, err := policy.Parse(file, read(t, file))
		if err != nil || len(p.Warnings) > 0 {
			t.Errorf("%v\n%v", err, p)
		}
	}
}

// Decide runs for every level of every customer.
func BenchmarkDecide(b *testing.B) {
	p, err := policy.Parse("starter.yaml", read(b, "../../deploy/policies/starter.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	f := &tier.Figures{}
	f.Value.Net = 12_000_00
	s, _ := p.Ladder.Decide(tier.State{}, f, 1)
	b.ReportAllocs()
	for b.Loop() {
		p.Ladder.Decide(s, f, 2)
	}
}

// Whatever the bytes: no panic, every problem has a place that exists, and what is taken once is taken again.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml", "../../deploy/policies/*.yaml"} {
		t := &testing.T{}
		for _, file := range corpus(t, pattern) {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := policy.Parse("p.yaml", src)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
		var problems policy.Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%T", err)
		}
		if p != nil {
			problems = p.Warnings
		}
		for _, each := range problems {
			if each.Line < 1 || each.Column < 1 || each.What == "" {
				t.Errorf("%+v", each)
			}
		}
		if again, twice := policy.Parse("p.yaml", src); (again == nil) != (p == nil) || p == nil && twice.Error() != err.Error() {
			t.Errorf("%v the first time, %v the second", err, twice)
		}
	})
}
