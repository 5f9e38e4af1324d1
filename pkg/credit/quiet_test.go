package credit_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

func on(t *testing.T, text string) civil.Day {
	t.Helper()
	d, err := civil.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Weekends and Spring Festival are no pause; three working days without a payment are nothing special, the fourth is.
func TestQuiet(t *testing.T) {
	q := credit.Quiet{Days: 3, Weekend: [7]bool{0: true, 6: true}, Holidays: []credit.Span{{From: on(t, "2026-01-01"), To: on(t, "2026-01-01")}, {From: on(t, "2026-02-16"), To: on(t, "2026-02-23")}}}
	for day, since := range map[string]string{
		"2026-03-13": "2026-03-08", // as Friday begins, if nothing has come since Sunday: Monday to Thursday
		"2026-03-14": "2026-03-09",
		"2026-03-16": "2026-03-09", // as Monday begins: Tuesday to Friday
		"2026-02-24": "2026-02-09", // the first day after the festival begins: Tuesday to Friday before it
		"2026-02-25": "2026-02-10",
		"2026-01-02": "2025-12-25",
	} {
		if got := q.Since(on(t, day)); got != on(t, since) {
			t.Errorf("as %s begins it is quiet if the last payment was on %s or before, not %s", day, since, got)
		}
	}
}

// Whether a day is one of business is what its date says; it is quiet exactly where more of them than allowed have passed.
func TestQuietIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := credit.Quiet{Days: rapid.IntRange(1, 9).Draw(t, "days")}
		for i := range 6 {
			q.Weekend[i+1] = rapid.Bool().Draw(t, "weekend")
		}
		day := civil.Day(rapid.IntRange(-900, 900).Draw(t, "day"))
		for at := day - 40; at < day+9; at += civil.Day(rapid.IntRange(2, 30).Draw(t, "until the next holiday")) {
			s := credit.Span{From: at, To: at + civil.Day(rapid.IntRange(0, 12).Draw(t, "holiday"))}
			q.Holidays, at = append(q.Holidays, s), s.To
		}
		business := func(d civil.Day) bool {
			for _, s := range q.Holidays {
				if d >= s.From && d <= s.To {
					return false
				}
			}
			return !q.Weekend[time.Unix(int64(d)*86400, 0).UTC().Weekday()]
		}
		since := q.Since(day)
		for last := since - 5; last < day; last++ {
			n := 0
			for d := last + 1; d < day; d++ {
				if business(d) != q.Business(d) {
					t.Fatalf("day %s: business %v", d, q.Business(d))
				}
				if business(d) {
					n++
				}
			}
			if quiet := n > q.Days; quiet != (last <= since) {
				t.Fatalf("%d business days since %s as %s begins: quiet %v, since %s", n, last, day, quiet, since)
			}
		}
	})
}
