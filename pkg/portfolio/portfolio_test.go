package portfolio_test

import (
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
)

// figures are drawn as trade has them: many small ones, few large ones, some negative, some alike.
func figures() *rapid.Generator[[]int64] {
	one := rapid.Custom(func(t *rapid.T) int64 {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return 0
		case 1:
			return -rapid.Int64Range(1, 1e7).Draw(t, "negative")
		case 2:
			return 500_00
		}
		return rapid.Int64Range(1, 1<<rapid.IntRange(1, 48).Draw(t, "bits")).Draw(t, "figure")
	})
	return rapid.SliceOfN(one, 0, 200)
}

func of(vs []int64) (h portfolio.Histogram) {
	for _, v := range vs {
		h.Add(v, 1)
	}
	return h
}

// Every figure lies in its bucket, buckets touch, and no figure of one is further than 0.4 % from its middle.
func TestBuckets(t *testing.T) {
	check := func(v int64) {
		i := portfolio.BucketOf(v)
		lowest, highest := portfolio.Borders(i)
		if v < lowest || v > highest {
			t.Fatalf("%d is in bucket %d, which is %d to %d", v, i, lowest, highest)
		}
		if highest < math.MaxInt64 && portfolio.BucketOf(highest+1) != i+1 {
			t.Fatalf("bucket %d ends at %d, and the next begins elsewhere", i, highest)
		}
		if width := highest - lowest; v > 0 && width > lowest/127 {
			t.Fatalf("bucket %d is %d wide from %d on", i, width, lowest)
		}
	}
	for v := int64(-3000); v < 3000; v++ {
		check(v)
	}
	for bit := range 62 {
		for d := int64(-2); d <= 2; d++ {
			check(int64(1)<<bit + d)
			check(-int64(1)<<bit + d)
		}
	}
	check(math.MaxInt64)
	check(-math.MaxInt64)
	if portfolio.BucketOf(math.MinInt64) != portfolio.BucketOf(-math.MaxInt64) {
		t.Error("the smallest number of all has no bucket")
	}
}

// A percentile from the histogram is within half a per cent of the exact one, and so are the borders of the classes.
func TestWithinHalfAPercentOfExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := figures().Draw(t, "figures")
		h := of(vs)
		sorted := slices.Sorted(slices.Values(vs))
		for percent := 1; percent < 100; percent++ {
			got, ok := h.Percentile(percent)
			if !ok {
				if len(vs) > 0 {
					t.Fatal("no percentile")
				}
				continue
			}
			near(t, got, sorted[(len(vs)*percent+99)/100-1])
		}
		b := portfolio.DefaultClasses()
		if rapid.Bool().Draw(t, "other classes") {
			b.A = rapid.Int64Range(1, 999_999).Draw(t, "a")
			b.B, b.ByCount = rapid.Int64Range(b.A+1, 1_000_000).Draw(t, "b"), rapid.Bool().Draw(t, "by count")
		}
		for name, classes := range map[string]string{"net_a": "A", "net_b": "AB"} {
			exact, any := leastOf(vs, b, classes)
			got := portfolio.Take([]string{name}, b, func(string) portfolio.Histogram { return h })
			if (len(got) == 1) != any {
				t.Fatalf("border %v, want %v", got, any)
			}
			if any {
				near(t, got[0].Value, exact)
			}
		}
	})
}

// leastOf is the smallest figure of some classes, as the exact classes have it.
func leastOf(vs []int64, b portfolio.Classes, classes string) (least int64, ok bool) {
	var nets []value.CustomerNet
	for _, v := range vs {
		nets = append(nets, value.CustomerNet{Net: v})
	}
	for i, c := range value.Classify(nets, b) {
		if slices.Contains([]byte(classes), c.Class[0]) {
			least, ok = slices.SortedFunc(slices.Values(vs), func(a, b int64) int { return int(min(1, max(-1, b-a))) })[i], true
		}
	}
	return least, ok
}

