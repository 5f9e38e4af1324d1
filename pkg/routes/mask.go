package routes

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// mask takes out of a line what may be a secret, so that lint can show the line: the values of keys that sound like one,
// what a URL has besides its scheme and host (a link may show all), and the shapes of well-known keys.
func mask(line string) string {
	for _, pattern := range []string{
		`(?i)(?:secret|password|passwd|token|key|sign)["']?\s*:\s*([^\n]+)`,
		`_env["']?\s*:\s*["']?[A-Z_][A-Z0-9_]*["',}\s]|_env["']?\s*:\s*["']?([^"',}]+)`,
		`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/@"']*:([^\s@"']+)@`,
		`link["']?\s*:\s*["']?\S+|[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#"']*[/?#]([^\s"']*[^\s"',}])`,
		`(whsec_\S+|xox[a-z]-\S+|\bSEC[0-9a-fA-F]{16,})`,
	} {
		line = stars(regexp.MustCompile(pattern), line+"\n")
	}
	return line
}

// stars puts * for each character of what the pattern's group finds, and drops the line end.
func stars(pattern *regexp.Regexp, line string) string {
	var b strings.Builder
	from := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(line, -1) {
		if at[2] < 0 {
			continue
		}
		b.WriteString(line[from:at[2]])
		b.WriteString(strings.Repeat("*", utf8.RuneCountInString(strings.TrimSuffix(line[at[2]:at[3]], "\n"))))
		from = at[3]
	}
	return strings.TrimSuffix(b.String()+line[from:], "\n")
}
