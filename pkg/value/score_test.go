package value_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// whole is a policy that says something of everything.
func whole() value.Config {
	return value.Config{
		WindowDays: 365, Categories: []string{"tea", "cups", "pots"}, Lifecycle: value.DefaultLifecycle(), Score: value.DefaultScore(100),
		Margin: value.Margin{Default: figure.Of(300_000), Categories: []figure.Micro{figure.Of(500_000)}},
		Serve:  value.Serve{Minute: 150, Visit: 20000, Complaint: 5000, Return: 1500},
		Looks:  value.Looks{Growth: true, Tenure: true, Reorder: true, Lifecycle: true, Score: true, Contact: true},
	}
}

func drawProfile(t *rapid.T) value.Profile {
	rating := func(name string) figure.Micro {
		return figure.Micro{Millionths: rapid.Int64Range(0, 100*figure.One).Draw(t, name), Known: rapid.Bool().Draw(t, name+" known")}
	}
	return value.Profile{IndustryStanding: rating("standing"), Outlook: rating("outlook"), BrandAwareness: rating("brand")}
}

// trade is a customer with a history of years.
func drawTrade(t *rapid.T) value.State {
	s := value.State{}
	for _, x := range drawShares(t, "shares") {
		x.Gross, x.Returns = x.Gross*rapid.SampledFrom([]int64{1, 100, 1_000_000}).Draw(t, "times"), 0
		s.Add(x)
	}
	return s
}

// The points of all factors add up to the score, to the last digit, and their weights to 100; a factor that isn't
// computable has neither.
func TestPointsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, cfg, p := drawTrade(t), whole(), drawProfile(t)
		for i := range cfg.Score {
			cfg.Score[i].Weight = rapid.Int64Range(0, 30).Draw(t, "weight")
			if value.RankedBy(cfg.Score[i].Name) != "" {
				cfg.Score[i].Rank = value.Rank(rapid.IntRange(0, 2).Draw(t, "rank"))
			}
		}
		p.Cutoffs, p.Segment = drawCutoffs(t), rapid.SampledFrom([]string{"", "food"}).Draw(t, "segment")
		today := civil.Day(rapid.IntRange(900, 2000).Draw(t, "today"))
		f := s.Figures(cfg, today, p)
		points, weights := int64(0), int64(0)
		for _, x := range s.Report(cfg, today, p, f).Parts {
			points, weights = points+x.Points.Millionths, weights+x.Weight.Millionths
			if !x.Normalised.Known && (x.Points.Millionths != 0 || x.Weight.Millionths != 0) {
				t.Fatalf("%+v counts", x)
			}
			if x.Points.Millionths < 0 || x.Normalised.Millionths < 0 || x.Normalised.Millionths > 100*figure.One {
				t.Fatalf("%+v is out of range", x)
			}
		}
		if f.Score.Known != (weights != 0) || f.Score.Known && weights != 100*figure.One || points != f.Score.Millionths {
			t.Fatalf("points %d and weights %d, the score is %s", points, weights, f.Score)
		}
		if f.Score.Millionths < 0 || f.Score.Millionths > 100*figure.One || f.Potential.Millionths < 0 || f.Potential.Millionths > 100*figure.One {
			t.Fatalf("score %s, potential %s", f.Score, f.Potential)
		}
	})
}

// Where decisions look at everything, nothing at all changes before NextDay.
func TestNothingAtAllChangesBeforeNextDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, cfg, p := drawTrade(t), whole(), drawProfile(t)
		cfg.WindowDays = drawConfig(t).WindowDays
		today := civil.Day(rapid.IntRange(980, 1020).Draw(t, "today"))
		for range 12 {
			now := s.Figures(cfg, today, p)
			next, ok := s.NextDay(cfg, today)
			until := next
			if !ok {
				until = today + 1500
			}
			for d := today; d < until; d++ {
				if got := s.Figures(cfg, d, p); got != now {
					t.Fatalf("from day %d on %+v, on day %d %+v, next is %d %t", today, now, d, got, next, ok)
				}
			}
			if !ok {
				return
			}
			today = next
		}
	})
}