func near(t *rapid.T, got, exact int64) {
	t.Helper()
	if d := math.Abs(float64(got - exact)); d > 0.005*math.Abs(float64(exact)) {
		t.Fatalf("%d, want %d within half a per cent", got, exact)
	}
}

// Down-dating gives what building anew gives, bit for bit; the parts merged are the whole; a difference added back is it too.
func TestDownDatingEqualsRebuilding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stay, leave := figures().Draw(t, "stay"), figures().Draw(t, "leave")
		h := of(append(slices.Clone(leave), stay...))
		before := h.Clone()
		for _, v := range leave {
			h.Add(v, -1)
		}
		same(t, h, of(stay))
		var difference portfolio.Histogram
		for _, v := range leave {
			difference.Add(v, 1)
		}
		h.Merge(difference, 1)
		same(t, h, before)
		parts := make([]portfolio.Histogram, 3)
		for i, v := range append(slices.Clone(stay), leave...) {
			parts[i%3].Add(v, 1)
		}
		var whole portfolio.Histogram
		for _, p := range parts {
			whole.Merge(p, 1)
		}
		same(t, whole, before)
	})
}

func same(t *rapid.T, a, b portfolio.Histogram) {
	t.Helper()
	if !slices.Equal(a.Index, b.Index) || !slices.Equal(a.Count, b.Count) || !slices.Equal(a.Sum, b.Sum) {
		t.Fatalf("%v, want %v", a, b)
	}
}

// A cut-off within the band keeps its value, also where another moves; one that comes or goes is news.
func TestSettle(t *testing.T) {
	was := []portfolio.Cutoff{{Name: "net_a", Value: 1000}, {Name: "net_b", Value: -1000}}
	cases := []struct {
		is, want []portfolio.Cutoff
		moved    bool
	}{
		{[]portfolio.Cutoff{{Name: "net_a", Value: 1010}, {Name: "net_b", Value: -990}}, was, false},
		{[]portfolio.Cutoff{{Name: "net_a", Value: 1011}, {Name: "net_b", Value: -990}}, []portfolio.Cutoff{{Name: "net_a", Value: 1011}, {Name: "net_b", Value: -1000}}, true},
		{[]portfolio.Cutoff{{Name: "net_a", Value: 1000}}, []portfolio.Cutoff{{Name: "net_a", Value: 1000}}, true},
		{[]portfolio.Cutoff{{Name: "net_a", Value: 1000}, {Name: "net_c", Value: 5}}, []portfolio.Cutoff{{Name: "net_a", Value: 1000}, {Name: "net_c", Value: 5}}, true},
		{nil, nil, true},
	}
	for _, c := range cases {
		if got, moved := portfolio.Settle(was, c.is, 10_000); moved != c.moved || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v after %v: %v, %v; want %v, %v", c.is, was, got, moved, c.want, c.moved)
		}
	}
}

// The manual's worked example, row by row.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/portfolio.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| C\d \| ([\d,.]+) \|.*\| ([ABCN]) \|$`).FindAllStringSubmatch(string(text), -1)
	minor := func(s string) int64 {
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(s), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var h portfolio.Histogram
	for _, r := range rows {
		h.Add(minor(r[1]), 1)
	}
	c := portfolio.NewCutoffs("", portfolio.Take([]string{"net_a", "net_b", "net_p50", "net_p90"}, portfolio.DefaultClasses(), func(string) portfolio.Histogram { return h }))
	for _, r := range rows {
		if got := c.Class(minor(r[1])); got != r[2] {
			t.Errorf("net %s is of class %s, the manual says %s", r[1], got, r[2])
		}
	}
	said := regexp.MustCompile("`(net_\\w+)`(?: is|\\s+the fifth,| ) ?([\\d,.]+\\d)").FindAllStringSubmatch(string(text), -1)
	for _, x := range c.List {
		if !slices.ContainsFunc(said, func(s []string) bool { return s[1] == x.Name && minor(s[2]) == x.Value }) {
			t.Errorf("the manual doesn't say that %s is %d: %v", x.Name, x.Value, said)
		}
	}
	if len(rows) != 5 || len(c.List) != 4 {
		t.Errorf("%d rows, %v", len(rows), c.List)
	}
}

