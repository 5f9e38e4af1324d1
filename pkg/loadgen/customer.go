package loadgen

import (
	"fmt"
	"slices"
)

// customer is one buyer with their traits, drawn once, and their books.
type customer struct {
	dice
	w     *world
	index int
	id    string

	industry Industry
	size     SizeClass
	region   Region
	buyer    Buyer
	payer    Payer // PayerPunctual for cash customers, who owe nothing
	terms    int   // days; CashTerms for a cash customer
	invoiced bool  // whether their orders are billed by invoice

	currency string // of their documents
	scale    int64  // minor units of it that are worth a major one of the trade's

	median int64 // of an order, minor units
	rate   int64 // orders a year, in thousandths
	joined int   // day of the trade
	silent int   // age in days at which a dormant or returning buyer stops
	back   int   // age at which a returning one comes back
	fails  int   // day of the trade from which a failing payer can't pay

	numbers map[string]int // how many documents of each kind they have
	items   []*item        // open items, oldest first
	waiting []*order       // delivered but not yet invoiced
	credit  int64          // paid too much and not refunded; deducted from the next payment
}

func newCustomer(w *world, index int) *customer {
	d := newDice(w.cfg.Seed, index)
	c := &customer{
		dice: d, w: w, index: index, id: fmt.Sprintf("C%07d", index+1), numbers: map[string]int{},
		industry: weighted(d, Industries(), func(i Industry) int { return i.Share }),
		size:     weighted(d, SizeClasses(), func(s SizeClass) int { return s.Share }),
		region:   weighted(d, Regions(), func(r Region) int { return r.Share }),
		buyer:    weighted(d, Buyers(), func(m Mix[Buyer]) int { return m.Share }).Kind,
		payer:    PayerPunctual,
		terms:    weighted(d, Terms(), func(m Mix[int]) int { return m.Share }).Kind,
	}
	c.drawCurrency()
	c.drawPayer()
	c.drawTrade()
	c.drawLife()
	return c
}

func (c *customer) drawPayer() {
	payer := weighted(c.dice, Payers(), func(m Mix[Payer]) int { return m.Share }).Kind
	invoiced := c.chance(ShareInvoiced)
	c.fails = FailureAfter + int(c.below(FailureSpread))
	if c.terms != CashTerms {
		c.payer, c.invoiced = payer, invoiced
	}
}

func (c *customer) drawTrade() {
	median := int64(c.size.Median) * c.scale * int64(c.industry.Amount) / 100
	c.median = c.lognormal(median, SpreadCustomer)
	c.rate = int64(c.size.Rate) * int64(c.industry.Rate) * 10
}

func (c *customer) drawLife() {
	if !c.chance(ShareFounding) {
		c.joined = int(c.below(int64(c.w.cfg.Days)*3/4 + 1))
	}
	c.silent = SilenceAfter + int(c.below(SilenceSpread))
	c.back = c.silent + PauseMin + int(c.below(PauseSpread))
}

// live is a customer's morning: what they will do today goes on the agenda.
func (c *customer) live(today int, o odds) {
	if today == c.joined {
		c.join(today)
		return
	}
	if today < c.joined {
		return
	}
	if c.below(oneDay) < c.rate*c.activity(today)*o.of(c.buyer) {
		c.at(c.shoppingTime(today), c.shop)
	}
	if c.below(365) < EngagementsYear {
		c.at(c.shoppingTime(today), c.engage)
	}
	if c.below(365*Whole) < ManagerChangeYear {
		c.at(c.shoppingTime(today), c.changeManager)
	}
}

func (c *customer) join(today int) {
	c.at(c.w.dayStart(today)+c.below(hour), c.introduce)
	if c.buyer == BuyerOnce {
		c.at(c.shoppingTime(today+int(c.between(3, 30))), func() {
			c.median *= OnceMultiple
			c.shop()
		})
	}
}

// shoppingTime is a moment of a day of the trade: mostly between 9 and 18 o'clock in China, else after.
func (c *customer) shoppingTime(today int) int64 {
	start := c.w.dayStart(today)
	if c.chance(ShareBusinessHours) {
		return start + hour + c.below(9*hour)
	}
	return start + 10*hour + c.below(14*hour)
}

// at puts a step of this customer on the agenda.
func (c *customer) at(at int64, do func()) { c.w.put(c.index, at, do) }

// number is the next business id of a kind: SO0000042-00007.
func (c *customer) number(kind string) string {
	c.numbers[kind]++
	return fmt.Sprintf("%s%s-%05d", kind, c.id[1:], c.numbers[kind])
}

// tidy forgets items that are settled.
func (c *customer) tidy() {
	c.items = slices.DeleteFunc(c.items, func(it *item) bool { return it.owed() <= 0 && it.closed })
}
