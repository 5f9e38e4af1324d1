// Package message words a notice for a person, in English or Simplified Chinese: who, from where to where, why, and what
// to do. It says nothing of how it is sent.
package message

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

// Message is what a person reads.
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

// Writer words notices. It can be used from many goroutines.
type Writer struct{ d Deployment }

// NewWriter makes the Writer of a deployment.
func NewWriter(d Deployment) (*Writer, error) { return &Writer{d}, nil }

// Write words a notice in a language, with a link made of a template (empty: none).
func (w *Writer) Write(n notice.Notice, locale routes.Locale, link string) Message {
	return Message{Title: n.CustomerID}
}
