package reducer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Rule 11: every record of scores names the facts record that it comes from, and the second stage remembers the last:
// by it an owner knows whether its own Tick has come through.
func TestScoresNameTheirFacts(t *testing.T) {
	l := wall(t, standard)
	facts := []*pb.Fact{
		bought("o1", "anna", noon(0), 1200), bought("o1", "anna", noon(0), 1200), policyFact(noon(1), 1, easy),
		overrideFact(noon(1), 1, "anna"), tick(day(40)), erasureFact(day(50), 2, "anna"), tick(day(60)),
	}
	for i, f := range facts {
		for _, s := range l.put(f) {
			if s.Fact != int64(i)+1 { // record 0 is PartitionInit
				t.Errorf("%v comes from facts %d, and says %d", s, i+1, s.Fact)
			}
		}
		if got := l.scorer.Status().Fact; got != int64(i)+1 {
			t.Errorf("the scorer has taken facts %d, and says %d", i+1, got)
		}
		if got := l.tiers.Status().Fact; i != 1 && got != int64(i)+1 { // the duplicate gave nothing
			t.Errorf("tierchange has heard of facts %d, and says %d", i+1, got)
		}
	}
}

// Rule 13: tierchange keeps the level's version too, also of one who was erased.
func TestVersionsAreKept(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "anna", noon(1), 1200))
	if m := l.tiered("anna"); m.Version != 2 || m.At != int64(noon(1)) {
		t.Errorf("of version 2 tierchange keeps %d, of %s", m.Version, clock(m.At))
	}
	l.put(erasureFact(noon(2), 1, "anna"))
	if c, m := l.customer("anna"), l.tiered("anna"); m.Version != 2 || m.At != int64(noon(2)) || c.Control != 1 || c.At != int64(noon(2)) {
		t.Errorf("of an erased customer there is %v and %v", c, m)
	}
	l.put(bought("o3", "anna", noon(3), 1200))
	if c, m := l.customer("anna"), l.tiered("anna"); c.Erased || m.Erased || c.Version != 3 || m.Version != 3 {
		t.Errorf("one who comes again is %v and %v", c, m)
	}
	l.advance(day(60))
	if m := l.tiered("anna"); m.At != int64(day(44)) { // ten days of grace after the window
		t.Errorf("decided by time, it is of %s", clock(m.At))
	}
}

// Rules 16, 21 and 22 in the second stage: a Tick decides so many customers, the rest is owed, and the rules under which
// they fell due are kept until the last of them is decided.
func TestTierChangeTickIsBounded(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 2}, pb.PartitionInit_WALL, standard)
	for n := range 5 {
		l.put(bought("o", fmt.Sprint("c", n), noon(0), 1200))
	}
	l.advance(day(35)) // all of them wait for day 41
	l.put(policyFact(noon(41), 1, ladder("two", 30, 1000, 500, 20)))
	for _, left := range []int{3, 1} {
		l.put(tick(day(45)))
		_, tiers := l.parts()
		if down := strings.Count(strings.Join(moves(l.changes), "\n"), "silver>base"); down != 5-left {
			t.Errorf("%d went down by now, want %d", down, 5-left)
		}
		if tiers.Owed != int64(day(45)) || len(tiers.Rules) != 2 {
			t.Errorf("with %d left, %s is owed and %d rules are kept", left, clock(tiers.Owed), len(tiers.Rules))
		}
	}
	l.put(tick(day(45)))
	if _, tiers := l.parts(); tiers.Owed != 0 || len(tiers.Rules) != 1 {
		t.Errorf("at the end %s is owed and %d rules are kept", clock(tiers.Owed), len(tiers.Rules))
	}
	for _, move := range moves(l.changes)[5:] {
		if !strings.HasSuffix(move, "silver>base 2026-02-11T00:00:00 one") {
			t.Error(move)
		}
	}
}

