package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// WarningDays is the window of what warns early: failed attempts to pay, and broken promises.
const WarningDays = 90

// Failed counts the attempts to pay that failed on a day.
type Failed struct {
	Day civil.Day
	N   int64
}

// Unkept is a promise of which something is missing: it is broken the day after By.
type Unkept struct {
	By      civil.Day
	Missing int64 // minor units
}

// Fail counts attempts that failed on some days, instead of those of other days. Which count is the registers' to say.
func (l *Ledger) Fail(was, is []civil.Day) {
	l.Failed = slices.Clone(l.Failed)
	for _, d := range was {
		l.countFailed(d, -1)
	}
	for _, d := range is {
		l.countFailed(d, 1)
	}
	if len(l.Failed) == 0 {
		l.Failed = nil
	}
}

// Fail is Ledger's.
func (r *Running) Fail(was, is []civil.Day) { r.ledger.Fail(was, is) }

// countFailed adds n to a day. What was pruned is gone.
func (l *Ledger) countFailed(day civil.Day, n int64) {
	i, found := slices.BinarySearchFunc(l.Failed, day, func(f Failed, d civil.Day) int { return cmp.Compare(f.Day, d) })
	switch {
	case found:
		l.Failed[i].N += n
	case n > 0:
		l.Failed = slices.Insert(l.Failed, i, Failed{day, n})
	}
	if found && l.Failed[i].N == 0 {
		l.Failed = slices.Delete(l.Failed, i, i+1)
	}
}

// warnings are the figures of early warning.
func (l *Ledger) warnings(f *Figures, today civil.Day) {
	for _, x := range l.Failed {
		if within(x.Day, today, WarningDays) {
			f.FailedPayments += x.N
		}
	}
	for _, u := range l.Promises {
		if within(u.By+1, today, WarningDays) {
			f.BrokenPromises++
		}
	}
}

// promises looks at each promise with what was settled, and notes those that aren't kept. What comes up to the day of one may
// keep it; what comes later changes nothing.
func (s *settler) promises(l *Ledger) {
	for _, p := range s.book.Promises {
		missing, known := s.missing(p)
		s.remarked = s.remarked || !known
		if missing <= 0 {
			continue
		}
		s.sweeps.decide(p.By, &l.Head)
		u := Unkept{p.By, missing}
		i, _ := slices.BinarySearchFunc(l.Promises, u, compareUnkept)
		l.Promises = slices.Insert(l.Promises, i, u)
	}
}

// missing is what wasn't settled of what was promised, in the base currency; known: there is something that the promise was for.
func (s *settler) missing(p Promise) (missing int64, known bool) {
	paid, owed := int64(0), int64(0)
	var rate fx.Rate
	for a := range s.index.resolve(Ref{true, p.ID}, p.Source).accounts {
		if a.Opened > p.By {
			continue
		}
		known, rate = true, a.rate
		in, after := a.settledIn(p.Day, p.By)
		if paid += in; after || a.Left > s.cfg.Tolerance || len(a.lost) > 0 {
			owed += a.owedAfter(p.By)
		}
	}
	if !known || owed <= 0 {
		return 0, known
	}
	if p.Amount > 0 {
		return rate.Base(min(owed, p.Amount-paid)), known
	}
	return rate.Base(owed), known
}

// settledIn is what was settled from one day to another, and whether anything was later.
func (a *account) settledIn(from, to civil.Day) (in int64, after bool) {
	for _, p := range a.portions {
		if p.day >= from && p.day <= to {
			in += p.amount
		}
		after = after || p.day > to
	}
	return in, after
}

// owedAfter is what was left of an account at the end of a day, less what was credited since: that wasn't owed.
func (a *account) owedAfter(day civil.Day) int64 {
	owed := a.Left
	for _, p := range a.portions {
		if p.day > day {
			owed += p.amount
		}
	}
	for _, x := range a.lost {
		owed += x.amount
	}
	return owed
}
