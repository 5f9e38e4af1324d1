package value_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// retail lies beside the checkout, not in it.
const retail = "../../../shared/data/online_retail_invoices.csv.gz"

// readRetail gives the shares of each customer of the Online Retail invoices. Cancellations name no order; the three
// adjustments have no customer and fall away with the other rows that have none.
func readRetail(t *testing.T) map[string][]value.Share {
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
	customers := map[string][]value.Share{}
	for _, row := range rows[1:] { // seq, invoice, customer_id, country, ts, kind, lines, quantity, amount_minor
		if id := row[2]; id != "" {
			customers[id] = append(customers[id], shareOf(t, row))
		}
	}
	return customers
}

func shareOf(t *testing.T, row []string) value.Share {
	t.Helper()
	amount, err := strconv.ParseInt(row[8], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	ts, err := time.Parse(time.RFC3339, row[4])
	if err != nil {
		t.Fatal(err)
	}
	at := civil.FromTime(ts)
	day := civil.Calendar{}.DayOf(at)
	if row[5] == "cancellation" {
		return value.OfReturn(register.Return{Amount: -amount}, day)
	}
	share, _ := plain.OfOrder(register.OrderDoc{Amount: amount}, at, day, nil)
	return share
}

// Totals and classes are those that the data's description and an independent computation give.
func TestOnlineRetail(t *testing.T) {
	customers := readRetail(t)
	var nets []value.CustomerNet
	total := int64(0)
	for id, shares := range customers {
		s := holding(shares...)
		net := s.Figures(value.Config{WindowDays: 1000}, date(t, "2011-12-10"), value.Profile{}).Net
		nets = append(nets, value.CustomerNet{ID: id, Net: net})
		total += net
	}
	classes := map[string]int{}
	for _, c := range value.Classify(nets, portfolio.DefaultClasses()) {
		classes[c.Class]++
	}
	if got := fmt.Sprint(len(customers), total, classes); got != "4372 830006581 map[A:1178 B:1456 C:1683 N:55]" {
		t.Errorf("customers, net and classes: %s", got)
	}
}

// Figures of single customers, computed independently of this code.
func TestOnlineRetailCustomers(t *testing.T) {
	customers := readRetail(t)
	for _, c := range []struct {
		id, today     string
		days          int
		gross, back   int64
		orders, count int64
		last          string
		gap           figure.Micro
	}{
		{"12346", "2011-12-10", 365, 7718360, 7718360, 1, 1, "2011-01-18T10:01:00Z", figure.Micro{}},
		{"14646", "2011-12-10", 365, 28020602, 71700, 74, 3, "2011-12-08T12:12:00Z", figure.Of(8_022_727)},
		{"14646", "2011-12-10", 90, 10190340, 0, 31, 0, "2011-12-08T12:12:00Z", figure.Of(6_142_857)},
		{"17850", "2011-12-10", 365, 0, 10258, 0, 1, "2010-12-02T15:27:00Z", figure.Micro{}},
		{"13047", "2011-12-10", 1000, 323754, 15844, 10, 8, "2011-11-08T12:06:00Z", figure.Of(48_857_143)},
		{"12748", "2011-12-10", 365, 3171838, 463968, 193, 13, "2011-12-09T12:20:00Z", figure.Of(3_433_962)},
	} {
		s := holding(customers[c.id]...)
		got := sales(s.Figures(value.Config{WindowDays: c.days}, date(t, c.today), value.Profile{}))
		last, err := time.Parse(time.RFC3339, c.last)
		if err != nil {
			t.Fatal(err)
		}
		want := value.Figures{Gross: c.gross, Returns: c.back, Net: c.gross - c.back, Orders: c.orders, ReturnCount: c.count,
			LastOrderAt: civil.FromTime(last), MeanGap: c.gap}
		if got != want {
			t.Errorf("%s on %s over %d days: %+v, want %+v", c.id, c.today, c.days, got, want)
		}
	}
}

// Following each customer only from one NextDay to the next sees every figure of every day of the year after.
func TestOnlineRetailFallsSilent(t *testing.T) {
	cfg := value.Config{WindowDays: 365}
	last := date(t, "2011-12-10")
	for id, shares := range readRetail(t) {
		s := holding(shares...)
		next, ok, now := last, true, value.Figures{}
		for day := last; day < last+370; day++ {
			if ok && day == next {
				s.Prune(cfg, day)
				now = sales(s.Figures(cfg, day, value.Profile{}))
				next, ok = s.NextDay(cfg, day)
			}
			if got := bruteForce(shares, cfg, day); got != now {
				t.Fatalf("%s on %s: %+v, want %+v", id, day, now, got)
			}
		}
		if ok || now.Orders+now.ReturnCount != 0 {
			t.Fatalf("%s never falls silent: %+v", id, now)
		}
	}
}

func date(t *testing.T, text string) civil.Day {
	t.Helper()
	d, err := civil.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
