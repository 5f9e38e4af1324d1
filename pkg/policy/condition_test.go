package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

func testCompiler() *compiler {
	c := newCompiler(value.Config{WindowDays: 365}, 2)
	c.grades = []string{"AAA", "AA", "A", "BBB"}
	return c
}

func compiled(t testing.TB, c *compiler, text string) *condition {
	t.Helper()
	cond, issues := c.compile(text)
	if len(issues) > 0 {
		t.Fatalf("%s: %+v", text, issues)
	}
	return cond
}

// drawCondition makes texts that the compiler takes: comparisons with numbers and null on either side, plain and
// not, joined by && and || and turned by !.
func drawCondition(t *rapid.T, depth int) string {
	number := func() string {
		return rapid.SampledFrom([]string{"0", "1", "-1.5", "30", "60.0", "10000", "1e2"}).Draw(t, "number")
	}
	name := func() string {
		return rapid.SampledFrom([]string{"value.net", "value.orders", "credit.promptness", "value.mean_gap_days",
			"credit.max_days_overdue", "credit.ageing.d1_30"}).Draw(t, "name")
	}
	op := func() string { return rapid.SampledFrom([]string{">", ">=", "<", "<=", "==", "!="}).Draw(t, "op") }
	equality := func() string { return rapid.SampledFrom([]string{"==", "!="}).Draw(t, "equality") }
	kinds := 8
	if depth > 0 {
		kinds = 13
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0, 1, 2:
		return fmt.Sprintf("%s %s %s", name(), op(), number())
	case 3:
		return fmt.Sprintf("%s %s %s", number(), op(), name())
	case 4:
		return fmt.Sprintf("%s %s null", name(), equality())
	case 5:
		return fmt.Sprintf("null %s value.last_order_at", equality())
	case 6:
		return fmt.Sprintf("%s * 2 + 1 %s %s", name(), op(), name())
	case 7:
		return `value.last_order_at > timestamp("2026-01-01T00:00:00Z")`
	case 8:
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "fixed")
	case 9:
		return "!(" + drawCondition(t, depth-1) + ")"
	case 10:
		return fmt.Sprintf("(%s ? %s : %s)", drawCondition(t, depth-1), drawCondition(t, depth-1), drawCondition(t, depth-1))
	}
	join := rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "join")
	parts := make([]string, rapid.IntRange(2, 4).Draw(t, "parts"))
	for i := range parts {
		parts[i] = drawCondition(t, depth-1)
	}
	return "(" + strings.Join(parts, join) + ")"
}

func drawFigures(t *rapid.T) *tier.Figures {
	f := &tier.Figures{}
	f.Value.Net = rapid.SampledFrom([]int64{-150, 0, 1, 100, 3000, 6000, 10_000, 1_000_000}).Draw(t, "net")
	f.Value.Orders = rapid.Int64Range(0, 3).Draw(t, "orders")
	f.Value.LastOrderAt = rapid.SampledFrom([]tier.Figures{{}, {AsOf: 1}, {AsOf: 1_800_000_000_000_000}}).Draw(t, "last order").AsOf
	f.Credit.MaxDaysOverdue = rapid.SampledFrom([]int64{0, 1, 30, 31}).Draw(t, "overdue")
	f.Credit.Ageing.D1To30 = rapid.SampledFrom([]int64{0, 100, 6000}).Draw(t, "ageing")
	f.Credit.Promptness = drawMicro(t, "promptness")
	f.Value.MeanGap = drawMicro(t, "gap")
	return f
}

func drawMicro(t *rapid.T, name string) figure.Micro {
	return rapid.SampledFrom([]figure.Micro{{}, figure.Of(0), figure.Of(1e6), figure.Of(60e6), figure.Of(-15e5)}).Draw(t, name)
}

// What is evaluated here agrees with CEL's own interpreter on the whole text, nulls and errors included.
func TestAgreesWithCEL(t *testing.T) {
	c := testCompiler()
	rapid.Check(t, func(t *rapid.T) {
		text := drawCondition(t, 2)
		cond, issues := c.compile(text)
		if len(issues) > 0 {
			t.Fatalf("%s: %+v", text, issues)
		}
		whole := wholeProgram(t, c, text)
		for range 5 {
			f := drawFigures(t)
			out, _, err := whole.Eval(activation{c.names, f})
			want := err == nil && out == types.True
			if got := cond.Evaluate(f); got.Holds != want {
				t.Fatalf("%s is %v, CEL says %v (%v) for %+v\n%+v", text, got.Holds, want, err, f, got.Tests)
			}
		}
	})
}

