package codec

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// numberFault says why a text is no integer that fits.
type numberFault string

const (
	noFault    numberFault = ""
	noNumber   numberFault = "not a number"
	fractional numberFault = "not a whole number"
	tooBig     numberFault = "too large"
)

// isNumber says whether text is a JSON number and nothing else.
func isNumber(text []byte) bool {
	if len(text) == 0 || text[0] != '-' && !isDigit(text[0]) || !isDigit(text[len(text)-1]) {
		return false
	}
	return json.Valid(text)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// parseInteger reads an integer as protobuf's JSON allows it: also 1.0 and 12e2.
func parseInteger(text []byte) (int64, numberFault) {
	if v, ok := plainInteger(text); ok {
		return v, noFault
	}
	if !isNumber(text) {
		return 0, noNumber
	}
	mantissa, exponent := text, int64(0)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		e, err := strconv.ParseInt(string(text[i+1:]), 10, 32)
		if err != nil {
			e = math.MaxInt32 // judged by the digits: 0e99999999999 is 0
			if text[i+1] == '-' {
				e = math.MinInt32
			}
		}
		exponent = e
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	return shift(whole, bytes.TrimRight(fraction, "0"), exponent)
}

// plainInteger reads what nearly every amount is: up to 18 digits, no sign.
func plainInteger(text []byte) (v int64, ok bool) {
	if len(text) == 0 || len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for _, b := range text {
		if !isDigit(b) {
			return 0, false
		}
		v = v*10 + int64(b-'0')
	}
	return v, true
}

// shift is whole.fraction times ten to the exponent.
func shift(whole, fraction []byte, exponent int64) (int64, numberFault) {
	digits := slices.Concat(whole, fraction)
	exponent -= int64(len(fraction))
	if len(bytes.Trim(digits, "-0")) == 0 {
		return 0, noFault
	}
	for ; exponent < 0; exponent++ {
		last := len(digits) - 1
		if digits[last] != '0' {
			return 0, fractional
		}
		digits = digits[:last]
	}
	const most = 20 // more digits than any int64 has
	if exponent > most {
		return 0, tooBig
	}
	digits = append(digits[:len(digits):len(digits)], bytes.Repeat([]byte("0"), int(exponent))...)
	v, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 0, tooBig
	}
	return v, noFault
}

// parseDouble reads a number that is finite.
func parseDouble(text []byte) (float64, numberFault) {
	if !isNumber(text) {
		return 0, noNumber
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, tooBig
	}
	return v, noFault
}
