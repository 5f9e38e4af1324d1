package routes

import (
	"strings"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// suggest names the word that was likely meant, in whatever case it was written.
func suggest(word string, allowed []string) string {
	for _, a := range allowed {
		if strings.EqualFold(a, strings.ReplaceAll(word, " ", "_")) {
			return "did you mean " + a + "?"
		}
	}
	otherwise := "it is one of: " + strings.Join(allowed, ", ")
	if strings.ToUpper(allowed[0]) == allowed[0] {
		word = strings.ToLower(word)
		lower := make([]string, len(allowed))
		for i, a := range allowed {
			lower[i] = strings.ToLower(a)
		}
		hint := lintyaml.Closest(word, lower, otherwise)
		if name, ok := strings.CutPrefix(hint, "did you mean "); ok {
			return "did you mean " + strings.ToUpper(name)
		}
		return otherwise
	}
	return lintyaml.Closest(word, allowed, otherwise)
}

// entry is one text of a list, and where it stands.
type entry struct {
	text string
	at   lintyaml.Position
}

// texts reads a list of texts, or one of them alone.
func (d document) texts(k lintyaml.Field) []entry {
	var out []entry
	for _, each := range d.List(k) {
		text, ok := d.Scalar(each)
		switch {
		case !ok:
		case strings.TrimSpace(text) == "":
			d.Fail(lintyaml.At(each.Value), "leave it out", "%q has an empty text", k.Name)
		default:
			out = append(out, entry{text, lintyaml.At(each.Value)})
		}
	}
	return out
}

func plain(entries []entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.text)
	}
	return out
}
