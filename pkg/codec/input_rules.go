package codec

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"github.com/tierstream/tierstream/pkg/civil"
)

const (
	maxID     = 128 // characters
	maxSource = 512 // characters: a source is often a URI
	maxAmount = 1_000_000_000_000_000
	maxText   = 512    // characters of a profile's text that is kept
	maxMany   = 256    // attributes, ratings and cleared names of one profile
	maxTerms  = 20_000 // days: with it the last event still falls due before the last instant of a Redis score
	maxAhead  = 24 * civil.Hour
	maxAge    = 35 * civil.FullDay // as long as events without a register are remembered
)

// wrongID says what is wrong with an id; empty: nothing.
func wrongID(id string, most int) string {
	if len(id) <= most && isPrintableASCII(id) {
		return ""
	}
	if !utf8.ValidString(id) {
		return "not valid UTF-8"
	}
	if n := utf8.RuneCountInString(id); n > most {
		return fmt.Sprintf("%d characters, at most %d", n, most)
	}
	if i := strings.IndexFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(id[i:])
		return fmt.Sprintf("the character %U is not printable", r)
	}
	return ""
}

// wrongText says what is wrong with a text that is kept; empty: nothing.
func wrongText(text string) string {
	if len(text) <= maxText {
		return ""
	}
	if n := utf8.RuneCountInString(text); n > maxText {
		return fmt.Sprintf("%d characters, at most %d", n, maxText)
	}
	return ""
}

// wrongCount says that a profile has too many of something; empty: it has not.
func wrongCount(n int) string {
	if n > maxMany {
		return fmt.Sprintf("%d of them, at most %d", n, maxMany)
	}
	return ""
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// parseInstant reads RFC 3339 with at most nine decimals, as protobuf's JSON has it.
func parseInstant(text string) (t time.Time, wrong string) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !isInstant(text) {
		return t, short(text) + " is not RFC 3339 such as 2026-03-01T09:30:00Z"
	}
	if y := t.UTC().Year(); y < 1 || y > 9999 || outside(civil.FromTime(t)) {
		return t, short(text) + outsideYears
	}
	return t, ""
}

// isInstant looks at the form, since time.Parse also takes an hour of one digit, a comma and a zone of 99 hours.
func isInstant(text string) bool {
	const form = "dddd-dd-ddTdd:dd:dd"
	if len(text) <= len(form) || !hasForm(text[:len(form)], form) {
		return false
	}
	rest := text[len(form):]
	if rest[0] == '.' {
		zone := strings.TrimLeft(rest[1:], "0123456789")
		if decimals := len(rest) - 1 - len(zone); decimals < 1 || decimals > 9 {
			return false
		}
		rest = zone
	}
	return rest == "Z" || hasForm(rest, "sdd:dd") && rest[1:3] < "24" && rest[4:] < "60"
}

// hasForm compares a text with a form in which d is a digit, s a sign and anything else itself.
func hasForm(text, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range len(form) {
		switch b := text[i]; form[i] {
		case 'd':
			if !isDigit(b) {
				return false
			}
		case 's':
			if b != '+' && b != '-' {
				return false
			}
		default:
			if b != form[i] {
				return false
			}
		}
	}
	return true
}

const outsideYears = " is outside the years 1900 to 2199"

func outside(i civil.Instant) bool { return i < civil.MinInstant || i > civil.MaxInstant }

// wrongDate says what is wrong with a date; empty: nothing.
func wrongDate(text string, lasting bool) string {
	day, err := civil.ParseDay(text)
	if err != nil {
		return short(text) + " is not a date of the form YYYY-MM-DD"
	}
	if !lasting && outside(civil.Calendar{}.Start(day)) {
		return short(text) + outsideYears
	}
	return ""
}

func wrongAmount(v int64) string {
	switch {
	case v < 0:
		return fmt.Sprintf("%d is negative", v)
	case v > maxAmount:
		return fmt.Sprintf("%d is over 10^15", v)
	}
	return ""
}

func wrongNumber(v, high float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "not a finite number"
	case high > 0 && (v < 0 || v > high):
		return fmt.Sprintf("%v is outside 0 to %v", v, high)
	}
	return ""
}

// isCurrency says whether a text is a code of ISO 4217, in capitals.
func isCurrency(code string) bool {
	if len(code) != 3 || strings.ToUpper(code) != code {
		return false
	}
	_, err := currency.ParseISO(code)
	return err == nil
}

// isRate says whether a text is a positive decimal.
func isRate(text string) bool {
	return isNumber([]byte(text)) && text[0] != '-' && strings.Trim(mantissaOf(text), "0.") != ""
}

func mantissaOf(number string) string {
	m, _, _ := strings.Cut(strings.ToLower(number), "e")
	return m
}
