package watch_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
)

// at compares the amount overdue with a number of major units.
type at struct {
	op        string
	threshold int64
}

func (c at) Evaluate(f *tier.Figures) tier.Verdict {
	x, y := f.Judged.Overdue, c.threshold
	t := tier.Test{Factor: "credit.overdue_judged", Op: c.op, Value: float64(x), Threshold: float64(y), Known: true,
		Holds: c.op == ">=" && x >= y || c.op == "<" && x < y}
	return tier.Verdict{Holds: t.Holds, Tests: []tier.Test{t}}
}

func view(overdue int64, l *tier.Ladder, before, now tier.State) *watch.View {
	f := &tier.Figures{}
	f.Judged.Overdue = overdue
	return &watch.View{Figures: f, Ladder: l, Before: before, Now: now}
}

func threshold(kind string, release tier.Condition, steps ...int64) *watch.Threshold {
	w := &watch.Threshold{Of: watch.Kind(kind), Release: release, Do: "do " + kind}
	for i, n := range steps {
		w.Steps = append(w.Steps, watch.Step{Severity: watch.Severity(i + 1), Raise: at{">=", n}})
	}
	return w
}

// play gives what is told of a row of figures.
func play(watches []watch.Watch, overdue ...int64) (out []string) {
	s, events := watch.State{}, []watch.Event(nil)
	for i, n := range overdue {
		s, events = watch.Decide(watches, s, view(n, &tier.Ladder{}, tier.State{}, tier.State{}))
		for _, e := range events {
			verb := "over"
			if e.Raised {
				verb = "raised"
			}
			out = append(out, fmt.Sprintf("%d: %d %s %s %s, clears %d", i, e.Seq, e.Kind, verb, e.Severity, e.Clears))
		}
	}
	return out
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// A rise of the severity takes the place of what stood, a fall of it says nothing; between release and raise nothing moves.
func TestThreshold(t *testing.T) {
	w := []watch.Watch{threshold("A", at{"<", 5}, 10, 20, 30)}
	check(t, play(w, 9, 10, 9, 5, 21, 12, 20, 31, 10, 4, 4, 9, 10),
		"1: 1 A raised info, clears 0",
		"4: 2 A raised warning, clears 1",
		"7: 3 A raised critical, clears 2",
		"9: 4 A over critical, clears 3",
		"12: 5 A raised info, clears 0")
}

// Without a release it is over when nothing raises it.
func TestThresholdWithoutRelease(t *testing.T) {
	check(t, play([]watch.Watch{threshold("A", nil, 10)}, 10, 9, 10), "0: 1 A raised info, clears 0", "1: 2 A over info, clears 1", "2: 3 A raised info, clears 0")
}

// A release that holds together with what raises it doesn't raise and end it in turn.
func TestReleaseWithinRaise(t *testing.T) {
	check(t, play([]watch.Watch{threshold("A", at{"<", 15}, 10)}, 12, 12, 15, 12, 12), "2: 1 A raised info, clears 0", "3: 2 A over info, clears 1")
}

// What is watched in a half of the ladder is over where the customer leaves it.
func TestHalves(t *testing.T) {
	l := &tier.Ladder{Rungs: []tier.Rung{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	for half, want := range map[watch.Half]string{watch.Everywhere: "raised", watch.Lower: "raised over:TIER_MOVED raised", watch.Upper: "raised over:TIER_MOVED"} {
		w := threshold("A", nil, 10)
		w.Where = half
		var got []string
		s := watch.State{}
		for _, name := range []string{"a", "b", "c", "", "b"} {
			var events []watch.Event
			s, events = watch.Decide([]watch.Watch{w}, s, view(10, l, tier.State{}, tier.State{Tier: name}))
			for _, e := range events {
				if got = append(got, "raised"); !e.Raised {
					got[len(got)-1] = "over:" + e.Reasons[0].Code
				}
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("half %d: %s, want %s", half, g, want)
		}
	}
}

// Kinds are told in their order, numbered together.
func TestKinds(t *testing.T) {
	w := []watch.Watch{threshold("B", nil, 10), threshold("A", nil, 5)}
	watch.Sort(w)
	check(t, play(w, 10, 7, 0), "0: 1 A raised info, clears 0", "0: 2 B raised info, clears 0", "1: 3 B over info, clears 2", "2: 4 A over info, clears 1")
}

// What nobody watches any more is over, wherever its kind stands among the others.
func TestUnwatched(t *testing.T) {
	all := []watch.Watch{threshold("A", nil, 1), threshold("B", nil, 1), threshold("C", nil, 1)}
	v := view(1, &tier.Ladder{}, tier.State{}, tier.State{})
	for i := range all {
		s, _ := watch.Decide(all, watch.State{}, v)
		rest := slices.Delete(slices.Clone(all), i, i+1)
		s, events := watch.Decide(rest, s, v)
		if len(events) != 1 || events[0].Kind != all[i].Kind() || events[0].Raised || events[0].Clears != int64(i+1) || events[0].Reasons[0].Code != watch.CodeUnwatched {
			t.Errorf("without %s: %+v", all[i].Kind(), events)
		}
		if s.Seq != 4 || len(s.Kept) != 2 {
			t.Errorf("without %s: %+v", all[i].Kind(), s)
		}
	}
}

// An erasure ends what stands and keeps the number alone.
func TestForget(t *testing.T) {
	s := watch.State{Seq: 7, Kept: []watch.Memory{{Kind: "A", Seq: 5, Severity: watch.Warning}, {Kind: "B", To: "x"}, {Kind: "C", Seq: 7, Severity: watch.Info}}}
	next, events := watch.Forget(s)
	if next.Seq != 9 || next.Kept != nil || len(events) != 2 || events[0].Clears != 5 || events[0].Seq != 8 || events[1].Clears != 7 || events[0].Raised {
		t.Errorf("%+v, %+v", next, events)
	}
}

// Whatever the watches and figures: the numbers are dense, one of a kind stands at most, what is over stood, the second call
// with the same view tells nothing, and constant figures tell nothing more.
func TestDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() (all []watch.Watch) {
			for _, kind := range []string{"A", "B", "C"} {
				if rapid.IntRange(0, 3).Draw(t, "off") == 0 {
					continue
				}
				var release tier.Condition
				if rapid.Bool().Draw(t, "has a release") {
					release = at{"<", rapid.Int64Range(0, 30).Draw(t, "release")}
				}
				first := rapid.Int64Range(0, 20).Draw(t, "first")
				all = append(all, threshold(kind, release, first, first+rapid.Int64Range(0, 9).Draw(t, "more")))
			}
			return all
		}
		watches, s := draw(), watch.State{}
		standing := map[watch.Kind]int64{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "another policy") == 0 {
				watches = draw()
			}
			v := view(rapid.Int64Range(0, 30).Draw(t, "overdue"), &tier.Ladder{}, tier.State{}, tier.State{})
			was := s.Seq
			next, events := watch.Decide(watches, s, v)
			for i, e := range events {
				if e.Seq != was+int64(i)+1 || e.Clears != standing[e.Kind] || !e.Raised && e.Clears == 0 || e.Severity == 0 || len(e.Reasons) == 0 {
					t.Fatalf("%+v while %d stands, after number %d", e, standing[e.Kind], was)
				}
				if standing[e.Kind] = 0; e.Raised {
					standing[e.Kind] = e.Seq
				}
			}
			for _, m := range next.Kept {
				if m.Seq != standing[m.Kind] {
					t.Fatalf("%+v is kept, %d stands", m, standing[m.Kind])
				}
			}
			again, more := watch.Decide(watches, next, v)
			if len(more) > 0 || !reflect.DeepEqual(again, next) {
				t.Fatalf("the second call tells %+v", more)
			}
			s = next
		}
	})
}

