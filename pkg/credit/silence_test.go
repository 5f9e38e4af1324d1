package credit_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// While silence is held where it is, nothing that it may make worse moves, whatever time does; and judging it up to any day before
// the next one that matters changes nothing either.
func TestHeldSilenceMovesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config2.Draw(t, "config")
		cfg.Scoring = drawnScoring(t)
		cfg.Scoring.Caps = append(cfg.Scoring.Caps, credit.Cap{Kind: credit.CapOverdue, Days: rapid.Int64Range(0, 20).Draw(t, "cap"), Grade: 9})
		l := credit.Settle(bookOf(drawDocuments(t, allKinds...)), cfg)
		drift := credit.Drift{Score: true, Judged: rapid.Bool().Draw(t, "judged"), JudgedDays: rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 2).Draw(t, "judged days")}
		judged := civil.Day(rapid.IntRange(-3, 130).Draw(t, "judged up to"))
		today := judged + civil.Day(rapid.IntRange(0, 60).Draw(t, "days behind"))
		on := func(today, judged civil.Day) []any {
			f, s := l.Rate(cfg, credit.Profile{}, today, judged)
			return append(seen(f, l.Judged(judged), drift), s)
		}
		next, ok := l.NextSilence(cfg, drift, judged)
		if ok && next <= judged {
			t.Fatalf("the next day %d is not after %d", next, judged)
		}
		if !ok {
			next = judged + 100
		}
		before := on(today, judged)
		for d := judged + 1; d < min(next, today+1); d++ {
			if now := on(today, d); !reflect.DeepEqual(now, before) {
				t.Fatalf("on day %d, judged up to %d: %+v, up to %d: %+v, next is %d", today, d, now, judged, before, next)
			}
		}
		if next, ok = l.NextDay(cfg, drift, today); !ok {
			next = today + 60
		}
		for d := today + 1; d < next; d++ {
			if now := on(d, judged); !reflect.DeepEqual(now, before) {
				t.Fatalf("judged up to %d, on day %d: %+v, on day %d: %+v, next is %d", judged, d, now, today, before, next)
			}
		}
	})
}
