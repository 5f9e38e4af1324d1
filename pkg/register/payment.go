package register

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Allocation is what a payment names; Amount and Discount 0: as much as the item needs.
type Allocation struct {
	Invoice          bool // ID is an invoice's, not an order's
	ID               string
	Amount, Discount int64
}

// PaymentDoc is money that came in, in minor units of the currency of Rate.
type PaymentDoc struct {
	Amount      int64
	ValueDay    civil.Day
	HasValueDay bool
	Allocations []Allocation
	Matures     civil.Day // of a trade bill, where HasMatures
	HasMatures  bool
	Rate        fx.Rate
}

// Payment is the winning state of one payment.
type Payment struct {
	Version Version
	Doc     PaymentDoc
}

// Take keeps the newer of two states of a payment, and says whether that is v.
func (p *Payment) Take(v Payment) bool {
	if p.Version != (Version{}) && !v.Version.Newer(p.Version) {
		return false
	}
	*p = v
	return true
}

// Reversal takes a payment back as if it had never come; Amount 0: all of it. An amount is of
// Currency, and takes nothing from a payment of another.
type Reversal struct {
	Source, ID string
	Version    Version
	Amount     int64
	Currency   fx.Code
}

// Refund is money that went back to the customer: of Currency, as the payment it is of.
type Refund struct {
	Source, ID string
	Version    Version
	Amount     int64
	Currency   fx.Code
}

// Takebacks is what took a payment back. They may come before it, and wait. Each is a register of its own.
type Takebacks struct {
	Reversals []Reversal // by (source, id)
	Refunds   []Refund   // by (source, id)
}

// Reverse takes a reversal, and says whether anything changed.
func (t *Takebacks) Reverse(r Reversal) (changed bool) {
	t.Reversals, changed = upsert(t.Reversals, r, func(r Reversal) (string, string) { return r.Source, r.ID }, func(r Reversal) Version { return r.Version })
	return changed
}

// Refund takes a refund, and says whether anything changed.
func (t *Takebacks) Refund(r Refund) (changed bool) {
	t.Refunds, changed = upsert(t.Refunds, r, func(r Refund) (string, string) { return r.Source, r.ID }, func(r Refund) Version { return r.Version })
	return changed
}

// Effective is what is left of a payment of that amount after its reversals, never below 0.
func (t *Takebacks) Effective(amount int64) int64 {
	left := amount
	for _, r := range t.Reversals {
		if r.Amount == 0 {
			return 0
		}
		left = max(0, left-r.Amount)
	}
	return left
}
