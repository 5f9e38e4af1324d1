package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// contest notes of the open accounts how much of them is disputed.
func (s *settler) contest() {
	if len(s.book.Disputes) == 0 {
		return
	}
	list := slices.Clone(s.book.Disputes)
	slices.SortFunc(list, func(a, b Dispute) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source)) })
	for _, d := range list {
		left, met := d.Amount, false
		for a := range s.index.resolve(Ref{true, d.ID}, d.Source).accounts {
			met = true
			if a.Left <= s.cfg.Tolerance {
				continue
			}
			n := a.Left - a.Disputed
			if d.Amount > 0 {
				n = min(n, left)
			}
			a.Disputed, left = a.Disputed+n, left-n
			s.remarked = s.remarked || n > 0
		}
		s.remarked = s.remarked || !met
	}
}

// Graded is what disputed amounts would change of the figures, without them: grades leave them out while they are disputed.
type Graded struct {
	Overdue, MaxDaysOverdue int64
	OnTimeRate, Promptness  figure.Micro
}

// Graded is the figures that grades look at.
func (f *Figures) Graded() Graded {
	if f.Disputed > 0 {
		return f.Undisputed
	}
	return Graded{f.Overdue, f.MaxDaysOverdue, f.OnTimeRate, f.Promptness}
}

// undisputed are the figures without what is disputed; nothing where nothing is.
func (l *Ledger) undisputed(cfg Config, f *Figures, today civil.Day) (g Graded) {
	if f.Disputed == 0 {
		return g
	}
	overdueItems := int64(0)
	for _, i := range l.Items {
		past := int64(today - i.Due)
		if left := i.Left - i.Disputed; past > 0 && left > 0 {
			g.Overdue += left
			overdueItems++
			g.MaxDaysOverdue = max(g.MaxDaysOverdue, past)
		}
	}
	g.OnTimeRate = figure.Div(f.Settled-f.SettledLate, f.Settled+overdueItems)
	g.Promptness = l.promptness(cfg, today, func(i *Item) int64 { return i.Left - i.Disputed })
	return g
}