func ladder() *tier.Ladder {
	over := func(n int64) tier.Condition { return at{">=", n} }
	return &tier.Ladder{Rungs: []tier.Rung{{Name: "low"}, {Name: "mid", Enter: over(100), Keep: over(80), Grace: 5 * civil.FullDay}, {Name: "top", Enter: over(1000)}}}
}

// Near is within a part of the threshold; another tier that is near takes the place of the one before.
func TestUpgrade(t *testing.T) {
	w := []watch.Watch{&watch.Upgrade{Within: 0.1, Release: 0.15, Do: "call"}}
	l, low, mid := ladder(), tier.State{Tier: "low"}, tier.State{Tier: "mid", Since: 1}
	s, got := watch.State{}, []string(nil)
	for i, step := range []struct {
		overdue     int64
		before, now tier.State
	}{{89, low, low}, {90, low, low}, {85, low, low}, {84, low, low}, {85, low, low}, {99, low, low}, {950, low, mid}, {5000, mid, tier.State{Tier: "top"}},
		{95, low, low}, {860, low, mid}, {860, mid, mid}} {
		var events []watch.Event
		s, events = watch.Decide(w, s, view(step.overdue, l, step.before, step.now))
		for _, e := range events {
			got = append(got, fmt.Sprintf("%d: %d %v %s, clears %d: %s", i, e.Seq, e.Raised, e.To, e.Clears, e.Reasons[0].Code))
		}
	}
	check(t, got,
		"1: 1 true mid, clears 0: ENTER_NEEDED",
		"3: 2 false , clears 1: ENTER_NEEDED",
		"5: 3 true mid, clears 0: ENTER_NEEDED",
		"6: 4 true top, clears 3: ENTER_NEEDED",
		"7: 5 false , clears 4: TIER_MOVED",
		"8: 6 true mid, clears 0: ENTER_NEEDED",
		"9: 7 false , clears 6: TIER_MOVED") // the next one is not near enough to be told of
}

