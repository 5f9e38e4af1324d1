package loadgen

import (
	"fmt"
	"strings"
	"time"
)

// Currencies are those that foreign customers trade in. Their worth, in millionths of a yuan, is where rates begin.
func Currencies() []Mix[string] { return []Mix[string]{{"EUR", 4500}, {"USD", 3500}, {"JPY", 2000}} }

// worthOf is what one unit of a currency is worth in millionths of a yuan; 0: not known.
func worthOf(currency string) int64 {
	switch currency {
	case "CNY":
		return 1_000_000
	case "EUR":
		return 7_800_000
	case "USD":
		return 7_200_000
	case "JPY":
		return 48_000
	}
	return 0
}

// drawCurrency is by dice of its own: with and without foreign customers everybody lives the same life.
func (c *customer) drawCurrency() {
	c.currency, c.scale = c.w.cfg.Currency, c.w.scale
	d := newDice(c.w.cfg.Seed, -2-c.index)
	if !d.chance(c.w.cfg.Foreign) {
		return
	}
	c.currency = weighted(d, Currencies(), func(m Mix[string]) int { return m.Share }).Kind
	if c.currency != c.w.cfg.Currency {
		minor := minorPerMajor(c.currency) * worthOf(c.w.cfg.Currency)
		c.scale = max(1, (minor+worthOf(c.currency)/2)/worthOf(c.currency))
	}
}

// market is what currencies are worth from day to day: a walk, 0.4 % a day, that stays within a fifth of where it began.
type market struct {
	dice
	worth map[string]int64
	told  int
}

func newMarket(w *world) *market {
	m := &market{dice: newDice(w.cfg.Seed, -1), worth: map[string]int64{}}
	for _, c := range Currencies() {
		m.worth[c.Kind] = worthOf(c.Kind)
	}
	return m
}

// rates is a record of the topic fx-rates.
type rates struct {
	Version int               `json:"version"`
	AsOf    string            `json:"as_of"`
	Base    string            `json:"base"`
	Rates   map[string]string `json:"rates"`
}

// quote tells the rates of a day as it begins, but on Saturdays and Sundays; now and then they are corrected at noon.
func (w *world) quote(today int64) {
	if w.market == nil || weekend(today) {
		return
	}
	w.tell(today, today, 1)
	if w.market.chance(ShareCorrections) {
		w.tell(today, today+day/2, 2)
	}
}

func weekend(at int64) bool {
	d := time.Unix(at, 0).UTC().Weekday()
	return d == time.Saturday || d == time.Sunday
}

func (w *world) tell(today, at int64, version int) {
	m := w.market
	r := rates{Version: version, AsOf: civilText(civilDay(today)), Base: w.cfg.Currency, Rates: map[string]string{}}
	for _, c := range Currencies() { // in their order, so that the dice fall the same
		nominal := worthOf(c.Kind)
		m.worth[c.Kind] += m.worth[c.Kind] * m.normal() / 65536 * 4 / 1000
		m.worth[c.Kind] = min(max(m.worth[c.Kind], nominal*4/5), nominal*6/5)
		if c.Kind != w.cfg.Currency {
			r.Rates[c.Kind] = decimal(m.worth[c.Kind] * 1_000_000 / worthOf(w.cfg.Currency))
		}
	}
	m.told++
	w.send(fmt.Sprintf("rates-%06d", m.told), max(at, w.start), Line{Topic: TopicRates, Kind: "rates", Value: w.marshal(r)})
}

// decimal is a number of millionths.
func decimal(millionths int64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000), "0"), ".")
}
