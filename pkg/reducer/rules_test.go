package reducer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// kinds are what scores holds, as 'kind at'.
func kinds(scores []*pb.Score) (out []string) {
	for _, s := range scores {
		name := fmt.Sprintf("%T", s.Body)
		out = append(out, name[len("*tierstreamv1.Score_"):]+" "+clock(s.At))
	}
	return out
}

// Nothing is taken before PartitionInit, by either stage, and a second one says nothing.
func TestInitIsRecordZero(t *testing.T) {
	for name, stage := range map[string]processor.Stage{"scorer": reducer.NewScorer(reducer.Options{}), "tierchange": reducer.NewTierChange(reducer.Options{})} {
		f, err := memory.NewFold(stage, memory.NewSlot())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Put(record(0, bought("o1", "anna", noon(0), 1), noon(0))); !errors.Is(err, reducer.ErrNoInit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200))
	if got := l.put(initial(pb.PartitionInit_WALL, easy)); len(got) != 0 {
		t.Errorf("a second init gave %v", got)
	}
	l.advance(day(60))
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "anna 2 silver>base 2026-02-11T00:00:00 one")
}

// Rule 11: scores is numbered from 1 without a gap; the second stage takes each number once, and stops at a gap.
func TestScoresAreNumbered(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(1), 10))
	l.advance(day(35))
	for i, s := range l.scores {
		if s.Number != int64(i)+1 {
			t.Errorf("score %d has number %d", i, s.Number)
		}
	}
	before, sent := state(t, l.second), len(l.changes)
	for i := range l.records { // sent again, from any point on, at other offsets
		again := l.records[i:]
		for j := range again {
			again[j].Offset = l.scored
			l.scored++
		}
		l.grade(again)
	}
	if after := state(t, l.second); after != before || len(l.changes) != sent {
		t.Errorf("what was sent again has changed something: %d changes, were %d", len(l.changes), sent)
	}
	gap := &pb.Score{Number: l.scores[len(l.scores)-1].Number + 2, Body: &pb.Score_Tick{Tick: &pb.Tick{}}}
	if _, err := l.tiers.Put(processor.Record{Offset: l.scored, Value: marshal(gap)}); !errors.Is(err, reducer.ErrGap) {
		t.Errorf("a gap: %v", err)
	}
}

// Rule 12: under the wall clock a writer's time counts up to five seconds beyond the append time, and now never goes
// back. The second stage takes the scorer's times.
func TestTimeIsSettledByTheScorer(t *testing.T) {
	l := wall(t, standard)
	checkLines(t, kinds(l.appended(noon(1), tick(noon(1)+civil.Hour))), "Tick 2026-01-02T12:00:05")
	checkLines(t, kinds(l.appended(noon(2), tick(noon(2)+civil.Second))), "Tick 2026-01-03T12:00:01")
	checkLines(t, kinds(l.appended(noon(1), tick(noon(1)))), "Tick 2026-01-03T12:00:01")
	far := bought("o1", "anna", noon(3), 1200)
	far.At = int64(noon(300))
	checkLines(t, kinds(l.appended(noon(3), far)), "Level 2026-01-04T12:00:05")
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-04T12:00:05 one")
	if _, tiers := l.parts(); tiers.Now != int64(noon(2)+civil.Second) { // its time is that of Ticks
		t.Errorf("tierchange is at %s", clock(tiers.Now))
	}
}

// Under the event clock events bring their own time and writers' clocks don't count, until the clock goes live.
func TestEventClock(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, standard)
	e := bought("o1", "anna", noon(5), 1200)
	e.At = int64(noon(200))
	checkLines(t, kinds(l.appended(noon(100), e)), "Level 2026-01-06T12:00:00")
	checkLines(t, kinds(l.appended(noon(100), tick(day(20)))), "Tick 2026-01-21T00:00:00")
	checkLines(t, kinds(l.appended(noon(100), policyFact(noon(100), 1, easy))), "Policy 2026-01-21T00:00:00")
	checkLines(t, kinds(l.appended(noon(100), liveFact(noon(300), 1))), "ClockLive 2026-04-11T12:00:05") // held like every writer's
	late := bought("o2", "anna", noon(6), 1200)
	late.At = int64(noon(101))
	checkLines(t, kinds(l.appended(noon(101), late)),
		"Level 2026-02-06T00:00:00", // her own moment, the window's end, before the order
		"Level 2026-04-12T12:00:00")
}

