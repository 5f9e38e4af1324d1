package credit_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

// scoring are the defaults, as docs/policy.md has them.
func scoring() credit.Scoring {
	c := credit.Scoring{Weights: [credit.FactorCount]int64{20, 40, 10, 10, 10, 10}, TrendDays: 90, ThinItems: 5, LagDays: 1,
		Prior: credit.Prior{LateRatio: figure.Of(300_000), Days: figure.Of(3_000_000)},
		Caps:  []credit.Cap{{Kind: credit.CapBlock, Grade: 10}, {Kind: credit.CapOverdue, Days: 90, Grade: 7}, {Kind: credit.CapWriteOff, Grade: 8}}}
	for i, name := range []string{"AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D"} {
		c.Grades = append(c.Grades, credit.Grade{Name: name, From: int64(90-10*i) * figure.One})
	}
	return c
}

// drawnScoring is any policy of scores.
func drawnScoring(t *rapid.T) credit.Scoring {
	c := scoring()
	for i := range c.Weights {
		c.Weights[i] = rapid.SampledFrom([]int64{0, 1, 7, 10, 40, 1000}).Draw(t, "weight")
	}
	c.ThinItems = rapid.SampledFrom([]int64{0, 1, 5, 9}).Draw(t, "thin")
	c.TrendDays = rapid.SampledFrom([]int{1, 3, 90}).Draw(t, "trend")
	return c
}

func drawnLedger(t *rapid.T) (l credit.Ledger) {
	some := rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, 1<<48))
	for range rapid.IntRange(0, 4).Draw(t, "items") {
		left := some.Draw(t, "left")
		disputed := rapid.SampledFrom([]int64{0, 0, 0, 1, left}).Draw(t, "disputed")
		l.Items = append(l.Items, credit.Item{Due: civil.Day(rapid.IntRange(-120, 20).Draw(t, "due")), Left: left, Disputed: disputed})
	}
	for day := -12; day <= 0; day += rapid.IntRange(1, 9).Draw(t, "gap") {
		n := rapid.Int64Range(1, 3).Draw(t, "settled")
		l.Settled = append(l.Settled, credit.SettledDay{Day: civil.Day(day), Settled: n, Late: rapid.Int64Range(0, n).Draw(t, "late"), Beyond: rapid.Int64Range(-40, 90).Draw(t, "beyond")})
		l.Portions = append(l.Portions, credit.Portion{Day: civil.Day(day), Beyond: int32(rapid.IntRange(-40, 40).Draw(t, "days")), Amount: some.Draw(t, "amount")})
	}
	return l
}

func drawnProfile(t *rapid.T) credit.Profile {
	return credit.Profile{
		Limit:   credit.Limit{Minor: rapid.SampledFrom([]int64{0, 100, 5000, 1 << 40}).Draw(t, "limit"), Known: rapid.Bool().Draw(t, "limited")},
		Blocked: rapid.IntRange(0, 5).Draw(t, "blocked") == 0,
		Grade:   rapid.SampledFrom([]string{"", "AAA", "BB", "D", "junk"}).Draw(t, "grade"), Source: rapid.SampledFrom([]string{"agency", "manual"}).Draw(t, "source"),
	}
}

func rated(l credit.Ledger, c credit.Scoring, p credit.Profile, judged civil.Day) credit.Score {
	cfg := config
	cfg.Scoring = c
	_, s := l.Rate(cfg, p, 0, judged)
	return s
}

// Points add up to the score and weights to 1, to the last digit; all are within their bounds, and a factor that can't be
// computed has no part in it.
func TestPointsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawnScoring(t)
		s := rated(drawnLedger(t), c, drawnProfile(t), -1)
		points, weights := int64(0), int64(0)
		for i, f := range s.Factors {
			counts := f.Value.Known && c.Weights[i] > 0
			if f.Weight.Known != counts || f.Points.Known != counts || f.Raw.Known != f.Value.Known {
				t.Fatalf("%s: %+v of weight %d", credit.FactorName(i), f, c.Weights[i])
			}
			if f.Value.Millionths < 0 || f.Value.Millionths > 100*figure.One || f.Points.Millionths < 0 {
				t.Fatalf("%s: %+v", credit.FactorName(i), f)
			}
			if d := f.Points.Millionths - figure.MulDiv(f.Value.Millionths, f.Weight.Millionths, figure.One*figure.One).Millionths; counts && (d > 102 || d < -102) {
				t.Fatalf("%s: points are not value x weight: %+v", credit.FactorName(i), f)
			}
			points += f.Points.Millionths
			weights += f.Weight.Millionths
		}
		if !s.Score.Known {
			if points != 0 || weights != 0 || s.ByScore != 0 {
				t.Fatalf("no score, and %+v", s)
			}
			return
		}
		if points != s.Score.Millionths || weights != figure.One || s.Score.Millionths > 100*figure.One {
			t.Fatalf("points add up to %d, weights to %d: %+v", points, weights, s)
		}
	})
}

