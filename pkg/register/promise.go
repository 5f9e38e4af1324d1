package register

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// mostKept is of how many promises for an invoice, failed attempts at a payment, and due days that a document had, a register
// keeps: the newest. That bounds it, and what is left is a function of the set still.
const mostKept = 32

// Promise is a promise to pay, by the event that made it; Amount in minor units of Currency, 0: all of it.
type Promise struct {
	Source   string
	Version  Version
	By       civil.Day
	Amount   int64
	Currency fx.Code
}

// Promise takes a promise, and says whether anything changed.
func (r *Remarks) Promise(p Promise) (changed bool) {
	r.Promises, changed = keepNewest(r.Promises, p, func(p Promise) (string, string) { return p.Source, p.Version.EventID }, func(p Promise) Version { return p.Version })
	return changed
}

// Standing are the promises that count: one that its system has replaced in time, by another that was made no later than
// on the day it was for, is none any more.
func (r *Remarks) Standing(calendar civil.Calendar) (out []Promise) {
	for _, p := range r.Promises {
		replaced := slices.ContainsFunc(r.Promises, func(q Promise) bool {
			return q.Source == p.Source && q.Version.Newer(p.Version) && calendar.DayOf(q.Version.OccurredAt) <= p.By
		})
		if !replaced {
			out = append(out, p)
		}
	}
	return out
}

// Failure is an attempt to pay without money.
type Failure struct {
	Source, ID string
	Version    Version
}

// Attempts are those at one payment.
type Attempts struct {
	Failures []Failure // by (source, id)
}

// Fail takes a failed attempt, and says whether anything changed.
func (a *Attempts) Fail(f Failure) (changed bool) {
	a.Failures, changed = keepNewest(a.Failures, f, func(f Failure) (string, string) { return f.Source, f.ID }, func(f Failure) Version { return f.Version })
	return changed
}

// keepNewest is upsert for a list that has the newest alone.
func keepNewest[T any](list []T, x T, key func(T) (source, id string), version func(T) Version) ([]T, bool) {
	with, changed := upsert(list, x, key, version)
	if !changed || len(with) <= mostKept {
		return with, changed
	}
	oldest := 0
	for i := range with {
		if version(with[oldest]).Newer(version(with[i])) {
			oldest = i
		}
	}
	if version(with[oldest]) == version(x) {
		return list, false
	}
	return slices.Delete(with, oldest, oldest+1), true
}

// insertNewest is insert for a list that has the newest alone.
func insertNewest[T any](list []T, x T, version func(T) Version) ([]T, bool) {
	with, changed := insert(list, x, version)
	switch {
	case !changed || len(with) <= mostKept:
		return with, changed
	case version(with[0]) == version(x):
		return list, false
	}
	return with[1:], true
}
