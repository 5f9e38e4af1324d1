package value_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// What a return leaves of the cost of goods, as the manual has it.
func TestCostOfReturnedGoodsOfTheManual(t *testing.T) {
	text := manual(t)
	given := register.OrderDoc{Amount: 100000, Cost: 60000, HasCost: true}
	lines := register.OrderDoc{Amount: 100000, Categories: []register.Category{{Name: "tea", Amount: 100000, Cost: 60000, Costed: 100000}}}
	none := register.OrderDoc{Amount: 100000}
	gift := register.OrderDoc{Cost: 5000, HasCost: true}
	taxLines := register.OrderDoc{Amount: 10000, Tax: 10000, Categories: []register.Category{{Name: "tea", Cost: 5000}}}
	taxOnly := register.OrderDoc{Amount: 10000, Tax: 10000, Cost: 5000, HasCost: true}
	back := func(amount int64, cost ...int64) register.LinkedReturn {
		r := register.LinkedReturn{ID: "R1", Value: amount, HasCost: cost != nil}
		for _, c := range cost {
			r.Cost = c
		}
		return r
	}
	for i, c := range []struct {
		what string
		doc  register.OrderDoc
		back register.LinkedReturn
	}{
		{"1000.00, cost 600.00; 250.00", given, back(25000)},
		{"1000.00, cost 600.00; 250.00, goods of 200.00", given, back(25000, 20000)},
		{"1000.00, cost 600.00; 250.00, goods of 700.00", given, back(25000, 70000)},
		{"1000.00, cost 600.00; 1000.00, goods of 500.00", given, back(100000, 50000)},
		{"tea 1000.00 at a cost of 600.00; 250.00, goods of 700.00", lines, back(25000, 70000)},
		{"1000.00, no cost; 400.00, goods of 300.00", none, back(40000, 30000)},
		{"1000.00, no cost; 900.00, goods of 750.00", none, back(90000, 75000)},
		{"1000.00, no cost; 1000.00, goods of 500.00", none, back(100000, 50000)},
		{"nothing paid, cost 50.00; nothing paid back", gift, back(0)},
		{"nothing but 100.00 tax, tea at a cost of 50.00; 40.00 of the tax", taxLines, taxed(back(0), 4000)},
		{"nothing but 100.00 tax, cost 50.00; 40.00 of the tax, goods of 20.00", taxOnly, taxed(back(0, 2000), 4000)},
		{"nothing but 100.00 tax, cost 50.00; all of it, goods of 20.00", taxOnly, taxed(back(0, 2000), 10000)},
	} {
		f, goods := goodsOf(c.doc, c.back)
		row := fmt.Sprintf("| G%d | %s | %s | %s |\n", i+1, c.what, money(f.Net), money(goods.Minor))
		if !strings.Contains(text, row) || !goods.Known {
			t.Errorf("the manual lacks %s", row)
		}
	}
}

// taxed is a return of so much, tax included.
func taxed(r register.LinkedReturn, amount int64) register.LinkedReturn {
	r.Amount = amount
	return r
}

func money(n int64) string { return fmt.Sprintf("%.2f", float64(n)/100) }

// goodsOf is what a customer of one order has: the figures, and the cost of goods of them.
func goodsOf(doc register.OrderDoc, returns ...register.LinkedReturn) (value.Figures, value.Money) {
	cfg := value.Config{WindowDays: 30, Categories: []string{"tea", "cups"},
		Margin: value.Margin{Default: figure.Of(300_000), Categories: []figure.Micro{figure.Of(500_000)}}}
	s := value.State{}
	share, _ := cfg.OfOrder(doc, noon(shopDay), shopDay, returns)
	s.Add(share)
	f := s.Figures(cfg, shopDay, value.Profile{})
	return f, s.Report(cfg, shopDay, value.Profile{}, f).CostOfGoods
}

// Whatever an order and its returns give: the cost of goods is never below 0, and nothing is left of one that came back whole.
func TestCostOfGoodsIsNeverBelowZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int64Range(0, 100)
		doc := register.OrderDoc{Amount: small.Draw(t, "amount"), HasCost: rapid.Bool().Draw(t, "has a cost")}
		if doc.HasCost {
			doc.Cost = small.Draw(t, "cost")
		}
		for _, name := range rapid.SampledFrom([][]string{nil, {"tea"}, {"cups", "tea"}, {"", "tea"}}).Draw(t, "lines") {
			c := register.Category{Name: name, Amount: small.Draw(t, "line")}
			if rapid.Bool().Draw(t, "costed") {
				c.Cost, c.Costed = small.Draw(t, "line's cost"), c.Amount
			}
			doc.Categories = append(doc.Categories, c)
		}
		var returns []register.LinkedReturn
		whole := int64(0)
		for range rapid.IntRange(0, 3).Draw(t, "returns") {
			r := register.LinkedReturn{Value: small.Draw(t, "back"), HasCost: rapid.Bool().Draw(t, "gives a cost")}
			r.Amount = r.Value + small.Draw(t, "tax of it")
			if r.HasCost {
				r.Cost = small.Draw(t, "goods")
			}
			whole += r.Value
			returns = append(returns, r)
		}
		f, goods := goodsOf(doc, returns...)
		if !goods.Known || goods.Minor < 0 {
			t.Fatalf("goods %+v of %+v", goods, f)
		}
		if len(returns) > 0 && whole >= doc.Amount && (goods.Minor != 0 || f.Contribution.Minor != 0) {
			t.Fatalf("all of it came back, and goods of %d are left: %+v", goods.Minor, f)
		}
	})
}
