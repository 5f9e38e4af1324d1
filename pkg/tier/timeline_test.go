package tier_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
)

func expect(t *testing.T, s *story, want string) {
	t.Helper()
	if d := cmp.Diff(strings.TrimSpace(want), s.String()); d != "" {
		t.Errorf("the story goes otherwise (-want +got):\n%s", d)
	}
}

// A customer climbs, falls silent, is saved once by an order within the grace, and then sinks rung by rung.
func TestRiseAndFall(t *testing.T) {
	s := &story{ladder: ladder()}
	s.at(0, 1_000, 0)
	s.at(10, 12_000, 0)
	s.at(20, 60_000, 0)
	s.at(200, 39_000, 0)
	s.at(210, 41_000, 0)
	s.at(300, 39_500, 0)
	s.at(331, 39_500, 0)
	s.at(400, 0, 0)
	s.at(500, 0, 0)
	expect(t, s, `
day 0: 1  -> standard
    ENTRY_LOWEST: Every new customer starts in standard.
day 10: 2 standard -> silver
    ENTER_MET: Net sales of the last 365 days are 12,000.00, above the 10,000.00 needed for silver (2,000.00 to spare).
day 20: 2 silver -> gold
    ENTER_MET: Net sales of the last 365 days are 60,000.00, above the 50,000.00 needed for gold (10,000.00 to spare).
    ENTER_MET: The longest time overdue is 0 days, below the 30 days allowed for gold (30 days to spare).
day 200: gold until 2025-05-22T00:00:00Z
day 210: gold saved
day 300: gold until 2025-08-30T00:00:00Z
day 330: 3 gold -> silver
    KEEP_FAILED: Net sales of the last 365 days are 39,500.00, below the 40,000.00 needed to keep gold (short by 500.00).
    GRACE_ENDED: The conditions to keep gold have not held since 2025-07-31; the time allowed to meet them again ended on 2025-08-30.
day 331: silver
day 400: silver until 2025-12-08T00:00:00Z
day 430: 3 silver -> standard
    KEEP_FAILED: Net sales of the last 365 days are 0.00, below the 8,000.00 needed to keep silver (short by 8,000.00).
    GRACE_ENDED: The conditions to keep silver have not held since 2025-11-08; the time allowed to meet them again ended on 2025-12-08.
day 500: standard`)
}

// The minimum hold outlasts the grace; a late payer falls as far as the rungs below would keep them.
func TestLatePayerIsHeldForTheMinimumTime(t *testing.T) {
	s := &story{ladder: ladder()}
	s.at(0, 60_000, 0)
	s.at(5, 60_000, 31)
	s.at(100, 60_000, 126)
	expect(t, s, `
day 0: 1  -> gold
    ENTER_MET: Net sales of the last 365 days are 60,000.00, above the 50,000.00 needed for gold (10,000.00 to spare).
    ENTER_MET: The longest time overdue is 0 days, below the 30 days allowed for gold (30 days to spare).
day 5: gold until 2025-01-02T00:00:00Z
day 90: 3 gold -> silver
    KEEP_FAILED: The longest time overdue is 31 days, above the 30 days allowed to keep gold (over by 1 day).
    GRACE_ENDED: The conditions to keep gold have not held since 2024-10-09; the time allowed to meet them again ended on 2025-01-02.
day 100: silver`)
}

// Without grace or hold a downgrade is at once, and skips the rungs that wouldn't be kept; an upgrade skips likewise.
func TestAtOnceAndSkipping(t *testing.T) {
	s := &story{ladder: ladder()}
	s.at(0, 250_000, 90)
	s.at(1, 200_000, 90)
	s.at(2, 200_001, 90)
	s.at(3, 5_000, 0)
	expect(t, s, `
day 0: 1  -> platinum
    ENTER_MET: Net sales of the last 365 days are 250,000.00, above the 200,000.00 needed for platinum (50,000.00 to spare).
day 1: 3 platinum -> silver
    KEEP_FAILED: Net sales of the last 365 days are 200,000.00, no more than the 200,000.00 that must be exceeded to keep platinum.
day 2: 2 silver -> platinum
    ENTER_MET: Net sales of the last 365 days are 200,001.00, above the 200,000.00 needed for platinum (1.00 to spare).
day 3: 3 platinum -> standard
    KEEP_FAILED: Net sales of the last 365 days are 5,000.00, below the 200,000.00 needed to keep platinum (short by 195,000.00).`)
}

// An upgrade while a downgrade waits cancels it.
func TestUpgradeCancelsPending(t *testing.T) {
	s := &story{ladder: ladder()}
	s.at(0, 60_000, 0)
	s.at(1, 60_000, 40)
	s.at(2, 300_000, 40)
	if s.state.Tier != "platinum" || tier.Due(s.state) != 0 || s.state.Failing != 0 {
		t.Errorf("after the upgrade: %+v", s.state)
	}
}

