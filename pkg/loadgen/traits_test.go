package loadgen

import (
	"math"
	"testing"
)

// population is many customers drawn without trading.
func population(cfg Config) []*customer {
	w := &world{cfg: cfg, scale: minorPerMajor(cfg.Currency), start: cfg.Start.Unix()}
	all := make([]*customer, cfg.Customers)
	for i := range all {
		all[i] = newCustomer(w, i)
	}
	return all
}

// near checks a share in basis points against what was counted.
func near(t *testing.T, what string, count, of, share, tolerance int) {
	t.Helper()
	if of == 0 {
		t.Errorf("%s: nothing to measure on", what)
		return
	}
	if got := count * Whole / of; got < share-tolerance || got > share+tolerance {
		t.Errorf("%s: %d of %d are %d basis points, want %d within %d", what, count, of, got, share, tolerance)
	}
}

// Shares of traits, over 20,000 customers, lie within one percentage point of the law.
func TestTraitsHaveTheirShares(t *testing.T) {
	cfg := Default()
	cfg.Customers = 20_000
	counts, credit := map[any]int{}, 0
	for _, c := range population(cfg) {
		for _, trait := range []any{c.industry.Name, c.size.Name, c.region.Name, c.buyer, c.terms, c.joined == 0} {
			counts[trait]++
		}
		if c.terms == CashTerms {
			continue
		}
		credit++
		counts[c.payer]++
		counts["invoiced"] += int(percentIf(c.invoiced) / 100)
	}
	law := func(trait any, of, share int) {
		t.Helper()
		near(t, "trait", counts[trait], of, share, 100)
	}
	for _, one := range Industries() {
		law(one.Name, cfg.Customers, one.Share)
	}
	for _, one := range SizeClasses() {
		law(one.Name, cfg.Customers, one.Share)
	}
	for _, one := range Regions() {
		law(one.Name, cfg.Customers, one.Share)
	}
	for _, one := range Buyers() {
		law(one.Kind, cfg.Customers, one.Share)
	}
	for _, one := range Terms() {
		law(one.Kind, cfg.Customers, one.Share)
	}
	for _, one := range Payers() {
		law(one.Kind, credit, one.Share)
	}
	law("invoiced", credit, ShareInvoiced)
	law(true, cfg.Customers, ShareFounding)
}

func TestMixesAreWhole(t *testing.T) {
	sums := map[string]int{}
	for _, one := range Industries() {
		sums["industries"] += one.Share
	}
	for _, one := range SizeClasses() {
		sums["sizes"] += one.Share
	}
	for _, one := range Regions() {
		sums["regions"] += one.Share
	}
	for _, one := range Buyers() {
		sums["buyers"] += one.Share
	}
	for _, one := range Payers() {
		sums["payers"] += one.Share
	}
	for _, one := range Terms() {
		sums["terms"] += one.Share
	}
	for name, sum := range sums {
		if sum != Whole {
			t.Errorf("the shares of %s add up to %d", name, sum)
		}
	}
}

// The lognormal has the median and the sigma that it is asked for, within 2 %.
func TestLognormal(t *testing.T) {
	const n, median, sigma = 100_000, 100_000, 550
	d := newDice(7, 0)
	below, sum, squares := 0, 0.0, 0.0
	for range n {
		draw := d.lognormal(median, sigma)
		if draw < median {
			below++
		}
		log := math.Log(float64(draw) / median)
		sum, squares = sum+log, squares+log*log
	}
	near(t, "below the median", below, n, 5000, 100)
	if deviation := math.Sqrt(squares/n - sum/n*sum/n); math.Abs(deviation-0.55) > 0.011 {
		t.Errorf("sigma is %.4f, want 0.55", deviation)
	}
}

func TestExponential(t *testing.T) {
	for x := int64(-6 * 65536); x <= 6*65536; x += 1111 {
		want := math.Exp(float64(x)/65536) * 65536
		if got := float64(exponential(x)); math.Abs(got-want) > 2+want*3e-4 {
			t.Errorf("e^(%d/65536) is %.0f/65536, want %.0f", x, got, want)
		}
	}
}

func TestNoCustomerLeavesTheRangeOfIDs(t *testing.T) {
	w := &world{cfg: Default(), scale: 100}
	if id := newCustomer(w, 9_999_998).id; id != "C9999999" {
		t.Errorf("the last customer is %s", id)
	}
}