// What a policy doesn't look at has no due moment.
func TestNothingIsDueForWhatNobodyLooksAt(t *testing.T) {
	s, cfg := holding(order(1000, 500), order(1010, 500), value.OfService(value.Service{Contacts: 1}, 1005)), whole()
	cfg.Looks = value.Looks{}
	if next, ok := s.NextDay(cfg, 1010); next != 1366 || !ok {
		t.Errorf("due on day %d %t, want the roll-off on 1366", next, ok)
	}
	for _, c := range []struct {
		says  string
		looks value.Looks
		want  civil.Day
	}{
		{"recency's first step", value.Looks{Score: true}, 1017},
		{"tenure's next step", value.Looks{Tenure: true}, 1030},
		{"the mean gap", value.Looks{Reorder: true}, 1020},
		{"a bucket leaves the last 91 days", value.Looks{Growth: true}, 1092},
		{"no longer new", value.Looks{Lifecycle: true}, 1090},
		{"no longer new, by silence", value.Looks{Silence: true}, 1090},
		{"one and a half mean gaps", value.Looks{Late: true}, 1025},
		{"a week without a contact", value.Looks{Contact: true}, 1012},
		{"90 days without a contact", value.Looks{Unmet: true}, 1095},
	} {
		cfg.Looks = c.looks
		if next, _ := s.NextDay(cfg, 1010); next != c.want {
			t.Errorf("%s: due on day %d, want %d", c.says, next, c.want)
		}
	}
	cfg.Looks = value.Looks{Contact: true}
	if next, _ := s.NextDay(cfg, 1400); next != 1006+cfg.Kept() {
		t.Errorf("a contact that is forgotten: due on day %d", next)
	}
}

// An order that goes takes all that it brought with it, and a full return all but its handling.
func TestWhatGoesLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, cfg, p := drawTrade(t), whole(), drawProfile(t)
		if s.FirstDay == 0 || s.FirstDay >= 1100 {
			return
		}
		doc := drawOrder(t)
		day := civil.Day(rapid.IntRange(int(s.FirstDay)+1, 1100).Draw(t, "day"))
		at := min(noon(day), s.LastOrderAt-1)
		before := s.Figures(cfg, 1100, p)
		share, _ := cfg.OfOrder(doc, at, day, nil)
		s.Add(share)
		s.Remove(share)
		if got := s.Figures(cfg, 1100, p); got != before {
			t.Fatalf("%+v, want %+v", got, before)
		}
		back := register.LinkedReturn{Value: max(0, doc.Amount-doc.Tax-doc.Freight)}
		whole, _ := cfg.OfOrder(doc, at, day, []register.LinkedReturn{back})
		s.Add(whole)
		got := s.Figures(cfg, 1100, p)
		if whole.Gross > 0 && (got.Net != before.Net || !got.Contribution.Known || got.Contribution.Minor+got.CostToServe != before.Contribution.Minor+before.CostToServe) {
			t.Fatalf("%+v, want the net and, handling aside, the contribution of %+v", got, before)
		}
	})
}

func drawOrder(t *rapid.T) register.OrderDoc {
	doc := register.OrderDoc{Amount: rapid.Int64Range(0, 1_000_000).Draw(t, "amount"), Tax: rapid.Int64Range(0, 1000).Draw(t, "tax")}
	if rapid.Bool().Draw(t, "has cost") {
		doc.Cost, doc.HasCost = rapid.Int64Range(0, 1_000_000).Draw(t, "cost"), true
	}
	var lines []register.Category
	for range rapid.IntRange(0, 5).Draw(t, "lines") {
		l := register.Category{Name: rapid.SampledFrom([]string{"tea", "cups", "pots", "sugar", ""}).Draw(t, "category"), Amount: rapid.Int64Range(0, 1000).Draw(t, "line")}
		if rapid.Bool().Draw(t, "line has cost") {
			l.Cost, l.Costed = rapid.Int64Range(0, 1000).Draw(t, "line's cost"), l.Amount
		}
		lines = append(lines, l)
	}
	doc.Categories = register.Categorise(lines)
	return doc
}

