package register_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

// step is one event on an order: exactly one of the three.
type step struct {
	place  int64 // amount, with version
	amend  int64
	cancel bool
	at     register.Version
}

func (s step) on(o *register.Order) bool {
	switch {
	case s.cancel:
		return o.Cancel(s.at)
	case s.amend != 0:
		return o.Amend(s.at, toAmount(s.amend))
	}
	return o.Place(s.at, amount(s.place))
}

// Each case is a sentence of what a register of an order means.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		says  string
		steps []step
		want  string
	}{
		{"nothing is known of it", nil, "none"},
		{"placed", []step{{place: 100, at: v(0, 5, "e1")}}, "100 at 5"},
		{"the higher revision wins, though it occurred earlier",
			[]step{{place: 200, at: v(1, 3, "e2")}, {place: 100, at: v(0, 5, "e1")}}, "200 at 3"},
		{"of equal revisions the later one wins",
			[]step{{place: 200, at: v(0, 6, "e1")}, {place: 100, at: v(0, 5, "e2")}}, "200 at 6"},
		{"of equal revisions and times the higher event id wins",
			[]step{{place: 200, at: v(0, 5, "e2")}, {place: 100, at: v(0, 5, "e10")}}, "200 at 5"},
		{"placed again as full state: the amendments before it say nothing any more",
			[]step{{place: 100, at: v(0, 1, "e1")}, {amend: 150, at: v(0, 2, "e2")}, {place: 300, at: v(1, 3, "e3")}}, "300 at 3"},
		{"an amendment of the revision before is late and says nothing, whenever it occurred",
			[]step{{place: 300, at: v(1, 3, "e3")}, {amend: 150, at: v(0, 9, "e9")}}, "300 at 3"},
		{"an amendment changes the order, not its day",
			[]step{{place: 100, at: v(0, 1, "e1")}, {amend: 150, at: v(0, 2, "e2")}}, "150 at 1"},
		{"an amendment waits for its order",
			[]step{{amend: 150, at: v(0, 2, "e2")}}, "none"},
		{"an amendment that waited applies",
			[]step{{amend: 150, at: v(0, 2, "e2")}, {place: 100, at: v(0, 1, "e1")}}, "150 at 1"},
		{"amendments apply in the order of their versions",
			[]step{{amend: 170, at: v(0, 4, "e4")}, {place: 100, at: v(0, 1, "e1")}, {amend: 150, at: v(0, 2, "e2")}}, "170 at 1"},
		{"cancelled", []step{{place: 100, at: v(0, 1, "e1")}, {cancel: true, at: v(0, 2, "e2")}}, "none"},
		{"the cancellation came first", []step{{cancel: true, at: v(0, 2, "e2")}, {place: 100, at: v(0, 1, "e1")}}, "none"},
		{"cancelled is final: placed later in the same revision doesn't revive it",
			[]step{{place: 100, at: v(0, 1, "e1")}, {cancel: true, at: v(0, 2, "e2")}, {place: 200, at: v(0, 3, "e3")}}, "none"},
		{"nor does an amendment, of whatever revision",
			[]step{{place: 100, at: v(0, 1, "e1")}, {cancel: true, at: v(0, 2, "e2")}, {amend: 200, at: v(7, 3, "e3")}}, "none"},
		{"a higher revision places again",
			[]step{{place: 100, at: v(0, 1, "e1")}, {cancel: true, at: v(0, 2, "e2")}, {place: 200, at: v(1, 3, "e3")}}, "200 at 3"},
		{"an earlier cancellation that comes late doesn't take back the higher revision",
			[]step{{place: 200, at: v(1, 3, "e3")}, {cancel: true, at: v(0, 9, "e9")}}, "200 at 3"},
		{"a late cancellation of an old revision doesn't hide the newer one",
			[]step{{place: 200, at: v(1, 3, "e3")}, {cancel: true, at: v(2, 4, "e4")}, {cancel: true, at: v(0, 9, "e9")}}, "none"},
	} {
		o := register.Order{}
		for _, s := range c.steps {
			s.on(&o)
			if s.on(&o) {
				t.Errorf("%s: the second delivery of %s changed something", c.says, s.at.EventID)
			}
		}
		if got := standing(&o); got != c.want {
			t.Errorf("%s: %s, want %s", c.says, got, c.want)
		}
	}
}

// Absent means unchanged, and 0 means 0.
func TestAmendmentChangesWhatItNames(t *testing.T) {
	zero, no := int64(0), false
	terms := register.Terms{Kind: register.Date, Due: 90}
	placed := register.OrderDoc{Amount: 100, Tax: 10, Freight: 5, Terms: register.Terms{Kind: register.Days, Days: 30}, InvoiceExpected: true}
	change := func(with func(*register.OrderDoc)) register.OrderDoc {
		d := placed
		with(&d)
		return d
	}
	for name, c := range map[string]struct {
		patch register.OrderPatch
		want  register.OrderDoc
	}{
		"nothing":          {register.OrderPatch{}, placed},
		"amount":           {register.OrderPatch{Amount: &zero}, change(func(d *register.OrderDoc) { d.Amount = 0 })},
		"tax":              {register.OrderPatch{Tax: &zero}, change(func(d *register.OrderDoc) { d.Tax = 0 })},
		"freight":          {register.OrderPatch{Freight: &zero}, change(func(d *register.OrderDoc) { d.Freight = 0 })},
		"cost":             {register.OrderPatch{Cost: &zero}, change(func(d *register.OrderDoc) { d.HasCost = true })},
		"terms":            {register.OrderPatch{Terms: &terms}, change(func(d *register.OrderDoc) { d.Terms = terms })},
		"invoice expected": {register.OrderPatch{InvoiceExpected: &no}, change(func(d *register.OrderDoc) { d.InvoiceExpected = false })},
	} {
		o := register.Order{}
		o.Place(v(0, 1, "e1"), placed)
		o.Amend(v(0, 2, "e2"), c.patch)
		got, _, _ := o.Live()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("amending %s:\n%s", name, diff)
		}
	}
}

func TestDueDay(t *testing.T) {
	for _, c := range []struct {
		terms register.Terms
		want  civil.Day
		ok    bool
	}{
		{register.Terms{}, 0, false},
		{register.Terms{Kind: register.Days}, 100, true},
		{register.Terms{Kind: register.Days, Days: 30}, 130, true},
		{register.Terms{Kind: register.Date, Due: 90}, 90, true},
	} {
		if got, ok := c.terms.DueDay(100); got != c.want || ok != c.ok {
			t.Errorf("%+v: due %s %t, want %s %t", c.terms, got, ok, c.want, c.ok)
		}
	}
}