func wholeProgram(t *rapid.T, c *compiler, text string) cel.Program {
	parsed, issues := c.env.Parse(text)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	widen(parsed.NativeRep())
	strict(parsed.NativeRep())
	checked, issues := c.env.Check(parsed)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := c.env.Program(checked)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// A test as reported says how the condition sees it: turned around under a !, and not held where it isn't known.
func TestTests(t *testing.T) {
	f := &tier.Figures{}
	f.Value.Net, f.Value.Orders, f.Credit.MaxDaysOverdue = 48_200_00, 3, 45
	f.Credit.OnTimeRate = figure.Of(912_500)
	got := compiled(t, testCompiler(), `value.net>=50000 && 30 >= credit.max_days_overdue && !(value.orders < 5.0 || credit.on_time_rate
		> 0.5) && (credit.promptness == null || credit.promptness >= 60.0) && value.net > value.gross * 2 && !(credit.dso_days > 45)`).Evaluate(f)
	want := tier.Verdict{Tests: []tier.Test{
		{Factor: "value.net", Op: ">=", Value: 48200, Threshold: 50000, Known: true, Text: "value.net>=50000"},
		{Factor: "credit.max_days_overdue", Op: "<=", Value: 45, Threshold: 30, Known: true, Text: "30 >= credit.max_days_overdue"},
		{Factor: "value.orders", Op: ">=", Value: 3, Threshold: 5, Known: true, Text: "value.orders < 5.0"},
		{Factor: "credit.on_time_rate", Op: "<=", Value: 0.9125, Threshold: 0.5, Known: true, Text: "credit.on_time_rate > 0.5"},
		{Factor: "credit.promptness", Known: true, Holds: true, Text: "credit.promptness == null"},
		{Factor: "credit.promptness", Op: ">=", Threshold: 60, Text: "credit.promptness >= 60.0"},
		{Known: true, Holds: true, Text: "value.net > value.gross * 2"},
		{Factor: "credit.dso_days", Op: "<=", Threshold: 45, Text: "credit.dso_days > 45"},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// What is not known holds in no comparison, whichever way it is asked, and spoils only what depends on it.
func TestNull(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]bool{
		"credit.promptness > 0": false, "credit.promptness <= 0": false, "credit.promptness == 0": false, "credit.promptness != 0": false,
		"!(credit.promptness > 0)": false, "!(credit.promptness == 0)": false, "!(credit.promptness != 0)": false,
		"credit.promptness != value.net": false, "credit.promptness * 2 == 0": false, "credit.promptness + 1 != 0": false,
		"credit.limit == null": true, "credit.limit >= 0": false, "credit.utilisation < 1": false, "credit.score == null": true,
		"credit.promptness == null": true, "null != credit.promptness": false, "value.net != null": true,
		"value.class == null": true, "value.class != null": false, `value.class == "A"`: false, `!(value.class == "A")`: false,
		`!(value.class in ["A", "B"])`: false, "value.rank.net >= 0": false,
		"value.last_order_at == null": true, `value.last_order_at < timestamp("2030-01-01T00:00:00Z")`: false,
		"credit.promptness == null || credit.promptness >= 60.0": true, "credit.promptness >= 60 || credit.promptness == null": true,
		"credit.promptness > 0 || value.net == 0": true, "value.net > 0 && credit.promptness > 0": false,
		"!(value.net > 0 && credit.promptness > 0)": true, "!(credit.promptness > 0 || value.net > 0)": false,
		"value.orders == 0 && 0.0 == value.orders && value.net >= 0 && value.window_days == 365": true,
	} {
		if got := compiled(t, c, text).Holds(&tier.Figures{}); got != want {
			t.Errorf("%s holds: %v, want %v", text, got, want)
		}
		if got := compiled(t, c, text).Evaluate(&tier.Figures{}); got.Holds != want {
			t.Errorf("%s: %v, want %v: %+v", text, got.Holds, want, got.Tests)
		}
	}
}

// Every name reads its own figure, money in major units.
func TestEveryNameReadsItsFigure(t *testing.T) {
	f := &tier.Figures{
		Segment: "makers",
		Value: value.Figures{Gross: 101, Returns: 102, Net: 103, Orders: 104, ReturnCount: 105, MeanGap: figure.Of(106e6),
			CostToServe: 125, Contribution: value.Money{Minor: -126, Known: true}, Score: figure.Of(127e6), Potential: figure.Of(128e6), Growth: figure.Of(129e6),
			TenureDays: figure.Of(130e6), GapVariability: figure.Of(131e6), ReorderRatio: figure.Of(132e6), Breadth: figure.Of(133e6),
			Satisfaction: figure.Of(134e6), ContactDays: figure.Of(180e6), Stage: value.StageDormant},
		Credit: credit.Figures{Open: 107, Unapplied: 108, Overdue: 109, Disputed: 110, Commitments: 111, Exposure: 112,
			Ageing:         credit.Ageing{Current: 113, D1To30: 114, D31To60: 115, D61To90: 116, D90Plus: 117},
			MaxDaysOverdue: 118, Settled: 119, SettledLate: 120, OnTimeRate: figure.Of(121e6), MeanDaysBeyondTerms: figure.Of(122e6),
			Promptness: figure.Of(123e6), DSO: figure.Of(124e6), Limit: credit.Limit{Minor: 125, Known: true}, Score: figure.Of(126e6),
			Utilisation: figure.Of(127e6), RecentDays: figure.Of(128e6), HabitDays: figure.Of(129e6), Grade: 3,
			FailedPayments: 130, BrokenPromises: 131, PartPayments: 132},
		Judged: credit.Judged{Overdue: 133, MaxDaysOverdue: 134}, Signs: credit.Signs{OpenGrowth: figure.Of(135e6), Distress: true},
		Portfolio: portfolio.Standing{Class: "B", Ranks: portfolio.Ranks{Net: figure.Of(137e6), Orders: figure.Of(138e6), Contribution: figure.Of(139e6)},
			Segment: portfolio.Ranks{Net: figure.Of(140e6), Orders: figure.Of(141e6), Contribution: figure.Of(142e6)}},
	}
	c := testCompiler()
	for name, want := range map[string]string{
		"value.gross": "1.01", "value.returns": "1.02", "value.net": "1.03", "value.orders": "104", "value.return_count": "105",
		"value.window_days": "365", "value.mean_gap_days": "106", "credit.open": "1.07", "credit.unapplied": "1.08",
		"credit.overdue": "1.09", "credit.disputed": "1.10", "credit.commitments": "1.11", "credit.exposure": "1.12",
		"credit.ageing.current": "1.13", "credit.ageing.d1_30": "1.14", "credit.ageing.d31_60": "1.15", "credit.ageing.d61_90": "1.16",
		"credit.ageing.d90_plus": "1.17", "credit.max_days_overdue": "118", "credit.settled": "119", "credit.settled_late": "120",
		"credit.on_time_rate": "121", "credit.mean_days_beyond_terms": "122", "credit.promptness": "123", "credit.dso_days": "124",
		"credit.limit": "1.25", "credit.score": "126", "credit.utilisation": "127", "credit.recent_days_beyond_terms": "128",
		"credit.habit_days_beyond_terms": "129", "credit.grade": `"A"`,
		"credit.failed_payments": "130", "credit.broken_promises": "131", "credit.part_payments": "132",
		"value.cost_to_serve": "1.25", "value.contribution": "-1.26", "value.score": "127", "value.potential": "128", "value.growth": "129",
		"value.tenure_days": "130", "value.gap_variability": "131", "value.reorder_ratio": "132", "value.breadth": "133",
		"value.satisfaction": "134", "value.contact_days": "180", "value.lifecycle": `"dormant"`, "segment": `"makers"`,
		"credit.overdue_judged": "1.33", "credit.max_days_overdue_judged": "134", "credit.slowdown_days": "-1", "credit.open_growth": "135", "credit.distress": "1",
		"value.class": `"B"`, "value.rank.net": "137", "value.rank.orders": "138", "value.rank.contribution": "139",
		"value.segment_rank.net": "140", "value.segment_rank.orders": "141", "value.segment_rank.contribution": "142",
	} {
		if v := compiled(t, c, name+" == "+want).Evaluate(f); !v.Holds {
			t.Errorf("%s is not %s: %+v", name, want, v.Tests)
		}
		c.names[name+" (seen)"] = nil
	}
	for _, name := range c.known {
		if _, seen := c.names[name+" (seen)"]; !seen && name != lastOrderAt {
			t.Errorf("%s is not tested", name)
		}
	}
}

func TestDrift(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]credit.Drift{
		"value.net > 10 && credit.open < 5":                                    {},
		"credit.settled > 3":                                                   {Counts: true},
		"credit.settled_late * 10 < credit.settled":                            {Counts: true},
		"!(credit.on_time_rate < 0.9)":                                         {Counts: true},
		"credit.mean_days_beyond_terms != null":                                {Counts: true},
		"credit.promptness == null || credit.promptness > 5":                   {Promptness: true},
		"value.net > 1 ? credit.dso_days < 45 : true":                          {DSO: true},
		"credit.score >= 60":                                                   {Score: true},
		`credit.grade >= "A"`:                                                  {Score: true},
		`credit.grade in ["A", "AA"]`:                                          {Score: true},
		"credit.recent_days_beyond_terms > credit.habit_days_beyond_terms + 5": {Score: true},
		"credit.utilisation < 0.8 && credit.limit > 0":                         {},
		"credit.max_days_overdue <= 30 || 7.5 > credit.max_days_overdue":       {OverdueDays: []int64{7, 30}},
		"!(credit.max_days_overdue > 30) && credit.max_days_overdue < -1":      {OverdueDays: []int64{30}},
		"credit.max_days_overdue * 2 > value.orders":                           {Daily: true},
		"credit.max_days_overdue_judged > 30 && credit.max_days_overdue <= 7":  {OverdueDays: []int64{7}, JudgedDays: []int64{30}},
		"credit.overdue_judged > 100":                                          {Judged: true},
		"credit.max_days_overdue_judged > value.orders":                        {Daily: true},
		"credit.max_days_overdue <= 60 && credit.max_days_overdue + 1 < 9 && credit.max_days_overdue < 1e9": {Daily: true, OverdueDays: []int64{60}},
	} {
		one := &rule{condition: compiled(t, c, text)}
		got := drift([]rung{{}, {enter: &rule{condition: compiled(t, c, "value.net > 1")}, keep: one}}, nil)
		if d := cmp.Diff(got, drift(nil, []*rule{nil, one})); d != "" {
			t.Errorf("%s, watched (-of a tier +watched):\n%s", text, d)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}
}

func TestLooks(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]value.Looks{
		"value.net > 10 && value.contribution > 0":                 {},
		"value.growth > 0.2":                                       {Growth: true},
		"!(value.growth * 2 > value.breadth)":                      {Growth: true},
		"value.tenure_days >= 365 || value.reorder_ratio < 2":      {Tenure: true, Reorder: true},
		`value.lifecycle != "dormant"`:                             {Lifecycle: true},
		"value.contact_days >= 30":                                 {Contact: true},
		"value.lifecycle == null && value.score > 50":              {Lifecycle: true, Score: true},
		"value.net > 1 ? value.potential > 50 : value.orders == 1": {Score: true},
	} {
		one := &rule{condition: compiled(t, c, text)}
		got := looks([]rung{{}, {enter: &rule{condition: compiled(t, c, "value.net > 1")}, keep: one}}, nil)
		if watched := looks(nil, []*rule{one}); watched != got {
			t.Errorf("%s, watched: %+v, want %+v", text, watched, got)
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
		if got := looks(nil, []*rule{{condition: compiled(t, c, text)}, nil}); got != want {
			t.Errorf("%s, watched: %+v, want %+v", text, got, want)
		}
	}
}

// A stage is a text, and null before the first order.
func TestStageInConditions(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]bool{
		`value.lifecycle == "growing"`: true, `value.lifecycle != "growing"`: false, `value.lifecycle in ["new", "growing"]`: true,
		`value.lifecycle == null`: false, `value.lifecycle == "dormant" || value.net > 0`: false, `!(value.lifecycle == "dormant")`: true,
	} {
		f := &tier.Figures{Value: value.Figures{Stage: value.StageGrowing}}
		if got := compiled(t, c, text).Evaluate(f); got.Holds != want {
			t.Errorf("%s: %v, want %v: %+v", text, got.Holds, want, got.Tests)
		}
		if got := compiled(t, c, text).Evaluate(&tier.Figures{}); got.Holds != (text == "value.lifecycle == null") {
			t.Errorf("%s of a customer who never ordered: %v: %+v", text, got.Holds, got.Tests)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	cond := compiled(t, testCompiler(), "value.net > value.gross * 0.5 && value.orders > 2")
	var group sync.WaitGroup
	for n := range int64(4) {
		group.Go(func() {
			f := &tier.Figures{Value: value.Figures{Net: n, Gross: 2, Orders: 3}}
			for range 200 {
				if got := cond.Evaluate(f).Holds; got != (n > 1) {
					t.Errorf("net %d: %v", n, got)
				}
			}
		})
	}
	group.Wait()
}

func TestReservedNamesAreNoFigures(t *testing.T) {
	c := testCompiler()
	for _, name := range reserved() {
		if slices.Contains(c.known, name) {
			t.Errorf("%s is both a figure and reserved", name)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	f := &tier.Figures{Value: value.Figures{Net: 48_200_00}}
	for name, text := range map[string]string{
		"comparisons": "value.net > 10000.0 && credit.max_days_overdue <= 30",
		"cel":         "value.net > value.gross * 0.5 && credit.max_days_overdue <= 30",
	} {
		b.Run(name, func(b *testing.B) {
			cond := compiled(b, testCompiler(), text)
			b.ReportAllocs()
			for b.Loop() {
				cond.Evaluate(f)
			}
		})
	}
}
