package credit_test

import (
	"compress/gzip"
	"encoding/csv"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

// trade is an invoice of the IBM set and its payment.
type trade struct {
	customer          string
	opened, due, paid civil.Day
	amount            int64
}

// ibm reads the set; an invoice is an order with terms, a payment names it.
func ibm(t *testing.T) (books map[string]*credit.Book, trades []trade) {
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "ibm_ar_events.csv.gz"))
	if os.IsNotExist(err) {
		t.Skip("../shared/data/ibm_ar_events.csv.gz is missing: the run on real data is left out")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	books, at := map[string]*credit.Book{}, map[string]int{}
	for _, r := range rows[1:] {
		b := books[r[4]]
		if b == nil {
			b = &credit.Book{}
			books[r[4]] = b
		}
		day := dayAt(t, r[1])
		amount, err := strconv.ParseInt(r[5], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if r[2] == "invoice" {
			due, err := civil.ParseDay(r[6])
			if err != nil {
				t.Fatal(err)
			}
			b.Orders = append(b.Orders, credit.Order{ID: r[3], Day: day, Due: due, Credit: true, Amount: amount})
			at[r[3]] = len(trades)
			trades = append(trades, trade{r[4], day, due, 0, amount})
			continue
		}
		b.Payments = append(b.Payments, credit.Payment{ID: "pay " + r[3], ValueDay: day, Amount: amount,
			Allocations: []credit.Allocation{{Ref: credit.Ref{Invoice: true, ID: r[3]}, Amount: amount}}})
		trades[at[r[3]]].paid = day
	}
	return books, trades
}

func dayAt(t *testing.T, text string) civil.Day {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return civil.Calendar{}.DayOf(civil.FromTime(at))
}

// The set's known totals: 2,466 invoices, 877 late, 3.44 days late on average, all with terms of 30 days.
func TestIBM(t *testing.T) {
	books, trades := ibm(t)
	cfg := credit.Config{WindowDays: 10_000, PromptnessDays: 10_000, DSODays: 10_000}
	settled, late, beyond, all := int64(0), int64(0), int64(0), int64(0)
	for _, b := range books {
		l := credit.Settle(*b, cfg)
		if len(l.Items) > 0 || len(l.Money) > 0 {
			t.Errorf("something is left: %+v %+v", l.Items, l.Money)
		}
		for _, s := range l.Settled {
			settled, late, all = settled+s.Settled, late+s.Late, all+s.Beyond
		}
	}
	direct := int64(0)
	for _, x := range trades {
		beyond += max(0, int64(x.paid-x.due))
		direct += int64(x.paid - x.due)
		if x.due-x.opened != 30 {
			t.Errorf("terms of %d days", x.due-x.opened)
		}
	}
	if settled != 2466 || late != 877 || all != direct || (beyond*100+settled/2)/settled != 344 {
		t.Errorf("%d settled, %d late, %d days beyond terms (want %d), %d days late", settled, late, all, direct, beyond)
	}
}

// The figures of every customer on many days equal those counted straight from the trades.
func TestIBMFigures(t *testing.T) {
	books, trades := ibm(t)
	first, _ := civil.ParseDay("2012-01-01")
	for customer, b := range books {
		var own []trade
		for _, x := range trades {
			if x.customer == customer {
				own = append(own, x)
			}
		}
		for today := first; today < first+900; today += 53 {
			l := credit.Settle(until(*b, today), config)
			got, want := l.Figures(config, today), counted(own, today)
			if !got.Promptness.Known && want.points == nil || got.Promptness.Known && want.points != nil && near(got.Promptness.Millionths, want.points) {
				got.Promptness = want.f.Promptness
			}
			if got.DSO.Known && want.dso != nil && near(got.DSO.Millionths, want.dso) {
				got.DSO = want.f.DSO
			}
			if got != want.f {
				t.Fatalf("%s on %s:\n%+v\nwant\n%+v", customer, today, got, want.f)
			}
		}
	}
}

// until is the book as it stood on a day.
func until(b credit.Book, today civil.Day) (out credit.Book) {
	for _, o := range b.Orders {
		if o.Day <= today {
			out.Orders = append(out.Orders, o)
		}
	}
	for _, p := range b.Payments {
		if p.ValueDay <= today {
			out.Payments = append(out.Payments, p)
		}
	}
	return out
}

// near says that millionths is r to half a millionth.
func near(millionths int64, r *big.Rat) bool {
	d := new(big.Rat).Sub(new(big.Rat).SetFrac64(millionths, 1_000_000), r)
	return d.Abs(d).Cmp(big.NewRat(1, 2_000_000)) <= 0
}

type count struct {
	f           credit.Figures
	points, dso *big.Rat
}

// counted are a customer's figures by the definitions, one invoice at a time, with fractions.
func counted(trades []trade, today civil.Day) (c count) {
	points, weight := new(big.Rat), new(big.Rat)
	first, sales, days, overdue := today+1, int64(0), int64(0), int64(0)
	for _, x := range trades {
		if x.opened > today {
			continue
		}
		first = min(first, x.opened)
		if today-x.opened <= 365 {
			sales += x.amount
		}
		beyond, counts := int64(x.paid-x.due), today-x.paid <= 730
		if x.paid > today {
			beyond = int64(today - x.due)
			counts = beyond > 0
			c.open(x.amount, beyond)
			overdue += min(1, max(0, beyond))
		} else if today-x.paid <= 365 {
			c.f.Settled++
			days += beyond
			if beyond > 0 {
				c.f.SettledLate++
			}
		}
		if counts {
			amount := big.NewRat(x.amount, 1)
			weight.Add(weight, amount)
			points.Add(points, amount.Mul(amount, line(beyond)))
		}
	}
	if weight.Sign() > 0 {
		c.points = points.Quo(points, weight)
	}
	if sales > 0 {
		c.dso = new(big.Rat).Mul(big.NewRat(c.f.Open, sales), big.NewRat(min(365, int64(today-first)+1), 1))
	} else if c.f.Open == 0 {
		c.dso = new(big.Rat)
	}
	c.f.Exposure = c.f.Open
	c.f.OnTimeRate = figure.Div(c.f.Settled-c.f.SettledLate, c.f.Settled+overdue)
	c.f.MeanDaysBeyondTerms = figure.Div(days, c.f.Settled)
	return c
}

func (c *count) open(amount, past int64) {
	c.f.Open += amount
	a := &c.f.Ageing
	bucket := []*int64{&a.Current, &a.D1To30, &a.D31To60, &a.D61To90, &a.D90Plus}
	n := 0
	if past > 0 {
		n = int(min(4, 1+(past-1)/30))
		c.f.Overdue += amount
		c.f.MaxDaysOverdue = max(c.f.MaxDaysOverdue, past)
	}
	*bucket[n] += amount
}

// line is the promptness of so many days beyond terms, from the definitions.
func line(beyond int64) *big.Rat {
	days := []int64{-30, -20, 0, 15, 22, 30, 60, 90, 120, 180}
	points := []int64{100, 90, 80, 70, 60, 50, 40, 30, 20, 1}
	beyond = min(max(beyond, days[0]), days[9])
	i := 1
	for beyond > days[i] {
		i++
	}
	r := big.NewRat((points[i]-points[i-1])*(beyond-days[i-1]), days[i]-days[i-1])
	return r.Add(r, big.NewRat(points[i-1], 1))
}