// Rules 15, 18 and 19: cut-offs and logic are in force from a moment on like a policy, and a level names the rules that it
// was made under; the engine is told of a switch before it reduces it.
func TestCutoffsAndLogicAreRules(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), cutoffsFact(noon(1), 7), logicFact(noon(2), 3, 2), bought("o2", "anna", noon(3), 1))
	scorer, tiers := l.parts()
	for stage, part := range map[string]*pb.PartState{"scorer": scorer, "tierchange": tiers} {
		var got []string
		for _, r := range part.Rules {
			got = append(got, fmt.Sprintf("%d from %d: cut-offs %d, logic %d", r.Number, r.From, r.Cutoffs, r.Logic))
		}
		want := []string{"1 from 0: cut-offs 0, logic 1", fmt.Sprintf("2 from %d: cut-offs 7, logic 1", noon(1)), fmt.Sprintf("3 from %d: cut-offs 7, logic 2", noon(2))}
		if !slices.Equal(got, want) {
			t.Errorf("%s has the rules %q, want %q", stage, got, want)
		}
	}
	if a, b := l.scorer.Status().Logic, l.tiers.Status().Logic; a != 2 || b != 2 {
		t.Errorf("after the switch to logic 2 the stages stand at %d and %d", a, b)
	}
	if first, last := l.scores[1].GetLevel().GetRule(), l.scores[len(l.scores)-1].GetLevel().GetRule(); first != 1 || last != 3 {
		t.Errorf("the levels were made under rules %d and %d, want 1 and 3", first, last)
	}
	for name, c := range map[string]struct {
		stage  processor.Stage
		part   []byte
		record processor.Record
	}{
		"scorer":     {reducer.NewScorer(reducer.Options{}), l.first.Part(), record(l.facts, logicFact(noon(4), 4, 3), noon(4))},
		"tierchange": {reducer.NewTierChange(reducer.Options{}), l.second.Part(), processor.Record{Offset: l.scored, Value: marshal(&pb.Score{Number: int64(len(l.scores)) + 1, Body: &pb.Score_Logic{Logic: &pb.LogicActivated{Version: 3}}})}},
	} {
		b, err := c.stage.Begin(c.part)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := b.Inspect(c.record); err != nil || info.Logic != 3 || info.Tick {
			t.Errorf("%s says of a switch to logic 3: %+v, %v", name, info, err)
		}
	}
}

// Rules 12 and 11: in the second stage time doesn't go back, and a second PartitionInit says nothing, whatever came.
func TestTierChangeGoesForward(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200))
	l.advance(day(35))
	_, was := l.parts()
	n := int64(len(l.scores))
	init := &pb.Score{Number: n + 2, Body: &pb.Score_Init{Init: initial(pb.PartitionInit_EVENT, easy).GetInit()}}
	for _, s := range []*pb.Score{{Number: n + 1, At: int64(day(20)), Body: &pb.Score_Tick{Tick: &pb.Tick{}}}, init} {
		l.grade([]processor.Record{{Offset: l.scored, Value: marshal(s)}})
		l.scored++
	}
	_, is := l.parts()
	if is.Now != was.Now || !is.Wall || len(is.Rules) != 1 || is.Number != n+2 {
		t.Errorf("from %v to %v", was, is)
	}
}

// Rule 19 in the second stage: a Tick that comes lowered forgets no rule that came into force after it.
func TestLoweredTicksKeepRules(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 1}, pb.PartitionInit_WALL, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(6), 1), bought("o3", "cleo", noon(8), 1))
	l.advance(day(35)) // anna waits for day 41
	l.put(policyFact(noon(42), 1, ladder("two", 30, 1000, 500, 20)), policyFact(noon(55), 2, easy))
	l.put(tick(day(60))) // bert's moment, day 37; cleo's is left
	if _, tiers := l.parts(); tiers.Now != int64(day(39)-1) || len(tiers.Rules) != 3 {
		t.Errorf("at %s there are %d rules", clock(tiers.Now), len(tiers.Rules))
	}
	l.advance(day(60))
	if got := strings.Join(moves(l.changes), "\n"); !strings.Contains(got, "anna 2 silver>base 2026-02-11T00:00:00 one") {
		t.Error(got)
	}
}