// The score without any rounding in between: no part of it is off by more than a millionth.
func TestScoreIsTheWeightedMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawnScoring(t)
		s := rated(drawnLedger(t), c, drawnProfile(t), -1)
		sum, total := int64(0), int64(0)
		for i, f := range s.Factors {
			if f.Value.Known {
				sum, total = sum+c.Weights[i]*f.Value.Millionths, total+c.Weights[i]
			}
		}
		if want := figure.Div(sum, total*figure.One); s.Score != want {
			t.Fatalf("%v, want %v of %+v", s.Score, want, s)
		}
	})
}

// Silence never makes a score or a grade better: a day judged later, with nothing else moved.
func TestSilenceNeverImproves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c, p := drawnLedger(t), drawnScoring(t), drawnProfile(t)
		judged := civil.Day(rapid.IntRange(-130, -1).Draw(t, "judged"))
		before, after := rated(l, c, p, judged), rated(l, c, p, judged+civil.Day(rapid.IntRange(1, 40).Draw(t, "later")))
		if after.Score.Millionths > before.Score.Millionths || after.Grade < before.Grade {
			t.Fatalf("%+v, then %+v", before, after)
		}
	})
}

// Whatever gets worse with the rest as it is, the score never rises for it: a payment later within its time, an item late,
// more owed of the limit, a worse grade of an agency.
func TestWorseNeverRaisesTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c, p := drawnLedger(t), scoring(), drawnProfile(t)
		worse, said := l.Clone(), p
		slack := int64(0)
		switch i := rapid.IntRange(0, len(l.Portions)-1).Draw(t, "which"); rapid.SampledFrom([]string{"days", "late", "limit", "grade", "block"}).Draw(t, "what") {
		case "days":
			worse.Portions[i].Beyond += int32(rapid.IntRange(1, 50).Draw(t, "days later"))
			slack = 5 // each mean is rounded by itself
		case "late":
			worse.Settled[i].Late = min(worse.Settled[i].Late+1, worse.Settled[i].Settled)
		case "limit":
			said.Limit.Minor /= 2
		case "grade":
			said.Grade = map[string]string{"AAA": "BB", "BB": "D", "D": "D"}[p.Grade]
			if said.Grade == "" {
				said.Grade = p.Grade
			}
		case "block":
			said.Blocked = true
		}
		a, b := rated(l, c, p, -1), rated(worse, c, said, -1)
		if b.Score.Millionths > a.Score.Millionths+slack || slack == 0 && b.Grade < a.Grade {
			t.Fatalf("%+v, then %+v", a, b)
		}
	})
}

