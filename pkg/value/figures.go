package value

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Config is what the policy says of value.
type Config struct {
	WindowDays int // full days before today that count, beside today so far
}

// Figures is what a customer was worth in the window, as of one instant. Money is minor units of the base currency,
// tax and freight left out.
type Figures struct {
	Gross, Returns, Net int64
	Orders, ReturnCount int64
	LastOrderAt         civil.Instant // of all time; 0 where the customer never ordered
	MeanGap             figure.Micro  // days between purchase days of the window; null below two of them
}
