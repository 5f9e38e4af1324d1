package codec_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// The DSO of a portfolio is that of its sums, worked by hand: 900.00 open, 3,650.00 sold on credit in 365 days, is 90 days; of
// it 400.00 isn't overdue, 40 days.
func TestPortfolioLine(t *testing.T) {
	lines := []codec.CustomerLine{
		{Value: codec.ValueLine{Net: 90_000, Orders: 3, Class: "A"}, Credit: codec.CreditLine{Open: 60_000, Overdue: 50_000, Exposure: 70_000,
			Ageing: codec.AgeingLine{Current: 10_000, D1To30: 50_000}}, CreditSales: credit.Sales{Amount: 265_000, Days: 365}},
		{Value: codec.ValueLine{Net: 10_000, Orders: 1, Class: "B"}, Credit: codec.CreditLine{Open: 30_000, Exposure: 30_000,
			Ageing: codec.AgeingLine{Current: 30_000}}, CreditSales: credit.Sales{Amount: 100_000, Days: 20}},
		{Value: codec.ValueLine{Net: -5_000, Class: "N"}},
	}
	got, err := json.Marshal(codec.Portfolio(86400_000000, lines, portfolio.NewCutoffs("1970-01-02", []portfolio.Cutoff{{Name: "net_a", Value: 90_000}})))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"as_of":"1970-01-02T00:00:00Z","customers":3,"net_minor":95000,"orders":4,"open_minor":90000,"unapplied_minor":0,"overdue_minor":50000,` +
		`"disputed_minor":0,"exposure_minor":100000,"ageing_minor":{"current":40000,"d1_30":50000,"d31_60":0,"d61_90":0,"d90_plus":0},` +
		`"credit_sales_minor":365000,"credit_sales_days":365,"dso_days":90,"best_possible_dso_days":40,"average_days_delinquent":50,` +
		`"classes":[{"class":"A","customers":1,"net_minor":90000,"share":0.9},{"class":"B","customers":1,"net_minor":10000,"share":0.1},` +
		`{"class":"C","customers":0,"net_minor":0,"share":0},{"class":"N","customers":1,"net_minor":-5000,"share":0}],` +
		`"cutoff_version":"1970-01-02","cutoffs":[{"name":"net_a","value":90000}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	empty := codec.Portfolio(0, []codec.CustomerLine{{Credit: codec.CreditLine{Open: 5}}}, portfolio.Cutoffs{})
	if empty.DSO.Known || empty.BestPossibleDSO.Known || empty.Classes[0].Share.Known || empty.CutoffVersion != nil {
		t.Errorf("what can't be computed is not null: %+v", empty)
	}
}
