package register_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/register"
)

// shelf is one of each register that holds a list, with room left behind the list's end, where an insertion in place
// would land.
type shelf struct {
	Order     register.Order
	Takebacks register.Takebacks
	Links     []register.LinkedReturn
}

func newShelf() (s shelf) {
	s.Order.Amendments = append(make([]register.Amendment, 0, 8), register.Amendment{Version: v(2, 0, "b")}, register.Amendment{Version: v(4, 0, "d")})
	s.Takebacks.Reversals = append(make([]register.Reversal, 0, 8), register.Reversal{ID: "b", Amount: 1}, register.Reversal{ID: "d", Amount: 2})
	s.Takebacks.Refunds = append(make([]register.Refund, 0, 8), register.Refund{ID: "b", Amount: 1}, register.Refund{ID: "d", Amount: 2})
	s.Links = append(make([]register.LinkedReturn, 0, 8), register.LinkedReturn{ID: "b", Value: 1}, register.LinkedReturn{ID: "d", Value: 2})
	return s
}

// Whoever plans what an event would do works on a plain copy, so no method may write into what the copy shares.
func TestACopyIsLeftAlone(t *testing.T) {
	original := newShelf()
	plan := original
	for _, id := range []string{"a", "b", "c", "d"} {
		plan.Order.Amend(v(3, 0, id), toAmount(9))
		plan.Takebacks.Reverse(register.Reversal{ID: id, Version: v(1, 0, id), Amount: 9})
		plan.Takebacks.Refund(register.Refund{ID: id, Version: v(1, 0, id), Amount: 9})
		plan.Links = register.Link(plan.Links, register.LinkedReturn{ID: id, Value: 9})
		register.Unlink(original.Links, "", id)
	}
	plan.Order.Amend(v(1, 0, "a"), toAmount(9))
	plan.Order.Cancel(v(9, 0, "x"))
	placed := original.Order
	placed.Place(v(3, 1, "p"), amount(1))
	if diff := cmp.Diff(newShelf(), original); diff != "" {
		t.Errorf("planning changed the original:\n%s", diff)
	}
	if diff := cmp.Diff(original, plan); diff == "" {
		t.Error("the plan did nothing")
	}
}
