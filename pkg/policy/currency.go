package policy

import "golang.org/x/text/currency"

// scale is the decimals of an ISO 4217 currency; false: there is no such code. The digits are those of ISO 4217 and
// not the ones that people print (CLDR has 0 for IQD), since amount_minor counts ISO's minor units.
func scale(code string) (int, bool) {
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
