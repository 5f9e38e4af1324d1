package policy

import (
	"fmt"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// checkNames reports the names that are no figures. It also gives the first parts of those names, since the type
// checker will complain of them again.
func (c *compiler) checkNames(tree *celast.AST) ([]issue, map[string]bool) {
	var issues []issue
	roots := map[string]bool{}
	visitNames(tree.Expr(), func(name string, root celast.Expr) {
		if c.names[name] != nil {
			return
		}
		what, hint := c.unknownName(name)
		where, _ := tree.SourceInfo().GetOffsetRange(root.ID())
		issues = append(issues, issue{int(where.Start), what, hint})
		roots[name], roots[root.AsIdent()] = true, true
	})
	return issues, roots
}

func (c *compiler) unknownName(name string) (what, hint string) {
	plain := strings.TrimSuffix(name, "_minor")
	if plain = strings.ReplaceAll(plain, "_minor.", "."); plain != name && c.names[plain] != nil {
		return fmt.Sprintf("there is no %s in conditions: money is in major units here", name), fmt.Sprintf("write %s, and 100.5 for 100.50", plain)
	}
	if slices.Contains(reserved(), plain) {
		return fmt.Sprintf("%s is not available in conditions in this release", name), "conditions can use the figures of value and credit that docs/policy.md lists"
	}
	if slices.ContainsFunc(c.known, func(known string) bool { return strings.HasPrefix(known, name+".") }) {
		return fmt.Sprintf("%s is a group of figures", name), "write one of " + strings.Join(c.group(name+"."), ", ")
	}
	return fmt.Sprintf("there is no figure %s", name), lintyaml.Closest(name, c.known, "figures begin with value. or credit.; docs/policy.md lists them")
}

func (c *compiler) group(prefix string) []string {
	return slices.DeleteFunc(slices.Clone(c.known), func(known string) bool { return !strings.HasPrefix(known, prefix) })
}

// visitNames calls back with each dotted name of an expression and the identifier that it begins with.
func visitNames(e celast.Expr, seen func(name string, root celast.Expr)) {
	if name, root := dotted(e); root != nil {
		seen(name, root)
		return
	}
	for _, child := range children(e) {
		visitNames(child, seen)
	}
}

// dotted reads a.b.c; root is nil where the expression is something else.
func dotted(e celast.Expr) (name string, root celast.Expr) {
	switch e.Kind() {
	case celast.IdentKind:
		return e.AsIdent(), e
	case celast.SelectKind:
		if name, root = dotted(e.AsSelect().Operand()); root != nil {
			return name + "." + e.AsSelect().FieldName(), root
		}
	}
	return "", nil
}

func children(e celast.Expr) []celast.Expr {
	switch e.Kind() {
	case celast.SelectKind:
		return []celast.Expr{e.AsSelect().Operand()}
	case celast.CallKind:
		if call := e.AsCall(); call.IsMemberFunction() {
			return append([]celast.Expr{call.Target()}, call.Args()...)
		}
		return e.AsCall().Args()
	case celast.ListKind:
		return e.AsList().Elements()
	case celast.MapKind:
		var all []celast.Expr
		for _, entry := range e.AsMap().Entries() {
			all = append(all, entry.AsMapEntry().Key(), entry.AsMapEntry().Value())
		}
		return all
	case celast.StructKind:
		var all []celast.Expr
		for _, entry := range e.AsStruct().Fields() {
			all = append(all, entry.AsStructField().Value())
		}
		return all
	}
	return nil
}
