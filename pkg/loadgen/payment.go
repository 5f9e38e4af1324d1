package loadgen

// payment is money received.
type payment struct {
	c      *customer
	id     string
	amount int64
	left   int64 // neither reversed nor refunded
	parts  []part
}

// part is what a payment pays of an item.
type part struct {
	item   *item
	amount int64
}

// pay pays a percentage of what is owed for an item, less what the customer has in credit. A customer with terms may
// pay other items with it, name nothing, pay too much or by trade bill; the bank may take it back.
func (c *customer) pay(it *item, percent int64) {
	p := &payment{c: c}
	p.cover(it, percent)
	shares := c.w.cfg.Shares
	if it.credit && percent == 100 && c.chance(shares.Bulk) {
		for _, other := range c.items {
			if other != it && other.due <= civilDay(c.w.now)+5 {
				p.cover(other, 100)
			}
		}
	}
	c.tidy()
	if p.amount == 0 {
		return
	}
	p.id, p.left = c.number("PY"), p.amount
	surplus := p.surplus(it)
	p.send(it, surplus)
	if it.credit && surplus == 0 && c.chance(shares.Reversals) {
		c.at(c.w.now+c.between(1, 10)*day, p.reverse)
	}
}

// cover books a percentage of what is owed for an item as paid: with terms first out of the customer's
// credit, then by this payment.
func (p *payment) cover(it *item, percent int64) {
	owed := it.owed()
	if percent == 100 {
		it.closed = true
	}
	if owed <= 0 {
		return
	}
	want := max(owed*percent/100, 1)
	it.paid += want
	var saved int64
	if it.credit {
		saved = min(p.c.credit, want)
		p.c.credit -= saved
	}
	if want -= saved; want > 0 {
		p.amount += want
		p.parts = append(p.parts, part{it, want})
		it.last = p
	}
}

// surplus is what a customer with terms pays beyond what they owe: 1 to 5 %, seldom. Half of it goes back in 10 to 30
// days.
func (p *payment) surplus(it *item) int64 {
	c := p.c
	if !it.credit || !c.chance(c.w.cfg.Shares.Overpayments) {
		return 0
	}
	extra := max(p.amount*c.between(1, 5)/100, 1)
	p.amount, p.left = p.amount+extra, p.left+extra
	if c.chance(ShareRefunds) {
		c.at(c.w.now+c.between(10, 30)*day, func() { p.refund(extra, "") })
	} else {
		c.credit += extra
	}
	return extra
}

func (p *payment) send(it *item, surplus int64) {
	c := p.c
	got := &received{
		AmountMinor: p.amount, Currency: c.currency, ValueDate: civilText(civilDay(c.w.now)),
		Method: pick(c.dice, []string{"transfer", "transfer", "transfer", "card", "wallet"}),
	}
	if it.credit && c.chance(c.w.cfg.Shares.Bills) {
		got.Method = "trade_bill"
		got.MaturesOn = civilText(civilDay(c.w.now) + c.between(90, 180))
	}
	if !it.credit || surplus > 0 || !c.chance(c.w.cfg.Shares.Unallocated) {
		got.Allocations = p.allocations()
	}
	c.post(TopicPayments, "bank", "received", event{PaymentID: p.id, Received: got})
}

func (p *payment) allocations() []allocation {
	var all []allocation
	for _, one := range p.parts {
		a := allocation{InvoiceID: one.item.id, AmountMinor: one.amount}
		if one.item.order != nil {
			a.OrderID, a.InvoiceID = one.item.id, ""
		}
		all = append(all, a)
	}
	return all
}

// fail is an attempt to pay an item that the bank refuses.
func (c *customer) fail(it *item) {
	if it.owed() <= 0 {
		return
	}
	no := &failed{
		AttemptID: c.number("AT"), AmountMinor: it.owed(), Currency: c.currency, InvoiceID: it.id,
		Reason: pick(c.dice, []string{"insufficient_funds", "account_blocked", "limit_exceeded"}),
	}
	if it.order != nil {
		no.OrderID, no.InvoiceID = it.id, ""
	}
	c.post(TopicPayments, "bank", "failed", event{PaymentID: c.number("PY"), Failed: no})
}
