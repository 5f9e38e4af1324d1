package loadgen

import (
	"slices"
	"strings"
	"testing"
)

// steps of a ladder as a policy would have them: silver, gold and platinum by net of 365 days in minor units.
func rungs() []int64 { return []int64{10_000_00, 50_000_00, 200_000_00} }

// nets are each customer's net goods by day of the trade, linked returns on the order's day as a policy counts them.
func (tr *trade) nets(t *testing.T) map[string][]int64 {
	all := map[string][]int64{}
	b := tr.books(t)
	for _, c := range population(tr.cfg) {
		all[c.id] = make([]int64, tr.cfg.Days)
	}
	today := func(e event) int64 { return (at(t, e.OccurredAt).Unix() - tr.cfg.Start.Unix()) / day }
	for _, o := range b.orders {
		if !o.cancelled && o.versions[0].Placed != nil {
			all[o.customer][today(o.versions[0])] += o.goods - taxIn(o.goods)
		}
	}
	for _, e := range b.events {
		if r := e.Returned; r != nil {
			all[e.CustomerID][today(e)] -= r.AmountMinor - r.TaxMinor
		}
	}
	return all
}

func rungAt(net []int64, today int) int {
	var sum int64
	for _, one := range net[max(today-365, 0):today] {
		sum += one
	}
	rung, _ := slices.BinarySearch(rungs(), sum)
	return rung
}

// After a year there is a pyramid with about 5 % at the top, and in the second year customers move both ways.
func (tr *trade) checkPyramid(t *testing.T) {
	var pyramid [4]int
	up, down := 0, 0
	nets := tr.nets(t)
	for _, net := range nets {
		pyramid[rungAt(net, tr.cfg.Days)]++
		for today := 365 + 30; today <= tr.cfg.Days; today += 30 {
			before, after := rungAt(net, today-30), rungAt(net, today)
			up, down = up+oneIf(after > before), down+oneIf(after < before)
		}
	}
	for rung, law := range [4][2]int{{5000, 6500}, {2000, 3200}, {900, 1600}, {350, 700}} {
		near(t, "rung of the pyramid", pyramid[rung], len(nets), (law[0]+law[1])/2, (law[1]-law[0])/2)
	}
	near(t, "upgrades a customer in the second year", up, len(nets), 2500, 1000)
	near(t, "downgrades a customer in the second year", down, len(nets), 2500, 1000)
	t.Logf("pyramid %v, in the second year %d up and %d down", pyramid, up, down)
}

// debt is what is left of a document, and when it falls due.
type debt struct {
	due  string
	left int64
}

// settle pays debts with money, oldest due first: what stays overdue since before a civil date, and what is left of
// the money.
func settle(debts []debt, money int64, limit string) (overdue, rest int64) {
	slices.SortFunc(debts, func(a, b debt) int { return strings.Compare(a.due, b.due) })
	for _, d := range debts {
		used := min(d.left, max(money, 0))
		money -= used
		if d.due < limit {
			overdue += d.left - used
		}
	}
	return overdue, money
}

// checkOverdue settles what named payments leave with the other money and looks who is more than 30 days overdue at
// the end: enough to cost some a tier, too few to be the rule. Punctual payers never are (33 days leave room for a
// payment taken back), and nobody piles up money: what is paid too much is refunded or deducted later.
func (tr *trade) checkOverdue(t *testing.T) {
	b := tr.books(t)
	debts, loose := b.debts(t)
	civil := civilDay(b.end.Unix())
	late, failing, withTerms, idle := 0, 0, 0, int64(0)
	for _, c := range population(tr.cfg) {
		if c.terms == CashTerms {
			continue
		}
		withTerms++
		overdue, rest := settle(debts[c.id], loose[c.id], civilText(civil-30))
		late += oneIf(overdue > 0)
		failing += oneIf(overdue > 0 && c.payer == PayerFailing)
		idle += max(rest, 0)
		if never, _ := settle(debts[c.id], loose[c.id], civilText(civil-33)); never > 0 && c.payer == PayerPunctual {
			t.Errorf("%s pays punctually and owes %d for more than 33 days", c.id, never)
		}
	}
	near(t, "more than 30 days overdue", late, withTerms, 620, 250)
	near(t, "failing payers among them", failing, late, 7600, 2200)
	near(t, "idle money of what was returned", int(idle), int(b.returnedOnTerms()), 500, 500)
	t.Logf("%d of %d customers with terms more than 30 days overdue, %d of them failing; %d idle of %d returned",
		late, withTerms, failing, idle, b.returnedOnTerms())
}

