package money_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/money"
)

func TestScales(t *testing.T) {
	for code, want := range map[string]int{"CNY": 2, "USD": 2, "JPY": 0, "KWD": 3, "IQD": 3, "PKR": 2} {
		if got, ok := money.Scale(code); !ok || got != want {
			t.Errorf("%s has %d decimals (%v), want %d", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "cny", "RMB", "CNYX", "€"} {
		if _, ok := money.Scale(code); ok {
			t.Errorf("%q was taken", code)
		}
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		scale int
		minor int64
		want  string
	}{
		{2, 0, "0.00"}, {2, 5, "0.05"}, {2, -5, "-0.05"}, {2, 123456, "1,234.56"}, {2, 100000000, "1,000,000.00"},
		{0, 0, "0"}, {0, 1234, "1,234"}, {3, 1, "0.001"}, {3, -1234567, "-1,234.567"},
	} {
		if got := money.Amount(c.minor, c.scale); got != c.want {
			t.Errorf("%d with %d decimals: %s, want %s", c.minor, c.scale, got, c.want)
		}
	}
}
