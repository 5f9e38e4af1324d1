package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/tierstream/tierstream/pkg/civil"
)

// field is one key of a mapping with its value.
type field struct {
	name  string
	at    position // of the key
	value ast.Node
}

// fields reads a mapping that may have the given keys, each once.
func (d *document) fields(n ast.Node, of string, allowed ...string) map[string]field {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		d.fail(at(n), fmt.Sprintf("its keys are: %s", strings.Join(allowed, ", ")), "%s must be keys with values, not %s", of, kind(n))
		return nil
	}
	found := map[string]field{}
	for _, e := range entries {
		key, ok := e.Key.(*ast.StringNode)
		switch {
		case !ok:
			d.fail(at(e.Key), fmt.Sprintf("its keys are: %s", strings.Join(allowed, ", ")), "%s has a key that is no plain name", of)
		case !slices.Contains(allowed, key.Value):
			d.fail(at(key), closest(key.Value, allowed, "its keys are: "+strings.Join(allowed, ", ")), "%s has no key %q", of, key.Value)
		case found[key.Value].value != nil:
			d.fail(at(key), fmt.Sprintf("the first is on line %d", found[key.Value].at.line), "%q is given twice", key.Value)
		default:
			found[key.Value] = field{key.Value, at(key), e.Value}
		}
	}
	return found
}

// scalar is the text of a value as it is written, without quotes; false where it is none, which has been reported.
func (d *document) scalar(f field) (string, bool) {
	switch n := f.value.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		d.fail(f.at, "give it a value, or leave the key out", "%q has no value", f.name)
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode:
		d.fail(at(n), "put the value in quotes; tags, anchors and aliases of YAML are not used in policies", "%q begins with a sign that means something else in YAML", f.name)
	default:
		d.fail(at(n), "", "%q must be one value, not %s", f.name, kind(n))
	}
	return "", false
}

func (d *document) integer(f field, lowest, highest int) int {
	text, ok := d.scalar(f)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(text)
	switch f.value.(type) {
	case *ast.IntegerNode:
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || n < lowest || n > highest {
		hint := ""
		if quote := f.value.GetToken().Type; quote == token.DoubleQuoteType || quote == token.SingleQuoteType {
			hint = "write it without quotes"
		}
		d.fail(at(f.value), hint, "%q must be a whole number from %d to %d, not %q", f.name, lowest, highest, text)
		return 0
	}
	return n
}

// amount reads money in major units into minor units.
func (d *document) amount(f field, scale int) int64 {
	text, ok := d.scalar(f)
	if !ok {
		return 0
	}
	whole, part, _ := strings.Cut(text, ".")
	minor, err := strconv.ParseUint(whole+part+strings.Repeat("0", max(scale-len(part), 0)), 10, 48)
	if err != nil || whole == "" || len(part) > scale {
		d.fail(at(f.value), "", "%q must be an amount in the currency with at most %d decimals, not %q", f.name, scale, text)
		return 0
	}
	return int64(minor)
}

// maxDays bounds a duration, so that no sum of an instant and a duration leaves its range.
const maxDays = 3650

func (d *document) duration(f field) civil.Instant {
	text, ok := d.scalar(f)
	if !ok {
		return 0
	}
	unit := civil.Instant(0)
	switch {
	case strings.HasSuffix(text, "d"):
		unit = civil.FullDay
	case strings.HasSuffix(text, "h"):
		unit = civil.Hour
	case strings.HasSuffix(text, "s"):
		unit = civil.Second
	}
	n, err := strconv.ParseUint(text[:max(len(text)-1, 0)], 10, 32)
	if unit == 0 || err != nil {
		d.fail(at(f.value), "days are 24 hours each", "%q must be a duration such as 30d, 12h or 5s, not %q", f.name, text)
		return 0
	}
	if civil.Instant(n) > maxDays*civil.FullDay/unit {
		d.fail(at(f.value), "", "%q must be at most %dd, not %q", f.name, maxDays, text)
		return 0
	}
	return civil.Instant(n) * unit
}

func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode:
		return "a tag, anchor or alias"
	}
	return "a single value"
}
