package loadgen

import (
	"testing"
	"time"
	"unicode"
)

// The shares of what happens, over 1,500 customers and two years: about 55,000 orders, 30,000 payments of customers
// with terms. Tolerances are some four standard deviations, in basis points.
func (tr *trade) checkShares(t *testing.T) {
	sum := NewSummary()
	for _, l := range tr.lines {
		sum.Add(l)
	}
	b := tr.books(t)
	k, s := sum.Kinds, Default().Shares
	orders, paid := k["orders.placed"], k["payments.received"]
	near(t, "duplicates", sum.Duplicates, sum.Events, s.Duplicates, 15)
	near(t, "late", sum.Late, sum.Events-k["profiles.profile"], s.Late, 20)
	near(t, "malformed", sum.Malformed, sum.Events, s.Malformed, 6)
	near(t, "cancelled", k["orders.cancelled"], orders, s.Cancellations, 30)
	near(t, "returned", k["orders.returned"], orders, s.Returns, 50)
	near(t, "paid", paid, orders, 7700, 500)
	if per := sum.Events * 365 / 730 / 1500; per < 30 || per > 60 {
		t.Errorf("%d events per customer and year, want 30 to 60", per)
	}
	b.checkOrderShares(t)
	b.checkPaymentShares(t)
}

func (b *books) checkOrderShares(t *testing.T) {
	s := b.cfg.Shares
	count := map[string]int{}
	for _, o := range b.orders {
		first := o.versions[0].Placed
		if first == nil {
			continue
		}
		count["amended"] += oneIf(len(o.versions) > 1 && !o.cancelled)
		count["resent"] += oneIf(len(o.versions) > 1 && o.last.Placed != nil)
		count["zero"] += oneIf(first.AmountMinor == 0)
		count["freight"] += oneIf(first.FreightMinor > 0)
		count["lines"] += oneIf(len(first.Lines) > 0)
	}
	returns, unlinked, full, delivered := 0, 0, 0, 0
	for _, e := range b.events {
		delivered += oneIf(e.Fulfilled != nil)
		if r := e.Returned; r != nil {
			returns++
			unlinked += oneIf(e.OrderID == "")
			full += oneIf(e.OrderID != "" && b.orders[e.OrderID] != nil && r.AmountMinor == b.orders[e.OrderID].goods)
		}
	}
	orders := len(b.orders)
	near(t, "amended", count["amended"], orders, s.Amendments, 60)
	near(t, "resent of amended", count["resent"], count["amended"], ShareResent, 500)
	near(t, "fulfilled", delivered, orders*(Whole-s.Cancellations)/Whole, ShareFulfilled, 120)
	near(t, "zero", count["zero"], orders, s.ZeroOrders, 15)
	near(t, "freight", count["freight"], orders, ShareFreight, 120)
	near(t, "lines", count["lines"], orders, ShareLines, 120)
	near(t, "unlinked of returns", unlinked, returns, s.UnlinkedReturns, 500)
	near(t, "full of linked returns", full, returns-unlinked, ShareFullReturns, 500)
}

func (b *books) checkPaymentShares(t *testing.T) {
	s, count := b.cfg.Shares, map[string]int{}
	for _, e := range b.events {
		switch {
		case e.Reversed != nil:
			count["reversed"]++
			count["half"] += oneIf(e.Reversed.AmountMinor > 0)
		case e.Received != nil:
			b.countPayment(e, count)
		}
	}
	credit := count["credit"]
	near(t, "unallocated", count["unallocated"], credit, s.Unallocated, 120)
	near(t, "of several items", count["several"], credit, 750, 250)
	near(t, "overpaid", count["over"], credit, s.Overpayments, 20)
	near(t, "trade bills", count["bills"], credit, s.Bills, 50)
	near(t, "reversed", count["reversed"], credit, s.Reversals, 30)
	near(t, "half of reversals", count["half"], count["reversed"], SharePartReversals-200, 1000)
	near(t, "prepaid", count["prepaid"], len(b.orders), s.Prepaid, 40)
	near(t, "cash paid", count["cash"], b.cashOrders()-count["prepaid cash"], ShareCashPayments, 200)
}