// The categories of an order are never more than its net, nor what has no cost more than the order's.
func TestCategoriesOfAnOrderAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg, doc := whole(), drawOrder(t)
		cfg.Categories = append(cfg.Categories, "sugar", "")
		var returns []register.LinkedReturn
		for range rapid.IntRange(0, 2).Draw(t, "returns") {
			returns = append(returns, register.LinkedReturn{Value: rapid.Int64Range(0, 600_000).Draw(t, "value")})
		}
		s, _ := cfg.OfOrder(doc, noon(500), 500, returns)
		net, uncosted, lines := int64(0), int64(0), int64(0)
		for _, c := range s.Categories {
			net, uncosted = net+c.Net, uncosted+c.Uncosted
		}
		for _, c := range doc.Categories {
			lines += c.Amount
		}
		if lines > 0 && (net != s.Gross-s.Returns || uncosted != s.Gross-s.Returns-s.Costed) {
			t.Fatalf("%+v of %+v: categories add up to %d, %d of it without a cost", s, doc, net, uncosted)
		}
	})
}

func TestStages(t *testing.T) {
	every := func(from, to, gap civil.Day, n int64) (out []value.Share) {
		for d := from; d <= to; d += gap {
			out = append(out, order(d, n))
		}
		return out
	}
	for _, c := range []struct {
		says   string
		shares []value.Share
		want   value.Stage
	}{
		{"never ordered", []value.Share{back(1990, 5)}, value.StageNone},
		{"the first order is to come", []value.Share{order(2001, 5)}, value.StageNone},
		{"the first order is 89 days old", []value.Share{order(1911, 5)}, value.StageNew},
		{"the first order is 90 days old", []value.Share{order(1910, 5)}, value.StageStable},
		{"as before", every(1400, 2000, 10, 5), value.StageStable},
		{"a fifth more than a year before", slices.Concat(every(1000, 1900, 10, 5), every(1910, 2000, 10, 6)), value.StageGrowing},
		{"a fifth less than a year before", slices.Concat(every(1000, 1900, 10, 9), every(1910, 2000, 10, 6)), value.StageDeclining},
		{"nothing for 179 days", every(1801, 1821, 10, 5), value.StageDeclining},
		{"nothing for 180 days", every(1800, 1820, 10, 5), value.StageDormant},
		{"rare orders are a habit: not gone yet", every(1400, 1800, 100, 5), value.StageDeclining},
		{"three times the habit", every(1300, 1700, 100, 5), value.StageDormant},
		{"back after a long silence", append(every(1500, 1600, 10, 5), order(1950, 5)), value.StageReturning},
		{"back for 90 days, with less than a year before", append(every(1500, 1600, 10, 5), order(1910, 5), order(1995, 5)), value.StageDeclining},
		{"back after what is kept", append(every(500, 600, 10, 5), order(1950, 5)), value.StageReturning},
		{"rare orders are a habit", []value.Share{order(1310, 5), order(1650, 5), order(1990, 5)}, value.StageStable},
		{"beyond what is looked at there is no habit", []value.Share{order(1230, 5), order(1610, 5), order(1990, 5)}, value.StageReturning},
	} {
		s := holding(c.shares...)
		if got := s.Figures(whole(), 2000, value.Profile{}).Stage; got != c.want {
			t.Errorf("%s: %q, want %q", c.says, got, c.want)
		}
	}
}

// Nobody returns but by an order: not when an old one falls out of what is kept.
func TestForgettingMakesNobodyReturn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, cfg, last := value.State{}, whole(), civil.Day(100)
		for range rapid.IntRange(1, 6).Draw(t, "orders") {
			last += civil.Day(rapid.OneOf(rapid.IntRange(340, 390), rapid.IntRange(680, 780), rapid.IntRange(1, 800)).Draw(t, "gap"))
			s.Add(order(last, 5))
		}
		cfg.Lifecycle.DormantGaps = rapid.IntRange(1, 3).Draw(t, "gaps")
		was := s.Figures(cfg, last, value.Profile{}).Stage
		for d := last + 1; d < last+200; d++ {
			s.Prune(cfg, d)
			is := s.Figures(cfg, d, value.Profile{}).Stage
			if is == value.StageReturning && was != value.StageReturning {
				t.Fatalf("on day %d, %d after the last order, %q returns", d, d-last, was)
			}
			was = is
		}
	})
}