// Rule 14: every record and every due moment gives its level, however they are cut into batches.
func TestLevelsAreNotCollapsed(t *testing.T) {
	l := wall(t, standard)
	facts := []*pb.Fact{
		bought("o1", "anna", noon(0), 1200), cancelled("o1", "anna", noon(0)+civil.Hour), bought("o2", "anna", noon(0)+2*civil.Hour, 1200),
		returned("r1", "o2", "anna", noon(1), 100), paid("p1", "o2", "anna", noon(1), 1100),
	}
	l.put(facts...)
	checkLines(t, levels(l.scores),
		"anna v1 2026-01-01T12:00:00 net 120000", "anna v2 2026-01-01T13:00:00 net 0", "anna v3 2026-01-01T14:00:00 net 120000",
		"anna v4 2026-01-02T12:00:00 net 110000", "anna v5 2026-01-02T12:00:00 net 110000")
	l.put(facts...) // each of them again: nothing new
	if got := levels(l.scores); len(got) != 5 {
		t.Errorf("what came before gave levels: %v", got[5:])
	}
}

// Rules 16 and 22: a Tick fires so many customers, the earliest first; it is passed on lowered to just before the earliest
// that is left, the rest is owed, and nothing is lost.
func TestTickIsBounded(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 2}, pb.PartitionInit_WALL, standard)
	for n := range 5 {
		l.put(bought("o", fmt.Sprint("c", 5-n), noon(n), 1200))
	}
	got := l.put(tick(day(50)))
	checkLines(t, levels(got), "c5 v2 2026-02-01T00:00:00 net 0", "c4 v2 2026-02-02T00:00:00 net 0")
	if last := got[len(got)-1]; last.GetTick() == nil || last.At != int64(day(33)-1) {
		t.Errorf("passed on: %v", last)
	}
	if s := l.scorer.Status(); s.Owed != day(50) {
		t.Errorf("owed: %s", s.Owed)
	}
	l.advance(day(50))
	if s := l.scorer.Status(); s.Owed != 0 || l.scores[len(l.scores)-1].At != int64(day(50)) {
		t.Errorf("at the end %s is owed, and time is %s", s.Owed, clock(l.scores[len(l.scores)-1].At))
	}
	if n := strings.Count(strings.Join(moves(l.changes), "\n"), "silver>base"); n != 5 {
		t.Errorf("%d of 5 customers went down: %v", n, moves(l.changes))
	}
}

// One customer's moments may be many: after the bound the next customer waits for the next Tick.
func TestTickIsBoundedByMoments(t *testing.T) {
	l := started(t, reducer.Options{MomentsMost: 3}, pb.PartitionInit_WALL, standard)
	for n := range 6 {
		l.put(bought(fmt.Sprint("o", n), "anna", noon(n), 1))
	}
	l.put(bought("p", "bert", noon(7), 1))
	if got := levels(l.put(tick(day(60)))); len(got) != 6 || strings.Contains(strings.Join(got, " "), "bert") {
		t.Errorf("one Tick fired %v", got)
	}
	l.advance(day(60))

	l = started(t, reducer.Options{MomentsMost: 3}, pb.PartitionInit_WALL, standard)
	for n := range 3 { // as many as the bound
		l.put(bought(fmt.Sprint("o", n), "anna", noon(n), 1))
	}
	l.put(bought("p", "bert", noon(7), 1))
	l.put(bought("q", "cleo", noon(9), 1))
	for i, want := range []int{3, 2} { // counted for each Tick anew
		got := l.put(tick(day(60)))
		if fired := levels(got); len(fired) != want {
			t.Errorf("Tick %d fired %v", i, fired)
		}
		if last := got[len(got)-1]; i == 0 && (last.GetTick() == nil || last.At != int64(day(38)-1)) { // bert's moment is the earliest left
			t.Errorf("passed on: %v", last)
		}
	}
}

