// Package lintyaml reads a YAML file that people write, key by key, and tells every mistake with its line, its column, the
// line itself, a caret and a hint. It knows no keys: pkg/policy and pkg/routes bring theirs.
package lintyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// Problem is one mistake in a file. Line and Column count from 1, columns in characters.
type Problem struct {
	File         string
	Line, Column int
	What         string // what is wrong
	Hint         string // what to do; may be empty
	Source       string // the line of the file
	Warning      bool   // allowed, and likely a mistake
}

// Problems is the mistakes of one file, by line. It is the error of reading it.
type Problems []Problem

// Error is every problem, as String writes it.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// String is FILE:LINE:COLUMN: what is wrong, then the line, a caret under the column, and the hint.
func (p Problem) String() string {
	what := p.What
	if p.Warning {
		what = "warning: " + what
	}
	text := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, what)
	if p.Source != "" {
		text += "\n  " + p.Source + "\n  " + indent(p.Source, p.Column) + "^"
	}
	if p.Hint != "" {
		text += "\n  hint: " + p.Hint
	}
	return text
}

// indent is as wide as what stands before the column: tabs stay tabs, and Chinese characters take two cells.
func indent(line string, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		switch kind := width.LookupRune(r).Kind(); {
		case r == '\t':
			b.WriteByte('\t')
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}