// A change is published on both topics, with the attributes of the contract, and everything in it comes from facts
// (rule 1): no host, no clock, no chance.
func TestWhatAChangeCarries(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(1), 1))
	l.advance(day(60))
	if len(l.published) != 3 || len(l.latest) != 3 {
		t.Fatalf("%d messages on tier-changes, %d on customer-tiers", len(l.published), len(l.latest))
	}
	for i, m := range l.published {
		c := l.changes[i]
		at := civil.FromTime(c.DecidedAt.AsTime()).Time().Format("2006-01-02T15:04:05Z")
		want := fmt.Sprintf("ce_specversion=1.0 ce_id=%s ce_source=tierstream/tierchange ce_type=tierstream.v1.TierChange ce_time=%s content-type=application/protobuf", c.ChangeId, at)
		if got := headers(m); got != want || m.Key != c.CustomerId {
			t.Errorf("%s has the headers\n%s, want\n%s", m.Key, got, want)
		}
		same := l.latest[i]
		if same.Key != m.Key || string(same.Value) != string(m.Value) || headers(same) != headers(m) {
			t.Errorf("customer-tiers has another message than tier-changes: %v", same)
		}
	}
	up, down := l.changes[0], l.changes[2]
	if up.ToNext.GetTier() != "gold" || civil.FromTime(up.ToKeep.GetReviewAt().AsTime()) != day(31) || len(up.ToKeep.GetNeeds()) == 0 {
		t.Errorf("of climbing and staying silver says %v, %v", up.ToNext, up.ToKeep)
	}
	if down.ToNext.GetTier() != "silver" || down.ToKeep.GetReviewAt() != nil {
		t.Errorf("of climbing and staying base says %v, %v", down.ToNext, down.ToKeep)
	}
	if id := l.changes[0].ChangeId; id != "48c87666e47f0d7ae166bddfdade6ea7" {
		t.Errorf("anna's first change has the id %s", id)
	}
}

func headers(m processor.Message) string {
	var all []string
	for _, h := range m.Headers {
		all = append(all, h.Key+"="+string(h.Value))
	}
	return strings.Join(all, " ")
}

// An event that names no customer is nobody's: it passes, and time with it.
func TestEventsOfNobody(t *testing.T) {
	l := wall(t, standard)
	f := &pb.Fact{At: int64(noon(3)), Body: &pb.Fact_Payment{Payment: &pb.PaymentEvent{EventId: "e", OccurredAt: timestamppb.New(noon(3).Time()),
		Kind: &pb.PaymentEvent_CompleteThrough{CompleteThrough: &pb.PaymentsComplete{Until: timestamppb.New(noon(2).Time())}}}}}
	if got := l.put(f); len(got) != 0 {
		t.Errorf("it gave %v", got)
	}
	if part, _ := l.parts(); part.Now != int64(noon(3)) || part.Totals.Customers != 0 || l.first.Blob("") != nil {
		t.Errorf("it has left %v and %v", part, l.first.Blob(""))
	}
}

// Whoever is first heard of by something without effect is a customer all the same.
func TestFirstWordWithoutEffect(t *testing.T) {
	l := wall(t, standard)
	f := cancelled("o1", "anna", noon(1))
	f.GetOrder().Kind = &pb.OrderEvent_Fulfilled{Fulfilled: &pb.OrderFulfilled{}}
	l.put(f, f)
	checkLines(t, levels(l.scores), "anna v1 2026-01-02T12:00:00 net 0")
	checkLines(t, moves(l.changes), "anna 1 >base 2026-01-02T12:00:00 one")
	l.put(erasureFact(noon(2), 1, "anna"))
	f.At = int64(noon(3))
	l.put(f, f)
	checkLines(t, levels(l.scores), "anna v1 2026-01-02T12:00:00 net 0", "anna v2 2026-01-04T12:00:00 net 0")
}

// What is owed falls due although nothing was bought within the window.
func TestDebtOutlivesTheWindow(t *testing.T) {
	l := wall(t, standard)
	l.put(credited("o1", "anna", noon(0), 1200, 90))
	l.advance(day(100))
	var overdue []string
	for _, s := range l.scores {
		if c := s.GetLevel().GetCredit(); c.GetOverdueMinor() > 0 {
			overdue = append(overdue, clock(s.At))
		}
	}
	if len(overdue) == 0 || overdue[0] != "2026-04-02T00:00:00" {
		t.Errorf("overdue at %v, want from day 91 on", overdue)
	}
}

// What no window can need any more is dropped: a customer of three years is no larger than one of two.
func TestStateStaysSmall(t *testing.T) {
	l := wall(t, standard)
	sizes := []int{}
	for n := range 60 {
		order := fmt.Sprint("o", 100+n)
		l.put(credited(order, "anna", noon(20*n), 100, 10), paid(fmt.Sprint("p", 100+n), order, "anna", noon(20*n+15), 100))
		sizes = append(sizes, len(l.first.Blob("anna")))
	}
	if years, more := slices.Max(sizes[40:45]), slices.Max(sizes[55:]); more > years+8 {
		t.Errorf("after two years the blob still grows, from %d to %d bytes: %v", years, more, sizes)
	}
}
