package value

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/figure"
)

// Config is what the policy says of value.
type Config struct {
	WindowDays int // full days before today that count, beside today so far
	Recognise  Recognition
	Freight    bool     // freight counts as sales
	OwnDay     bool     // a return counts on its own day, not on its order's
	Categories []string // the ones that are told apart, at most CategoriesMost; their places are their codes, from 1
	Margin     Margin
	Serve      Serve
	Lifecycle  Lifecycle
	Score      []Factor // in the order of their names' list; empty: no score
	Looks      Looks
}

// CategoriesMost is how many categories a policy may tell apart.
const CategoriesMost = 30

// code is the place of a category from 1, or 0 where the policy doesn't name it.
func (c *Config) code(name string) int32 { return int32(slices.Index(c.Categories, name) + 1) }

// Margin is what of a sale is left after the cost of goods, as a part of one, where an order doesn't give its cost. Null:
// such a cost isn't known.
type Margin struct {
	Default    figure.Micro
	Categories []figure.Micro // by code-1; null, or beyond its end: the default
}

func (m *Margin) of(code int32) figure.Micro {
	if i := int(code) - 1; i >= 0 && i < len(m.Categories) && m.Categories[i].Known {
		return m.Categories[i]
	}
	return m.Default
}

// Serve is what serving a customer costs, in minor units: a minute of service without a cost of its own, a visit, a
// complaint, a return.
type Serve struct{ Minute, Visit, Complaint, Return int64 }

// Looks says what decisions look at that moves by time alone, beyond what always has a due moment.
type Looks struct {
	Growth, Tenure, Reorder, Lifecycle bool
	Late                               bool // the reorder ratio at 1.5 and at 3: less than Reorder
	Contact                            bool // days since the last contact
	Unmet                              bool // these at ContactDue: less than Contact
	Silence                            bool // the stages that begin or end by silence and age alone: less than Lifecycle
	Score                              bool // and so at the factors in it
}

// Lifecycle is where the stages of a customer begin. Days are days; Growing and Declining are rates of growth.
type Lifecycle struct {
	NewDays       int // since the first order
	ReturningDays int // since the first order after a silence that counts as gone
	DormantDays   int // without an order, at least
	DormantGaps   int // times the customer's own mean gap, at least
	Growing       figure.Micro
	Declining     figure.Micro
}

// DefaultLifecycle is that of a policy which says nothing of it.
func DefaultLifecycle() Lifecycle {
	return Lifecycle{NewDays: 90, ReturningDays: 90, DormantDays: 180, DormantGaps: 3,
		Growing: figure.Of(figure.One / 5), Declining: figure.Of(-figure.One / 5)}
}

// Recognition is when an order counts as sold.
type Recognition int8

// The recognitions. Whichever it is, an order counts on its own day.
const (
	Placed    Recognition = iota // as soon as it is known
	Fulfilled                    // once a delivery of it is known
	Invoiced                     // once an invoice of it stands; one that expects none is its own
)
