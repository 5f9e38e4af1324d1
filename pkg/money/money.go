// Package money knows the minor units of ISO 4217 and writes amounts of them.
package money

import (
	"fmt"
	"strings"

	"golang.org/x/text/currency"
)

// Scale is the decimals of an ISO 4217 currency; false: there is no such code. The digits are those of ISO 4217 and
// not the ones that people print (CLDR has 0 for IQD), since amount_minor counts ISO's minor units.
func Scale(code string) (int, bool) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code {
		return 0, false
	}
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0, true
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3, true
	case "CLF", "UYW":
		return 4, true
	}
	return 2, true
}

// Amount is minor units in major ones, thousands separated: 1,234.50.
func Amount(minor int64, scale int) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	digits := fmt.Sprintf("%0*d", scale+1, minor)
	whole, part := digits[:len(digits)-scale], digits[len(digits)-scale:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return strings.TrimSuffix(sign+whole+"."+part, ".")
}
