package doctor

import (
	"fmt"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Rates are the exchange rates that documents in another currency than the deployment's need.
type Rates struct {
	Err     error
	Base    string    // the deployment's currency
	Today   civil.Day // by the deployment's clock; 0: it isn't known
	MaxAge  int       // days that a rate may be older than its document
	Newest  []RateDay // by currency
	Refused []Refused // by currency
}

// RateDay is the day that the newest rate of a currency is of.
type RateDay struct {
	Currency string
	Day      civil.Day
}

// last is the last day of documents in the currency that can be taken.
func (r RateDay) last(maxAge int) civil.Day { return r.Day + civil.Day(maxAge) }

// Refused is how many documents of a currency became dead letters for want of a rate within RefusedHours.
type Refused struct {
	Currency string
	Letters  int
}

// RefusedHours is how long a dead letter for want of a rate is spoken of.
const RefusedHours = 24

// Silence is how far it is judged who hasn't paid.
type Silence struct {
	Err       error
	JudgedTo  string // a date
	By        string // what says so: feeds, booking lag, payments that stopped
	HeldSince string // a date; empty: it isn't held
	Until     string // how far those that hold it are complete: a date and time
	Holding   []Feed // those that hold it; none: the payments of everybody, which have stopped
}

// Feed is a feed of payments, in words that are fit to be shown.
type Feed struct{ Source, Name string }

const (
	ratesCheck   = "rates"
	silenceCheck = "silence"
	publishRates = `tierctl send RATES.jsonl (lines as {"topic":"fx-rates","value":{"version":1,"as_of":"2026-03-01","base":"CNY","rates":{"EUR":"7.85"}}}), or mend what publishes them; then tierctl dlq retry --reason NO_RATE`
)

// rates: how long documents in other currencies can still be taken, and those that couldn't be.
func rates(f Facts) (all []Finding) {
	r := f.Rates
	switch {
	case r == nil:
		return nil
	case r.Err != nil:
		return []Finding{found(Unknown, ratesCheck, "tierctl dlq list --reason NO_RATE (with a user who may read fx-rates and dead-letters)", "the exchange rates can't be read: %v", r.Err)}
	case r.Today == 0 && len(r.Newest) > 0:
		all = append(all, found(Unknown, ratesCheck, "tierctl wait, then tierctl doctor", "there are rates of %s; the services haven't begun, so there is no today to hold them against", list(r.codes(r.Newest))))
	case len(r.Newest) > 0:
		all = r.aged()
	case len(r.Refused) == 0:
		return []Finding{ok(ratesCheck, "no exchange rate has been published: documents in another currency than %s would be dead letters NO_RATE, and there were none in %d hours", r.Base, RefusedHours)}
	}
	for _, x := range r.Refused {
		all = append(all, found(Warn, ratesCheck, publishRates, "%s in %s became dead letters NO_RATE within %d hours, with those that have been put back since", documents(x.Letters), x.Currency, RefusedHours))
	}
	return all
}

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return fmt.Sprintf("%d documents", n)
}

// aged holds the newest rates against today. That all are too old is a failure: nobody publishes rates any more. A single one may be
// of a currency that isn't traded in any more.
func (r *Rates) aged() []Finding {
	var old, aging, fresh []RateDay
	for _, n := range r.Newest {
		switch age := int(r.Today - n.Day); {
		case age > r.MaxAge:
			old = append(old, n)
		case 2*age > r.MaxAge:
			aging = append(aging, n)
		default:
			fresh = append(fresh, n)
		}
	}
	var all []Finding
	if len(old) > 0 {
		state := Warn
		if len(old) == len(r.Newest) {
			state = Fail
		}
		all = append(all, found(state, ratesCheck, publishRates, "the newest rate is older than the %d days that it may be for a document of today, %s: %s; documents in %s become dead letters NO_RATE",
			r.MaxAge, r.Today, list(dated(old)), it(old)))
	}
	if len(aging) > 0 {
		all = append(all, found(Warn, ratesCheck, publishRates, "the newest rate is getting old: %s; documents in %s are taken until %s, later ones become dead letters NO_RATE", list(dated(aging)), it(aging), r.soonest(aging)))
	}
	if len(fresh) > 0 {
		all = append(all, ok(ratesCheck, "%s can be taken: documents in %s until %s at least", list(r.codes(fresh)), it(fresh), r.soonest(fresh)))
	}
	return all
}

func it(of []RateDay) string {
	if len(of) == 1 {
		return "it"
	}
	return "them"
}

// soonest is the last day of documents that can be taken in all of some currencies.
func (r *Rates) soonest(of []RateDay) civil.Day {
	last := of[0].last(r.MaxAge)
	for _, x := range of {
		last = min(last, x.last(r.MaxAge))
	}
	return last
}

func (r *Rates) codes(of []RateDay) (out []string) {
	for _, x := range of {
		out = append(out, x.Currency)
	}
	return out
}

func dated(of []RateDay) (out []string) {
	for _, x := range of {
		out = append(out, fmt.Sprintf("%s of %s", x.Currency, x.Day))
	}
	return out
}

// silence: whether who doesn't pay gets worse by it, or a feed that has fallen silent holds that back.
func silence(f Facts) []Finding {
	s := f.Silence
	switch {
	case s == nil:
		return nil
	case s.Err != nil:
		return []Finding{found(Unknown, silenceCheck, "tierctl feed status", "how far silence is judged can't be told: %v", s.Err)}
	case s.HeldSince == "":
		return []Finding{ok(silenceCheck, "who hasn't paid is judged up to %s, by %s", s.JudgedTo, s.By)}
	case len(s.Holding) == 0:
		return []Finding{found(Warn, silenceCheck, "mend what sends payments; if nobody has really paid: tierctl feed release", "no payment of anybody has come since %s: nobody has got worse for not paying since %s", s.Until, s.HeldSince)}
	}
	var names []string
	for _, x := range s.Holding {
		names = append(names, strings.TrimSuffix(x.Name+" of "+x.Source, " of "))
	}
	release := "tierctl feed release"
	if x := s.Holding[0]; len(s.Holding) == 1 {
		release += fmt.Sprintf(" '%s'", x.Name)
		if x.Source != "" {
			release += fmt.Sprintf(" --source '%s'", x.Source)
		}
	}
	which, has, they := "feed", "has said nothing since it was", "it"
	if len(names) > 1 {
		which, has, they = "feeds", "have said nothing since they were", "them"
	}
	return []Finding{found(Warn, silenceCheck, fmt.Sprintf("mend the %s (tierctl feed status); to go on without %s: %s", which, they, release),
		"the payments %s %s %s complete through %s: nobody has got worse for not paying since %s", which, list(names), has, s.Until, s.HeldSince)}
}
