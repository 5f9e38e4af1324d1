package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxSize of a policy in bytes: it travels in one record.
const maxSize = 256 << 10

// position is a line and a column, both from 1; columns are characters.
type position struct{ line, column int }

// document is a policy being read: its text, and the mistakes found so far.
type document struct {
	file     string
	text     string // the source with plain line ends and without a byte order mark
	lines    []string
	problems Problems
	warnings Problems
}

func newDocument(file string, src []byte) *document {
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return &document{file: file, text: text, lines: strings.Split(text, "\n")}
}

func (d *document) fail(at position, hint, what string, args ...any) {
	d.problems = append(d.problems, d.problem(at, hint, fmt.Sprintf(what, args...)))
}

func (d *document) warn(at position, hint, what string, args ...any) {
	p := d.problem(at, hint, fmt.Sprintf(what, args...))
	p.Warning = true
	d.warnings = append(d.warnings, p)
}

// problem puts a mistake where it can be shown: the line exists, the column is at most one behind its end.
func (d *document) problem(at position, hint, what string) Problem {
	line := min(max(at.line, 1), len(d.lines))
	source := d.lines[line-1]
	column := min(max(at.column, 1), utf8.RuneCountInString(source)+1)
	return Problem{File: d.file, Line: line, Column: column, What: what, Hint: hint, Source: strings.TrimRight(source, " \t")}
}

// root is the one mapping that a policy is; nil where it is none, which has been reported.
func (d *document) root() ast.Node {
	first := position{1, 1}
	switch at := strings.IndexFunc(d.text, unwanted); {
	case len(d.text) > maxSize:
		d.fail(first, "", "the policy is larger than %d KiB", maxSize>>10)
		return nil
	case at >= 0:
		d.fail(d.locate(at), "write it in UTF-8, without control characters", "this is no readable text")
		return nil
	}
	file, err := parseYAML(d.text)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			d.fail(tokenAt(syntax.Token), "", "this is not valid YAML: %s", syntax.Message)
		} else {
			d.fail(first, "", "this is not valid YAML: %v", err)
		}
		return nil
	}
	return d.single(file)
}

func (d *document) single(file *ast.File) ast.Node {
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType && doc.Body.Type() != ast.CommentGroupType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		d.fail(position{1, 1}, `the shortest policy is: version: "1"`, "the policy is empty")
		return nil
	case len(bodies) > 1:
		d.fail(at(bodies[1]), "keep one policy per file", "there is a second document in the file")
		return nil
	}
	return bodies[0]
}

// parseYAML guards against a parser that gives up in another way than with an error.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser gives up: %v", r)
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

func unwanted(r rune) bool {
	return r == utf8.RuneError || r == '\ufeff' || r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0
}

// locate is the position of a byte of the text.
func (d *document) locate(offset int) position {
	before := d.text[:offset]
	line := strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return position{line + 1, utf8.RuneCountInString(before[start:]) + 1}
}

// at is where a node begins.
func at(n ast.Node) position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return at(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return at(n.Key)
	}
	return tokenAt(n.GetToken())
}

func tokenAt(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{t.Position.Line, t.Position.Column}
}
