package loadgen

import (
	"slices"
	"testing"
)

// sent collects the kinds that one customer sends in an otherwise empty trade.
func sent(t *testing.T, do func(*customer)) []string {
	t.Helper()
	cfg := small()
	cfg.Shares = Shares{}
	w := &world{
		cfg: cfg, start: cfg.Start.Unix(), end: cfg.Start.Unix() + 120*day, now: cfg.Start.Unix(), scale: 100,
		agenda: queue[step]{less: step.before}, outbox: queue[parcel]{less: parcel.before},
	}
	var kinds []string
	w.yield = func(l Line) error { kinds = append(kinds, l.Kind); return nil }
	do(newCustomer(w, 0))
	w.play(w.end)
	return kinds
}

func TestAPaymentGoesBackOnce(t *testing.T) {
	for name, back := range map[string]func(*payment){
		"reversed after a refund": func(p *payment) { p.refund(30, ""); p.reverse() },
		"refunded after reversal": func(p *payment) { p.reverse(); p.refund(30, "") },
		"reversed twice":          func(p *payment) { p.reverse(); p.reverse() },
		"refunded beyond it":      func(p *payment) { p.refund(80, ""); p.refund(30, "") },
	} {
		t.Run(name, func(t *testing.T) {
			kinds := sent(t, func(c *customer) { back(&payment{c: c, id: "PY1", amount: 100, left: 100}) })
			if len(kinds) != 1 {
				t.Errorf("the bank sent %v, want one event", kinds)
			}
		})
	}
}

func TestCreditIsDeductedOnce(t *testing.T) {
	var first, second *item
	kinds := sent(t, func(c *customer) {
		first = &item{id: "IN1", amount: 50, credit: true, due: 20000}
		second = &item{id: "IN2", amount: 50, credit: true, due: 20000}
		c.credit = 70
		c.pay(first, 100)
		c.pay(second, 100)
		if c.credit != 0 {
			t.Errorf("%d of 70 is left as credit", c.credit)
		}
	})
	if !slices.Equal(kinds, []string{"received"}) || first.owed() != 0 || second.last == nil || second.last.amount != 30 {
		t.Errorf("sent %v, want one payment of 30; it was %+v", kinds, second.last)
	}
}

func TestParcelsArriveInOrderOfTimeTopicAndEvent(t *testing.T) {
	q := queue[parcel]{less: parcel.before}
	want := []parcel{
		{1, "b", 9, Line{Topic: "payments"}},
		{2, "a", 8, Line{Topic: "invoices"}},
		{2, "a", 7, Line{Topic: "orders"}},
		{2, "b", 5, Line{Topic: "orders"}},
		{2, "b", 6, Line{Topic: "orders"}},
	}
	for i := range want {
		q.push(want[(i*3+1)%len(want)])
	}
	for i := range want {
		if got := q.pop(); got.seq != want[i].seq {
			t.Errorf("place %d has parcel %d, want %d", i, got.seq, want[i].seq)
		}
	}
}

func TestEachReturnIsGivenBackOnce(t *testing.T) {
	sent(t, func(c *customer) {
		it := &item{id: "IN1", amount: 100, paid: 100, credit: true}
		for _, goods := range []int64{30, 20} {
			it.returned += goods
			c.giveBack(it, "RT1")
		}
		if c.credit != 50 {
			t.Errorf("%d in credit after returns of 30 and 20", c.credit)
		}
	})
}

// A surplus may have been deducted elsewhere by the time of a reversal, so the two never meet.
func TestAPaymentWithASurplusIsNotReversed(t *testing.T) {
	kinds := sent(t, func(c *customer) {
		c.w.cfg.Shares.Overpayments, c.w.cfg.Shares.Reversals = Whole, Whole
		for range 20 {
			c.pay(&item{id: "IN1", amount: 1000, credit: true}, 100)
			c.credit = 0
		}
	})
	if slices.Contains(kinds, "reversed") {
		t.Errorf("the bank sent %v", kinds)
	}
}
