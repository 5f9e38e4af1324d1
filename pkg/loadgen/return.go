package loadgen

// regret decides whether goods come back.
func (o *order) regret() {
	if o.amount == 0 || !o.c.chance(o.c.w.cfg.Shares.Returns) {
		return
	}
	at := o.c.w.now + o.c.between(6*day, 25*day)
	if o.c.chance(o.c.w.cfg.Shares.UnlinkedReturns) {
		o.c.at(at, o.returnUnlinked)
		return
	}
	o.c.at(at, o.returnLinked)
}

// returnUnlinked takes back 5 to 40 % of the goods without naming the order. It is settled by a voucher, outside the
// ledger, so nothing is deducted or refunded.
func (o *order) returnUnlinked() {
	goods := max((o.amount-o.freight)*o.c.between(5, 40)/100, 1)
	o.c.post(TopicOrders, "shop", "returned", event{Returned: o.newReturn(goods)})
}

// returnLinked takes back all the goods, or 10 to 60 % of them. Freight is never given back.
func (o *order) returnLinked() {
	goods := o.amount - o.freight
	if !o.c.chance(ShareFullReturns) {
		goods = max(goods*o.c.between(10, 60)/100, 1)
	}
	back := o.newReturn(goods)
	back.InvoiceID = o.invoices
	o.send("returned", event{Returned: back})
	if o.item != nil {
		o.item.returned += goods
		o.c.giveBack(o.item, back.ReturnID)
	}
}

func (o *order) newReturn(goods int64) *returned {
	return &returned{
		ReturnID: o.c.number("RT"), AmountMinor: goods, TaxMinor: min(taxIn(goods), o.tax), Currency: o.c.currency,
		Reason: pick(o.c.dice, []string{"damaged", "wrong_item", "not_needed", "quality"}),
	}
}
