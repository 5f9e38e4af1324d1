package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

// skeleton takes an expression apart into joints and leaves. Leaves that CEL must evaluate keep their expression, and
// are planned later, when the types are known.
func (c *compiler) skeleton(tree *celast.AST, text string) *condition {
	cond := &condition{}
	s := sawing{c: c, tree: tree, text: []rune(text), cond: cond}
	cond.root = s.node(tree.Expr(), false, true)
	return cond
}

// sawing is a skeleton in the making.
type sawing struct {
	c    *compiler
	tree *celast.AST
	text []rune
	cond *condition
}

func (s *sawing) node(e celast.Expr, negated, required bool) node {
	if e.Kind() == celast.CallKind {
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case operators.LogicalAnd:
			return s.joint(and, args, negated, required)
		case operators.LogicalOr:
			return s.joint(or, args, negated, false)
		case operators.LogicalNot:
			return node{join: not, under: []node{s.node(args[0], !negated, required && !isJoint(args[0]))}}
		}
	}
	l := s.leaf(e)
	l.negated, l.required = negated, required
	if negated && l.op == "" { // a comparison is turned around instead
		l.text = "!(" + l.text + ")"
	}
	s.cond.leaves = append(s.cond.leaves, l)
	return node{leaf: len(s.cond.leaves) - 1}
}

func isJoint(e celast.Expr) bool {
	name := ""
	if e.Kind() == celast.CallKind {
		name = e.AsCall().FunctionName()
	}
	return name == operators.LogicalAnd || name == operators.LogicalOr
}

func (s *sawing) joint(j join, args []celast.Expr, negated, required bool) node {
	n := node{join: j}
	for _, a := range args {
		n.under = append(n.under, s.node(a, negated, required))
	}
	return n
}

func (s *sawing) leaf(e celast.Expr) leaf {
	l := leaf{names: s.c.names}
	l.offset, l.text = s.span(e)
	if b, ok := literal(e).(types.Bool); ok {
		l.fixed = of(bool(b))
		return l
	}
	if s.comparison(e, &l) {
		return l
	}
	if text, err := parser.Unparse(e, s.tree.SourceInfo()); err == nil {
		l.text = strings.Join(strings.Fields(text), " ")
	}
	l.expr = e
	visitNames(e, func(name string, _ celast.Expr) {
		if n := s.c.names[name]; n != nil {
			l.uses = append(l.uses, n)
			l.class = l.class || n.name == valueClass
		}
	})
	return l
}

// comparison recognises: figure op number, number op figure, and either with null.
func (s *sawing) comparison(e celast.Expr, l *leaf) bool {
	if e.Kind() != celast.CallKind {
		return false
	}
	op, args := strings.Trim(e.AsCall().FunctionName(), "_"), e.AsCall().Args()
	if len(args) != 2 || !slices.Contains(comparisons(), op) {
		return false
	}
	left, right := args[0], args[1]
	if right.Kind() != celast.LiteralKind {
		left, right, op = right, left, mirrored(op)
	}
	name, root := dotted(left)
	figure := s.c.names[name]
	if root == nil || figure == nil {
		return false
	}
	if name == creditGrade && s.gradeComparison(figure, op, right, l) {
		return true
	}
	switch x := literal(right).(type) {
	case types.Null:
		l.figure, l.null = figure, of(op == "==")
		return op == "==" || op == "!="
	case types.Int:
		l.threshold = float64(x)
	case types.Double:
		l.threshold = float64(x)
	default:
		return false
	}
	if figure.number == nil {
		return false
	}
	l.figure, l.op = figure, op
	return true
}

func literal(e celast.Expr) any {
	if e.Kind() != celast.LiteralKind {
		return nil
	}
	return e.AsLiteral()
}

func mirrored(op string) string {
	switch op {
	case ">":
		return "<"
	case ">=":
		return "<="
	case "<":
		return ">"
	case "<=":
		return ">="
	}
	return op
}

// span is where a comparison begins, and its text as the policy has it, on one line.
func (s *sawing) span(e celast.Expr) (int, string) {
	first, last := len(s.text), 0
	celast.PreOrderVisit(e, celast.NewExprVisitor(func(e celast.Expr) {
		if r, ok := s.tree.SourceInfo().GetOffsetRange(e.ID()); ok {
			first, last = min(first, int(r.Start)), max(last, int(r.Stop))
		}
		if e.Kind() == celast.SelectKind { // its range is the dot
			if r, ok := s.tree.SourceInfo().GetOffsetRange(e.ID()); ok {
				last = max(last, int(r.Stop)+len(e.AsSelect().FieldName()))
			}
		}
	}))
	last = min(last, len(s.text))
	if first >= last {
		return 0, strings.TrimSpace(string(s.text))
	}
	return first, strings.Join(strings.Fields(string(s.text[first:last])), " ")
}

// plan compiles the leaves that CEL evaluates, if there are any.
func (c *compiler) plan(cond *condition, parsed *cel.Ast) error {
	var open []*leaf
	for i := range cond.leaves {
		if cond.leaves[i].expr != nil {
			open = append(open, &cond.leaves[i])
		}
	}
	if open == nil {
		return nil
	}
	strict(parsed.NativeRep())
	again, wrong := c.env.Check(parsed)
	if wrong.Err() != nil {
		return wrong.Err()
	}
	checked := again.NativeRep()
	for _, l := range open {
		part := celast.NewCheckedAST(celast.NewAST(l.expr, checked.SourceInfo()), checked.TypeMap(), checked.ReferenceMap())
		var err error
		if l.program, err = c.env.PlanProgram(part, cel.EvalOptions(cel.OptOptimize)); err != nil {
			return err
		}
		l.expr = nil
	}
	return nil
}

// comparisons are those that a reason can be made of.
func comparisons() []string { return []string{">", ">=", "<", "<=", "==", "!="} }
