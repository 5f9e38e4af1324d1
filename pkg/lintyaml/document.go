package lintyaml

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

// maxSize of a file in bytes: a policy travels in one record.
const maxSize = 256 << 10

// Position is a line and a column, both from 1; columns are characters.
type Position struct{ Line, Column int }

// Words is how a kind of file is spoken of.
type Words struct {
	One      string // policy
	Many     string // policies
	Shortest string // the shortest one that is valid
	Apart    string // what to do with a second document
	// Instead has hints for keys that people try and that don't exist; may be nil.
	Instead map[string]string
	// Mask takes what must not be printed out of a text, keeping its length; nil: there is no such thing.
	Mask func(string) string
}

// Document is a file being read: its text, and the mistakes found so far.
type Document struct {
	words    Words
	file     string
	text     string // the source with plain line ends and without a byte order mark
	lines    []string
	problems Problems
	warnings Problems
}

// New begins to read a file; file is its name in what is complained about.
func New(words Words, file string, src []byte) *Document {
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return &Document{words: words, file: file, text: text, lines: strings.Split(text, "\n")}
}

// Fail notes a mistake.
func (d *Document) Fail(at Position, hint, what string, args ...any) {
	d.problems = append(d.problems, d.problem(at, hint, fmt.Sprintf(what, args...)))
}

// Warn notes what is allowed, and likely a mistake.
func (d *Document) Warn(at Position, hint, what string, args ...any) {
	p := d.problem(at, hint, fmt.Sprintf(what, args...))
	p.Warning = true
	d.warnings = append(d.warnings, p)
}

// problem puts a mistake where it can be shown: the line exists, the column is at most one behind its end.
func (d *Document) problem(at Position, hint, what string) Problem {
	line := min(max(at.Line, 1), len(d.lines))
	source := d.lines[line-1]
	column := min(max(at.Column, 1), utf8.RuneCountInString(source)+1)
	if d.words.Mask != nil {
		source, what = d.words.Mask(source), d.words.Mask(what)
	}
	return Problem{File: d.file, Line: line, Column: column, What: what, Hint: hint, Source: strings.TrimRight(source, " \t")}
}

// Problems is the mistakes so far, by line.
func (d *Document) Problems() Problems { return d.problems.sorted() }

// Warnings is the warnings so far, by line.
func (d *Document) Warnings() Problems { return d.warnings.sorted() }

// Root is the one document that the file holds; nil where there is none, which has been reported.
func (d *Document) Root() ast.Node {
	first := Position{1, 1}
	switch at := strings.IndexFunc(d.text, unwanted); {
	case len(d.text) > maxSize:
		d.Fail(first, "", "the %s is larger than %d KiB", d.words.One, maxSize>>10)
		return nil
	case at >= 0:
		d.Fail(d.locate(at), "write it in UTF-8, without control characters", "this is no readable text")
		return nil
	}
	file, err := parseYAML(d.text)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			d.Fail(tokenAt(syntax.Token), "", "this is not valid YAML: %s", syntax.Message)
		} else {
			d.Fail(first, "", "this is not valid YAML: %v", err)
		}
		return nil
	}
	return d.single(file)
}

func (d *Document) single(file *ast.File) ast.Node {
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType && doc.Body.Type() != ast.CommentGroupType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		d.Fail(Position{1, 1}, fmt.Sprintf("the shortest %s is: %s", d.words.One, d.words.Shortest), "the %s is empty", d.words.One)
		return nil
	case len(bodies) > 1:
		d.Fail(At(bodies[1]), d.words.Apart, "there is a second document in the file")
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
func (d *Document) locate(offset int) Position {
	before := d.text[:offset]
	line := strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return Position{line + 1, utf8.RuneCountInString(before[start:]) + 1}
}

// At is where a node begins.
func At(n ast.Node) Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return At(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return At(n.Key)
	}
	return tokenAt(n.GetToken())
}

func tokenAt(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{1, 1}
	}
	return Position{t.Position.Line, t.Position.Column}
}
