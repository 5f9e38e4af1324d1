package tierctl

import "testing"

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		scale int
		minor int64
		want  string
	}{
		{2, 0, "0.00"}, {2, 5, "0.05"}, {2, -5, "-0.05"}, {2, 123456, "1,234.56"}, {2, 100000000, "1,000,000.00"},
		{0, 0, "0"}, {0, 1234, "1,234"}, {3, 1, "0.001"}, {3, -1234567, "-1,234.567"},
	} {
		if got := (currency{"CNY", c.scale}).amount(c.minor); got != c.want {
			t.Errorf("%d with %d decimals: %s, want %s", c.minor, c.scale, got, c.want)
		}
	}
}
