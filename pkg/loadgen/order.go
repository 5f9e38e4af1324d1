package loadgen

// order is one order as the shop knows it; amounts are minor units.
type order struct {
	c        *customer
	id       string
	revision int
	amount   int64 // payable: tax and freight included
	tax      int64
	freight  int64
	cost     int64
	terms    int
	invoice  bool // an invoice is expected
	channel  string
	lines    []orderLine
	placedAt int64
	invoices string // the invoice that bills it, once issued
	item     *item  // what is to be paid for it, once known
}

// shop is the moment at which a customer decides to order.
func (c *customer) shop() {
	o := c.newOrder()
	if o.amount > 0 && c.chance(c.w.cfg.Shares.Prepaid) {
		o.invoice = false
		o.item = &item{order: o, id: o.id, amount: o.amount, due: civilDay(c.w.now)}
		c.pay(o.item, 100)
		c.at(c.w.now+c.between(hour, 48*hour), o.placePrepaid)
		return
	}
	o.place()
}

func (c *customer) newOrder() *order {
	o := &order{
		c: c, id: c.number("SO"), terms: c.terms, invoice: c.invoiced, channel: pick(c.dice, channels()),
	}
	if c.chance(c.w.cfg.Shares.ZeroOrders) {
		o.terms, o.invoice = CashTerms, false
		return o
	}
	if c.chance(SharePromptCash) {
		o.terms, o.invoice = CashTerms, false
	}
	o.price(c.lognormal(c.median, SpreadOrder))
	if c.chance(ShareFreight) {
		o.freight = o.amount * c.between(10, 30) / 1000
		o.amount += o.freight
	}
	if c.chance(ShareLines) {
		o.split()
	}
	return o
}

func channels() []string { return []string{"web", "web", "sales_rep", "edi"} }

// price sets the amounts of the goods; freight comes on top.
func (o *order) price(goods int64) {
	o.amount = goods + o.freight
	o.tax = taxIn(goods)
	o.cost = (goods - o.tax) * o.c.between(68, 86) / 100
}

// taxIn is the tax that an amount of goods contains, rounded to the nearest minor unit.
func taxIn(goods int64) int64 {
	return (goods*TaxPercent*2 + 100 + TaxPercent) / (2 * (100 + TaxPercent))
}

// split divides the goods over two to four lines whose amounts and taxes add up.
func (o *order) split() {
	goods, tax := o.amount-o.freight, o.tax
	for left := o.c.between(2, 4); left > 0; left-- {
		amount, part := goods, tax
		if left > 1 {
			amount = goods * o.c.between(20, 60) / 100
			part = min(taxIn(amount), tax)
		}
		goods, tax = goods-amount, tax-part
		o.lines = append(o.lines, orderLine{
			SKU: pick(o.c.dice, articles()), Category: o.c.industry.Name, Quantity: o.c.between(1, 40),
			AmountMinor: amount, TaxMinor: part,
		})
	}
}

func articles() []string {
	return []string{"A-100", "A-220", "B-310", "B-415", "C-020", "C-075", "D-901", "E-550"}
}

// placePrepaid is placing an order whose money has come before: it stays as it is.
func (o *order) placePrepaid() {
	o.sendPlaced()
	o.deliver()
	o.regret()
}

// place sends an order and puts the rest of its life on the agenda.
func (o *order) place() {
	c := o.c
	o.sendPlaced()
	if c.chance(c.w.cfg.Shares.Cancellations) {
		c.at(c.w.now+c.between(hour, 20*hour), o.cancel)
		return
	}
	if o.amount > 0 && o.lines == nil && c.chance(c.w.cfg.Shares.Amendments*Whole/(Whole-ShareLines)) {
		c.at(c.w.now+c.between(hour, 20*hour), o.amend)
	}
	o.deliver()
	o.regret()
	o.bill()
}

func (o *order) sendPlaced() {
	o.placedAt = o.c.w.now
	o.send("placed", event{Revision: o.revision, Placed: &placed{
		AmountMinor: o.amount, Currency: o.c.currency, TaxMinor: o.tax, FreightMinor: o.freight, CostMinor: o.cost,
		TermsDays: o.terms, InvoiceExpected: o.invoice, Channel: o.channel, Lines: o.lines,
	}})
}

func (o *order) send(kind string, e event) {
	e.OrderID = o.id
	o.c.post(TopicOrders, "shop", kind, e)
}

func (o *order) cancel() {
	o.revision++
	o.send("cancelled", event{Revision: o.revision, Cancelled: &cancelled{
		Reason: pick(o.c.dice, []string{"ordered_twice", "too_slow", "budget", "other"}),
	}})
}

// amend changes the goods by -30 to +30 %, as a full new version or by the changed fields alone.
func (o *order) amend() {
	o.revision++
	before := o.amount
	o.price(max((o.amount-o.freight)*o.c.between(70, 130)/100, 1))
	if o.item != nil {
		o.item.amount += o.amount - before
	}
	if o.c.chance(ShareResent) {
		placedAt := o.placedAt
		o.sendPlaced()
		o.placedAt = placedAt
		return
	}
	o.send("amended", event{Revision: o.revision, Amended: &amended{o.amount, o.tax, o.cost}})
}

// deliver has the goods handed over, after the time in which orders are cancelled or changed.
func (o *order) deliver() {
	if !o.c.chance(ShareFulfilled) {
		return
	}
	o.c.at(o.c.w.now+o.c.between(24*hour, 96*hour), func() {
		o.send("fulfilled", event{Fulfilled: &fulfilled{
			DeliveryID: o.c.number("DL"), AmountMinor: o.amount, Currency: o.c.currency, CostMinor: o.cost,
		}})
	})
}
