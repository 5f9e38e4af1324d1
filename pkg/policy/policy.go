// Package policy reads the tier policy: YAML with conditions in CEL, checked down to the column, into the
// configuration of the domain. It is the only decoder of policies.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	_ "time/tzdata" // so that a policy's time zone means the same on every machine that has no zone files

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// Policy is one version of the rules. It is never changed once parsed and can be used from many goroutines.
type Policy struct {
	Version  string
	Hash     string // SHA-256 of Source in hexadecimal; the first 12 digits are enough to show
	TimeZone string
	Calendar civil.Calendar
	Currency string // ISO 4217, the base currency
	Scale    int    // decimals of the currency: 2 for CNY, 0 for JPY, 3 for KWD
	RateAge  int    // days that an exchange rate may be older than the document that it is for
	Value    value.Config
	Credit   credit.Config
	Segments []Segment
	Ladder   tier.Ladder
	Alerts   []watch.Watch // of credit, in the order of their kinds
	Signals  []watch.Watch
	// Portfolio is what the conditions need of the portfolio, with what the policy asks for beside them.
	Portfolio portfolio.Config
	Drift     credit.Drift // what the conditions look at that moves by time alone
	Source    []byte
	Warnings  Problems // what is allowed, and is likely a mistake

	byStage bool // a segment asks for a stage
}

// Midnights says whether something is decided over the whole portfolio at each midnight: cut-offs, or whether payments have stopped.
func (p *Policy) Midnights() bool { return p.Portfolio.Used() || p.Credit.Quiet.Asks() }

// ByStage says that the stage of a customer may decide their segment.
func (p *Policy) ByStage() bool { return p.byStage }

// Parse reads a policy; file is its name in what it complains about. An error is Problems: all mistakes, by line.
func Parse(file string, src []byte) (*Policy, error) {
	d := newDocument(file, src)
	sum := sha256.Sum256(src)
	p := &Policy{Hash: hex.EncodeToString(sum[:]), Source: src}
	if root := d.Root(); root != nil {
		d.policy(root, p)
	}
	if len(d.Problems()) > 0 {
		return nil, d.Problems()
	}
	p.Warnings = d.Warnings()
	return p, nil
}
