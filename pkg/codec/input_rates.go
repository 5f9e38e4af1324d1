package codec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
	iso "github.com/tierstream/tierstream/pkg/money"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// rate finds what the amounts of an event in another currency count by, and puts it into the fact. Without one the event can't
// be used: nothing is guessed.
func (c *checker) rate(e event, desk *fx.Desk, occurred civil.Instant) {
	missing := "has no rate"
	var q fx.Quote
	if desk != nil {
		q, missing = desk.Quote(fx.CodeOf(c.foreign), occurred)
	}
	if missing != "" {
		c.add(NoRate, c.at, fmt.Sprintf("%s %s, in %s: publish one on fx-rates, then tierctl dlq retry", c.foreign, missing, c.currency))
		if c.first.Code == NoRate {
			c.first.Currency = c.foreign
		}
		return
	}
	if base := q.Rate.Base(c.most); base > maxAmount {
		c.add(BadAmount, c.where, fmt.Sprintf("%d of %s is over 10^15 in minor units of %s", c.most, c.foreign, c.currency))
		return
	}
	e.fact.Rate = AppliedRate(q)
}

// Quotes are the rates of a record, by currency; of none, nothing. What ingest accepted has nothing that can't be read.
func Quotes(r *pb.FxRates) (out []fx.Quote) {
	day, err := civil.ParseDay(r.GetAsOf())
	if err != nil {
		return nil
	}
	for _, code := range slices.Sorted(maps.Keys(r.Rates)) {
		if rate, ok := parseRate(r.Rates[code], code, r.Base); ok && code != r.Base {
			out = append(out, fx.Quote{Rate: rate, AsOf: day, Version: r.Version})
		}
	}
	return out
}

// wrongRate says what is wrong with a rate between two currencies; empty: nothing.
func wrongRate(text, code, base string) string {
	if !isRate(text) {
		return short(text) + " is not a positive decimal"
	}
	if _, ok := parseRate(text, code, base); !ok {
		return fmt.Sprintf("%s has more than %d digits, or decimals between minor units", short(text), fx.PlacesMost)
	}
	return ""
}

// parseRate reads a rate between the minor units of two currencies.
func parseRate(text, code, base string) (fx.Rate, bool) {
	decimals, known := iso.Scale(code)
	baseDecimals, baseKnown := iso.Scale(base)
	r, err := fx.Parse(text, fx.CodeOf(code), decimals, baseDecimals)
	return r, known && baseKnown && err == nil
}
