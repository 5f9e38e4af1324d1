package value_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// shop is a customer of the manual's example of contribution.
type shop struct {
	cfg    value.Config
	state  value.State
	orders map[string]value.Share
	docs   map[string]register.OrderDoc
	linked map[string][]register.LinkedReturn
}

const shopDay civil.Day = 20_000

func (s *shop) place(id string, doc register.OrderDoc) func() {
	return func() {
		s.docs[id] = doc
		s.again(id)
	}
}

// again replaces an order's share.
func (s *shop) again(id string) {
	if old, ok := s.orders[id]; ok {
		s.state.Remove(old)
	}
	s.orders[id], _ = s.cfg.OfOrder(s.docs[id], noon(shopDay), shopDay, s.linked[id])
	s.state.Add(s.orders[id])
}

func (s *shop) back(order string, r register.LinkedReturn) func() {
	return func() {
		s.linked[order] = append(s.linked[order], r)
		s.again(order)
	}
}

func (s *shop) serve(x value.Service) func() {
	return func() { s.state.Add(value.OfService(x, shopDay)) }
}

func TestContributionOfTheManual(t *testing.T) {
	text := manual(t)
	s := &shop{orders: map[string]value.Share{}, docs: map[string]register.OrderDoc{}, linked: map[string][]register.LinkedReturn{}}
	s.cfg = value.Config{WindowDays: 30, Categories: []string{"tea", "cups"}, Serve: value.Serve{Minute: 200, Visit: 10000, Complaint: 3000, Return: 1500},
		Margin: value.Margin{Default: figure.Of(300_000), Categories: []figure.Micro{figure.Of(500_000)}}}
	line := func(name string, amount int64) register.Category {
		return register.Category{Name: name, Amount: amount}
	}
	story := []struct {
		what string
		do   func()
	}{
		{"SO1 placed: 1000.00, cost 600.00", s.place("SO1", register.OrderDoc{Amount: 100000, Cost: 60000, HasCost: true})},
		{"SO2 placed: tea 400.00, cups 200.00, no cost", s.place("SO2", register.OrderDoc{Amount: 60000, Categories: []register.Category{line("cups", 20000), line("tea", 40000)}})},
		{"SO3 placed: tea 100.00 at a cost of 30.00, cups 100.00", s.place("SO3", register.OrderDoc{Amount: 20000, Categories: []register.Category{line("cups", 10000), {Name: "tea", Amount: 10000, Cost: 3000, Costed: 10000}}})},
		{"R1 returned of SO1: 250.00", s.back("SO1", register.LinkedReturn{ID: "R1", Value: 25000})},
		{"R2 returned of SO3: 100.00, goods of 30.00", s.back("SO3", register.LinkedReturn{ID: "R2", Value: 10000, Cost: 3000, HasCost: true})},
		{"R3 returned, of no order: 50.00", func() { s.state.Add(value.OfReturn(register.Return{Amount: 5000}, shopDay)) }},
		{"a contact of 25 minutes, a complaint", s.serve(value.Service{Contacts: 1, Complaints: 1, Minutes: 25000, Unpriced: 25000})},
		{"a contact of 90 minutes that cost 200.00", s.serve(value.Service{Contacts: 1, Minutes: 90000, Cost: 20000})},
		{"a visit", s.serve(value.Service{Activities: 1, Visits: 1})},
		{"SO1 cancelled", func() { s.state.Remove(s.orders["SO1"]) }},
	}
	money := func(n int64) string { return fmt.Sprintf("%.2f", float64(n)/100) }
	for i, x := range story {
		x.do()
		f := s.state.Figures(s.cfg, shopDay, value.Profile{})
		goods := s.state.Report(s.cfg, shopDay, value.Profile{}, f).CostOfGoods
		row := fmt.Sprintf("| C%d | %s | %s | %s | %s | %s |\n", i+1, x.what, money(f.Net), money(goods.Minor), money(f.CostToServe), money(f.Contribution.Minor))
		if !strings.Contains(text, row) || !f.Contribution.Known {
			t.Errorf("the manual lacks %s", row)
		}
	}
}

// The manual's tables of factors are the defaults, and the example is what the code makes of it.
func TestScoreOfTheManual(t *testing.T) {
	text := manual(t)
	for _, x := range value.DefaultScore(100) {
		var curve []string
		for _, k := range x.Curve {
			curve = append(curve, fmt.Sprintf("%s:%s", figure.Of(k.Raw), figure.Of(k.Points)))
		}
		end := fmt.Sprintf("| %s | %d |\n", strings.Join(curve, " "), x.Weight)
		if x.Potential {
			end = fmt.Sprintf("| %s | %d, potential |\n", strings.Join(curve, " "), x.Weight)
		}
		_, table, _ := strings.Cut(text, "## The score")
		if !strings.HasSuffix(line(table, "| `"+x.Name+"` |"), end) {
			t.Errorf("%s: the manual doesn't say %s", x.Name, end)
		}
	}
	s, cfg, p := exampleOfScore()
	f := s.Figures(cfg, shopDay, p)
	for _, x := range s.Report(cfg, shopDay, p, f).Parts {
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", x.Name, x.Raw, x.Normalised, x.Weight, x.Points)
		if !strings.Contains(text, row) {
			t.Errorf("the manual lacks %s", row)
		}
	}
	if said := fmt.Sprintf("the score is %s, the potential %s.", f.Score, f.Potential); !strings.Contains(text, said) {
		t.Errorf("the manual doesn't say %s", said)
	}
}

// exampleOfScore has a contribution of 30,000.00 from 10 orders, the last 12 days and the first of all 400 days ago.
func exampleOfScore() (s value.State, cfg value.Config, p value.Profile) {
	cfg = value.Config{WindowDays: 365, Lifecycle: value.DefaultLifecycle(), Score: value.DefaultScore(100)}
	for ago, amount := range map[civil.Day]int64{
		400: 100000, 360: 500000, 330: 500000, 300: 500000, 270: 500000, 240: 500000, 210: 500000, 150: 500000, 120: 500000, 60: 600000, 12: 600000,
	} {
		x, _ := cfg.OfOrder(register.OrderDoc{Amount: amount, Cost: 220000, HasCost: true}, noon(shopDay-ago), shopDay-ago, nil)
		s.Add(x)
	}
	s.Add(value.OfService(value.Service{Surveys: 2, Answers: 17000}, shopDay-30))
	s.Add(value.OfService(value.Service{Referrals: 1, Activities: 2}, shopDay-20))
	return s, cfg, value.Profile{Outlook: figure.Of(70 * figure.One)}
}
