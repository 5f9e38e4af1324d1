package codec

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tierstream/tierstream/pkg/civil"
)

// field reads a field, and says whether it is or has an amount. What it writes nothing for is not set.
func (u *usual) field(f *field) (amount, ok bool) {
	switch {
	case f.table:
		return false, false
	case f.list:
		return u.list(f)
	case f.sub != nil:
		return u.inner(f)
	}
	switch f.kind {
	case protoreflect.StringKind:
		return false, u.string(f)
	case protoreflect.BoolKind:
		return false, u.truth(f)
	case protoreflect.Int64Kind:
		return u.integer(f, math.MaxInt64)
	case protoreflect.Int32Kind:
		return u.integer(f, math.MaxInt32)
	case protoreflect.DoubleKind:
		return false, u.double(f)
	case protoreflect.EnumKind:
		return false, u.enum(f)
	}
	return false, f.role == asInstant && u.timestamp(f)
}

func (u *usual) inner(f *field) (amounts, ok bool) {
	from := u.out.begin(f.number)
	amounts, ok = u.object(f.sub)
	u.out.end(from)
	return amounts, ok
}

// list reads messages or texts; others there are none.
func (u *usual) list(f *field) (amounts, ok bool) {
	if !u.take('[') {
		return false, false
	}
	for n := 0; !u.take(']'); n++ {
		if n > 0 && !u.take(',') || n == maxMany && f.role == asCleared {
			return false, false
		}
		amount, ok := false, false
		if f.sub != nil {
			amount, ok = u.inner(f)
		} else if ok = f.kind == protoreflect.StringKind && u.quoted() && wrongText(string(u.value)) == ""; ok {
			u.out.presentBytes(f.number, u.value)
		}
		if !ok {
			return false, false
		}
		amounts = amounts || amount
	}
	return amounts, true
}

func (u *usual) string(f *field) bool {
	if !u.quoted() {
		return false
	}
	empty := len(u.value) == 0
	if f.splits && !empty {
		return false
	}
	switch f.role {
	case asID:
		if wrongID(string(u.value), maxID) != "" {
			return false
		}
	case asSource:
		if wrongID(string(u.value), maxSource) != "" {
			return false
		}
	case asCurrency:
		if empty {
			return true
		}
		if u.currency != string(u.value) && (u.currency != "" || !isCurrency(string(u.value))) {
			return false
		}
	case asDate, asLastingDate:
		if empty {
			return true
		}
		if !isPlainDate(string(u.value)) && wrongDate(string(u.value), f.role == asLastingDate) != "" {
			return false
		}
	case asText:
		if wrongText(string(u.value)) != "" {
			return false
		}
	case asBase:
		return false
	}
	if f.optional || !empty {
		u.out.presentBytes(f.number, u.value)
	}
	return true
}

// isPlainDate knows most dates without a calendar: days up to the 28th in the years of events.
func isPlainDate(s string) bool {
	return hasForm(s, "dddd-dd-dd") && "1900" <= s[:4] && s[:4] <= "2199" && "01" <= s[5:7] && s[5:7] <= "12" && "01" <= s[8:] && s[8:] <= "28"
}

func (u *usual) truth(f *field) bool {
	yes := u.peek() == 't'
	if yes || f.optional {
		u.out.present(f.number, int64(protowire.EncodeBool(yes)))
	}
	return yes && u.word("true") || u.word("false")
}

func (u *usual) integer(f *field, most int64) (amount, ok bool) {
	v, ok := plainInteger(u.number())
	if !ok || v > most || f.role == asAmount && v > maxAmount || f.role == asTerms && v > maxTerms {
		return false, false
	}
	if v != 0 || f.optional {
		u.out.present(f.number, v)
	}
	return f.role == asAmount && v != 0, true
}

// double reads digits, which may have decimals.
func (u *usual) double(f *field) bool {
	digits := u.number()
	whole, decimals, cut := bytes.Cut(digits, []byte("."))
	if _, ok := plainInteger(whole); !ok || cut && !isDigits(decimals) {
		return false
	}
	v, err := strconv.ParseFloat(string(digits), 64)
	if err != nil || f.role == asScore && wrongNumber(v, 10) != "" {
		return false
	}
	if v != 0 || f.optional {
		u.out.double(f.number, v)
	}
	return true
}

func (u *usual) enum(f *field) bool {
	if !u.quoted() {
		return false
	}
	v := f.desc.Enum().Values().ByName(protoreflect.Name(u.value))
	if v == nil {
		return false
	}
	if v.Number() != 0 || f.optional {
		u.out.present(f.number, int64(v.Number()))
	}
	return true
}

func (u *usual) timestamp(f *field) bool {
	if !u.quoted() {
		return false
	}
	t, wrong := parseInstant(string(u.value))
	if wrong != "" {
		return false
	}
	from := u.out.begin(f.number)
	u.out.int(1, t.Unix())
	u.out.int(2, int64(t.Nanosecond()))
	u.out.end(from)
	u.instant = civil.FromTime(t)
	return true
}

// take steps over a sign, if it is what comes next.
func (u *usual) take(sign byte) bool {
	if u.peek() != sign {
		return false
	}
	u.at++
	return true
}

// word steps over true, false or null.
func (u *usual) word(word string) bool {
	if !bytes.HasPrefix(u.text[u.at:], []byte(word)) {
		return false
	}
	u.at += len(word)
	return true
}

// name reads the name of a member, and its colon.
func (u *usual) name() bool { return u.quoted() && u.take(':') }

// quoted reads a text without escapes.
func (u *usual) quoted() bool {
	if u.peek() != '"' {
		return false
	}
	rest, all := u.text[u.at+1:], byte(0)
	for i, b := range rest {
		switch {
		case b == '"':
			u.value = rest[:i]
			u.at += i + 2
			return all < utf8.RuneSelf || utf8.Valid(u.value)
		case b < ' ' || b == '\\':
			return false
		}
		all |= b
	}
	return false
}

// number reads what may be a number, or stand for one in quotes.
func (u *usual) number() []byte {
	if u.peek() == '"' {
		if !u.quoted() {
			return nil
		}
		return u.value
	}
	from := u.at
	for u.at < len(u.text) && (isDigit(u.text[u.at]) || u.text[u.at] == '.') {
		u.at++
	}
	return u.text[from:u.at]
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}
