package fx_test

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text           string
		decimals, base int
		minor, want    int64
	}{
		{"7.85", 2, 2, 100, 785},
		{"7.850", 2, 2, 100, 785},
		{"1", 2, 2, 12345, 12345},
		{"0.048", 0, 2, 1000, 4800},     // 1,000 yen are 48.00 yuan
		{"23.5", 3, 2, 1000, 2350},      // 1.000 dinar is 23.50 yuan
		{"0.0021", 0, 3, 1000, 2100},    // 1,000 yen are 2.100 dinars
		{"149.25", 2, 0, 100, 149},      // 1.00 dollar is 149.25 yen
		{"149.50", 2, 0, 100, 150},      // half to even
		{"148.50", 2, 0, 100, 148},      // half to even
		{"4.8E-2", 0, 2, 1000, 4800},    // as JSON may have it
		{"1.5e3", 2, 2, 100, 150_000},   // and with many
		{"100", 0, 3, 1, 100_000},       // whole
		{"0.000000001", 0, 2, 1e9, 100}, // small
	} {
		r, err := fx.Parse(c.text, fx.CodeOf("EUR"), c.decimals, c.base)
		if err != nil || r.Base(c.minor) != c.want {
			t.Errorf("%s: %d of %d decimals are %d (%+v, %v), want %d of %d decimals", c.text, c.minor, c.decimals, r.Base(c.minor), r, err, c.want, c.base)
		}
	}
	for _, text := range []string{"", "0", "0.00", "abc", "1e", "1e99999999999", "--1", "1234567890123456789", "0.0000000000000000001", "1e30"} {
		if r, err := fx.Parse(text, fx.CodeOf("EUR"), 2, 2); !errors.Is(err, fx.ErrRate) {
			t.Errorf("%q was taken as %+v", text, r)
		}
	}
}

// Base is the exact product rounded half to even, and grows with the amount.
func TestBaseIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, part := rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "whole"), rapid.StringMatching(`[0-9]{1,8}`).Draw(t, "part")
		minor := rapid.Int64Range(0, 1e13).Draw(t, "minor")
		r, err := fx.Parse(whole+"."+part, fx.CodeOf("EUR"), 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := new(big.Rat).SetString(whole + "." + part)
		exact.Mul(exact, new(big.Rat).SetInt64(minor))
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(r.Base(minor)), exact)
		half := big.NewRat(1, 2)
		if c := off.Abs(off).Cmp(half); c > 0 || c == 0 && r.Base(minor)%2 != 0 {
			t.Fatalf("%d at %s.%s is %d, not %s", minor, whole, part, r.Base(minor), exact.FloatString(3))
		}
		if r.Base(minor) > r.Base(minor+1) {
			t.Fatal("more is less")
		}
	})
	if (fx.Rate{}).Base(12345) != 12345 {
		t.Error("the base currency is changed")
	}
}

func quote(day civil.Day, version int64, rate string) fx.Quote {
	r, err := fx.Parse(rate, fx.CodeOf("EUR"), 2, 2)
	if err != nil {
		panic(err)
	}
	return fx.Quote{Rate: r, AsOf: day, Version: version}
}

func TestFind(t *testing.T) {
	var table fx.Table
	if _, ok := table.Newest(); ok {
		t.Error("an empty table has rates")
	}
	for _, q := range []fx.Quote{quote(100, 1, "7.8"), quote(90, 1, "7.5"), quote(100, 2, "7.9"), quote(100, 1, "9")} {
		table.Add(q)
	}
	eur := fx.CodeOf("EUR")
	for _, c := range []struct {
		day  civil.Day
		code fx.Code
		want string // rate in hundredths of 100, or what is missing
	}{
		{89, eur, "no rate of"}, {90, eur, "750"}, {97, eur, "750"}, {98, eur, "over 7 days"}, {100, eur, "790"}, {107, eur, "790"}, {108, eur, "over 7 days"},
		{100, fx.CodeOf("USD"), "no rate of"},
	} {
		q, missing := table.Find(c.code, c.day, 7)
		got := missing
		if missing == "" {
			got = big.NewInt(q.Rate.Base(100)).String()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("day %d: %q, want %q", c.day, got, c.want)
		}
	}
	if newest, _ := table.Newest(); newest != 100 {
		t.Errorf("the newest is of %d", newest)
	}
	aud := quote(120, 1, "4.7")
	aud.Rate.Code = fx.CodeOf("AUD")
	table.Add(aud)
	if codes := table.Codes(); !slices.Equal(codes, []fx.Code{fx.CodeOf("AUD"), eur}) {
		t.Errorf("there are rates of %v", codes)
	}
	if newest, _ := table.NewestOf(eur); newest != 100 {
		t.Errorf("the newest of EUR is of %d", newest)
	}
	if _, ok := table.NewestOf(fx.CodeOf("USD")); ok {
		t.Error("there is a newest of none")
	}
}

// A table is a function of the set of what was published.
func TestTableIsOfASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) fx.Quote {
			return quote(civil.Day(rapid.IntRange(1, 4).Draw(t, "day")), rapid.Int64Range(1, 2).Draw(t, "version"), rapid.SampledFrom([]string{"7", "7.5", "70", "7.25", "0.9"}).Draw(t, "rate"))
		})
		list := rapid.SliceOfN(one, 1, 12).Draw(t, "quotes")
		var a, b fx.Table
		for _, q := range list {
			a.Add(q)
		}
		again := rapid.Permutation(slices.Concat(list, list[:1])).Draw(t, "again")
		for _, q := range again {
			b.Add(q)
		}
		for day := range civil.Day(7) {
			x, missing := a.Find(fx.CodeOf("EUR"), day, 3)
			if y, other := b.Find(fx.CodeOf("EUR"), day, 3); x != y || missing != other {
				t.Fatalf("day %d: %+v %q, and in another order %+v %q", day, x, missing, y, other)
			}
		}
	})
}
