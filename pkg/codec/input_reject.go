package codec

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code is the reason of a dead letter, as ts_reason has it. It is stable: operators filter by it.
type Code string

// The codes in the order in which they are looked for, but that a message which can't be read at all has no customer
// to miss.
const (
	Empty           Code = "EMPTY"            // no bytes, or null
	TooLarge        Code = "TOO_LARGE"        // more than MaxMessage
	MissingCustomer Code = "MISSING_CUSTOMER" // customer_id absent, null or empty
	Malformed       Code = "MALFORMED"        // not JSON, not protobuf, or a field of the wrong type or out of its range
	MissingField    Code = "MISSING_FIELD"    // a required field absent, null or empty
	BadID           Code = "BAD_ID"           // not 1 to 128 characters of printable UTF-8
	BadTime         Code = "BAD_TIME"         // not RFC 3339 or not YYYY-MM-DD, or outside the years 1900 to 2199
	UnknownKind     Code = "UNKNOWN_KIND"     // no topic, or no kind of event, that this release knows
	BadAmount       Code = "BAD_AMOUNT"       // negative, a fraction, or over 10^15 minor units
	BadCurrency     Code = "BAD_CURRENCY"     // missing beside an amount, or not ISO 4217
	NoRate          Code = "NO_RATE"          // a currency that there is no rate for
	Future          Code = "FUTURE"           // more than 24 hours ahead of the clock
	TooOld          Code = "TOO_OLD"          // older than what is remembered to drop duplicates by
)

// Reject says why an input can't be used.
type Reject struct {
	Code     Code
	Detail   string // one line: the field's path and what is wrong
	Currency string // of NO_RATE: the one that has none
}

// Error is the code and the detail.
func (r *Reject) Error() string { return string(r.Code) + ": " + r.Detail }

// findings keeps the first of the gravest mistakes.
type findings struct {
	first   *Reject
	rank    int
	dropped []string // paths of fields that are there but can't be taken
}

func (f *findings) add(code Code, path, wrong string) {
	rank := rankOf(code, path)
	if f.first == nil || rank < f.rank {
		f.first, f.rank = &Reject{Code: code, Detail: path + ": " + wrong}, rank
	}
}

// drop is add for a field whose value isn't taken, so that it doesn't count as missing too.
func (f *findings) drop(code Code, path, wrong string) {
	f.add(code, path, wrong)
	f.dropped = append(f.dropped, path)
}

func (f *findings) has(path string) bool { return slices.Contains(f.dropped, path) }

// rankOf puts whatever is wrong with the customer first.
func rankOf(code Code, path string) int {
	if path == customerField {
		return 0
	}
	return 1 + slices.Index(Codes(), code)
}

// Codes are all there are, in the order in which they are looked for.
func Codes() []Code {
	return []Code{
		Empty, TooLarge, MissingCustomer, Malformed, MissingField, BadID, BadTime, UnknownKind, BadAmount, BadCurrency,
		NoRate, Future, TooOld,
	}
}

// trail is the path of the field that is being looked at.
type trail []string

func (t *trail) push(name string) { *t = append(*t, name) }

func (t *trail) pushIndex(i int) { t.push("[" + strconv.Itoa(i) + "]") }

func (t *trail) pop() { *t = (*t)[:len(*t)-1] }

func (t trail) String() string {
	var b strings.Builder
	for i, name := range t {
		if i > 0 && name[0] != '[' {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}

// to is the path of a member of where the trail is.
func (t trail) to(name string) string { return append(t[:len(t):len(t)], name).String() }

// short is a field's own value for a detail: quoted, in one line, 40 characters at most.
func short(value string) string {
	const most = 40
	if utf8.RuneCountInString(value) <= most {
		return strconv.Quote(value)
	}
	return strconv.Quote(string([]rune(value[:min(len(value), most*utf8.UTFMax)])[:most])) + "..."
}
