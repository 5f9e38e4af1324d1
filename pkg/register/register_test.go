package register_test

import (
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

// v is a version at a second of the year 1970.
func v(revision, second int64, id string) register.Version {
	return register.Version{Revision: revision, OccurredAt: civil.Instant(second) * civil.Second, EventID: id}
}

// standing is an order in one line: its amount and when it was placed, or that there is none.
func standing(o *register.Order) string {
	doc, at, ok := o.Live()
	if !ok {
		return "none"
	}
	return fmt.Sprintf("%d at %d", doc.Amount, at/civil.Second)
}

func amount(n int64) register.OrderDoc { return register.OrderDoc{Amount: n} }

func toAmount(n int64) register.OrderPatch { return register.OrderPatch{Amount: &n} }
