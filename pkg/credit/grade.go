package credit

import "github.com/tierstream/tierstream/pkg/figure"

// Grade is a grade, given from a score on, in millionths.
type Grade struct {
	Name string
	From int64
}

// CapKind is what a cap looks at.
type CapKind int

// The kinds of caps.
const (
	CapBlock    CapKind = iota // the profile blocks credit
	CapOverdue                 // an item is overdue by more than Days
	CapWriteOff                // something was written off in the window
)

// Cap is the best grade that a customer can have while its cause lasts.
type Cap struct {
	Kind  CapKind
	Days  int64 // of CapOverdue
	Grade int64 // number of the grade
}

// ManualSource is the source of a rating that sets the grade, in place of the score.
const ManualSource = "manual"

// Warnings is a set of what one should know with a score.
type Warnings int64

// The warnings.
const (
	ThinFile      Warnings = 1 << iota // few items are settled: the score is partly the portfolio's
	ManualRating                       // the grade is set by hand
	RatingUnknown                      // the profile's grade is none of the policy's
	CreditBlock                        // the cap of a block in the profile
	LongOverdue                        // the cap of an item that is long overdue
	WrittenOff                         // the cap of a write-off
	SilenceHeld                        // silence would have made it worse by now, but the payments aren't known so far
)

// Codes are the stable names of the warnings, in a fixed order.
func (w Warnings) Codes() []string {
	codes := []string{}
	for i, name := range [...]string{"thin_file", "manual_rating", "rating_unknown", "credit_block", "long_overdue", "write_off", "silence_held"} {
		if w&(1<<i) != 0 {
			codes = append(codes, name)
		}
	}
	return codes
}

// GradeName is the grade of a number; empty where there is none.
func (c *Scoring) GradeName(number int64) string {
	if number < 1 || number > int64(len(c.Grades)) {
		return ""
	}
	return c.Grades[number-1].Name
}

// numberOf is the number of a grade; 0: there is no such.
func (c *Scoring) numberOf(name string) int64 {
	for i := range c.Grades {
		if c.Grades[i].Name == name {
			return int64(i) + 1
		}
	}
	return 0
}

// byScore is the number of the best grade that a score reaches; the last is given to everybody.
func (c *Scoring) byScore(score figure.Micro) int64 {
	if !score.Known {
		return 0
	}
	for i := range c.Grades {
		if score.Millionths >= c.Grades[i].From {
			return int64(i) + 1
		}
	}
	return int64(len(c.Grades))
}

// grade is that of the score, or the one set by hand, and no better than any cap whose cause is there.
func (s *Score) grade(c *Scoring, p Profile, n now) {
	s.ByScore = c.byScore(s.Score)
	s.Grade = s.ByScore
	if by := c.numberOf(p.Grade); by > 0 && p.Source == ManualSource {
		s.Grade = by
		s.Warnings |= ManualRating
	}
	for _, x := range c.Caps {
		if w, holds := x.holds(p, n); holds {
			s.Grade = max(s.Grade, x.Grade)
			s.Warnings |= w
		}
	}
}

// holds says whether a cap's cause is there, and the warning that says so.
func (c Cap) holds(p Profile, n now) (Warnings, bool) {
	switch c.Kind {
	case CapOverdue:
		return LongOverdue, n.days > c.Days
	case CapWriteOff:
		return WrittenOff, n.lost
	case CapBlock:
	}
	return CreditBlock, p.Blocked
}
