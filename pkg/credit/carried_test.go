package credit_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// spot is an entry of a ledger's lists by day, as Changed tells of it.
type spot struct {
	day civil.Day
	id  string
}

// entriesOf are the entries of a ledger by where they are.
func entriesOf(l *credit.Ledger) map[spot][]any {
	out := map[spot][]any{}
	put := func(day civil.Day, id string, x any) { out[spot{day, id}] = append(out[spot{day, id}], x) }
	for _, x := range l.Items {
		put(x.Due, x.Ref.ID, x)
	}
	for _, x := range l.Settled {
		put(x.Day, "", x)
	}
	for _, x := range l.Portions {
		put(x.Day, "", x)
	}
	for _, x := range l.Sales {
		put(x.Day, "", x)
	}
	return out
}

// agreeing says that sums that were carried are those that are added up.
func agreeing(t *rapid.T, l *credit.Ledger, cfg credit.Config, today civil.Day) {
	t.Helper()
	anew := l.Clone()
	profile, judged := credit.Profile{}, today-civil.Day(cfg.Scoring.LagDays)
	f, s := l.Rate(cfg, profile, today, judged)
	want, score := anew.Rate(cfg, profile, today, judged)
	if f != want || s != score {
		t.Fatalf("day %d: carried %+v, %+v\nadded up %+v, %+v", today, f, s, want, score)
	}
	if a, b := l.Trend(cfg, today), anew.Trend(cfg, today); a != b {
		t.Fatalf("day %d: the trend is %+v, added up %+v", today, a, b)
	}
	if a, b := l.Signs(cfg, today), anew.Signs(cfg, today); a != b {
		t.Fatalf("day %d: the signs are %+v, added up %+v", today, a, b)
	}
	if a, b := l.CreditSales(cfg, today), anew.CreditSales(cfg, today); a != b {
		t.Fatalf("day %d: the sales are %+v, added up %+v", today, a, b)
	}
}

// strict is a policy that looks at everything, over windows that end soon.
var strict = rapid.Custom(func(t *rapid.T) credit.Config {
	cfg := config2.Draw(t, "config")
	days := rapid.OneOf(rapid.IntRange(3, 20), rapid.IntRange(90, 120))
	cfg.WindowDays, cfg.PromptnessDays, cfg.DSODays = days.Draw(t, "window"), days.Draw(t, "promptness"), days.Draw(t, "dso")
	cfg.Scoring = credit.Scoring{TrendDays: rapid.IntRange(1, 20).Draw(t, "trend"), ThinItems: 2, LagDays: 2,
		Grades: []credit.Grade{{Name: "A", From: 50_000_000}, {Name: "B"}}}
	for i := range cfg.Scoring.Weights {
		cfg.Scoring.Weights[i] = int64(i + 1)
	}
	return cfg
})

// policies are two that settle alike.
func policies(t *rapid.T) []credit.Config {
	cfgs := []credit.Config{strict.Draw(t, "a policy"), strict.Draw(t, "another")}
	cfgs[1].Tolerance, cfgs[1].Hold, cfgs[1].Forgive = cfgs[0].Tolerance, cfgs[0].Hold, cfgs[0].Forgive
	return cfgs
}

func oneOf(t *rapid.T, cfgs []credit.Config) credit.Config {
	return cfgs[rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "policy")]
}

func daysPass(t *rapid.T) civil.Day {
	return civil.Day(max(0, rapid.IntRange(-3, 4).Draw(t, "days pass")))
}

// Sums that go on with a settled book, as days pass and other policies look, are those that are added up; and whatever changes of
// the lists by day has been told.
func TestCarriedSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfgs := policies(t)
		k, sums, told := keeper{clerk: clerk{cfg: cfgs[0]}}, credit.Carried{}, map[spot]bool{}
		k.settler.JournalFrom = rapid.IntRange(0, 3).Draw(t, "journal from")
		tell := func(day civil.Day, id string) { told[spot{day, id}] = true }
		k.running = k.settler.Run(&k.book, k.cfg)
		k.running.Watch(tell, &sums)
		today := civil.Day(0)
		for _, d := range drawDocuments(t, "order", "order", "payment", "payment", "invoice", "return") {
			clear(told)
			before, again := k.running.Ledger(), k.again
			was := entriesOf(&before)
			k.take(d)
			if k.cancel(t); k.again > again {
				sums = credit.Carried{}
				k.running.Watch(tell, &sums)
				k.ledger = k.running.Ledger()
			}
			is := entriesOf(&k.ledger)
			for at := range told {
				delete(was, at)
				delete(is, at)
			}
			if k.again == again && !reflect.DeepEqual(was, is) {
				t.Fatalf("told of %v: beside it there was %v and is %v", told, was, is)
			}
			today += daysPass(t)
			cfg := oneOf(t, cfgs)
			k.ledger.Prune(cfg, today)
			agreeing(t, &k.ledger, cfg, today)
		}
	})
}

// So are those of a ledger that is pruned and goes on by entries, whoever prunes it.
func TestCarriedSumsOfAPrunedLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfgs := policies(t)
		c, sums, today := clerk{cfg: cfgs[0]}, credit.Carried{}, civil.Day(0)
		c.ledger.Carried = &sums
		for _, d := range drawDocuments(t, "order", "order", "payment", "payment") {
			again := c.again
			if c.take(d); c.again > again {
				sums = credit.Carried{}
				c.ledger.Carried = &sums
			}
			if rapid.IntRange(0, 3).Draw(t, "pruned") == 0 {
				c.ledger.Prune(cfgs[rapid.IntRange(0, 1).Draw(t, "by")], today+civil.Day(rapid.SampledFrom([]int{0, 0, 1, 90}).Draw(t, "ahead")))
			}
			agreeing(t, &c.ledger, oneOf(t, cfgs), today)
			today += daysPass(t)
		}
	})
}