// A downgrade that waits is told of once, and its end with why.
func TestDowngrade(t *testing.T) {
	w := []watch.Watch{&watch.Downgrade{Do: "call"}}
	l, s, got := ladder(), watch.State{}, []string(nil)
	is := tier.State{}
	for i, overdue := range []int64{100, 79, 78, 90, 70, 70, 70} {
		now, _ := l.Decide(is, view(overdue, l, is, is).Figures, civil.Instant(i*3+1)*civil.FullDay)
		var events []watch.Event
		s, events = watch.Decide(w, s, view(overdue, l, is, now))
		for _, e := range events {
			line := fmt.Sprintf("%d: %d %v %s, clears %d:", i, e.Seq, e.Raised, e.Severity, e.Clears)
			for _, r := range e.Reasons {
				line += " " + r.Code
			}
			got = append(got, line)
		}
		is = now
	}
	check(t, got,
		"1: 1 true warning, clears 0: KEEP_FAILED GRACE_RUNS",
		"3: 2 false warning, clears 1: KEEP_MET",
		"4: 3 true warning, clears 0: KEEP_FAILED GRACE_RUNS",
		"6: 4 false warning, clears 3: TIER_MOVED")
}

// digits make one figure say several things: signs over the hundreds, tens and ones of a number.
type digit struct {
	unit  int64
	op    string
	bound int64
}

func (d digit) Evaluate(f *tier.Figures) tier.Verdict {
	g := *f
	g.Judged.Overdue = f.Judged.Overdue / d.unit % 10
	return at{d.op, d.bound}.Evaluate(&g)
}

func signs() []watch.Watch {
	return []watch.Watch{&watch.Signs{Of: "EARLY", Do: "call", Release: 20,
		All: []watch.Sign{
			{Name: "a", Points: 30, Raise: digit{100, ">=", 5}, Release: digit{100, "<", 3}},
			{Name: "b", Points: 20, Raise: digit{10, ">=", 5}},
			{Name: "c", Points: 10, Raise: digit{1, ">=", 5}},
		},
		Steps: []watch.PointStep{{Severity: watch.Info, From: 30}, {Severity: watch.Warning, From: 50}, {Severity: watch.Critical, From: 60}},
	}}
}

// Signs count together: one alone is little, several are a warning; each ends by itself, and the warning when too few are left.
func TestSigns(t *testing.T) {
	check(t, play(signs(), 1, 55, 500, 400, 455, 355, 255, 55, 50, 5, 500),
		"1: 1 EARLY raised info, clears 0",     // b and c
		"4: 2 EARLY raised critical, clears 1", // a has stood since 500, b and c came
		"9: 3 EARLY over critical, clears 2",   // c alone; b alone, 20, was not below the release
		"10: 4 EARLY raised info, clears 0")
}

