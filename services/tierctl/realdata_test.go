package tierctl_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/services/tierctl"
)

// rows reads a set of real data, which lies beside the checkout; without it the test is skipped.
func rows(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("no real data here (%v): the figures on it are not checked", err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range all[1:] {
		m := map[string]string{}
		for i, name := range all[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return max(n, -n)
}

// simulatedFiles runs simulate over event lines and gives what reads the lines of its files.
func simulatedFiles(t *testing.T, currency string, events []string, asOf []string) (read func(name string) []string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	args := []string{"simulate", "--policy", write("p.yaml", "version: real\ncurrency: "+currency+"\n"), "--events", write("e.jsonl", strings.Join(events, "\n")), "--out", dir}
	for _, at := range asOf {
		args = append(args, "--as-of", at)
	}
	var stderr bytes.Buffer
	if code := tierctl.Main(args, strings.NewReader(""), &stderr, &stderr); code != 0 {
		t.Fatalf("simulate: %s", stderr.String())
	}
	return func(name string) []string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	}
}

// simulated is the lines of customers, and the number of dead letters.
func simulated(t *testing.T, currency string, events []string, asOf []string) (customers []map[string]any, dead int) {
	t.Helper()
	read := simulatedFiles(t, currency, events, asOf)
	for _, line := range read("customers.jsonl") {
		var c map[string]any
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		customers = append(customers, c)
	}
	for _, line := range read("dead-letters.jsonl") {
		dead += strings.Count(line, `"ts_reason":"MISSING_CUSTOMER"`)
	}
	return customers, dead
}

// Online Retail: gross, returns, net and orders of every customer at several instants, by plain sums over the source.
func TestOnlineRetail(t *testing.T) {
	source := rows(t, "online_retail_invoices.csv.gz")
	var events []string
	for _, r := range source {
		body := fmt.Sprintf(`"order_id":%q,"placed":{"amount_minor":%d,"currency":"GBP"}`, r["invoice"], number(t, r["amount_minor"]))
		if r["kind"] != "order" {
			body = fmt.Sprintf(`"returned":{"return_id":%q,"amount_minor":%d,"currency":"GBP"}`, r["invoice"], number(t, r["amount_minor"]))
		}
		events = append(events, fmt.Sprintf(`{"topic":"orders","value":{"event_id":"r%s","occurred_at":%q,"customer_id":%q,%s}}`, r["seq"], r["ts"], r["customer_id"], body))
	}
	instants := []string{"2011-03-01T00:00:00Z", "2011-08-15T12:00:00Z", "2011-12-10T00:00:00Z", "2012-04-01T00:00:00Z"}
	customers, dead := simulated(t, "GBP", events, instants)
	if dead != 3710 {
		t.Errorf("%d invoices without a customer were dead letters, want 3710", dead)
	}
	type sums struct{ gross, returns, orders int64 }
	want := map[string]map[string]*sums{}
	for _, at := range instants {
		want[at] = map[string]*sums{}
		for _, r := range source {
			if r["customer_id"] == "" || r["ts"] >= at {
				continue
			}
			s := want[at][r["customer_id"]]
			if s == nil {
				s = &sums{}
				want[at][r["customer_id"]] = s
			}
			if daysBetween(t, r["ts"], at) > 365 {
				continue
			}
			if r["kind"] == "order" {
				s.gross += number(t, r["amount_minor"])
				s.orders++
			} else {
				s.returns += number(t, r["amount_minor"])
			}
		}
	}
	seen := 0
	for _, c := range customers {
		w := want[c["as_of"].(string)][c["customer_id"].(string)]
		v := c["value"].(map[string]any)
		got := sums{int64(v["gross_minor"].(float64)), int64(v["returns_minor"].(float64)), int64(v["orders"].(float64))}
		if w == nil || got != *w || int64(v["net_minor"].(float64)) != w.gross-w.returns {
			t.Fatalf("%v as of %v: %+v, want %+v", c["customer_id"], c["as_of"], got, w)
		}
		seen++
	}
	for at, by := range want {
		seen -= len(by)
		if len(by) == 0 {
			t.Errorf("nobody as of %s", at)
		}
	}
	if seen != 0 {
		t.Errorf("%d customers too many", seen)
	}
}

// daysBetween counts the midnights between two instants of UTC.
func daysBetween(t *testing.T, from, to string) int {
	t.Helper()
	day := func(text string) time.Time {
		at, err := time.Parse("2006-01-02", text[:10])
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// item is an invoice of IBM's receivables, with the moment of its payment.
type item struct {
	customer, opened, due, paid string
	amount                      int64
}

func (i *item) late() bool { return i.paid[:10] > i.due }

// receivables are the set's invoices by number, and all as events: an invoice is an order with a due date, and its payment
// names it.
func receivables(t *testing.T) (map[string]*item, []string) {
	t.Helper()
	items := map[string]*item{}
	var events []string
	for _, r := range rows(t, "ibm_ar_events.csv.gz") {
		head := fmt.Sprintf(`"event_id":"i%s","occurred_at":%q,"customer_id":%q`, r["seq"], r["ts"], r["customer_id"])
		n, amount := r["invoice_number"], number(t, r["amount_minor"])
		if r["type"] == "invoice" {
			items[n] = &item{r["customer_id"], r["ts"], r["due_date"], "9999", amount}
			events = append(events, fmt.Sprintf(`{"topic":"orders","value":{%s,"order_id":%q,"placed":{"amount_minor":%d,"currency":"USD","due_date":%q}}}`, head, n, amount, r["due_date"]))
			continue
		}
		items[n].paid = r["ts"]
		events = append(events, fmt.Sprintf(`{"topic":"payments","value":{%s,"payment_id":"P%s","received":{"amount_minor":%d,"currency":"USD","allocations":[{"invoice_id":%q,"amount_minor":%d}]}}}`, head, n, amount, n, amount))
	}
	return items, events
}

// IBM's receivables: what is open, overdue, settled and late, for every customer at several instants.
func TestReceivables(t *testing.T) {
	items, events := receivables(t)
	customers, _ := simulated(t, "USD", events, []string{"2012-07-01T00:00:00Z", "2013-04-15T12:00:00Z", "2014-02-01T00:00:00Z"})
	for _, c := range customers {
		at := c["as_of"].(string)
		var open, overdue, settled, late int64
		for _, i := range items {
			switch {
			case i.customer != c["customer_id"] || i.opened >= at:
			case i.paid >= at:
				open += i.amount
				if daysBetween(t, i.due, at) > 0 {
					overdue += i.amount
				}
			case daysBetween(t, i.paid, at) <= 365:
				settled++
				if i.late() {
					late++
				}
			}
		}
		got := c["credit"].(map[string]any)
		for name, want := range map[string]int64{"open_minor": open, "overdue_minor": overdue, "settled": settled, "settled_late": late} {
			if int64(got[name].(float64)) != want {
				t.Fatalf("%v as of %s: %s is %v, want %d", c["customer_id"], at, name, got[name], want)
			}
		}
	}
}

// The portfolio's DSO at every month's start: all that is open / all sold on credit in the 365 days before x the days since the first
// sale, 365 at most.
func TestPortfolioDSO(t *testing.T) {
	items, events := receivables(t)
	var months []string
	for m := range 24 {
		months = append(months, fmt.Sprintf("%d-%02d-01T00:00:00Z", 2012+(m+1)/12, (m+1)%12+1))
	}
	lines := simulatedFiles(t, "USD", events, months)("portfolio.jsonl")
	if len(lines) != len(months) {
		t.Fatalf("%d lines for %d months", len(lines), len(months))
	}
	for n, line := range lines {
		var open, overdue, sales int64
		first := "9"
		for _, i := range items {
			if i.opened >= months[n] {
				continue
			}
			first = min(first, i.opened)
			if daysBetween(t, i.opened, months[n]) <= 365 {
				sales += i.amount
			}
			if i.paid >= months[n] {
				open += i.amount
				if daysBetween(t, i.due, months[n]) > 0 {
					overdue += i.amount
				}
			}
		}
		days := min(365, daysBetween(t, first, months[n])+1)
		var got struct {
			AsOf    string  `json:"as_of"`
			Open    int64   `json:"open_minor"`
			Overdue int64   `json:"overdue_minor"`
			DSO     float64 `json:"dso_days"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		want := float64(open) * float64(days) / float64(sales)
		if got.AsOf != months[n] || got.Open != open || got.Overdue != overdue || got.DSO < want-1e-6 || got.DSO > want+1e-6 {
			t.Errorf("%+v, want %d open, %d overdue, a DSO of %.6f", got, open, overdue, want)
		}
		t.Logf("%s: DSO %.2f", got.AsOf[:10], got.DSO)
	}
}