// Whoever has not ordered for 200 days has paid everything, but for failing payers, however often money goes back and
// forth: the books of the shop and of the bank agree to the last minor unit.
func TestQuietCustomersOweNothing(t *testing.T) {
	cfg := Default()
	cfg.Customers = 400
	cfg.Shares.Returns, cfg.Shares.Overpayments, cfg.Shares.Reversals = 3000, 2000, 1000
	cfg.Shares.Amendments, cfg.Shares.Bulk, cfg.Shares.FailedAttempts = 3000, Whole, 1000
	tr := tradeOf(t, cfg)
	tr.checkBooks(t)
	b := tr.books(t)
	debts, loose := b.debts(t)
	since, quiet := b.end.AddDate(0, 0, -200), map[string]bool{}
	for _, o := range b.orders {
		if at(t, o.last.OccurredAt).After(since) {
			quiet[o.customer] = false
		} else if _, known := quiet[o.customer]; !known {
			quiet[o.customer] = true
		}
	}
	checked := 0
	for _, c := range population(cfg) {
		if !quiet[c.id] || c.terms == CashTerms || c.payer == PayerFailing {
			continue
		}
		checked++
		if owed, _ := settle(debts[c.id], loose[c.id], "9999-12-31"); owed != 0 {
			t.Errorf("%s (%s) has been quiet for 200 days and owes %d", c.id, c.payer, owed)
		}
	}
	if checked < 20 {
		t.Errorf("only %d customers are quiet: too few to say anything", checked)
	}
}

func (b *books) returnedOnTerms() int64 {
	var sum int64
	for _, o := range b.orders {
		if o.credit {
			sum += o.returned
		}
	}
	return sum
}

// debts are what named payments and returns leave of each document, and the money that names nothing.
func (b *books) debts(t *testing.T) (map[string][]debt, map[string]int64) {
	b.checkPayments()
	b.checkReturns()
	debts, loose := map[string][]debt{}, map[string]int64{}
	for _, e := range b.events {
		switch {
		case e.Received != nil:
			loose[e.CustomerID] += e.Received.unnamed()
		case e.Refunded != nil && !b.cash(e.PaymentID):
			loose[e.CustomerID] -= e.Refunded.AmountMinor
		case e.Reversed != nil && len(b.income[e.PaymentID].allocations()) == 0:
			amount := e.Reversed.AmountMinor
			if amount == 0 {
				amount = b.income[e.PaymentID].amountReceived()
			}
			loose[e.CustomerID] -= amount
		}
	}
	add := func(d *kept) {
		if left := d.amount - d.paid - d.returned; left > 0 {
			debts[d.customer] = append(debts[d.customer], debt{d.dueDate(t), left})
		} else {
			loose[d.customer] -= left
		}
	}
	for _, o := range b.orders {
		if o.credit && !o.cancelled && o.billed == 0 && !b.expectsInvoice(o) {
			add(o)
		}
	}
	for _, d := range b.bills {
		for _, part := range d.last.Issued.Orders {
			if o := b.orders[part.OrderID]; o != nil {
				d.returned += o.returned
			}
		}
		add(d)
	}
	return debts, loose
}

func (b *books) expectsInvoice(o *kept) bool {
	first := o.versions[0].Placed
	return first == nil || first.InvoiceExpected
}

// unnamed is what a payment holds beyond what it allocates.
func (r *received) unnamed() int64 {
	left := r.AmountMinor
	for _, a := range r.Allocations {
		left -= a.AmountMinor
	}
	return left
}

// cash tells whether a payment names a cash order, which is no item and leaves nothing over.
func (b *books) cash(paymentID string) bool {
	named := b.income[paymentID].allocations()
	if len(named) == 0 {
		return false
	}
	d := b.document(named[0])
	return d != nil && !d.credit
}

func (e event) allocations() []allocation {
	if e.Received == nil {
		return nil
	}
	return e.Received.Allocations
}
