package tier_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/tier"
)

// An alert that is over because a figure can't be computed any more says that in words, not in CEL. Anything else that
// is no comparison is quoted.
func TestObserveNull(t *testing.T) {
	const growth = "value.growth"
	for _, x := range []struct {
		test tier.Test
		want string
	}{
		{tier.Test{Factor: growth, Known: true, Holds: true, Text: "value.growth == null"}, "Growth of net sales is not known any more."},
		{tier.Test{Factor: growth, Known: true, Holds: true, Text: "null==value.growth"}, "Growth of net sales is not known any more."},
		{tier.Test{Factor: growth, Known: true, Text: "value.growth == null"}, `The condition at which this is over “value.growth == null” does not hold.`},
		{tier.Test{Factor: growth, Known: true, Holds: true, Text: "!(value.growth == null)"}, `The condition at which this is over “!(value.growth == null)” holds.`},
		{tier.Test{Known: true, Holds: true, Text: "value.net > value.gross"}, `The condition at which this is over “value.net > value.gross” holds.`},
	} {
		if got := (tier.Words{}).Observe("SEEN", x.test, "at which this is over").Text; got != x.want {
			t.Errorf("%q: %q instead of %q", x.test.Text, got, x.want)
		}
	}
}