// Where a customer stands, by hand.
func TestStanding(t *testing.T) {
	c := portfolio.NewCutoffs("2026-03-01", []portfolio.Cutoff{{Name: "net_a", Value: 5000}, {Name: "net_b", Value: 100}, {Name: "net_p50", Value: 90}, {Name: "net_p90", Value: 7000}})
	for net, want := range map[int64]struct {
		class string
		rank  int64
	}{-5: {"N", 0}, 0: {"N", 0}, 89: {"C", 0}, 90: {"C", 50}, 100: {"B", 50}, 5000: {"A", 50}, 7000: {"A", 90}} {
		s := c.Standing(portfolio.Place{Net: net, Orders: 3})
		if s.Class != want.class || s.Net.Millionths != want.rank*1_000_000 || !s.Net.Known || s.Orders.Known {
			t.Errorf("net %d: %+v, want %v", net, s, want)
		}
	}
	if s := (&portfolio.Cutoffs{}).Standing(portfolio.Place{Net: 5, Orders: 1}); s.Class != "" || s.Net.Known {
		t.Errorf("without cut-offs: %+v", s)
	}
}

// Ranks by contribution and within segments, by hand. Whose contribution is null has no rank by it; a segment without
// customers has no cut-offs. Names of segments may look like cut-offs.
func TestStandingWithin(t *testing.T) {
	var cfg portfolio.Config
	for _, segment := range []string{"", "over@seas_p9", "empty"} {
		cfg.Want(portfolio.PercentileWithin(portfolio.Net, 50, segment), portfolio.PercentileWithin(portfolio.Contribution, 90, segment))
	}
	cfg.Want(portfolio.PercentileName(portfolio.Contribution, 50))
	hs := map[string]*portfolio.Histogram{}
	count := func(key string, v ...int64) {
		hs[key] = &portfolio.Histogram{}
		for _, x := range v {
			hs[key].Add(x, 1)
		}
	}
	count("net@", 10, 20, 30)
	count("contribution@", -5, 4)
	count("net@over@seas_p9", 100, 200, 300)
	count("contribution@over@seas_p9", 7)
	count("contribution", -5, 4, 7)
	list := portfolio.Take(cfg.Wanted, portfolio.DefaultClasses(), func(key string) portfolio.Histogram {
		if h := hs[key]; h != nil {
			return *h
		}
		return portfolio.Histogram{}
	})
	c := portfolio.NewCutoffs("v", list)
	for _, x := range []struct {
		place portfolio.Place
		want  string
	}{
		{portfolio.Place{Net: 20, Contribution: 4, HasContribution: true}, "by contribution 50, inside by net 50, by contribution 90"},
		{portfolio.Place{Net: 19, Contribution: -5, HasContribution: true}, "by contribution 0, inside by net 0, by contribution 0"},
		{portfolio.Place{Net: 20, Contribution: 4, HasContribution: true, Segment: "over@seas_p9"}, "by contribution 50, inside by net 0, by contribution 0"},
		{portfolio.Place{Net: 200, Segment: "over@seas_p9"}, "by contribution null, inside by net 50, by contribution null"},
		{portfolio.Place{Net: 200, Segment: "empty"}, "by contribution null, inside by net null, by contribution null"},
	} {
		s := c.Standing(x.place)
		if got := "by contribution " + s.Contribution.String() + ", inside by net " + s.Segment.Net.String() + ", by contribution " + s.Segment.Contribution.String(); got != x.want || s.Segment.Orders.Known {
			t.Errorf("%+v: %s, want %s", x.place, got, x.want)
		}
	}
	if cfg.Inside() != 6 || cfg.Histograms() != 9 {
		t.Errorf("%d histograms, %d of them within segments", cfg.Histograms(), cfg.Inside())
	}
}
