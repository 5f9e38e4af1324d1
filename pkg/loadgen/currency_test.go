package loadgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Foreign customers live the same lives, each in one currency, and there are rates from before the first day on. Without them
// nothing else is different.
func TestForeignCustomers(t *testing.T) {
	cfg := Default()
	cfg.Customers, cfg.Days, cfg.Shares.Malformed = 300, 120, 0
	var home bytes.Buffer
	if _, err := Write(&home, cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Foreign = 3000
	of, told, versions := map[string]string{}, 0, 0
	sent := map[string]bool{}
	err := Generate(cfg, func(l Line) error {
		if l.Topic == TopicRates {
			var r rates
			if err := json.Unmarshal(l.Value, &r); err != nil || r.Base != "CNY" || len(r.Rates) != 3 {
				t.Errorf("rates are %s: %v", l.Value, err)
			}
			told, versions = told+1, max(versions, r.Version)
			return nil
		}
		if _, rest, found := bytes.Cut(l.Value, []byte(`"currency":"`)); found {
			is := string(rest[:3])
			if was, known := of[l.Customer]; known && was != is {
				t.Errorf("%s trades in %s and %s", l.Customer, was, is)
			}
			of[l.Customer] = is
		}
		sent[string(l.Value)] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, currency := range of {
		counts[currency]++
	}
	foreign := len(of) - counts["CNY"]
	near(t, "foreign customers", foreign, len(of), 3000, 700)
	for _, c := range Currencies() {
		near(t, c.Kind, counts[c.Kind], foreign, c.Share, 1800)
	}
	if told < 120*5/7 || versions != 2 {
		t.Errorf("rates were told %d times, up to version %d", told, versions)
	}
	for line := range strings.SplitSeq(home.String(), "\n") {
		if _, rest, found := strings.Cut(line, `"customer_id":"`); found && of[rest[:8]] == "CNY" && !strings.Contains(line, "fx-rates") {
			_, value, _ := strings.Cut(strings.TrimSuffix(line, "}"), `"value":`)
			if !sent[value] {
				t.Fatalf("without foreign customers there is %s", value)
			}
		}
	}
}

func TestForeignNeedsRates(t *testing.T) {
	cfg := Default()
	cfg.Foreign, cfg.Currency = 100, "KWD"
	if err := cfg.validate(); !errors.Is(err, ErrConfig) {
		t.Errorf("%v", err)
	}
	cfg.Currency = "JPY"
	if err := cfg.validate(); err != nil {
		t.Error(err)
	}
	for n, want := range map[int64]string{7_851_300: "7.8513", 48_000: "0.048", 162_500_000: "162.5", 7_000_000: "7"} {
		if got := decimal(n); got != want {
			t.Errorf("%d millionths are %s", n, got)
		}
	}
}
