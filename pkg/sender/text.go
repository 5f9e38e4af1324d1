package sender

import (
	"strings"

	"github.com/tierstream/tierstream/pkg/message"
)

// What chats take of one text, in bytes, and of a mail's subject, in characters.
const (
	feishuBytes   = 18 << 10
	dingTalkBytes = 18 << 10
	weComBytes    = 2048
	slackBytes    = 30 << 10
	teamsBytes    = 24 << 10
)

// body is what follows the title, as plain lines.
func body(m message.Message) []string {
	var out []string
	for _, f := range m.Fields {
		if len(f.Lines) == 1 {
			out = append(out, f.Label+": "+f.Lines[0])
			continue
		}
		out = append(out, f.Label+":")
		for _, l := range f.Lines {
			out = append(out, "• "+l)
		}
	}
	return out
}

// fit drops lines from the end until what is left and what must stay take at most so many bytes.
func fit(lines []string, most int) []string {
	size := 0
	for i, l := range lines {
		if size += len(l) + 1; size > most-len("…\n") {
			return append(lines[:i:i], "…")
		}
	}
	return lines
}

// plain is a whole message as text of at most so many bytes; title and link always stay.
func plain(m message.Message, most int) string {
	end := ""
	if m.Link.URL != "" {
		end = m.Link.Text + ": " + m.Link.URL
	}
	lines := append([]string{m.Title}, fit(body(m), most-len(m.Title)-len(end)-2)...)
	if end != "" {
		lines = append(lines, end)
	}
	return strings.Join(lines, "\n")
}