// A weight is shared by those that can be computed, pro rata.
func TestWhatCannotBeComputedDropsOut(t *testing.T) {
	limited := credit.Profile{Limit: credit.Limit{Minor: 100, Known: true}}
	for name, c := range map[string]struct {
		p    credit.Profile
		want [credit.FactorCount]int64
	}{
		"neither limit nor rating": {credit.Profile{}, [credit.FactorCount]int64{250_000, 500_000, 125_000, 125_000}},
		"a limit":                  {limited, [credit.FactorCount]int64{222_222, 444_445, 111_111, 111_111, 111_111}},
		"both":                     {credit.Profile{Limit: limited.Limit, Grade: "A", Source: "agency"}, [credit.FactorCount]int64{200_000, 400_000, 100_000, 100_000, 100_000, 100_000}},
		"a grade by hand":          {credit.Profile{Grade: "A", Source: "manual"}, [credit.FactorCount]int64{250_000, 500_000, 125_000, 125_000}},
		"a grade of no such name":  {credit.Profile{Grade: "junk", Source: "agency"}, [credit.FactorCount]int64{250_000, 500_000, 125_000, 125_000}},
	} {
		var got [credit.FactorCount]int64
		for i, f := range rated(credit.Ledger{}, scoring(), c.p, -1).Factors {
			got[i] = f.Weight.Millionths
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Of the grades that a score, a hand and caps give, caps win, then the hand.
func TestGrades(t *testing.T) {
	overdue := func(days int) credit.Ledger {
		return credit.Ledger{Items: []credit.Item{{Due: civil.Day(-1 - days), Left: 5}, {Due: 3, Left: 999_995}}}
	}
	for name, c := range map[string]struct {
		l     credit.Ledger
		p     credit.Profile
		grade string
		codes string
	}{
		"nothing known":                     {credit.Ledger{}, credit.Profile{}, "BBB", "thin_file"},
		"blocked":                           {credit.Ledger{}, credit.Profile{Blocked: true}, "D", "thin_file credit_block"},
		"90 days overdue":                   {overdue(90), credit.Profile{}, "BB", "thin_file"},
		"91 days overdue":                   {overdue(91), credit.Profile{}, "CCC", "thin_file long_overdue"},
		"both":                              {overdue(91), credit.Profile{Blocked: true}, "D", "thin_file credit_block long_overdue"},
		"by hand":                           {credit.Ledger{}, credit.Profile{Grade: "AAA", Source: "manual"}, "AAA", "thin_file manual_rating"},
		"by hand, worse":                    {credit.Ledger{}, credit.Profile{Grade: "CC", Source: "manual"}, "CC", "thin_file manual_rating"},
		"by hand, and overdue":              {overdue(91), credit.Profile{Grade: "AAA", Source: "manual"}, "CCC", "thin_file manual_rating long_overdue"},
		"by hand, worse, and overdue":       {overdue(91), credit.Profile{Grade: "CC", Source: "manual"}, "CC", "thin_file manual_rating long_overdue"},
		"a grade that the policy hasn't":    {credit.Ledger{}, credit.Profile{Grade: "1+", Source: "manual"}, "BBB", "thin_file rating_unknown"},
		"an agency's best":                  {credit.Ledger{}, credit.Profile{Grade: "AAA", Source: "agency"}, "A", "thin_file"},
		"an agency's worst, of one unknown": {credit.Ledger{}, credit.Profile{Grade: "D", Source: "agency"}, "BBB", "thin_file"},
	} {
		s, sc := rated(c.l, scoring(), c.p, -1), scoring()
		codes := ""
		for i, code := range s.Warnings.Codes() {
			codes += map[bool]string{true: " "}[i > 0] + code
		}
		if got := sc.GradeName(s.Grade); got != c.grade || codes != c.codes {
			t.Errorf("%s: %s with %q, want %s with %q (%v)", name, got, codes, c.grade, c.codes, s.Score)
		}
	}
}

// A grade begins at its border.
func TestGradesBeginAtTheirBorder(t *testing.T) {
	c := scoring()
	for from, want := range map[int64]int64{69_374_999: 1, 69_375_000: 1, 69_375_001: 2} {
		c.Grades = []credit.Grade{{Name: "good", From: from}, {Name: "bad"}}
		if s := rated(credit.Ledger{}, c, credit.Profile{}, -1); s.ByScore != want || s.Score != figure.Of(69_375_000) {
			t.Errorf("good from %d: grade %d of %v, want %d", from, s.ByScore, s.Score, want)
		}
	}
}

// Between today and the next day no score moves where the policy looks at it, and no cap of the grade in any case.
func TestNoScoreMovesBeforeNextDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := credit.Config{WindowDays: rapid.IntRange(1, 12).Draw(t, "window"), PromptnessDays: rapid.IntRange(1, 12).Draw(t, "promptness"), Scoring: drawnScoring(t)}
		cfg.Scoring.TrendDays, cfg.Scoring.LagDays = rapid.IntRange(1, 12).Draw(t, "trend"), rapid.IntRange(0, 3).Draw(t, "lag")
		cfg.Scoring.Caps[1].Days = rapid.Int64Range(0, 40).Draw(t, "cap")
		l, looks := drawnLedger(t), rapid.Bool().Draw(t, "looks")
		if l.HasLoss = rapid.Bool().Draw(t, "loss"); l.HasLoss {
			l.LastLoss = civil.Day(rapid.IntRange(-12, 0).Draw(t, "lost on"))
		}
		switch rapid.IntRange(0, 3).Draw(t, "without") { // each list has moments of its own
		case 0:
			l.Settled, cfg.Scoring.ThinItems = nil, 0
		case 1:
			l.Portions = nil
		}
		slices.SortFunc(l.Items, func(a, b credit.Item) int { return int(a.Due - b.Due) })
		on := func(d civil.Day) any {
			f, s := l.Rate(cfg, credit.Profile{}, d, d-civil.Day(cfg.Scoring.LagDays))
			if !looks {
				return []any{s.Factors[credit.OverdueNow].Raw, s.Warnings & (credit.LongOverdue | credit.WrittenOff)}
			}
			return []any{s, f.RecentDays, f.HabitDays}
		}
		settled := func(d civil.Day) int64 {
			f, _ := l.Rate(cfg, credit.Profile{}, d, d)
			return f.Settled
		}
		today := civil.Day(rapid.IntRange(-12, 12).Draw(t, "today"))
		next, ok := nextDay(&l, cfg, credit.Drift{Score: looks}, today)
		if !ok {
			next = today + 60
		}
		for d := today + 1; d < next; d++ {
			if !looks && settled(d) != settled(today) {
				continue // a file gets thinner by what rolls off, which nobody looks at
			}
			if before, now := on(today), on(d); !reflect.DeepEqual(before, now) {
				t.Fatalf("day %d has %+v, day %d had %+v, next is %d", d, now, today, before, next)
			}
		}
	})
}

