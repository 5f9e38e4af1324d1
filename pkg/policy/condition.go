package policy

import (
	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

// condition is a compiled text: leaves joined by &&, || and !. Leaves that compare a figure with a number, or with
// null, are evaluated here, since every level of every customer asks for them; only what is left goes through CEL.
type condition struct {
	root   node
	leaves []leaf // in the order of the text
}

// node is one of the joints, or a leaf.
type node struct {
	join  join
	under []node
	leaf  int
}

type join int8

const (
	isLeaf join = iota
	and
	or
	not
)

// truth has CEL's third value: an error, such as a comparison with null.
type truth int8

const (
	unknown truth = iota
	no
	yes
)

func of(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) negated() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// Evaluate implements tier.Condition.
func (c *condition) Evaluate(f *tier.Figures) tier.Verdict {
	tests := make([]tier.Test, len(c.leaves))
	for i := range c.leaves {
		c.leaves[i].evaluate(f, &tests[i])
	}
	return tier.Verdict{Holds: c.Holds(f), Tests: tests}
}

// Holds is Evaluate's verdict alone: without a test of each comparison, and only of those that it takes.
func (c *condition) Holds(f *tier.Figures) bool { return c.root.fold(c.leaves, f) == yes }

// Short is how far the comparisons that don't hold are from their thresholds, as tier.Test has it: the farthest.
func (c *condition) Short(f *tier.Figures) (part float64, ok bool) {
	for i := range c.leaves {
		var t tier.Test
		c.leaves[i].evaluate(f, &t)
		more, ok := t.Short()
		if !ok {
			return 0, false
		}
		part = max(part, more)
	}
	return part, true
}

// fold joins as CEL does: && is no if any side is, || is yes if any side is, whatever the other side's error. Sides behind one
// that decides are not asked.
func (n *node) fold(leaves []leaf, f *tier.Figures) truth {
	switch n.join {
	case isLeaf:
		return leaves[n.leaf].truth(f)
	case not:
		return n.under[0].fold(leaves, f).negated()
	}
	neutral, decisive := yes, no
	if n.join == or {
		neutral, decisive = no, yes
	}
	result := neutral
	for i := range n.under {
		switch n.under[i].fold(leaves, f) {
		case decisive:
			return decisive
		case unknown:
			result = unknown
		}
	}
	return result
}

// leaf is one comparison, or another text that is true or false. Op is empty unless it is a plain comparison of a
// figure with a number.
type leaf struct {
	text      string
	offset    int // characters into the condition's text
	figure    *figureName
	op        string
	threshold float64
	grade     *graded       // a comparison of grades
	null      truth         // yes: figure == null; no: figure != null
	fixed     truth         // yes: true; no: false
	program   cel.Program   // anything else
	expr      celast.Expr   // what program is made of, until it is
	uses      []*figureName // what the program looks at
	names     map[string]*figureName
	class     bool // the program looks at the class
	negated   bool // an odd number of ! stands above it
	required  bool // nothing but && stands above it
}

// truth is the leaf's own.
func (l *leaf) truth(f *tier.Figures) truth {
	switch {
	case l.op != "":
		if x, known := l.figure.number(f); known {
			return of(compare(x, l.op, l.threshold))
		}
		return unknown
	case l.grade != nil:
		return l.grade.evaluate(f)
	case l.null != unknown:
		return of(l.known(f) == (l.null == no))
	case l.fixed != unknown:
		return l.fixed
	case l.class && f.Portfolio.Class == "":
		return unknown
	}
	return l.run(f)
}

// evaluate gives the test as it counts for the condition: under a ! it is turned around.
func (l *leaf) evaluate(f *tier.Figures, t *tier.Test) {
	if l.op != "" {
		t.Op, t.Threshold = l.op, l.threshold
		if l.negated {
			t.Op = opposite(l.op)
		}
		if x, known := l.figure.number(f); known {
			t.Value = x
		}
	}
	if l.grade != nil {
		t.Grades = l.grade.grades(f, l.negated)
	}
	if l.class {
		t.Class = f.Portfolio.Class
	}
	if l.figure != nil {
		t.Factor = l.figure.name
	}
	t.Text = l.text
	result := l.truth(f)
	t.Known = result != unknown
	t.Holds = result == yes && !l.negated || result == no && l.negated
}

func (l *leaf) known(f *tier.Figures) bool {
	switch {
	case l.figure.text != nil:
		_, known := l.figure.text(f)
		return known
	case l.figure.number == nil:
		return f.Value.LastOrderAt != 0
	}
	_, known := l.figure.number(f)
	return known
}

func (l *leaf) run(f *tier.Figures) truth {
	out, _, err := l.program.Eval(activation{l.names, f})
	if err != nil {
		return unknown
	}
	b, ok := out.(types.Bool)
	if !ok {
		return unknown
	}
	return of(bool(b))
}

func compare(x float64, op string, y float64) bool {
	switch op {
	case ">":
		return x > y
	case ">=":
		return x >= y
	case "<":
		return x < y
	case "<=":
		return x <= y
	case "==":
		return x == y
	}
	return x != y
}

func opposite(op string) string {
	switch op {
	case ">":
		return "<="
	case ">=":
		return "<"
	case "<":
		return ">="
	case "<=":
		return ">"
	case "==":
		return "!="
	}
	return "=="
}

// activation gives CEL the figures by name.
type activation struct {
	names   map[string]*figureName
	figures *tier.Figures
}

// ResolveName is the figure as CEL's value; null where it is not computable.
func (a activation) ResolveName(name string) (any, bool) {
	n := a.names[name]
	if n == nil {
		return nil, false
	}
	if n.text != nil {
		text, known := n.text(a.figures)
		if !known {
			return types.NullValue, true
		}
		return types.String(text), true
	}
	if n.number == nil {
		return moment(a.figures.Value.LastOrderAt), true
	}
	x, known := n.number(a.figures)
	if !known {
		return types.NullValue, true
	}
	return types.Double(x), true
}

// Parent is none.
func (activation) Parent() cel.Activation { return nil }

func moment(at civil.Instant) any {
	if at == 0 {
		return types.NullValue
	}
	return types.Timestamp{Time: at.Time()}
}
