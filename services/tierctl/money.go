package tierctl

import (
	"fmt"
	"strings"

	"github.com/tierstream/tierstream/pkg/policy"
)

// currency says how amounts of a deployment are written.
type currency struct {
	code  string
	scale int // decimals: 2 of CNY, none of JPY, 3 of KWD
}

func currencyOf(p *policy.Policy) currency { return currency{p.Currency, p.Scale} }

// amount is minor units in major ones, thousands separated.
func (c currency) amount(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	digits := fmt.Sprintf("%0*d", c.scale+1, minor)
	whole, part := digits[:len(digits)-c.scale], digits[len(digits)-c.scale:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return strings.TrimSuffix(sign+whole+"."+part, ".")
}
