// Package fx turns amounts of a document's currency into the base currency, exactly, and finds the rate for a document among
// those that were published.
package fx

import (
	"errors"
	"strings"

	"github.com/tierstream/tierstream/pkg/figure"
)

// Code is a currency by its code of ISO 4217. The zero value is the base currency, whichever that is.
type Code [3]byte

// CodeOf is the currency of a code; the base currency where the text is no code's length.
func CodeOf(text string) (c Code) {
	if len(text) == len(c) {
		copy(c[:], text)
	}
	return c
}

// String is the code; empty: the base currency.
func (c Code) String() string {
	if c == (Code{}) {
		return ""
	}
	return string(c[:])
}

// Rate is what one minor unit of a currency is in minor units of the base currency: Mantissa / 10^Places. The zero value is
// that of the base currency, which changes nothing. It has one form: with Places above 0 the mantissa doesn't end in 0.
type Rate struct {
	Mantissa int64
	Places   int32 // 0 to PlacesMost
	Code     Code
}

// PlacesMost is the most decimals of a Rate, and the most digits of its mantissa.
const PlacesMost = 18

// Foreign says that the amounts beside it are not of the base currency.
func (r Rate) Foreign() bool { return r.Code != Code{} }

// Base is an amount of the currency in minor units of the base currency, rounded half to even. It grows with the amount, so
// that a part is never more than the whole.
func (r Rate) Base(minor int64) int64 {
	if !r.Foreign() {
		return minor
	}
	return figure.Portion(minor, r.Mantissa, tens(int(r.Places)))
}

func tens(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// ErrRate says that a text is no rate that can be kept exactly.
var ErrRate = errors.New("not a positive decimal of at most 18 digits")

// Parse reads a decimal such as 7.85 or 4.8e-2: what one major unit of a currency with so many decimals is in major units of
// the base currency with its own. It is exact, or an error.
func Parse(text string, code Code, decimals, baseDecimals int) (Rate, error) {
	number, exponent, ok := strings.Cut(strings.ToLower(text), "e")
	e, valid := shift(exponent)
	whole, part, _ := strings.Cut(number, ".")
	places := len(part) - e + decimals - baseDecimals
	digits := strings.TrimLeft(whole+part, "0")
	for strings.HasSuffix(digits, "0") {
		digits, places = digits[:len(digits)-1], places-1
	}
	if ok && !valid || digits == "" {
		return Rate{}, ErrRate
	}
	if places < 0 && -places <= PlacesMost {
		digits, places = digits+strings.Repeat("0", -places), 0
	}
	if places < 0 || places > PlacesMost || len(digits) > PlacesMost {
		return Rate{}, ErrRate
	}
	r := Rate{Places: int32(places), Code: code}
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' {
			return Rate{}, ErrRate
		}
		r.Mantissa = r.Mantissa*10 + int64(d-'0')
	}
	return r, nil
}

// shift is the exponent of a number.
func shift(text string) (n int, ok bool) {
	negative := strings.HasPrefix(text, "-")
	digits := strings.TrimLeft(text, "+-")
	if digits == "" || len(text)-len(digits) > 1 {
		return 0, false
	}
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(d-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