// By default a Tick fires 100 customers, and no further one after 1,000 moments, in either stage.
func TestDefaultBoundsOfATick(t *testing.T) {
	l := wall(t, standard)
	var facts []*pb.Fact
	for n := range 150 {
		facts = append(facts, bought("o", fmt.Sprintf("c%03d", n), noon(0), 1200))
	}
	l.put(facts...)
	if fired := levels(l.put(tick(day(35)))); len(fired) != 100 {
		t.Errorf("one Tick fired %d customers", len(fired))
	}
	l.advance(day(35))
	sent := len(l.changes)
	l.put(tick(day(50)))
	if got := len(l.changes) - sent; got != 100 {
		t.Errorf("one Tick of tierchange decided %d customers", got)
	}

	l, facts = wall(t, standard), nil
	for n := range 12 * 100 {
		facts = append(facts, bought(fmt.Sprint("o", n), fmt.Sprintf("c%02d", n%12), noon(n/12), 1))
	}
	for _, f := range facts {
		f.At = int64(noon(0)) // all come at once, for a hundred days ahead
	}
	l.put(facts...)
	if fired := levels(l.put(tick(day(300)))); len(fired) < 1000 || len(fired) > 1000+200 {
		t.Errorf("one Tick fired %d moments", len(fired))
	}
}

// Rule 18: a control record counts if its sequence is newer than the last of its kind; kinds don't stand in each
// other's way, nor do customers.
func TestControlSequences(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1), bought("o2", "bert", noon(0), 1))
	for _, c := range []struct {
		f     *pb.Fact
		taken bool
	}{
		{policyFact(noon(1), 2, easy), true}, {policyFact(noon(1), 2, standard), false}, {policyFact(noon(1), 1, standard), false},
		{cutoffsFact(noon(1), 1), true}, {cutoffsFact(noon(1), 1), false}, {logicFact(noon(1), 1, 1), true}, {logicFact(noon(1), 1, 1), false},
		{liveFact(noon(1), 1), true}, {liveFact(noon(1), 1), false}, {policyFact(noon(1), 3, standard), true},
		{overrideFact(noon(1), 1, "anna"), true}, {overrideFact(noon(1), 1, "anna"), false}, {overrideFact(noon(1), 1, "bert"), true},
		{erasureFact(noon(1), 1, "anna"), false}, {erasureFact(noon(1), 2, "anna"), true}, {overrideFact(noon(1), 2, "anna"), false},
	} {
		if got := l.put(c.f); (len(got) == 1) != c.taken {
			t.Errorf("%v: %d records passed on", c.f, len(got))
		}
	}
}

// Rule 19: a moment that fires late is decided under the policy in force just before it; one at the very time of a
// policy comes before it; what is needed no more is forgotten.
func TestLateMomentsUnderTheirOwnRules(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(1), 1200))
	l.put(policyFact(day(31), 1, ladder("two", 30, 1000, 500, 1))) // at anna's moment, and before bert's
	l.put(policyFact(noon(40), 2, easy))
	if part, _ := l.parts(); len(part.Rules) != 3 {
		t.Errorf("%d rules are kept", len(part.Rules))
	}
	l.advance(day(60))
	checkLines(t, moves(l.changes),
		"anna 1 >silver 2026-01-01T12:00:00 one", "bert 1 >silver 2026-01-02T12:00:00 one",
		"bert 2 silver>base 2026-02-03T00:00:00 two",  // fell below on day 32, a day of grace
		"anna 2 silver>base 2026-02-11T00:00:00 easy") // fell below on day 31, under 'one': ten days of grace
	if part, tiers := l.parts(); len(part.Rules) != 1 || len(tiers.Rules) != 1 {
		t.Errorf("%d and %d rules are kept", len(part.Rules), len(tiers.Rules))
	}
}

// Rule 20: who is named by a record has their own due moments first, also where it is only passed on.
func TestNamedRecordsDontOvertake(t *testing.T) {
	for name, f := range map[string]*pb.Fact{"Override": overrideFact(noon(35), 1, "anna"), "Erasure": erasureFact(noon(35), 1, "anna")} {
		l := wall(t, standard)
		l.put(bought("o1", "anna", noon(0), 1200))
		checkLines(t, kinds(l.put(f)), "Level 2026-02-01T00:00:00", name+" 2026-02-05T12:00:00")
	}
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200))
	l.put(erasureFact(noon(60), 1, "anna")) // her downgrade of day 41 comes before it
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "anna 2 silver>base 2026-02-11T00:00:00 one")

	l = wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "anna", noon(1), 1))
	checkLines(t, kinds(l.put(overrideFact(noon(31), 1, "anna"))), "Level 2026-02-01T00:00:00", "Override 2026-02-01T12:00:00")
	checkLines(t, kinds(l.put(overrideFact(noon(32), 1, "anna"))), "Level 2026-02-02T00:00:00") // not newer, and it names her
	l.put(overrideFact(noon(45), 2, "anna"))                                                    // in tierchange too, where nothing else says the time
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "anna 2 silver>base 2026-02-11T00:00:00 one")
}

