package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/tierstream/tierstream/pkg/value"
)

// Bounds of a condition's text: what a person writes, and what a parser reads in a moment.
const (
	maxConditionLength = 4000
	maxNesting         = 40
)

// compiler turns the text of a condition into one that can be evaluated.
type compiler struct {
	env   *cel.Env
	err   error // of building env; a programming mistake
	names map[string]*figureName
	known []string // the names, in the table's order

	grades []string // of credit, best first
}

// issue is a mistake in a condition. Offset counts characters from the beginning of its text.
type issue struct {
	offset     int
	what, hint string
}

// newCompiler declares every figure as nullable, most of them numbers, money as doubles of a currency with scale decimals.
func newCompiler(v value.Config, scale int) *compiler {
	c := &compiler{names: map[string]*figureName{}}
	options := []cel.EnvOption{
		cel.ClearMacros(), cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(maxConditionLength), cel.ParserRecursionLimit(maxNesting),
	}
	for _, n := range figureNames(v, scale) {
		kind := cel.NullableType(cel.DoubleType)
		switch {
		case n.name == creditGrade:
			kind, n.text = cel.NullableType(cel.StringType), c.gradeText
		case n.text != nil:
			kind = cel.NullableType(cel.StringType)
		case n.number == nil:
			kind = cel.NullableType(cel.TimestampType)
		}
		options = append(options, cel.Variable(n.name, kind))
		c.names[n.name], c.known = &n, append(c.known, n.name)
	}
	c.env, c.err = cel.NewEnv(options...)
	return c
}

// compile gives the condition, or everything that is wrong with it.
func (c *compiler) compile(text string) (*condition, []issue) {
	switch {
	case c.err != nil:
		return nil, []issue{{what: "conditions can't be read: " + c.err.Error()}}
	case strings.TrimSpace(text) == "":
		return nil, []issue{{what: "the condition is empty", hint: "write one such as: value.net >= 10000"}}
	}
	parsed, wrong := c.env.Parse(text)
	if wrong.Err() != nil { // what follows the first mistake of syntax is its consequence
		first := wrong.Errors()[0]
		what, hint := syntaxMistake(first.Message)
		return nil, []issue{{offsetIn(text, first.Location.Line(), first.Location.Column()), what, hint}}
	}
	tree := parsed.NativeRep()
	issues, roots := c.checkNames(tree)
	cond := c.skeleton(tree, text)
	issues = append(issues, c.checkGrades(tree, cond)...)
	widen(tree)
	checked, wrong := c.env.Check(parsed)
	for _, e := range wrong.Errors() {
		if name, ok := undeclared(e.Message); ok && roots[name] {
			continue
		}
		what, hint := typeMistake(e.Message)
		issues = append(issues, issue{offsetIn(text, e.Location.Line(), e.Location.Column()), what, hint})
	}
	if len(issues) == 0 && !checked.OutputType().IsExactType(cel.BoolType) {
		issues = append(issues, issue{0, "the condition is " + inWords(checked.OutputType().String()) + ", not true or false",
			comparisonHint})
	}
	if len(issues) > 0 {
		return nil, issues
	}
	if err := c.plan(cond, parsed); err != nil {
		return nil, []issue{{what: "the condition can't be evaluated: " + err.Error()}}
	}
	return cond, nil
}

// widen makes every whole number a double, so that both kinds mix freely: all figures are doubles.
func widen(tree *celast.AST) {
	factory := celast.NewExprFactory()
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.LiteralKind {
			return
		}
		if n, ok := e.AsLiteral().(types.Int); ok {
			e.SetKindCase(factory.NewLiteral(e.ID(), types.Double(n)))
		}
	}))
}

// strict replaces a == b by a <= b && a >= b, and a != b by a < b || a > b: where a figure is null these don't hold,
// as no other comparison does, while CEL has null unequal to every number. Comparisons with the word null stay.
func strict(tree *celast.AST) {
	factory, next := celast.NewExprFactory(), celast.MaxID(tree)
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind {
			return
		}
		joined, first, second := operators.LogicalAnd, operators.LessEquals, operators.GreaterEquals
		switch e.AsCall().FunctionName() {
		case operators.Equals:
		case operators.NotEquals:
			joined, first, second = operators.LogicalOr, operators.Less, operators.Greater
		default:
			return
		}
		args := e.AsCall().Args()
		if literal(args[0]) == types.NullValue || literal(args[1]) == types.NullValue {
			return
		}
		next += 2
		e.SetKindCase(factory.NewCall(e.ID(), joined, factory.NewCall(next-1, first, args...), factory.NewCall(next, second, args...)))
	}))
}

// offsetIn is the character of the text at a line (from 1) and a column (from 0).
func offsetIn(text string, line, column int) int {
	offset := 0
	for n, l := range strings.Split(text, "\n") {
		length := len([]rune(l))
		if n+1 >= line {
			return offset + min(max(column, 0), length)
		}
		offset += length + 1
	}
	return offset
}