func (b *books) countPayment(e event, count map[string]int) {
	r := e.Received
	if len(r.Allocations) == 0 {
		count["credit"]++
		count["unallocated"]++
		count["bills"] += oneIf(r.MaturesOn != "")
		return
	}
	named, sum := b.document(r.Allocations[0]), int64(0)
	for _, a := range r.Allocations {
		sum += a.AmountMinor
	}
	switch {
	case named == nil:
	case named.versions != nil && e.OccurredAt < named.versions[0].OccurredAt:
		count["prepaid"]++
		count["prepaid cash"] += oneIf(!named.credit)
	case !named.credit:
		count["cash"]++
	default:
		count["credit"]++
		count["several"] += oneIf(len(r.Allocations) > 1)
		count["over"] += oneIf(r.AmountMinor > sum)
		count["bills"] += oneIf(r.MaturesOn != "")
	}
}

// cashOrders are those that a payment may name at once.
func (b *books) cashOrders() int {
	n := 0
	for _, o := range b.orders {
		n += oneIf(!o.credit && !o.cancelled && o.amount > 0)
	}
	return n
}

func oneIf(yes bool) int { return int(percentIf(yes) / 100) }

func (tr *trade) checkNames(t *testing.T) {
	names, chinese := 0, 0
	for _, e := range tr.events {
		if e.Name != "" {
			names++
			chinese += oneIf(unicode.Is(unicode.Han, []rune(e.Name)[0]))
		}
	}
	near(t, "Chinese names", chinese, names, ShareChineseNames, 500)
}

// Seasons: orders a day in a season, against a plain day, are what the law says, within 15 %.
func (tr *trade) checkSeasons(t *testing.T) {
	cfg := tr.cfg
	buyers := map[string]Buyer{}
	for _, c := range population(cfg) {
		buyers[c.id] = c.buyer
	}
	placedIn, days := map[Buyer]map[Season]int{BuyerSteady: {}, BuyerSeasonal: {}}, map[Season]int{}
	for today := range cfg.Days {
		days[SeasonOf(cfg.Start.Unix()+int64(today)*day)]++
	}
	for i, l := range tr.lines {
		if seasons := placedIn[buyers[l.Customer]]; seasons != nil && l.Kind == "placed" && l.Reason == "" {
			seasons[SeasonOf(at(t, tr.events[i].OccurredAt).Unix()/day*day)]++
		}
	}
	for _, s := range []Season{SeasonFestival, SeasonStocking, SeasonSingles, SeasonLull, SeasonSummer} {
		mild, strong := s.Strength()
		plainMild, plainStrong := SeasonPlain.Strength()
		for b, law := range map[Buyer]int64{BuyerSteady: 100 * mild / plainMild, BuyerSeasonal: 100 * strong / plainStrong} {
			perDay := func(s Season) int { return placedIn[b][s] * 1000 / days[s] }
			if got := int64(perDay(s) * 100 / perDay(SeasonPlain)); got < law*80/100-5 || got > law*120/100+5 {
				t.Errorf("%s buyers in %s: %d %% of a plain day, want %d", b, s, got, law)
			}
		}
	}
}

func TestSpringFestivalOf2024(t *testing.T) {
	for date, want := range map[string]Season{
		"2024-01-18": SeasonPlain, "2024-01-19": SeasonStocking, "2024-02-08": SeasonStocking,
		"2024-02-09": SeasonFestival, "2024-02-23": SeasonFestival, "2024-02-24": SeasonPlain,
		"2024-11-11": SeasonSingles, "2024-11-12": SeasonPlain, "2024-11-15": SeasonLull, "2024-06-15": SeasonSummer,
	} {
		when, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := SeasonOf(when.Unix()); got != want {
			t.Errorf("%s is %s, want %s", date, got, want)
		}
	}
}
