package register

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Adjustment is a note on an invoice: what changes of what is owed. Kind is the contract's number, Amount minor units of
// the currency of Rate; 0: nothing.
type Adjustment struct {
	Source, ID string
	Version    Version
	Kind       int32
	Amount     int64
	Due        civil.Day
	HasDue     bool
	Rate       fx.Rate
}

// Dispute is what a system says of how much of an invoice is contested, in minor units of Currency; 0: all of it.
type Dispute struct {
	Source   string
	Version  Version
	Amount   int64
	Resolved bool
	Currency fx.Code
}

// Remarks is what is said of an invoice beside its own state. It may come before the invoice, and waits. Each is a
// register of its own.
type Remarks struct {
	Adjustments []Adjustment // by (source, id)
	Disputes    []Dispute    // by source
	Promises    []Promise    // by (source, event id)
}

// Adjust takes an adjustment, and says whether anything changed.
func (r *Remarks) Adjust(a Adjustment) (changed bool) {
	r.Adjustments, changed = upsert(r.Adjustments, a, func(a Adjustment) (string, string) { return a.Source, a.ID }, func(a Adjustment) Version { return a.Version })
	return changed
}

// Dispute takes what is said of a dispute, and says whether anything changed.
func (r *Remarks) Dispute(d Dispute) (changed bool) {
	r.Disputes, changed = upsert(r.Disputes, d, func(d Dispute) (string, string) { return d.Source, "" }, func(d Dispute) Version { return d.Version })
	return changed
}
