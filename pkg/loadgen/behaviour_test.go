package loadgen

import "testing"

// life is when a customer placed orders, as days since they joined.
type life struct {
	*customer
	ages []int
}

func (tr *trade) lives(t *testing.T) []life {
	t.Helper()
	cfg := tr.cfg
	byID, all := map[string]int{}, []life{}
	for i, c := range population(cfg) {
		byID[c.id] = i
		all = append(all, life{customer: c})
	}
	for i, l := range tr.lines {
		if l.Kind != "placed" || l.Reason != "" || l.Duplicate {
			continue
		}
		if e := tr.events[i]; e.Revision == 0 {
			one := &all[byID[l.Customer]]
			today := int((at(t, e.OccurredAt).Unix() - cfg.Start.Unix()) / day)
			one.ages = append(one.ages, today-one.joined)
		}
	}
	return all
}

// Prepaid orders come up to two days after the decision to buy.
const prepaidLead = 3

func (tr *trade) checkBuyers(t *testing.T) {
	first, second := map[Buyer]int{}, map[Buyer]int{}
	for _, one := range tr.lives(t) {
		healthy := one.payer != PayerFailing
		for _, age := range one.ages {
			if healthy && one.joined == 0 {
				first[one.buyer] += oneIf(age < 365)
				second[one.buyer] += oneIf(age >= 365)
			}
			if one.buyer == BuyerDormant && age > one.silent+prepaidLead ||
				one.buyer == BuyerReturning && age > one.silent+prepaidLead && age < one.back {
				t.Errorf("%s %s customer ordered %d days after joining, silent from %d to %d",
					one.id, one.buyer, age, one.silent, one.back)
			}
		}
		if one.buyer == BuyerOnce && (len(one.ages) > 1 || len(one.ages) == 0 && one.joined < 690) {
			t.Errorf("%s buys once and has %d orders", one.id, len(one.ages))
		}
	}
	for buyer, law := range map[Buyer][2]int{ // percent of the first year that the second has
		BuyerSteady: {92, 108}, BuyerSeasonal: {88, 112}, BuyerGrowing: {165, 240}, BuyerDeclining: {20, 50},
		BuyerDormant: {0, 5}, BuyerReturning: {50, 110},
	} {
		if got := second[buyer] * 100 / first[buyer]; got < law[0] || got > law[1] {
			t.Errorf("%s buyers: the second year is %d %% of the first, want %v", buyer, got, law)
		}
	}
}

func (tr *trade) checkReturning(t *testing.T) {
	returned, all := 0, 0
	for _, one := range tr.lives(t) {
		if one.buyer == BuyerReturning && one.joined == 0 && one.payer != PayerFailing && one.size.Name != "micro" && one.back < 600 {
			all++
			returned += oneIf(len(one.ages) > 0 && one.ages[len(one.ages)-1] >= one.back)
		}
	}
	near(t, "returning buyers back", returned, all, Whole, 1000)
}

// How late the payments that name one document come, by payer: punctual payers in at least 95 of 100 cases on time
// (the others were tried again), slow and failing ones late but for what they
// pay along with another item before it is due, part-paying ones with the second half and some of the first.
func (tr *trade) checkPayers(t *testing.T) {
	who := map[string]*customer{}
	for _, c := range population(tr.cfg) {
		who[c.id] = c
	}
	b, late, all := tr.books(t), map[Payer]int{}, map[Payer]int{}
	for _, e := range b.events {
		if e.Received == nil || len(e.Received.Allocations) != 1 {
			continue
		}
		d, c := b.document(e.Received.Allocations[0]), who[e.CustomerID]
		if d == nil || !d.credit || d.versions != nil && e.OccurredAt < d.versions[0].OccurredAt {
			continue
		}
		all[c.payer]++
		late[c.payer] += oneIf(e.Received.ValueDate > d.dueDate(t))
		if c.payer == PayerFailing && at(t, e.OccurredAt).Unix() > c.w.dayStart(c.fails)+21*day {
			t.Errorf("%s pays at %s, failing since day %d", c.id, e.OccurredAt, c.fails)
		}
	}
	for payer, law := range map[Payer][2]int{
		PayerPunctual: {0, 200}, PayerSlow: {9200, Whole}, PayerParts: {5000, 7000}, PayerFailing: {9000, Whole},
	} {
		if got := late[payer] * Whole / max(all[payer], 1); got < law[0] || got > law[1] || all[payer] == 0 {
			t.Errorf("%s payers: %d of %d late, want %v basis points", payer, late[payer], all[payer], law)
		}
	}
}

// dueDate is the civil due date of an order with terms or an invoice.
func (d *kept) dueDate(t *testing.T) string {
	if d.last.Issued != nil {
		return d.last.Issued.DueDate
	}
	first := d.versions[0]
	if first.Placed == nil {
		return "9999-12-31" // its first version had not arrived by the end
	}
	return civilText(civilDay(at(t, first.OccurredAt).Unix()) + int64(first.Placed.TermsDays))
}