// All that stand are told, also one that is only not released yet.
func TestReasonsOfSigns(t *testing.T) {
	w := signs()
	s, _ := watch.Decide(w, watch.State{}, view(500, &tier.Ladder{}, tier.State{}, tier.State{}))
	_, events := watch.Decide(w, s, view(455, &tier.Ladder{}, tier.State{}, tier.State{}))
	var got []string
	for _, r := range events[0].Reasons {
		got = append(got, fmt.Sprint(r.Params[len(r.Params)-2].Value, " ", r.Text))
	}
	check(t, got,
		"a The amount overdue as booked is 4, below the 5 at which this counts 30 points.",
		"b The amount overdue as booked is 5, exactly the 5 at which this counts 20 points.",
		"c The amount overdue as booked is 5, exactly the 5 at which this counts 10 points.")
	_, events = watch.Decide(w, s, view(5, &tier.Ladder{}, tier.State{}, tier.State{}))
	if got, want := events[0].Reasons[0].Text, "The signs that stand add up to 10 points; below 20 this is over."; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A sign that the policy drops or moves is no longer remembered, and spoils none of the others.
func TestSignsOfAnotherPolicy(t *testing.T) {
	all := signs()[0].(*watch.Signs)
	s, _ := watch.Decide([]watch.Watch{all}, watch.State{}, view(555, &tier.Ladder{}, tier.State{}, tier.State{}))
	fewer := *all
	fewer.All = all.All[1:]
	s, events := watch.Decide([]watch.Watch{&fewer}, s, view(455, &tier.Ladder{}, tier.State{}, tier.State{}))
	if len(events) > 0 || strings.Join(s.Kept[0].Signs, "") != "bc" {
		t.Errorf("%+v, %+v", s, events)
	}
}

// grades are those of the hundreds, tens and ones: A, B, C, D, E; 0: none.
func grade() []watch.Watch {
	severity, verb := watch.Better([]string{"A", "B", "C", "D", "E"})
	return []watch.Watch{&watch.Turn{Of: "GRADE", Noun: "The grade", Severity: severity, Verb: verb, Do: "look",
		Now: func(f *tier.Figures) string {
			return [...]string{"", "A", "B", "C", "D", "E"}[f.Judged.Overdue]
		}}}
}

// What is told stays told while the watch says that it still counts.
func TestTurnThatStays(t *testing.T) {
	w := grade()
	w[0].(*watch.Turn).Stay = func(f *tier.Figures, told string) bool { return told == "B" && f.Judged.Overdue == 3 }
	var seqs []int64
	s := watch.State{}
	for _, n := range []int64{2, 3, 3, 4, 3} {
		s, _ = watch.Decide(w, s, view(n, &tier.Ladder{}, tier.State{}, tier.State{}))
		seqs = append(seqs, s.Seq)
	}
	if !slices.Equal(seqs, []int64{0, 0, 0, 1, 2}) || s.Kept[0].To != "C" {
		t.Errorf("%v, %+v", seqs, s)
	}
}

// Each change of a grade takes the place of the one before; the way back ends it. What isn't known changes nothing.
func TestTurn(t *testing.T) {
	s, got := watch.State{}, []string(nil)
	for i, n := range []int64{0, 2, 2, 3, 0, 3, 2, 1, 2, 3, 5, 4, 1, 4} {
		var events []watch.Event
		s, events = watch.Decide(grade(), s, view(n, &tier.Ladder{}, tier.State{}, tier.State{}))
		for _, e := range events {
			got = append(got, fmt.Sprintf("%d: %d %v %s %s>%s, clears %d: %s", i, e.Seq, e.Raised, e.Severity, e.From, e.To, e.Clears, e.Reasons[0].Text))
		}
	}
	check(t, got,
		"3: 1 true warning B>C, clears 0: The grade is C, down from B.",
		"6: 2 false warning C>B, clears 1: The grade is B, up from C.",
		"7: 3 true info B>A, clears 0: The grade is A, up from B.",
		"8: 4 true warning A>B, clears 3: The grade is B, down from A.",
		"9: 5 true warning B>C, clears 4: The grade is C, down from B.",
		"10: 6 true critical C>E, clears 5: The grade is E, down from C.",
		"11: 7 true info E>D, clears 6: The grade is D, up from E.",
		"12: 8 true info D>A, clears 7: The grade is A, up from D.",
		"13: 9 true critical A>D, clears 8: The grade is D, down from A.")
}

// What rests isn't raised again so soon after it was over; it is when the time has passed and it holds still.
func TestThresholdThatRests(t *testing.T) {
	w := threshold("A", at{"<", 5}, 10)
	w.Rest = 100
	s, got := watch.State{}, []string(nil)
	for _, step := range [][2]int64{{1000, 10}, {1001, 12}, {1002, 4}, {1003, 10}, {1101, 10}, {1102, 10}, {1103, 4}, {1300, 4}} {
		v := view(step[1], &tier.Ladder{}, tier.State{}, tier.State{})
		v.At = civil.Instant(step[0])
		var events []watch.Event
		s, events = watch.Decide([]watch.Watch{w}, s, v)
		for _, e := range events {
			got = append(got, fmt.Sprint(step[0], " ", e.Raised))
		}
	}
	check(t, got, "1000 true", "1002 false", "1102 true", "1103 false")
	if len(s.Kept) != 0 {
		t.Errorf("%+v is kept of what has rested", s)
	}
}

// A stage that is no news ends what stood; stages that come and go by degrees wait until the last that was told has had its time.
func TestTurnThatRests(t *testing.T) {
	w := grade()[0].(*watch.Turn) // C is calm; B, C and D drift
	w.Calm = func(name string) bool { return name == "C" }
	w.Drifts = func(name string) bool { return name == "B" || name == "C" || name == "D" }
	w.Rest = 100
	s, got := watch.State{}, []string(nil)
	for _, step := range [][2]int64{{1000, 1}, {1001, 3}, {1002, 4}, {1050, 3}, {1060, 2}, {1101, 4}, {1102, 2}, {1103, 5}, {1104, 2}, {1105, 3}, {1204, 3}, {1205, 4}, {1304, 3}, {1305, 3}} {
		v := view(step[1], &tier.Ladder{}, tier.State{}, tier.State{})
		v.At = civil.Instant(step[0])
		var events []watch.Event
		s, events = watch.Decide([]watch.Watch{w}, s, v)
		for _, e := range events {
			got = append(got, fmt.Sprintf("%d: %v %s>%s, clears %d", step[0], e.Raised, e.From, e.To, e.Clears))
		}
	}
	check(t, got,
		"1002: true C>D, clears 0", // C after A told nothing
		"1102: true D>B, clears 1",
		"1103: true B>E, clears 2", // E is no matter of degrees
		"1104: false E>B, clears 3",
		"1205: true C>D, clears 0", // C at 1204 told nothing
		"1305: false D>C, clears 5")
}

// A sign of several comparisons has its points once.
func TestPointsOnce(t *testing.T) {
	w := signs()[0].(*watch.Signs)
	w.All[0].Raise = both{digit{100, ">=", 5}, digit{10, ">=", 5}}
	_, events := watch.Decide([]watch.Watch{w}, watch.State{}, view(555, &tier.Ladder{}, tier.State{}, tier.State{}))
	points := 0
	for _, r := range events[0].Reasons {
		for _, p := range r.Params {
			if p.Name == "points" {
				n, err := strconv.Atoi(p.Value)
				if err != nil {
					t.Fatal(err)
				}
				points += n
			}
		}
	}
	if len(events[0].Reasons) != 4 || points != 60 {
		t.Errorf("%d points in %+v", points, events[0].Reasons)
	}
}

// both are two comparisons that must hold together.
type both [2]tier.Condition

func (b both) Evaluate(f *tier.Figures) tier.Verdict {
	x, y := b[0].Evaluate(f), b[1].Evaluate(f)
	return tier.Verdict{Holds: x.Holds && y.Holds, Tests: append(x.Tests, y.Tests...)}
}

// What is over says what of the mildest step doesn't hold, but for what a step above doesn't ask for.
func TestUnseen(t *testing.T) {
	w := &watch.Threshold{Of: "LATE", Words: tier.Words{}, Steps: []watch.Step{
		{Severity: watch.Info, Raise: both{at{">=", 100}, named{"value.orders", at{"<", 50}}}}, {Severity: watch.Warning, Raise: both{at{">=", 300}, named{"value.orders", at{"<", 99}}}}}}
	for overdue, want := range map[int64]int{60: 1, 99: 2} { // 60 is below 99, so it is no reason that it is not below 50
		_, events := watch.Decide([]watch.Watch{w}, watch.State{Kept: []watch.Memory{{Kind: "LATE", Seq: 1, Severity: watch.Warning}}}, view(overdue, &tier.Ladder{}, tier.State{}, tier.State{}))
		if len(events) != 1 || len(events[0].Reasons) != want || events[0].Reasons[0].Test.Factor != "credit.overdue_judged" {
			t.Errorf("with %d: %+v", overdue, events)
		}
	}
}

// named is a comparison under another name.
type named struct {
	factor string
	of     tier.Condition
}

func (n named) Evaluate(f *tier.Figures) tier.Verdict {
	v := n.of.Evaluate(f)
	for i := range v.Tests {
		v.Tests[i].Factor = n.factor
	}
	return v
}

// What goes with a sign isn't told again where another sign has told that figure; a sign's own two comparisons of one figure are.
func TestWhatGoesWithASignIsToldOnce(t *testing.T) {
	w := signs()[0].(*watch.Signs)
	w.All[1].Raise = both{named{"value.orders", digit{10, ">=", 5}}, digit{100, ">=", 3}}
	_, events := watch.Decide([]watch.Watch{w}, watch.State{}, view(550, &tier.Ladder{}, tier.State{}, tier.State{}))
	if rs := events[0].Reasons; len(rs) != 2 || rs[1].Test.Factor != "value.orders" {
		t.Errorf("%+v", rs)
	}
	s := watch.State{Kept: []watch.Memory{{Kind: "EARLY", Seq: 1, Severity: watch.Info}}}
	_, events = watch.Decide([]watch.Watch{w}, s, view(0, &tier.Ladder{}, tier.State{}, tier.State{}))
	if got := events[0].Reasons[0].Text; got != "None of the signs stands any more." {
		t.Error(got)
	}
}
