package register_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

// told is a profile in one line.
func told(p register.Profile) string {
	out := []string{p.Industry}
	for _, r := range p.Ratings {
		out = append(out, fmt.Sprintf("%s=%d", r.Name, r.Millionths))
	}
	if p.Limit.Known {
		out = append(out, fmt.Sprint("limit ", p.Limit.Amount))
	}
	return strings.Join(out, " ")
}

func TestProfile(t *testing.T) {
	industry := func(text string, at register.Version) register.ProfileField {
		return register.ProfileField{Name: register.ProfileIndustry, Said: at, Text: text}
	}
	rating := func(name string, n int64, at register.Version) register.ProfileField {
		return register.ProfileField{Name: register.ProfileRatings + "/" + name, Said: at, Number: n}
	}
	removed := func(name string, at register.Version) register.ProfileField {
		return register.ProfileField{Name: name, Said: at, Removed: true}
	}
	for _, c := range []struct {
		says   string
		fields []register.ProfileField
		want   string
	}{
		{"nothing", nil, ""},
		{"the latest text stands, whatever its revision", []register.ProfileField{industry("b", v(0, 2, "e2")), industry("a", v(5, 1, "e1"))}, "b"},
		{"at the same time the higher revision", []register.ProfileField{industry("b", v(1, 1, "e1")), industry("a", v(0, 1, "e2"))}, "b"},
		{"removed", []register.ProfileField{industry("a", v(0, 1, "e1")), removed(register.ProfileIndustry, v(0, 2, "e2"))}, ""},
		{"a group is removed, and what is said later stands",
			[]register.ProfileField{rating("x", 1, v(0, 1, "e1")), rating("y", 2, v(0, 3, "e3")), removed(register.ProfileRatings, v(0, 2, "e2"))}, " y=2"},
		{"one event that gives and clears clears",
			[]register.ProfileField{rating("x", 1, v(0, 1, "e1")), removed(register.ProfileRatings, v(0, 1, "e1"))}, ""},
		{"a limit", []register.ProfileField{{Name: register.ProfileLimit, Said: v(0, 1, "e1"), Number: 700}}, " limit 700"},
	} {
		var p register.ProfileFields
		for _, f := range c.fields {
			p.Say(f)
			if p.Say(f) {
				t.Errorf("%s: %s is news the second time", c.says, f.Name)
			}
		}
		if got := told(p.Profile()); got != c.want {
			t.Errorf("%s: %q, want %q", c.says, got, c.want)
		}
	}
}

func TestProfileIsAFunctionOfTheSet(t *testing.T) {
	names := []string{register.ProfileIndustry, register.ProfileRatings, register.ProfileRatings + "/x", register.ProfileRatings + "/y",
		register.ProfileAttributes, register.ProfileAttributes + "/x", register.ProfileLimit, register.ProfileBlock}
	rapid.Check(t, func(t *rapid.T) {
		var all []register.ProfileField
		for i := range rapid.IntRange(1, 10).Draw(t, "fields") {
			all = append(all, register.ProfileField{Name: rapid.SampledFrom(names).Draw(t, "name"), Removed: rapid.Bool().Draw(t, "removed"),
				Text: fmt.Sprint("text ", i), Number: int64(i), Said: v(rapid.Int64Range(0, 1).Draw(t, "revision"), rapid.Int64Range(0, 2).Draw(t, "second"), fmt.Sprint("e", i))})
		}
		end := func(fields []register.ProfileField) register.Profile {
			var p register.ProfileFields
			for _, f := range fields {
				p.Say(f)
			}
			return p.Profile()
		}
		if diff := cmp.Diff(end(all), end(rapid.Permutation(all).Draw(t, "shuffled"))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestProfileEnds(t *testing.T) {
	p := register.Profile{Limit: register.CreditLimit{Known: true, Amount: 5, Until: 100, HasUntil: true}, Block: register.CreditBlock{Known: true, Until: 90, HasUntil: true}}
	for _, c := range []struct {
		day            civil.Day
		limit, blocked bool
		next           civil.Day
	}{{80, true, true, 91}, {90, true, true, 91}, {91, true, false, 101}, {100, true, false, 101}, {101, false, false, 0}} {
		_, limit := p.LimitOn(c.day)
		next, ok := p.NextDay(c.day)
		if limit != c.limit || p.BlockedOn(c.day) != c.blocked || ok != (c.next != 0) || ok && next != c.next {
			t.Errorf("on day %d there is a limit %t, a block %t, and next is %d %t, want %+v", c.day, limit, p.BlockedOn(c.day), next, ok, c)
		}
	}
	if _, ok := (&register.Profile{}).LimitOn(1); ok || (&register.Profile{}).BlockedOn(1) {
		t.Error("there is a limit or a block of which nobody has said anything")
	}
}

// Of a customer of whom more was said than is kept, the names that come first are, each as it was said last, in whatever order
// it came, and others of the profile as ever.
func TestProfilesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(250, 290).Draw(t, "names")
		var all []register.ProfileField
		want := map[string]int64{}
		for i := range n {
			for _, group := range []string{register.ProfileAttributes, register.ProfileRatings} {
				name := fmt.Sprintf("%s/%03d", group, i)
				again := rapid.Int64Range(1, 2).Draw(t, "times")
				for r := range again {
					all = append(all, register.ProfileField{Name: name, Said: register.Version{Revision: r}, Number: r, Removed: i%7 == 0})
				}
				if i < register.ManyMost {
					want[name] = again - 1
				}
			}
		}
		all = append(all, register.ProfileField{Name: register.ProfileSize}, register.ProfileField{Name: register.ProfileAttributes})
		want[register.ProfileSize], want[register.ProfileAttributes] = 0, 0
		var p register.ProfileFields
		for _, f := range rapid.Permutation(all).Draw(t, "order") {
			had := p.Has(f.Name)
			if kept := p.Say(f); !had && kept != p.Has(f.Name) {
				t.Fatalf("%s is said to be kept: %v", f.Name, kept)
			}
		}
		got := map[string]int64{}
		for _, f := range p {
			got[f.Name] = f.Number
		}
		if !maps.Equal(got, want) {
			t.Fatalf("of %d names %d are kept: %v", n, len(got), got)
		}
	})
}
