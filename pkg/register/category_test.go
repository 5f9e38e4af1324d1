package register_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/register"
)

// The categories of an order are a function of the set of its lines, bounded, and lose nothing.
func TestCategorise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lines []register.Category
		for range rapid.IntRange(0, 40).Draw(t, "lines") {
			name := ""
			if n := rapid.IntRange(0, 25).Draw(t, "category"); n > 0 {
				name = fmt.Sprint("c", n)
			}
			lines = append(lines, register.Category{Name: name, Amount: rapid.Int64Range(0, 3).Draw(t, "amount"), Cost: 1, Costed: 2})
		}
		got := register.Categorise(lines)
		if again := register.Categorise(rapid.Permutation(lines).Draw(t, "another order")); !slices.Equal(got, again) {
			t.Fatalf("%v, in another order %v", got, again)
		}
		var is, want register.Category
		named := 0
		for i, c := range got {
			is.Amount, is.Cost, is.Costed = is.Amount+c.Amount, is.Cost+c.Cost, is.Costed+c.Costed
			if c.Name != "" {
				named++
			}
			if i > 0 && got[i-1].Name >= c.Name {
				t.Fatalf("%v is out of order", got)
			}
		}
		for _, c := range lines {
			want.Amount, want.Cost, want.Costed = want.Amount+c.Amount, want.Cost+c.Cost, want.Costed+c.Costed
		}
		if is != want || named > register.CategoriesMost {
			t.Fatalf("%v adds up to %v, want %v", got, is, want)
		}
	})
	var lines []register.Category
	for n := range register.CategoriesMost + 2 {
		lines = append(lines, register.Category{Name: fmt.Sprintf("c%02d", n), Amount: int64(n / 2)})
	}
	if got := register.Categorise(lines); got[0].Amount != 0 || got[1].Name != "c02" || len(got) != register.CategoriesMost+1 {
		t.Errorf("the two smallest aren't together: %v", got)
	}
}
