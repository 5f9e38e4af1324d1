package loadgen

// reverse takes a payment back, whole (said by amount 0) or one half; the customer pays again 5 to 20 days later,
// unless they can't any more. A payment that was refunded in the meantime stands.
func (p *payment) reverse() {
	c := p.c
	if p.left != p.amount || c.credit > 0 {
		return
	}
	back := &reversed{ReversalID: c.number("RV"), Currency: c.currency, Reason: "returned_by_bank"}
	if len(p.parts) == 1 && p.amount > 1 && c.chance(SharePartReversals) {
		back.AmountMinor = p.parts[0].amount / 2
	}
	c.post(TopicPayments, "bank", "reversed", event{PaymentID: p.id, Reversed: back})
	p.left = 0
	for _, one := range p.parts {
		c.reopen(one, back.AmountMinor)
	}
}

// reopen makes an item owed again by what was taken back of it; 0 is all.
func (c *customer) reopen(one part, amount int64) {
	if amount == 0 {
		amount = one.amount
	}
	one.item.paid -= amount
	if one.item.credit {
		c.items = append(c.items, one.item)
	}
	at := c.w.now + c.between(5, 20)*day
	if c.payer != PayerFailing || at < c.w.dayStart(c.fails) {
		c.at(at, func() { c.pay(one.item, 100) })
	}
}

// giveBack deals with what was paid too much for an item after a return: refunded, or deducted from the next payment.
func (c *customer) giveBack(it *item, returnID string) {
	excess := -it.owed()
	if excess <= 0 {
		return
	}
	it.paid -= excess
	p := it.last
	if p == nil || p.left < excess || it.credit && !c.chance(ShareRefunds) {
		c.credit += excess
		return
	}
	c.at(c.w.now+c.between(2, 10)*day, func() { p.refund(excess, returnID) })
}

// refund sends money back, or keeps it as credit where the payment has been taken back in the meantime.
func (p *payment) refund(amount int64, returnID string) {
	c := p.c
	if p.left < amount {
		return
	}
	p.left -= amount
	c.post(TopicPayments, "bank", "refunded", event{PaymentID: p.id, Refunded: &refunded{
		RefundID: c.number("RF"), AmountMinor: amount, Currency: c.currency, ReturnID: returnID,
	}})
}
