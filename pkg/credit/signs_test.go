package credit_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

// What is open is compared with what was open 90 days ago, as that day's own books had it: sales and payments of the days
// between are all that lies between.
func TestSigns(t *testing.T) {
	cfg := credit.Config{WindowDays: 365, PromptnessDays: 730, DSODays: 365}
	rapid.Check(t, func(t *rapid.T) {
		today := civil.Day(rapid.IntRange(100, 300).Draw(t, "today"))
		var now, then credit.Book
		for i := range rapid.IntRange(0, 12).Draw(t, "documents") {
			day := civil.Day(rapid.IntRange(0, int(today)).Draw(t, "day"))
			amount := rapid.Int64Range(1, 9).Draw(t, "amount")
			old := day <= today-credit.GrowthDays
			if rapid.Bool().Draw(t, "pays") {
				p := credit.Payment{ID: fmt.Sprint("P", i), ValueDay: day, Amount: amount}
				if now.Payments = append(now.Payments, p); old {
					then.Payments = append(then.Payments, p)
				}
				continue
			}
			o := credit.Order{ID: fmt.Sprint("O", i), Day: day, Amount: amount, Credit: true, Due: day + civil.Day(rapid.IntRange(0, 60).Draw(t, "terms"))}
			if now.Orders = append(now.Orders, o); old {
				then.Orders = append(then.Orders, o)
			}
		}
		l, before := credit.Settle(now, cfg), credit.Settle(then, cfg)
		s, want := l.Signs(cfg, today), figure.Micro{}
		if was := before.Figures(cfg, today-credit.GrowthDays).Open; was > 0 {
			want = figure.Div(l.Figures(cfg, today).Open, was)
		}
		if s.OpenGrowth != want || s.Distress {
			t.Fatalf("%+v, want a growth of %+v", s, want)
		}
		cfg := cfg
		if cfg.DSODays = credit.GrowthDays - 1; l.Signs(cfg, today).OpenGrowth.Known {
			t.Fatal("growth is known, though the days are not kept")
		}
	})
}
