package policy

import (
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// CreditOf is how the credit of the customers of a segment is judged. Windows, tolerance and whatever else says what is kept are
// the policy's.
func (p *Policy) CreditOf(segment int) *credit.Config {
	if s := p.segment(segment); s != nil && s.Credit != nil {
		return s.Credit
	}
	return &p.Credit
}

// segmentCredit reads a segment's section of credit, which begins as the policy's own. Its grades have the policy's names: conditions,
// alerts and changes speak of them for all.
func (d document) segmentCredit(f lintyaml.Field, s *Segment, p *Policy) {
	sub := d.Fields(f.Value, `"credit" of a segment`, gradedKeys()...)
	c := p.Credit
	d.graded(sub, &c.Scoring)
	if f, ok := sub["grades"]; ok && c.Scoring.Grades != nil {
		if names := gradeNames(&p.Credit.Scoring); !slices.Equal(gradeNames(&c.Scoring), names) {
			d.Fail(f.At, "name all of them: "+strings.Join(names, ", "), "the grades of a segment may begin elsewhere, but are those of the policy")
		}
	}
	s.Credit, s.advice = &c, sub["advice"]
}

// segmentAdvice reads the tables of advice of the segments, once the tiers are known.
func (d document) segmentAdvice(p *Policy, rungs []rung) {
	for i := range p.Segments {
		s := &p.Segments[i]
		if s.Credit == nil {
			continue
		}
		if s.Credit.Scoring.Advice = p.Credit.Scoring.Advice; s.advice.Value != nil {
			s.Credit.Scoring.Advice = d.advice(s.advice, p, rungs)
		}
	}
}
