package lintyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Field is one key of a mapping with its value.
type Field struct {
	Name  string
	At    Position // of the key
	Value ast.Node
}

// Fields reads a mapping that may have the given keys, each once; nil where it is none, which has been reported.
func (d *Document) Fields(n ast.Node, of string, allowed ...string) map[string]Field {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		d.Fail(At(n), fmt.Sprintf("its keys are: %s", strings.Join(allowed, ", ")), "%s must be keys with values, not %s", of, Kind(n))
		return nil
	}
	found := map[string]Field{}
	for _, e := range entries {
		key, ok := e.Key.(*ast.StringNode)
		switch {
		case !ok:
			d.Fail(At(e.Key), fmt.Sprintf("its keys are: %s", strings.Join(allowed, ", ")), "%s has a key that is no plain name", of)
		case !slices.Contains(allowed, key.Value):
			d.Fail(At(key), d.hint(key.Value, allowed), "%s has no key %q", of, key.Value)
		case found[key.Value].Value != nil:
			d.Fail(At(key), fmt.Sprintf("the first is on line %d", found[key.Value].At.Line), "%q is given twice", key.Value)
		default:
			found[key.Value] = Field{key.Value, At(key), e.Value}
		}
	}
	return found
}

func (d *Document) hint(key string, allowed []string) string {
	if instead := d.words.Instead[key]; instead != "" {
		return instead
	}
	return Closest(key, allowed, "its keys are: "+strings.Join(allowed, ", "))
}

// List is the values of a list, or the one value where it is none.
// Each has the list's name, and its own place.
func (d *Document) List(f Field) []Field {
	list, ok := f.Value.(*ast.SequenceNode)
	if !ok {
		return []Field{f}
	}
	var out []Field
	for _, n := range list.Values {
		out = append(out, Field{f.Name, At(n), n})
	}
	return out
}

// Bool is true or false; false where it is neither, which has been reported.
func (d *Document) Bool(f Field) bool {
	if b, ok := f.Value.(*ast.BoolNode); ok {
		return b.Value
	}
	if text, ok := d.Scalar(f); ok {
		d.Fail(At(f.Value), "write it without quotes", "%q must be true or false, not %q", f.Name, text)
	}
	return false
}

// Scalar is the text of a value as it is written, without quotes; false where it is none, which has been reported.
func (d *Document) Scalar(f Field) (string, bool) {
	switch n := f.Value.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		d.Fail(f.At, "give it a value, or leave the key out", "%q has no value", f.Name)
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode:
		d.Fail(At(n), "put the value in quotes; tags, anchors and aliases of YAML are not used in "+d.words.Many, "%q begins with a sign that means something else in YAML", f.Name)
	default:
		d.Fail(At(n), "", "%q must be one value, not %s", f.Name, Kind(n))
	}
	return "", false
}

// maxNameLength of a name, in characters.
const maxNameLength = 64

// Name is a text that can be told apart and printed on one line; empty where it is none, which has been reported.
func (d *Document) Name(f Field) string {
	text, ok := d.Scalar(f)
	if !ok {
		return ""
	}
	bad := text == "" || strings.TrimSpace(text) != text || utf8.RuneCountInString(text) > maxNameLength
	if bad || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		d.Fail(At(f.Value), "", "%q must be 1 to %d printable characters without spaces around them", f.Name, maxNameLength)
	}
	return text
}

// Integer is a whole number within bounds, or 0 where it is none, which has been reported.
func (d *Document) Integer(f Field, lowest, highest int) int {
	text, ok := d.Scalar(f)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(text)
	switch f.Value.(type) {
	case *ast.IntegerNode:
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || n < lowest || n > highest {
		hint := ""
		if quote := f.Value.GetToken().Type; quote == token.DoubleQuoteType || quote == token.SingleQuoteType {
			hint = "write it without quotes"
		}
		d.Fail(At(f.Value), hint, "%q must be a whole number from %d to %d, not %q", f.Name, lowest, highest, text)
		return 0
	}
	return n
}

// maxDays bounds a duration, so that no sum of an instant and a duration leaves its range.
const maxDays = 3650

// Duration is a number of days, hours or seconds, or 0 where it is none, which has been reported.
func (d *Document) Duration(f Field) civil.Instant {
	text, ok := d.Scalar(f)
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
		d.Fail(At(f.Value), "days are 24 hours each", "%q must be a duration such as 30d, 12h or 5s, not %q", f.Name, text)
		return 0
	}
	if civil.Instant(n) > maxDays*civil.FullDay/unit {
		d.Fail(At(f.Value), "", "%q must be at most %dd, not %q", f.Name, maxDays, text)
		return 0
	}
	return civil.Instant(n) * unit
}

// Kind says what a node is, in the words of whoever writes the file.
func Kind(n ast.Node) string {
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
