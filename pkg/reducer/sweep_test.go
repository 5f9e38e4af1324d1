package reducer_test

import (
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func bordersFact(at civil.Instant, seq, a, b int64) *pb.Fact {
	f := cutoffsFact(at, seq)
	f.GetCutoffs().Day = fmt.Sprint("c", seq)
	f.GetCutoffs().Cutoffs = []*pb.Cutoff{{Name: "net_a", Value: a * 100}, {Name: "net_b", Value: b * 100}}
	return f
}

// New cut-offs move customers who have no event, each once, stamped with the moment at which they came into force; whoever has an
// event before a Tick gets to them is moved before it, by the same.
func TestCutoffsMoveTheSilent(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 2}, pb.PartitionInit_WALL, ranked)
	for i := range 7 {
		l.put(bought("o1", fmt.Sprint("c", i), noon(0), int64(100*(i+1))))
	}
	l.put(bordersFact(noon(1), 1, 600, 300))
	if owed := l.tiers.Status().Owed; owed != noon(1) {
		t.Fatalf("a Tick of %s is owed", clock(int64(owed)))
	}
	l.put(bought("o2", "c6", noon(1)+civil.Hour, 1)) // before any Tick
	l.put(bordersFact(noon(1)+2*civil.Hour, 2, 500, 300))
	for range 100 {
		if l.tiers.Status().Owed == 0 {
			break
		}
		l.put(tick(noon(1) + 3*civil.Hour))
	}
	var got []string
	for _, c := range l.changes[7:] {
		got = append(got, fmt.Sprintf("%s %s>%s %s %s %s", c.CustomerId, c.From, c.To, clock(c.DecidedAt.AsTime().UnixMicro()), c.CutoffVersion, c.Trigger.Kind))
	}
	checkLines(t, got,
		"c6 base>gold 2026-01-02T12:00:00 c1 PORTFOLIO",
		"c4 base>gold 2026-01-02T14:00:00 c2 PORTFOLIO",
		"c5 base>gold 2026-01-02T12:00:00 c1 PORTFOLIO",
	)
}

// What a Tick tells is bounded in bytes too: the rest is owed, and comes to the same.
func TestTicksAreBoundedInBytes(t *testing.T) {
	l := started(t, reducer.Options{BytesMost: 1}, pb.PartitionInit_WALL, ranked)
	for i := range 5 {
		l.put(bought("o1", fmt.Sprint("c", i), noon(0), 600))
	}
	l.put(bordersFact(noon(1), 1, 600, 300))
	for n := range 5 {
		if len(l.changes) != 5+n || l.tiers.Status().Owed == 0 {
			t.Fatalf("after %d Ticks there are %d changes", n, len(l.changes))
		}
		l.put(tick(noon(2)))
	}
	if l.tiers.Status().Owed != 0 || len(l.changes) != 10 {
		t.Errorf("%d changes, and a Tick is owed", len(l.changes))
	}
}

// Two cut-offs that come into force in the same moment are both decided by, in their order.
func TestCutoffsOfOneMoment(t *testing.T) {
	l := wall(t, ranked)
	l.put(bordersFact(noon(0), 1, 500, 300), bought("o1", "anna", noon(0), 600))
	l.put(bordersFact(noon(2), 2, 900, 300), bordersFact(noon(2), 3, 900, 20), bordersFact(noon(2), 4, 500, 20), tick(noon(2)), tick(noon(2)))
	var got []string
	for _, c := range l.changes {
		got = append(got, fmt.Sprintf("%s>%s %s", c.From, c.To, c.CutoffVersion))
	}
	checkLines(t, got, ">gold c1", "gold>silver c2", "silver>gold c4")
}

// A moment that is due when new cut-offs come into force comes before them, however late a Tick tells of it.
func TestMomentsComeBeforeCutoffs(t *testing.T) {
	l := wall(t, ranked)
	l.put(bordersFact(noon(0), 1, 900, 300), bought("o1", "anna", noon(0), 600))
	l.put(bordersFact(day(31), 2, 500, 300)) // at which her order leaves the window
	l.put(bought("o2", "anna", noon(31), 1))
	l.advance(noon(32))
	if len(l.changes) != 1 {
		t.Errorf("anna has moved by what she has no more: %v", moves(l.changes))
	}
}

// A downgrade that waits is looked at when the wait ends, by the cut-offs of that time.
func TestCutoffsSaveWhoWaits(t *testing.T) {
	for name, c := range map[string]struct {
		saved bool
		a     []int64
	}{"saved": {true, []int64{400}}, "lost": {false, []int64{600}}, "only for a moment": {false, []int64{400, 600}}} {
		t.Run(name, func(t *testing.T) {
			l := wall(t, `
version: "grace"
tiers:
  - {name: base}
  - {name: gold, enter: 'value.class == "A"', grace: 5d}
`)
			l.put(bordersFact(noon(0), 1, 400, 300), bought("o1", "anna", noon(0), 500), bordersFact(noon(1), 2, 600, 300))
			l.advance(noon(2))
			if p := l.tiered("anna").Pending; p != int64(noon(6)) {
				t.Fatalf("the downgrade waits until %s", clock(p))
			}
			for i, a := range c.a {
				l.put(bordersFact(noon(3+i), int64(3+i), a, 300))
			}
			l.advance(noon(7))
			if tier := l.tiered("anna").Tier; (tier == "gold") != c.saved {
				t.Errorf("anna is in %s", tier)
			}
		})
	}
}

// New cut-offs reach a customer whose next alert waits to be told as soon as any other.
func TestCutoffsReachWhoIsToldLater(t *testing.T) {
	l := wall(t, ranked)
	l.put(bordersFact(noon(0), 1, 900, 300), credited("o1", "anna", noon(0), 1000, 10))
	l.advance(day(110))
	l.put(bought("o2", "anna", noon(109), 600), paid("p1", "o1", "anna", noon(110), 1000))
	told := civil.Instant(l.tiered("anna").Alerts.GetDue())
	if told <= noon(110) {
		t.Fatalf("nothing waits to be told: %v", l.alertLines())
	}
	n := len(l.changes)
	l.put(bordersFact(noon(110)+civil.Second, 2, 500, 300), tick(noon(110)+2*civil.Second))
	if told <= noon(110)+2*civil.Second || len(l.changes) != n+1 || l.changes[n].Trigger.Kind != pb.Trigger_PORTFOLIO {
		t.Errorf("what waits is told at %s, and the changes are %v", told, moves(l.changes[n:]))
	}
	l.advance(day(150))
	if due, wait := l.second.Due("anna"), l.second.Wait("anna"); due < civil.MaxInstant || wait < 1<<62 {
		t.Errorf("with nothing left to be told anna is due at %d, and at %d", due, wait)
	}
}