// Of who has hardly bought yet a single day overdue says little: the grade falls by one at most. It says more the more is
// known, and in full once the file is thin no more.
func TestOneDayOverdueOfAThinFile(t *testing.T) {
	var falls []int64
	for n := range int64(6) {
		l := credit.Ledger{Items: []credit.Item{{Due: -2, Left: 100}}}
		if n > 0 {
			l.Settled = []credit.SettledDay{{Day: -9, Settled: n}}
			l.Portions = []credit.Portion{{Day: -9, Amount: 100}}
		}
		before, after := rated(l, scoring(), credit.Profile{}, -2), rated(l, scoring(), credit.Profile{}, -1)
		if n < 3 && after.Grade > before.Grade+1 {
			t.Errorf("with %d settled the grade falls from %d to %d, score %s to %s", n, before.Grade, after.Grade, before.Score, after.Score)
		}
		falls = append(falls, before.Factors[credit.OverdueNow].Points.Millionths-after.Factors[credit.OverdueNow].Points.Millionths)
	}
	if want := []int64{3_750_000, 5_500_000, 7_250_000, 9_000_000, 10_750_000, 12_500_000}; !slices.Equal(falls, want) {
		t.Errorf("it costs %v, want %v", falls, want)
	}
}

// What is unpaid by far takes the place of the portfolio's items where these are lacking, and must not do so to the customer's
// good: each factor by itself, of a customer who pays on the day, and of one who pays ever sooner.
func TestUnpaidByFarNeverImproves(t *testing.T) {
	for name, factor := range map[string]credit.FactorName{"lateness": credit.Lateness, "days beyond terms": credit.BeyondTerms, "trend": credit.Slowing} {
		for _, early := range []int32{0, -10} {
			l := credit.Ledger{Items: []credit.Item{{Due: -50, Left: 1}},
				Settled:  []credit.SettledDay{{Day: -200, Settled: 2}, {Day: -5, Settled: 1}},
				Portions: []credit.Portion{{Day: -200, Amount: 1_000_000}, {Day: -5, Beyond: early, Amount: 1_000_000}}}
			c := scoring()
			c.Weights = [credit.FactorCount]int64{}
			c.Weights[factor] = 1
			last := rated(l, c, credit.Profile{}, -49)
			for judged := civil.Day(-48); judged < 0; judged++ {
				is := rated(l, c, credit.Profile{}, judged)
				if is.Score.Millionths > last.Score.Millionths {
					t.Errorf("%s, paying at %d days: judged on day %d the score is %s, from %s", name, early, judged, is.Score, last.Score)
				}
				last = is
			}
		}
	}
}
