package message

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tierstream/tierstream/pkg/notice"
)

func (p pen) title() string {
	values := data{"Who": p.who(), "From": line(p.n.From), "To": line(p.n.To)}
	id := "title." + p.n.Direction
	if values["Kind"] = p.kind(); p.n.Type != notice.TierChanged {
		values["Kind"], id = p.headline()
	}
	if s, ok := p.text(id, values); ok {
		return s
	}
	return p.must("title.other", values)
}

func (p pen) who() string {
	name, id := line(p.n.CustomerName), line(p.n.CustomerID)
	if name == "" || name == id {
		return id
	}
	return p.must("who", data{"Name": name, "ID": id})
}

// kind names an alert or a signal; one that the catalogue lacks by the contract's own name.
func (p pen) kind() string {
	if s, ok := p.text("kind."+p.n.Subject(), p.grades(p.n.GradeFrom, p.n.GradeTo)); ok {
		return s
	}
	return line(p.n.Subject())
}

func orDash(s string) string {
	if s = line(s); s == "" {
		return "–"
	}
	return s
}

func (p pen) link(template string) Link {
	if template == "" {
		return Link{}
	}
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") } // fit for a path and a query
	fill := strings.NewReplacer("{customer_id}", escape(p.n.CustomerID), "{id}", escape(p.n.ID), "{type}", escape(string(p.n.Type)))
	return Link{Text: p.must("link", nil), URL: fill.Replace(template)}
}

// maxText of what producers wrote, in characters.
const maxText = 200

// line makes a text that a producer wrote fit for one line: no control characters or signs that turn the direction of
// writing, no runs of space, and not endless.
func line(s string) string { return clip(s, maxText) }

func clip(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
