// Package message words a notice for a person, in English or Simplified Chinese: who, from where to where, why, and what
// to do. It says nothing of how it is sent. English reasons are those of the record; Chinese ones are made of their codes
// and params.
package message

import (
	"embed"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

// Message is what a person reads. All of it is plain text on single lines, without control characters; whoever sends it
// escapes what its channel takes for markup.
type Message struct {
	Title  string  // one line that tells it all at a glance
	Fields []Field // in the order in which they are read
	Link   Link
}

// Field is one labelled part of a message: Why, with a line per reason.
type Field struct {
	Label string
	Lines []string
}

// Link leads to the customer; without a URL there is none.
type Link struct{ Text, URL string }

// Deployment is what a deployment's messages are written in: its record 0 (PartitionInit) tells.
type Deployment struct {
	Calendar civil.Calendar
	Zone     string // its IANA name
	Currency string // ISO 4217
	Scale    int    // decimals of the currency
}

//go:embed catalogue/*.json
var catalogues embed.FS

// Writer words notices. It can be used from many goroutines.
type Writer struct {
	d          Deployment
	localizers map[routes.Locale]*i18n.Localizer
}

// NewWriter makes the Writer of a deployment.
func NewWriter(d Deployment) (*Writer, error) {
	w := &Writer{d, map[routes.Locale]*i18n.Localizer{}}
	for _, l := range []routes.Locale{routes.English, routes.Chinese} {
		bundle := i18n.NewBundle(language.Make(string(l)))
		if _, err := bundle.LoadMessageFileFS(catalogues, "catalogue/active."+string(l)+".json"); err != nil {
			return nil, fmt.Errorf("reading the messages in %s: %w", l, err)
		}
		w.localizers[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return w, nil
}

// Write words a notice in a language, with a link made of a template (empty: none).
func (w *Writer) Write(n notice.Notice, locale routes.Locale, link string) Message {
	if w.localizers[locale] == nil {
		locale = routes.English
	}
	p := pen{w: w, say: w.localizers[locale], locale: locale, n: &n}
	return Message{Title: p.title(), Fields: p.fields(), Link: p.link(link)}
}

// data is what a text's places are filled with.
type data = map[string]any

// pen writes one message.
type pen struct {
	w      *Writer
	say    *i18n.Localizer
	locale routes.Locale
	n      *notice.Notice
}

// text is a message of the catalogue; false where it has none.
func (p pen) text(id string, values data) (string, bool) {
	s, err := p.say.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: values})
	return s, err == nil
}

// must is a message that every catalogue has, or its id.
func (p pen) must(id string, values data) string {
	if s, ok := p.text(id, values); ok {
		return s
	}
	return id
}