func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		says   string
		shares []value.Share
		want   string
		base   value.Base
	}{
		{"no sales before", []value.Share{order(1999, 100)}, "null", value.BaseNone},
		{"the 91 days before", []value.Share{order(1909, 120), order(1908, 100)}, "0.2", value.BaseBefore},
		{"182 days ago is still a base", []value.Share{order(1818, 100)}, "-1", value.BaseBefore},
		{"183 days ago is none", []value.Share{order(1817, 100), order(1999, 7)}, "null", value.BaseNone},
		{"454 days of history aren't a year's", []value.Share{order(1546, 50), order(1900, 100), order(1950, 150)}, "0.5", value.BaseBefore},
		{"a year before", []value.Share{order(1545, 50), order(1900, 100), order(1950, 150)}, "2", value.BaseYear},
		{"the same 91 days, to the day", []value.Share{order(1500, 1), order(1635, 50), order(1636, 900), order(1545, 50), order(1544, 900), order(2000, 150)}, "0.5", value.BaseYear},
		{"a year before there was nothing: nothing else will do", []value.Share{order(1000, 50), order(1900, 100), order(1950, 150)}, "null", value.BaseNone},
	} {
		s := holding(c.shares...)
		f := s.Figures(whole(), 2000, value.Profile{})
		if base := s.Report(whole(), 2000, value.Profile{}, f).Base; f.Growth.String() != c.want || base != c.base {
			t.Errorf("%s: %s by %s, want %s by %s", c.says, f.Growth, base, c.want, c.base)
		}
	}
}

// Without a margin, contribution is known exactly where every sale has a cost. A return whose goods' cost nobody knows takes none
// back.
func TestContributionWithoutMargins(t *testing.T) {
	cfg := value.Config{WindowDays: 365, Categories: []string{"tea"}, Margin: value.Margin{Categories: []figure.Micro{figure.Of(400_000)}}}
	sold := func(amount int64, more func(*register.OrderDoc)) value.Share {
		doc := register.OrderDoc{Amount: amount}
		more(&doc)
		s, _ := cfg.OfOrder(doc, noon(500), 500, nil)
		return s
	}
	plain := func(*register.OrderDoc) {}
	cost := func(d *register.OrderDoc) { d.Cost, d.HasCost = 60, true }
	tea := func(d *register.OrderDoc) {
		d.Categories = []register.Category{{Name: "tea", Amount: d.Amount}}
	}
	for _, c := range []struct {
		says   string
		shares []value.Share
		want   value.Money
	}{
		{"nothing", nil, value.Money{Known: true}},
		{"a cost", []value.Share{sold(100, cost)}, value.Money{Minor: 40, Known: true}},
		{"no cost", []value.Share{sold(100, plain)}, value.Money{}},
		{"a margin of its category", []value.Share{sold(100, tea)}, value.Money{Minor: 40, Known: true}},
		{"one of two", []value.Share{sold(100, cost), sold(1, plain)}, value.Money{}},
		{"a return of no order", []value.Share{sold(100, cost), back(500, 30)}, value.Money{Minor: 10, Known: true}},
		{"a return doesn't make up for a sale", []value.Share{sold(30, plain), back(500, 30)}, value.Money{}},
		{"a sale of nothing", []value.Share{sold(0, plain)}, value.Money{Known: true}},
	} {
		s := holding(c.shares...)
		if got := s.Figures(cfg, 500, value.Profile{}).Contribution; got != c.want {
			t.Errorf("%s: %+v, want %+v", c.says, got, c.want)
		}
	}
}