// Rule 13: of an erased customer nothing is left but the numbers, in either stage.
func TestErasing(t *testing.T) {
	l := wall(t, standard)
	l.put(credited("o1", "anna", noon(0), 1200, 30), returned("r1", "o1", "anna", noon(0), 10), paid("p1", "", "anna", noon(1), 50))
	l.put(erasureFact(noon(2), 1, "anna"))
	c, m := l.customer("anna"), l.tiered("anna")
	if !c.Erased || c.Version != 3 || proto.Size(c.Ledger) != 0 || len(c.Buckets) != 0 || c.Due != 0 || c.Booked != nil {
		t.Errorf("the scorer keeps %v", c)
	}
	if !m.Erased || m.Seq != 1 || m.Tier != "" || m.Value != nil || m.Pending != 0 {
		t.Errorf("tierchange keeps %v", m)
	}
	if text := state(t, l.first); !strings.Contains(text, "map[]") {
		t.Errorf("registers are left:\n%s", text)
	}
	if part, _ := l.parts(); part.Totals.GetCustomers() != 0 || part.Totals.GetOpenMinor() != 0 {
		t.Errorf("the portfolio still has %v", part.Totals)
	}
	l.put(bought("o1", "anna", noon(3), 5)) // the same id again: a stranger's
	checkLines(t, levels(l.scores[len(l.scores)-1:]), "anna v4 2026-01-04T12:00:00 net 500")
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "anna 2 >base 2026-01-04T12:00:00 one")
}

// Rule 24: a day's aggregate is what stood at its end: moments at the very end count, what comes after it doesn't, and it
// isn't given before everything stamped before its end has fired.
func TestPortfolioDays(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 1}, pb.PartitionInit_WALL, standard)
	l.put(bought("o1", "anna", noon(0), 100), bought("o2", "bert", noon(0), 50), bought("o4", "dora", noon(1), 30))
	l.put(bought("o3", "cleo", noon(31), 7)) // after the midnight at which the two roll off, which no Tick has told yet
	l.put(tick(day(32)))
	for _, d := range l.portfolio {
		if d.AsOf >= int64(day(31)) {
			t.Errorf("day %s is closed while moments before it are left", clock(d.AsOf))
		}
	}
	l.advance(day(33))
	var got []string
	for _, d := range l.portfolio {
		got = append(got, fmt.Sprintf("%s: %d customers, net %d", clock(d.AsOf), d.Totals.Customers, d.Totals.NetMinor))
	}
	if len(got) < 3 {
		t.Fatalf("days: %v", got)
	}
	checkLines(t, got[len(got)-3:],
		"2026-02-01T00:00:00: 3 customers, net 3000", "2026-02-02T00:00:00: 4 customers, net 700", "2026-02-03T00:00:00: 4 customers, net 700")
}

// A partition that slept for years tells the last 400 days: what one record sends is bounded (rule 16).
func TestPortfolioOfALongSleep(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 100))
	l.advance(day(1000))
	days := l.days()
	if len(days) != 400 || !strings.HasPrefix(days[399], clock(int64(day(1000)))) || !strings.HasPrefix(days[0], clock(int64(day(601)))) {
		t.Errorf("%d days, from %q to %q", len(days), days[0], days[len(days)-1])
	}
}

// Rule 17: what several systems say of one business id is kept by their names, whichever came first.
func TestSourcesAreKeptApart(t *testing.T) {
	l := wall(t, standard)
	for round := range 2 {
		for i, source := range []string{"d", "b", "c", "a"} {
			f := bought("o1", "anna", noon(round), int64(10*round+i+1))
			f.GetOrder().Source, f.GetOrder().Revision = source, int64(round)
			l.put(f)
		}
	}
	if got, want := l.scores[len(l.scores)-1].GetLevel().GetValue().GetNetMinor(), int64(100*(11+12+13+14)); got != want {
		t.Errorf("four orders of four systems come to %d, want %d", got, want)
	}
}
