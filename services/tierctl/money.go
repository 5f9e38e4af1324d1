package tierctl

import (
	"github.com/tierstream/tierstream/pkg/money"
	"github.com/tierstream/tierstream/pkg/policy"
)

// currency says how amounts of a deployment are written.
type currency struct {
	code  string
	scale int // decimals: 2 of CNY, none of JPY, 3 of KWD
}

func currencyOf(p *policy.Policy) currency { return currency{p.Currency, p.Scale} }

// amount is minor units in major ones, thousands separated.
func (c currency) amount(minor int64) string { return money.Amount(minor, c.scale) }