// Rounding to the base currency makes no anomaly of an order that came back whole, and leaves nothing of what it cost: 785 fen were
// sold for 1.00 euro, and 784 or 786 come back in two halves.
func TestWholeOrdersComeBackInAnotherCurrency(t *testing.T) {
	cfg := whole()
	for _, c := range []struct {
		rate                   int64 // of a thousandth
		back                   []int64
		returns, cost, anomaly int64
	}{
		{7849, []int64{50}, 392, 275, 0},
		{7849, []int64{50, 50}, 784, 0, 0},
		{7851, []int64{50, 50}, 785, 0, 0},
		{7851, []int64{50, 49}, 778, 79, 0},
		{7851, []int64{50, 50, 50}, 785, 0, 394},
		{7849, []int64{1, 50, 50}, 785, 0, 7},
	} {
		rate := fx.Rate{Mantissa: c.rate, Places: 3, Code: fx.CodeOf("EUR")}
		doc := register.OrderDoc{Amount: 100, Cost: 60, HasCost: true, Rate: rate}
		var back []register.LinkedReturn
		for i, v := range c.back {
			back = append(back, register.LinkedReturn{ID: fmt.Sprint(i), Value: v, Amount: v, HasCost: true, Cost: 25, Rate: fx.Rate{Mantissa: 9, Code: rate.Code}, Day: 500})
		}
		s, anomaly := cfg.OfOrder(doc, noon(500), 500, back)
		if s.Gross != 785 || s.Returns != c.returns || s.Cost != c.cost || s.Costed != s.Gross-s.Returns || anomaly != c.anomaly {
			t.Errorf("%+v: %+v, beyond %d", c, s.Bucket, anomaly)
		}
	}
}

// Where returns count on their own days, an order and its returns come to the same as on the order's, whatever the order of
// the list, and each takes off no more than what is left.
func TestReturnsOnTheirOwnDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg, doc := whole(), drawOrder(t)
		var returns []register.LinkedReturn
		for i := range rapid.IntRange(0, 4).Draw(t, "returns") {
			returns = append(returns, register.LinkedReturn{ID: fmt.Sprint(i), Value: rapid.Int64Range(0, 600_000).Draw(t, "value"), Cost: rapid.Int64Range(0, 9000).Draw(t, "cost"),
				HasCost: rapid.Bool().Draw(t, "has cost"), Day: civil.Day(500 + 10*i)})
		}
		want, beyond := cfg.OfOrder(doc, noon(500), 500, returns)
		cfg.OwnDay = true
		shares, anomaly := cfg.Shares(nil, doc, noon(500), 500, rapid.Permutation(returns).Draw(t, "another order"))
		s := holding(shares...)
		if len(shares) != 1+len(returns) || anomaly != beyond {
			t.Fatalf("%d shares of %d returns, beyond %d, want %d", len(shares), len(returns), anomaly, beyond)
		}
		for i, r := range returns {
			if x := shares[i+1]; x.Day != r.Day || x.Returns < 0 || x.Returns > r.Value || x.ReturnCount != 1 || x.At != 0 || x.Gross != 0 {
				t.Fatalf("return %d is %+v", i, x)
			}
		}
		for i := range s.Buckets { // all on one day
			s.Buckets[i].Day = 500
		}
		one := value.State{}
		one.Add(want)
		cfg.OwnDay = false
		if a, b := s.Figures(cfg, 500, value.Profile{}), one.Figures(cfg, 500, value.Profile{}); a.Net != b.Net || a.Contribution != b.Contribution || a.ReturnCount != b.ReturnCount || a.Breadth != b.Breadth {
			t.Fatalf("%+v, want %+v", a, b)
		}
	})
}

func TestFreightCounted(t *testing.T) {
	cfg := value.Config{Freight: true}
	if s, _ := cfg.OfOrder(register.OrderDoc{Amount: 125, Tax: 20, Freight: 5}, 7, 400, nil); s.Gross != 105 {
		t.Errorf("gross is %d, want 105", s.Gross)
	}
}
