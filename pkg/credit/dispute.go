package credit

import (
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
	slices.SortFunc(list, func(a, b Dispute) int { return compareKeys(docKey{a.ID, a.Source}, docKey{b.ID, b.Source}) })
	for _, d := range list {
		left, met := d.Amount, false
		for a := range s.index.resolve(Ref{true, d.ID}, d.Source).accounts {
			met = true
			if a.Left <= s.cfg.Tolerance {
				continue
			}
			n := a.graded()
			if d.Amount > 0 {
				n = min(n, left)
			}
			if s.touched != nil {
				s.touched(a)
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

// undisputed are the figures without what is disputed; nothing where nothing is. paid is what the promptness is of beside
// what is overdue.
func (l *Ledger) undisputed(f *Figures, paid weighted, today civil.Day) (g Graded) {
	if f.Disputed == 0 {
		return g
	}
	n := l.late(today)
	for i := 0; i < len(l.Items) && l.Items[i].Due < today; i++ {
		paid.add(l.Items[i].graded(), int64(today-l.Items[i].Due))
	}
	return Graded{n.overdue, n.days, figure.Div(f.Settled-f.SettledLate, f.Settled+n.items), paid.mean()}
}
