package policy

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// maxSegments of a policy, and maxValues of one thing that a segment asks for.
const (
	maxSegments = 100
	maxValues   = 100
)

// Segment is customers of a kind, and what is judged of them otherwise.
type Segment struct {
	Name  string
	Value *value.Config // nil: as the policy's own
	when  []asked

	Credit *credit.Config // nil: as the policy's own
	advice lintyaml.Field // until the tiers are known

	Ladder          *tier.Ladder // nil: the policy's own
	Alerts, Signals []watch.Watch
	Drift           credit.Drift
	rules           map[string]lintyaml.Field // tiers, alerts and signals, until those of the policy are known
}

// asked is one thing that a segment asks for: that what says is one of the words.
type asked struct {
	says  func(*register.Profile, value.Stage) string
	words []string
}

// Segment is the place, from 1, of the first segment that a customer is of, by profile and by the stage that the policy's own
// section gives; 0: of none.
func (p *Policy) Segment(profile *register.Profile, stage value.Stage) int {
	for i := range p.Segments {
		if !slices.ContainsFunc(p.Segments[i].when, func(a asked) bool { return !slices.Contains(a.words, a.says(profile, stage)) }) {
			return i + 1
		}
	}
	return 0
}

// SegmentName is the name of a segment; empty for 0, and for one that the policy doesn't have.
func (p *Policy) SegmentName(segment int) string {
	if s := p.segment(segment); s != nil {
		return s.Name
	}
	return ""
}

// ValueOf is how the customers of a segment are judged.
func (p *Policy) ValueOf(segment int) *value.Config {
	if s := p.segment(segment); s != nil && s.Value != nil {
		return s.Value
	}
	return &p.Value
}

// segments reads the list of segments, whose sections of value and credit begin as the policy's own. Those of tiers, alerts and
// signals wait for what the policy says of them.
func (d document) segments(keys map[string]lintyaml.Field, p *Policy) {
	f, ok := keys["segments"]
	if !ok {
		return
	}
	list, ok := f.Value.(*ast.SequenceNode)
	if !ok || len(list.Values) > maxSegments {
		d.Fail(f.At, "write one entry per segment: - name: wholesale", "%q must be a list of at most %d segments", f.Name, maxSegments)
		return
	}
	named := map[string]lintyaml.Position{}
	for _, n := range list.Values {
		at := lintyaml.At(n)
		own := d.Fields(n, "a segment", "name", "when", "value", "credit", "tiers", "alerts", "signals")
		if own == nil {
			continue
		}
		s := Segment{rules: own}
		if f, ok := own["name"]; !ok {
			d.Fail(at, "add a line: name: wholesale", "the segment has no name")
		} else if s.Name = d.Name(f); s.Name != "" {
			if first, twice := named[s.Name]; twice {
				d.Fail(lintyaml.At(f.Value), fmt.Sprintf("the first is on line %d", first.Line), "there are two segments named %q", s.Name)
			}
			named[s.Name] = lintyaml.At(f.Value)
		}
		if f, ok := own["when"]; !ok {
			d.Fail(at, "add a line: when: {industry: food}", "the segment doesn't say who is of it")
		} else {
			d.when(f, &s, p)
		}
		if f, ok := own["value"]; ok {
			c := p.Value
			c.Score = slices.Clone(c.Score)
			d.judged(d.Fields(f.Value, `"value" of a segment`, "margin", "serve", "lifecycle", "score"), p.Scale, &c)
			s.Value = &c
		}
		if f, ok := own["credit"]; ok {
			d.segmentCredit(f, &s, p)
		}
		p.Segments = append(p.Segments, s)
	}
}

// when reads what a segment asks for.
func (d document) when(f lintyaml.Field, s *Segment, p *Policy) {
	keys := d.Fields(f.Value, `"when"`, "industry", "size", "region", "lifecycle", "attributes")
	if keys != nil && len(keys) == 0 {
		d.Fail(f.At, "", "%q asks for nothing: everybody would be of the segment", f.Name)
	}
	for name, says := range map[string]func(*register.Profile, value.Stage) string{
		"industry": func(c *register.Profile, _ value.Stage) string { return c.Industry },
		"size":     func(c *register.Profile, _ value.Stage) string { return c.Size },
		"region":   func(c *register.Profile, _ value.Stage) string { return c.Region },
		"lifecycle": func(_ *register.Profile, stage value.Stage) string {
			return stage.String()
		},
	} {
		if f, ok := keys[name]; ok {
			s.when = append(s.when, asked{says, d.words(f, name == "lifecycle")})
			p.byStage = p.byStage || name == "lifecycle"
		}
	}
	if f, ok := keys["attributes"]; ok {
		for name, x := range d.named(f, `"attributes"`, "write it as in attributes: {channel: partner}") {
			says := func(c *register.Profile, _ value.Stage) string { return attribute(c, name) }
			s.when = append(s.when, asked{says, d.words(x, false)})
		}
	}
}

// named are keys of any name.
func (d document) named(f lintyaml.Field, of, hint string) map[string]lintyaml.Field {
	var entries []*ast.MappingValueNode
	switch n := f.Value.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		d.Fail(lintyaml.At(f.Value), hint, "%s must be keys with values, not %s", of, lintyaml.Kind(f.Value))
		return nil
	}
	var names []string
	for _, e := range entries {
		if key, ok := e.Key.(*ast.StringNode); ok {
			names = append(names, key.Value)
		}
	}
	return d.Fields(f.Value, of, names...)
}

func attribute(c *register.Profile, name string) string {
	for _, a := range c.Attributes {
		if a.Name == name {
			return a.Text
		}
	}
	return ""
}

// words is one word or a list of them.
func (d document) words(f lintyaml.Field, stages bool) (words []string) {
	list := d.List(f)
	if len(list) > maxValues {
		d.Fail(lintyaml.At(f.Value), "", "%q has more than %d values", f.Name, maxValues)
		return nil
	}
	var known []string
	for n := value.StageNew; n <= value.StageReturning; n++ {
		known = append(known, n.String())
	}
	for _, x := range list {
		word := d.Name(x)
		if stages && word != "" && !slices.Contains(known, word) {
			d.Fail(lintyaml.At(x.Value), lintyaml.Closest(word, known, ""), "there is no stage %q", word)
		}
		words = append(words, word)
	}
	return words
}
