package loadgen

import "time"

// item is something to be paid: an order, or an invoice over several. Amounts are minor units.
type item struct {
	order    *order // nil for an invoice
	id       string // of the order or the invoice
	amount   int64
	returned int64
	paid     int64 // by payments, and by credit deducted from them
	due      int64 // civil day in China, counted from 1970-01-01
	credit   bool  // whether it has terms; a cash order has not
	closed   bool  // paid in full once: nothing more is planned for it
	last     *payment
}

// owed is what is left to pay; negative where more was paid than is due after returns.
func (it *item) owed() int64 { return it.amount - it.returned - it.paid }

// bill decides how an order is paid.
func (o *order) bill() {
	c := o.c
	switch {
	case o.amount == 0:
	case o.invoice:
		c.waiting = append(c.waiting, o)
		c.at(c.w.now+c.between(24*hour, 120*hour), func() { c.issue(o) })
	case o.terms == CashTerms:
		o.item = &item{order: o, id: o.id, amount: o.amount, due: civilDay(c.w.now)}
		if c.chance(ShareCashPayments) {
			c.at(c.w.now+o.untilFirm()+c.between(minute, 2*hour), func() { c.pay(o.item, 100) })
		}
	default:
		o.item = &item{order: o, id: o.id, amount: o.amount, due: civilDay(c.w.now) + int64(o.terms), credit: true}
		c.plan(o.item)
	}
}

// untilFirm is how long a cash payer waits: goods bought with lines are never changed, others may be for 20 hours.
func (o *order) untilFirm() int64 {
	if o.lines != nil {
		return 0
	}
	return 20 * hour
}

// issue bills every order of the customer that waits for it and can't be changed any more, unless that has happened.
func (c *customer) issue(o *order) {
	if o.invoices != "" {
		return
	}
	it := &item{id: c.number("IN"), due: civilDay(c.w.now) + int64(c.terms), credit: true}
	bill := &issued{Currency: c.currency, DueDate: civilText(it.due)}
	var rest []*order
	for _, one := range c.waiting {
		if c.w.now-one.placedAt < 24*hour {
			rest = append(rest, one)
			continue
		}
		one.invoices, one.item = it.id, it
		it.amount += one.amount
		bill.TaxMinor += one.tax
		bill.Orders = append(bill.Orders, issuedOrder{one.id, one.amount})
	}
	c.waiting, bill.AmountMinor = rest, it.amount
	c.post(TopicInvoices, "erp", "issued", event{InvoiceID: it.id, Issued: bill})
	c.plan(it)
}

// chinaOffset is how far the shop's civil time is ahead of UTC, in seconds; China keeps no summer time.
const chinaOffset = 8 * hour

// civilDay is the day in China at a moment, counted from 1970-01-01.
func civilDay(at int64) int64 { return (at + chinaOffset) / day }

func civilText(civil int64) string { return time.Unix(civil*day, 0).UTC().Format(time.DateOnly) }
