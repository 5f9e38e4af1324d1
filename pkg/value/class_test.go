package value_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
)

// nets reads "id=net id=net".
func nets(text string) (out []value.CustomerNet) {
	for field := range strings.FieldsSeq(text) {
		id, net, _ := strings.Cut(field, "=")
		n := int64(0)
		_, _ = fmt.Sscan(net, &n)
		out = append(out, value.CustomerNet{ID: id, Net: n})
	}
	return out
}

// Other borders, and classes by the number of customers with a net above 0: worked by hand.
func TestClassifyByOtherBorders(t *testing.T) {
	const five = "a=50 b=20 c=15 d=10 e=5 f=0 g=-9"
	for want, classes := range map[string]portfolio.Classes{
		"a A b A c B d B e C f N g N": {A: 700_000, B: 950_000}, // 0, 50, 70, 85 and 95 % before them
		"a A b B c B d B e B f N g N": {A: 1, B: 1_000_000},
		"a A b A c B d C e C f N g N": {A: 400_000, B: 600_000, ByCount: true}, // 0, 20, 40, 60 and 80 %
	} {
		got := ""
		for _, x := range value.Classify(nets(five), classes) {
			got += " " + x.ID + " " + x.Class
		}
		if got[1:] != want {
			t.Errorf("%+v:%s, want %s", classes, got, want)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct{ says, nets, want string }{
		{"nobody", "", ""},
		{"one alone is A", "a=1", "a A 1"},
		{"the sum before counts, not the sum with the customer", "a=500 b=300 c=100 d=60 e=40", "a A 0.5, b A 0.3, c B 0.1, d B 0.06, e C 0.04"},
		{"at 80 % exactly, and at 95 %, the next class begins", "a=80 b=15 c=5", "a A 0.8, b B 0.15, c C 0.05"},
		{"just below them it doesn't", "a=7999 b=1500 c=501", "a A 0.7999, b A 0.15, c B 0.0501"},
		{"one may jump a class", "a=96 b=4", "a A 0.96, b C 0.04"},
		{"ties go by id, the shorter first", "b=1 aa=1 a=1", "a A 0.333333, b A 0.333333, aa A 0.333333"},
		{"ids are bytes: capitals before small letters", "a=1 B=1 b=1 A=1 aa=1", "A A 0.2, B A 0.2, a A 0.2, b A 0.2, aa B 0.2"},
		{"nothing net is N and brings 0", "a=10 b=0 c=-5", "a A 1, b N 0, c N 0"},
		{"no total: no share", "a=0 b=-5", "a N null, b N null"},
	} {
		var got []string
		for _, x := range value.Classify(nets(c.nets), portfolio.DefaultClasses()) {
			got = append(got, fmt.Sprint(x.ID, " ", x.Class, " ", x.Share))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s, want %s", c.says, text, c.want)
		}
	}
}

func TestClassifyBeyondInt64(t *testing.T) {
	got := value.Classify([]value.CustomerNet{{ID: "a", Net: math.MaxInt64}, {ID: "b", Net: math.MaxInt64}, {ID: "c", Net: math.MaxInt64}, {ID: "d", Net: 1}}, portfolio.DefaultClasses())
	for i, want := range []string{"A", "A", "A", "C"} {
		if got[i].Class != want || got[i].Share.Known {
			t.Errorf("%s: class %s, share %s, want %s and null", got[i].ID, got[i].Class, got[i].Share, want)
		}
	}
}

// The classes are those of the definition, computed with numbers of any size, whatever the order of the customers.
func TestClassifyByBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := rapid.OneOf(rapid.Int64Range(-2, 20), rapid.Int64Range(-1e15, 1e15), rapid.Int64())
		var list []value.CustomerNet
		for i := range rapid.IntRange(0, 30).Draw(t, "customers") {
			list = append(list, value.CustomerNet{ID: fmt.Sprint(i * 7 % 31), Net: net.Draw(t, "net")})
		}
		given := slices.Clone(list)
		got := value.Classify(list, portfolio.DefaultClasses())
		if !slices.Equal(list, given) {
			t.Fatal("the caller's list was changed")
		}
		if !slices.Equal(got, value.Classify(rapid.Permutation(list).Draw(t, "shuffled"), portfolio.DefaultClasses())) {
			t.Fatal("the order of the customers matters")
		}
		byID := map[string]value.Class{}
		for _, c := range got {
			byID[c.ID] = c
		}
		for _, c := range list {
			if want := classOf(c, list); byID[c.ID] != want {
				t.Fatalf("%s with %d: %+v, want %+v", c.ID, c.Net, byID[c.ID], want)
			}
		}
	})
}

// classOf looks at one customer alone: who stands before, and what they bring.
func classOf(c value.CustomerNet, all []value.CustomerNet) value.Class {
	total, before := new(big.Int), new(big.Int)
	for _, o := range all {
		if o.Net <= 0 {
			continue
		}
		total.Add(total, big.NewInt(o.Net))
		if o.Net > c.Net || o.Net == c.Net && (len(o.ID) < len(c.ID) || len(o.ID) == len(c.ID) && o.ID < c.ID) {
			before.Add(before, big.NewInt(o.Net))
		}
	}
	out := value.Class{ID: c.ID, Class: "N"}
	if total.IsInt64() {
		out.Share = figure.Div(max(0, c.Net), total.Int64())
	}
	if c.Net <= 0 {
		return out
	}
	part := new(big.Rat).SetFrac(before, total)
	out.Class = "C"
	if part.Cmp(big.NewRat(95, 100)) < 0 {
		out.Class = "B"
	}
	if part.Cmp(big.NewRat(80, 100)) < 0 {
		out.Class = "A"
	}
	return out
}
