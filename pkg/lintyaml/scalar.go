package lintyaml

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Positions tells for each character of a value, and for its end, where the file has it: quotes, escapes, folded
// lines and indentation lie between. It walks over both texts at once; space of one kind may stand for another.
func (d *Document) Positions(n ast.Node, value string) []Position {
	var src []rune
	begin, style := At(n), n.GetToken().Type
	if literal, ok := n.(*ast.LiteralNode); ok {
		begin, style = Position{tokenAt(literal.Start).Line + 1, 1}, token.LiteralType
	}
	for i, line := range d.lines[min(begin.Line-1, len(d.lines)):] {
		runes := []rune(line)
		if i == 0 {
			runes = runes[min(begin.Column-1, len(runes)):]
		}
		src = append(append(src, runes...), '\n')
	}
	w := walk{src: src, at: begin}
	if style == token.DoubleQuoteType || style == token.SingleQuoteType {
		w.step(1)
	}
	var out []Position
	for _, r := range value {
		out = append(out, w.next(r, style))
	}
	return append(out, w.at)
}

// walk is a place in the source.
type walk struct {
	src []rune
	at  Position
}

// next is where the character r of the value stands; it goes on behind it.
func (w *walk) next(r rune, style token.Type) Position {
	if unicode.IsSpace(r) {
		here := w.at
		w.skipSpace()
		if style == token.DoubleQuoteType && w.peek(0) == '\\' && strings.ContainsRune("nrtvf \t_NLP", w.peek(1)) {
			w.step(2)
		}
		return here
	}
	w.skipSpace()
	for style == token.DoubleQuoteType && w.peek(0) == '\\' && w.peek(1) == '\n' { // a folded line
		w.step(1)
		w.skipSpace()
	}
	here := w.at
	w.step(w.length(style))
	return here
}

// length is how many characters of the source the next one of the value takes.
func (w *walk) length(style token.Type) int {
	switch {
	case style == token.SingleQuoteType && w.peek(0) == '\'' && w.peek(1) == '\'':
		return 2
	case style != token.DoubleQuoteType || w.peek(0) != '\\':
		return 1
	}
	switch w.peek(1) {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

func (w *walk) peek(ahead int) rune {
	if ahead >= len(w.src) {
		return 0
	}
	return w.src[ahead]
}

func (w *walk) skipSpace() {
	for len(w.src) > 1 && unicode.IsSpace(w.src[0]) {
		w.step(1)
	}
}

func (w *walk) step(n int) {
	for ; n > 0 && len(w.src) > 0; n-- {
		w.at.Column++
		if w.src[0] == '\n' {
			w.at = Position{w.at.Line + 1, 1}
		}
		w.src = w.src[1:]
	}
}
