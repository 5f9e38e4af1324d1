package policy

import (
	"fmt"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/tierstream/tierstream/pkg/tier"
)

// creditGrade is the figure that is a grade: a text, of which the better is the greater.
const creditGrade = "credit.grade"

// graded is a comparison of the customer's grade with one of the policy's, by number.
type graded struct {
	op     string
	number int64    // 1 is the best
	names  []string // of all, best first
}

// grades is the comparison as a reason tells it; turned: a ! stands above it.
func (g *graded) grades(f *tier.Figures, turned bool) tier.Grades {
	out := tier.Grades{Op: g.op, Bound: g.names[g.number-1], Limit: g.number, Place: f.Credit.Grade}
	if turned {
		out.Op = opposite(g.op)
	}
	if n := f.Credit.Grade; n >= 1 && n <= int64(len(g.names)) {
		out.Name = g.names[n-1]
	}
	return out
}

func (g *graded) evaluate(f *tier.Figures) truth {
	if f.Credit.Grade == 0 {
		return unknown
	}
	return of(compare(-float64(f.Credit.Grade), g.op, -float64(g.number)))
}

// gradeText is the name of a customer's grade; false: there is none.
func (c *compiler) gradeText(f *tier.Figures) (string, bool) {
	n := f.Credit.Grade
	if n < 1 || n > int64(len(c.grades)) {
		return "", false
	}
	return c.grades[n-1], true
}

// soundGrade is the last grade of the better half, the middle one included; empty: there are none.
func (c *compiler) soundGrade() string {
	if len(c.grades) == 0 {
		return ""
	}
	return c.grades[(len(c.grades)-1)/2]
}

// ungraded is the condition without what it says of grades, for who asks what makes a customer due: the grade is looked at when
// something else moves.
func (c *condition) ungraded() *condition {
	out := &condition{root: c.root}
	for _, l := range c.leaves {
		if l.figure == nil || l.figure.name != creditGrade {
			out.leaves = append(out.leaves, l)
		}
	}
	return out
}

// gradeComparison recognises credit.grade op "BBB".
func (s *sawing) gradeComparison(figure *figureName, op string, right celast.Expr, l *leaf) bool {
	text, ok := literal(right).(types.String)
	n := slices.Index(s.c.grades, string(text))
	if !ok || n < 0 {
		return false
	}
	l.figure, l.grade = figure, &graded{op, int64(n) + 1, s.c.grades}
	return true
}

// checkGrades finds grades that the policy doesn't have, and ranks that would go by the alphabet.
func (c *compiler) checkGrades(tree *celast.AST, cond *condition) (issues []issue) {
	for i := range cond.leaves {
		if cond.leaves[i].expr == nil {
			continue
		}
		celast.PreOrderVisit(cond.leaves[i].expr, celast.NewExprVisitor(func(e celast.Expr) {
			if e.Kind() != celast.CallKind || len(e.AsCall().Args()) != 2 || !slices.Contains(comparisons(), strings.Trim(e.AsCall().FunctionName(), "_")) {
				return
			}
			op, args := strings.Trim(e.AsCall().FunctionName(), "_"), e.AsCall().Args()
			for n, a := range args {
				if name, _ := dotted(a); name != creditGrade {
					continue
				}
				where, _ := tree.SourceInfo().GetOffsetRange(args[1-n].ID())
				text, ok := literal(args[1-n]).(types.String)
				switch {
				case ok && !slices.Contains(c.grades, string(text)):
					issues = append(issues, issue{int(where.Start), fmt.Sprintf("there is no grade %q", string(text)), "the grades are " + strings.Join(c.grades, ", ")})
				case op != "==" && op != "!=":
					issues = append(issues, issue{int(where.Start), "grades are ranked only in a comparison of their own",
						`write credit.grade >= "BBB", and join it with &&, || and !`})
				}
			}
		}))
	}
	return issues
}
