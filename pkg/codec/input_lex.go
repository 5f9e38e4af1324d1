package codec

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// cursor walks over JSON that is known to be valid, so it has no errors of its own and doesn't recurse.
type cursor struct {
	text []byte
	at   int
}

// peek is the next byte that is no white space; 0 at the end.
func (c *cursor) peek() byte {
	for c.at < len(c.text) {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return b
		}
	}
	return 0
}

// enter steps over the bracket or brace that opens what comes next.
func (c *cursor) enter() {
	c.peek()
	c.at++
}

// more says whether another member or element comes. It steps over commas, and over the end.
func (c *cursor) more() bool {
	switch c.peek() {
	case ',':
		c.at++
		return true
	case ']', '}', 0:
		c.at++
		return false
	}
	return true
}

// key reads the name of a member and its colon. A name with broken escapes or bytes is none that anybody looks for.
func (c *cursor) key() string {
	name, _ := unquote(c.value())
	c.peek()
	c.at++
	return name
}

// value steps over the next value and returns its text.
func (c *cursor) value() []byte {
	c.peek()
	from := c.at
	for depth := 0; c.at < len(c.text); {
		switch c.text[c.at] {
		case '"':
			c.at += textLength(c.text[c.at:])
		case '{', '[':
			depth++
			c.at++
		case '}', ']':
			depth--
			c.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			c.at++
		default:
			c.literal()
		}
		if depth == 0 {
			break
		}
	}
	return c.text[from:c.at]
}

// literal steps over a number, true, false or null.
func (c *cursor) literal() {
	for c.at < len(c.text) && strings.IndexByte(",:]} \t\r\n", c.text[c.at]) < 0 {
		c.at++
	}
}

// textLength is how many bytes the text at the start has, quotes included.
func textLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

// unquote is the text that JSON writes in quotes. False: it is none, or has bytes that are no UTF-8, or an escape
// that is half a surrogate pair.
func unquote(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	raw = raw[1 : len(raw)-1]
	if !utf8.Valid(raw) {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), true
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if raw[0] != '\\' {
			out, raw = append(out, raw[0]), raw[1:]
			continue
		}
		r, n := unescape(raw)
		if n == 0 {
			return "", false
		}
		out, raw = utf8.AppendRune(out, r), raw[n:]
	}
	return string(out), true
}

// unescape reads one escape and says how long it is; 0: half a surrogate pair.
func unescape(raw []byte) (rune, int) {
	if raw[1] != 'u' {
		const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
		return rune(to[strings.IndexByte(from, raw[1])]), 2
	}
	r := hexRune(raw[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(raw) < 12 || raw[6] != '\\' || raw[7] != 'u' {
		return 0, 0
	}
	if r = utf16.DecodeRune(r, hexRune(raw[8:12])); r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

func hexRune(digits []byte) rune {
	r, _ := strconv.ParseUint(string(digits), 16, 32)
	return rune(r)
}

// members are those of an object by name. Of a name given twice the value is the last.
type members map[string][]byte

func membersOf(object []byte) members {
	c := cursor{text: object}
	m := members{}
	for c.enter(); c.more(); {
		name := c.key()
		m[name] = c.value()
	}
	return m
}

// jsonType names the type of the value that starts with b.
func jsonType(b byte) string {
	switch b {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "a truth value"
	case 'n':
		return "null"
	}
	return "a number"
}
