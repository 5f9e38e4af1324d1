package loadgen

// Payer is how a customer with terms pays.
type Payer string

// The payers.
const (
	PayerPunctual Payer = "punctual" // within the ten days before the due day
	PayerSlow     Payer = "slow"     // 3 to 45 days after it
	PayerParts    Payer = "parts"    // one half around the due day, the rest 15 to 45 days later
	PayerFailing  Payer = "failing"  // 5 to 60 days late, then one day not at all: attempts fail, bills age
)

// Payers is the mix of payers.
func Payers() []Mix[Payer] {
	return []Mix[Payer]{{PayerPunctual, 6300}, {PayerSlow, 2000}, {PayerParts, 1100}, {PayerFailing, 600}}
}

// Terms is the mix of payment terms, in days.
func Terms() []Mix[int] {
	return []Mix[int]{{CashTerms, 3000}, {ShortTerms, 4500}, {LongTerms, 2500}}
}

// plan puts the payments of a new item on the agenda.
func (c *customer) plan(it *item) {
	c.items = append(c.items, it)
	switch c.payer {
	case PayerPunctual:
		c.attempt(it, c.bankTime(it.due-c.between(0, 10)), 100)
	case PayerSlow:
		c.attempt(it, c.bankTime(it.due+c.between(3, 45)), 100)
	case PayerParts:
		first := it.due + c.between(-3, 3)
		c.attempt(it, c.bankTime(first), 50)
		c.attempt(it, c.bankTime(first+c.between(15, 45)), 100)
	case PayerFailing:
		c.struggle(it)
	}
}

// attempt pays at a time, unless the first try fails: then two days later.
func (c *customer) attempt(it *item, at, percent int64) {
	if !c.chance(c.w.cfg.Shares.FailedAttempts) {
		c.at(at, func() { c.pay(it, percent) })
		return
	}
	c.at(at, func() { c.fail(it) })
	c.at(at+2*day, func() { c.pay(it, percent) })
}

// struggle is how a failing payer deals with an item: late while they can, later only in vain.
func (c *customer) struggle(it *item) {
	at := c.bankTime(it.due + c.between(5, 60))
	if at < c.w.dayStart(c.fails) {
		c.at(at, func() { c.pay(it, 100) })
		return
	}
	first := c.bankTime(it.due + c.between(0, 5))
	c.at(first, func() { c.fail(it) })
	c.at(first+c.between(7, 14)*day, func() { c.fail(it) })
}

// bankTime is a moment of a bank's day in China (9 to 18 o'clock) on a civil day.
func (c *customer) bankTime(civil int64) int64 { return civil*day + hour + c.below(9*hour) }