func TestTierThatThePolicyDropped(t *testing.T) {
	s := &story{ladder: ladder(), state: tier.State{Tier: "bronze", Since: day(0), Seq: 4, Failing: day(1), Pending: day(9)}}
	s.last = figures(0, 0)
	s.decide(day(2))
	up := &story{ladder: ladder(), state: tier.State{Tier: "bronze", Since: day(0), Seq: 4}}
	up.at(2, 9_999, 0)
	up.at(3, 10_000, 0)
	expect(t, s, "day 2: 3 bronze -> standard\n    TIER_GONE: The policy no longer has the tier bronze.")
	expect(t, up, `
day 2: 3 bronze -> standard
    TIER_GONE: The policy no longer has the tier bronze.
day 3: 2 standard -> silver
    ENTER_MET: Net sales of the last 365 days are 10,000.00, exactly the 10,000.00 needed for silver.`)
	if up.state.Seq != 6 {
		t.Errorf("seq %d, want 6", up.state.Seq)
	}
}

// A rung whose own Keep fails is not entered, so the same figures never lift and lower a customer in turn.
func TestKeepStricterThanEnterDoesNotFlap(t *testing.T) {
	l := tier.Ladder{Rungs: []tier.Rung{{Name: "low"}, {Name: "high", Enter: and{net(">=", 10)}, Keep: and{net(">=", 20)}}}}
	s := &story{ladder: l}
	for n := range int64(3) {
		s.at(n, 15, 0)
	}
	s.at(3, 20, 0)
	expect(t, s, `
day 0: 1  -> low
    ENTRY_LOWEST: Every new customer starts in low.
day 1: low
day 2: low
day 3: 2 low -> high
    ENTER_MET: Net sales are 20, above the 10 needed for high (10 to spare).`)
}

func TestEmptyLadderDecidesNothing(t *testing.T) {
	s, c := tier.Ladder{}.Decide(tier.State{}, figures(1, 0), day(0))
	if s != (tier.State{}) || c != nil {
		t.Errorf("got %+v, %+v", s, c)
	}
}

func TestAdvice(t *testing.T) {
	l, s := ladder(), tier.State{Tier: "silver", Since: day(0), Seq: 2}
	next, ok := l.ToNext(s, figures(48_200, 40))
	want := tier.Advice{Tier: "gold", Needs: []tier.Reason{
		{Code: tier.CodeEnterNeeded, Margin: -1800, Text: "Net sales of the last 365 days are 48,200.00, below the 50,000.00 needed for gold (short by 1,800.00)."},
		{Code: tier.CodeEnterNeeded, Margin: -10, Text: "The longest time overdue is 40 days, above the 30 days allowed for gold (over by 10 days)."},
	}}
	if d := cmp.Diff(want, bare(next)); !ok || d != "" {
		t.Errorf("to gold (-want +got):\n%s", d)
	}
	keep := l.ToKeep(s, figures(48_200, 40), day(7))
	want = tier.Advice{Tier: "silver", ReviewAt: day(7), Needs: []tier.Reason{
		{Code: tier.CodeKeepMet, Margin: 40200, Text: "Net sales of the last 365 days are 48,200.00, above the 8,000.00 needed to keep silver (40,200.00 to spare)."},
	}}
	if d := cmp.Diff(want, bare(keep)); d != "" {
		t.Errorf("to keep silver (-want +got):\n%s", d)
	}
	s.Pending = day(3)
	if keep := l.ToKeep(s, figures(48_200, 40), day(7)); keep.ReviewAt != day(3) {
		t.Errorf("a pending downgrade is reviewed at %s", keep.ReviewAt)
	}
}

// bare leaves out what other tests look at.
func bare(a tier.Advice) tier.Advice {
	for i := range a.Needs {
		a.Needs[i].Test, a.Needs[i].Params = tier.Test{}, nil
	}
	return a
}

func TestNoAdvice(t *testing.T) {
	l, f := ladder(), figures(1, 0)
	for name, want := range map[string][2]bool{"": {false, false}, "standard": {true, false}, "platinum": {false, true}, "bronze": {true, false}} {
		_, next := l.ToNext(tier.State{Tier: name}, f)
		keep := l.ToKeep(tier.State{Tier: name}, f, day(1))
		if next != want[0] || (keep.Needs != nil) != want[1] || (keep.ReviewAt != 0) != want[1] {
			t.Errorf("%q: to_next %v, to_keep %+v, want %v", name, next, keep, want)
		}
	}
}

func TestWaitOfMicroseconds(t *testing.T) {
	l := tier.Ladder{Rungs: []tier.Rung{{Name: "low"}, {Name: "high", Enter: and{net(">=", 10)}, Grace: civil.Microsecond}}}
	s, _ := l.Decide(tier.State{}, figures(10, 0), day(0))
	s, c := l.Decide(s, figures(9, 0), day(1))
	if c != nil || tier.Due(s) != day(1)+1 {
		t.Fatalf("due at %s, change %+v", tier.Due(s), c)
	}
	s, c = l.Decide(s, figures(9, 0), tier.Due(s))
	if c == nil || c.DecidedAt != day(1)+1 || c.EffectiveAt != day(1)+1 || s.Since != day(1)+1 {
		t.Errorf("state %+v, change %+v", s, c)
	}
}

// A rung without any condition is open to all and never lost.
func TestRungWithoutConditions(t *testing.T) {
	l := tier.Ladder{Rungs: []tier.Rung{{Name: "low"}, {Name: "open"}}}
	s, c := l.Decide(tier.State{}, figures(0, 0), day(0))
	if c == nil || c.To != "open" || len(c.Reasons) != 1 || l.ToKeep(s, figures(0, 0), 0).Needs != nil {
		t.Errorf("%+v", c)
	}
}
