package loadgen

import (
	"testing"

	"pgregory.net/rapid"
)

// trade is a generated trade, read once.
type trade struct {
	cfg    Config
	lines  []Line
	events []event // of the same places; empty for malformed lines
}

func tradeOf(t rapid.TB, cfg Config) *trade {
	tr := &trade{cfg: cfg, lines: collect(t, cfg)}
	tr.events = make([]event, len(tr.lines))
	for i, l := range tr.lines {
		if l.Reason == "" {
			tr.events[i] = opened(t, l)
		}
	}
	return tr
}

// TestFairTrade checks every law that docs/loadgen.md states on a trade of fair size: 1,500 customers, two years.
func TestFairTrade(t *testing.T) {
	cfg := Default()
	cfg.Customers = 1500
	tr := tradeOf(t, cfg)
	t.Run("members of the contract", tr.checkMembers)
	t.Run("books agree", func(t *testing.T) { tr.checkBooks(t) })
	t.Run("shares of events", tr.checkShares)
	t.Run("company names", tr.checkNames)
	t.Run("seasons", tr.checkSeasons)
	t.Run("buyers", tr.checkBuyers)
	t.Run("returning buyers return", tr.checkReturning)
	t.Run("payers", tr.checkPayers)
	t.Run("pyramid of tiers", tr.checkPyramid)
	t.Run("overdue customers", tr.checkOverdue)
}
