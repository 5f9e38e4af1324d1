package pipeline_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/portfolio"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const classes = `
version: "classes"
value: {window_days: 90}
tiers:
  - {name: base}
  - {name: best, enter: 'value.class == "A" && value.rank.net >= 50', keep: 'value.class in ["A", "B"]'}
`

// Cut-offs come in at midnight, before any event of the day, and are what the day's decisions go by and name.
func TestCutoffsAtMidnight(t *testing.T) {
	pipe := started(t, classes, pb.PartitionInit_EVENT)
	put(t, pipe,
		order("SO1", "C1", "2026-01-10T09:30:00Z", 800000, ""), order("SO1", "C2", "2026-01-10T09:31:00Z", 150000, ""),
		order("SO1", "C3", "2026-01-10T09:32:00Z", 50000, ""),
		order("SO2", "C1", "2026-01-10T23:59:00Z", 100, ""), // there are no cut-offs yet
		order("SO3", "C1", "2026-01-11T00:00:00Z", 100, ""), order("SO2", "C2", "2026-01-11T00:00:00Z", 100, ""),
		order("SO4", "C2", "2026-01-11T12:00:00Z", 20000000, ""), // by the cut-offs of the day
		order("SO4", "C1", "2026-01-12T00:00:00Z", 100, ""),      // by those of the next, C1 is no A and no B any more
	)
	by := customers(t, pipe, instant(t, "2026-01-13T00:00:00Z"))
	var got []string
	for _, c := range pipe.Changes() {
		got = append(got, fmt.Sprintf("%s %s>%s %s %q %s", c.CustomerId, c.From, c.To, c.DecidedAt.AsTime().Format("02 15:04"), c.CutoffVersion, c.Reasons[0].Text))
	}
	want := strings.Join([]string{
		`C1 >base 10 09:30 "" Every new customer starts in base.`, `C2 >base 10 09:31 "" Every new customer starts in base.`, `C3 >base 10 09:32 "" Every new customer starts in base.`,
		`C1 base>best 11 00:00 "2026-01-11" The condition for best “value.class == "A"” holds; the class is A.`,
		`C2 base>best 11 12:00 "2026-01-11" The condition for best “value.class == "A"” holds; the class is A.`,
		`C1 best>base 12 00:00 "2026-01-12" The condition to keep best “value.class in ["A", "B"]” does not hold; the class is C.`,
	}, "\n")
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	for _, c := range by {
		if v := c.Value.CutoffVersion; v == nil || *v != "2026-01-12" {
			t.Errorf("%s names the cut-offs of %v", c.CustomerID, v)
		}
	}
}

// Where classes end is the policy's, for decisions and for what is reported.
func TestClassesOfThePolicy(t *testing.T) {
	pipe := started(t, strings.Replace(classes, "tiers:", "portfolio: {classes: {by: count, a: 40%, b: 80%}}\ntiers:", 1), pb.PartitionInit_EVENT)
	var lines []string
	for i, amount := range []int{9000_00, 300_00, 200_00, 100_00, 50_00} {
		lines = append(lines, order("SO1", fmt.Sprint("C", i), "2026-01-10T09:30:00Z", amount, ""))
	}
	put(t, pipe, lines...)
	got := ""
	by := customers(t, pipe, instant(t, "2026-01-11T00:00:00Z"))
	for i := range 5 {
		got += by[fmt.Sprint("C", i)].Value.Class
	}
	view, err := pipe.View()
	if err != nil {
		t.Fatal(err)
	}
	if list := fmt.Sprint(view.Cutoffs().List); got != "AABBC" || list != "[{net_a 30000} {net_b 10000} {net_p50 20000}]" {
		t.Errorf("classes %s by %s", got, list)
	}
}

// retail lies beside the checkout, not in it.
const retail = "../../../shared/data/online_retail_invoices.csv.gz"

// retailLines are the Online Retail invoices as event lines. Cancellations name no order.
func retailLines(t *testing.T) (lines []string) {
	t.Helper()
	zipped, err := os.ReadFile(retail)
	if err != nil {
		t.Skipf("the Online Retail data is not at hand: %v", err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = slices.DeleteFunc(rows[1:], func(r []string) bool { return r[2] == "" })
	slices.SortStableFunc(rows, func(a, b []string) int { return cmp.Compare(a[4], b[4]) })
	for _, r := range rows { // seq, invoice, customer_id, country, ts, kind, lines, quantity, amount_minor
		body := fmt.Sprintf(`"order_id":%q,"placed":{"amount_minor":%q,"currency":"CNY"}`, r[1], r[8])
		if amount, back := strings.CutPrefix(r[8], "-"); back || r[5] == "cancellation" {
			body = fmt.Sprintf(`"returned":{"return_id":%q,"amount_minor":%q,"currency":"CNY"}`, r[1], amount)
		}
		lines = append(lines, fmt.Sprintf(`{"topic":"orders","value":{"event_id":"r%s","occurred_at":%q,"customer_id":%q,%s}}`, r[0], r[4], r[2], body))
	}
	return lines
}

// At every month's start the cut-offs in force, which may have stayed where they were within the dead band, lie within 1 % of the
// exact ones.
func TestCutoffsOfOnlineRetail(t *testing.T) {
	lines := retailLines(t)
	percents := make([]string, 99)
	for i := range percents {
		percents[i] = fmt.Sprint(i + 1)
	}
	pipe := started(t, "version: r\nportfolio: {percentiles: ["+strings.Join(percents, ", ")+"]}\n", pb.PartitionInit_EVENT)
	compared := 0
	for month := 1; month <= 12; month++ {
		at := instant(t, fmt.Sprintf("2011-%02d-01T00:00:00Z", month))
		for len(lines) > 0 && codec.ParseLine([]byte(lines[0])).OccurredAt < at {
			put(t, pipe, lines[0])
			lines = lines[1:]
		}
		compared += compareCutoffs(t, pipe, customers(t, pipe, at), at.String())
	}
	if compared != 12*200 {
		t.Errorf("%d cut-offs were compared", compared)
	}
}

func compareCutoffs(t *testing.T, pipe *pipeline.Pipeline, by map[string]codec.CustomerLine, at string) (compared int) {
	t.Helper()
	exact := map[string]int64{}
	var nets, orders []int64
	for _, c := range by {
		nets, orders = append(nets, c.Value.Net), append(orders, c.Value.Orders)
		for _, name := range map[string][]string{"A": {"net_a", "net_b"}, "B": {"net_b"}}[c.Value.Class] {
			if least, ok := exact[name]; !ok || c.Value.Net < least {
				exact[name] = c.Value.Net
			}
		}
	}
	slices.Sort(nets)
	slices.Sort(orders)
	for percent := 1; percent <= 99; percent++ {
		rank := (len(nets)*percent + 99) / 100
		exact[portfolio.PercentileName(portfolio.Net, percent)], exact[portfolio.PercentileName(portfolio.Orders, percent)] = nets[rank-1], orders[rank-1]
	}
	view, err := pipe.View()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range view.Cutoffs().List {
		want := exact[c.Name]
		if d := math.Abs(float64(c.Value - want)); d > 0.01*math.Abs(float64(want)) {
			t.Errorf("%s as of %s is %d, exactly %d", c.Name, at, c.Value, want)
		}
		compared++
	}
	return compared
}
