package credit_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// What is late on one day is not what is late on another, and goes on with what is paid, whatever was asked before on the same day.
func TestLateIsCarried(t *testing.T) {
	cfg := credit.Config{WindowDays: 90, PromptnessDays: 90, DSODays: 90}
	cfg.Scoring = credit.Scoring{TrendDays: 20, ThinItems: 4, LagDays: 2, Grades: []credit.Grade{{Name: "A", From: 50_000_000}, {Name: "B"}}}
	for i := range cfg.Scoring.Weights {
		cfg.Scoring.Weights[i] = int64(i + 1)
	}
	var b credit.Book
	for _, o := range []credit.Order{{ID: "A", Day: 1, Due: 5, Amount: 10, Credit: true}, {ID: "B", Day: 1, Due: 6, Amount: 30, Credit: true}, {ID: "C", Day: 1, Due: 39, Amount: 70, Credit: true}} {
		add(&b, o)
	}
	w, sums := credit.Settler{}, credit.Carried{}
	r := w.Run(&b, cfg)
	r.Watch(func(civil.Day, string) {}, &sums)
	agree := func(judged civil.Day) {
		t.Helper()
		l := r.Ledger()
		anew := l.Clone()
		f, s := l.Rate(cfg, credit.Profile{}, 41, judged)
		if want, score := anew.Rate(cfg, credit.Profile{}, 41, judged); f != want || s != score || l.Judged(judged) != anew.Judged(judged) {
			t.Errorf("judged up to %d: carried %+v, %+v, added up %+v, %+v", judged, s, l.Judged(judged), score, anew.Judged(judged))
		}
	}
	agree(38)
	agree(41) // later on the same day silence is judged up to another one
	kind := func(credit.Ref, string) (credit.RefKind, string) { return credit.RefCredit, "" }
	if !r.Payment(credit.Payment{ID: "P", ValueDay: 41, Amount: 10, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "A"}}}}, kind, cfg) {
		t.Fatal("refused")
	}
	agree(41)
}
