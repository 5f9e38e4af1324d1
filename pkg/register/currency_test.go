package register_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
)

func rate(t interface{ Fatal(...any) }, text string) fx.Rate {
	r, err := fx.Parse(text, fx.CodeOf("EUR"), 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is payable, that without tax, and that without freight are each rounded once, whatever the parts would be.
func TestOrderInBaseIsRoundedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 100_000)
		r := rate(t, rapid.SampledFrom([]string{"0.5", "7.8513", "0.0481", "1"}).Draw(t, "rate"))
		d := register.OrderDoc{Amount: n.Draw(t, "amount"), Tax: n.Draw(t, "tax"), Freight: n.Draw(t, "freight"), Cost: n.Draw(t, "cost"), HasCost: true, Rate: r,
			Categories: []register.Category{{Name: "tea", Amount: n.Draw(t, "tea")}}}
		is := d.InBase()
		if is.Amount != r.Base(d.Amount) || is.Amount-is.Tax != r.Base(d.Amount-d.Tax) || is.Amount-is.Tax-is.Freight != r.Base(d.Amount-d.Tax-d.Freight) ||
			is.Cost != r.Base(d.Cost) || is.Categories[0].Amount != r.Base(d.Categories[0].Amount) || is.Rate.Foreign() {
			t.Fatalf("%+v is %+v", d, is)
		}
		back := register.Return{Amount: d.Amount, Tax: d.Tax, Rate: r}
		if x := back.InBase(); x.Amount != r.Base(back.Amount) || x.Value() != r.Base(back.Value()) {
			t.Fatalf("%+v is %+v", back, x)
		}
	})
}

// An order has the rate of the first of its states in the currency that it has now.
func TestRateOfAnOrder(t *testing.T) {
	early, late := rate(t, "7.85"), rate(t, "9")
	var o register.Order
	if !o.Place(v(2, 5, "c"), register.OrderDoc{Amount: 3, Rate: late}) || o.Place(v(2, 5, "c"), register.OrderDoc{Rate: early}) {
		t.Fatal("the first copy counts")
	}
	if !o.Place(v(0, 1, "a"), register.OrderDoc{Amount: 1, Rate: early}) {
		t.Fatal("a former state changes nothing")
	}
	o.Place(v(1, 1, "b"), register.OrderDoc{Amount: 2, Rate: late})
	if doc, _, ok := o.Live(); !ok || doc.Amount != 3 || doc.Rate != early || !o.Foreign() {
		t.Errorf("%+v", doc)
	}
	base := fx.Rate{}
	o.Amend(v(3, 9, "d"), register.OrderPatch{Rate: &base})
	if doc, _, _ := o.Live(); doc.Rate.Foreign() || doc.Amount != 3 {
		t.Errorf("amended to the base currency: %+v", doc)
	}
}
