package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
)

// What is no plain comparison is told as it counts: under a ! with the !, or the sentence would say the opposite.
func TestNegatedTextsSayNot(t *testing.T) {
	f := &tier.Figures{}
	f.Value.Net, f.Value.Gross, f.Credit.Promptness = 100, 100, figure.Of(80_000_000)
	var got []string
	for _, x := range compiled(t, testCompiler(), `!(credit.promptness == null) && !(value.net > value.gross * 2) && !!(value.net < value.gross * 2)
		&& !(value.net > 5)`).Evaluate(f).Tests {
		if !x.Holds {
			t.Errorf("%q doesn't hold", x.Text)
		}
		got = append(got, x.Text)
	}
	want := []string{"!(credit.promptness == null)", "!(value.net > value.gross * 2)", "value.net < value.gross * 2", "value.net > 5"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
