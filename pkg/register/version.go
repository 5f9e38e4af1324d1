// Package register has the registers of a customer: orders, returns, invoices, payments, and what takes them back.
// Each is the winner among the events with its business id, whatever the order of arrival: state is a function of the
// set of events.
//
// No method writes into a list or a document that a copy of the register shares, so a plain copy is enough to try an
// event out on.
package register

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Version orders the events of one register. The zero value stands for 'no event yet': every event has an id.
type Version struct {
	Revision   int64
	OccurredAt civil.Instant
	EventID    string
}

// Compare is by revision, then by business time, then by event id.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Revision, w.Revision), cmp.Compare(v.OccurredAt, w.OccurredAt), cmp.Compare(v.EventID, w.EventID))
}

// Newer says that v wins over w.
func (v Version) Newer(w Version) bool { return v.Compare(w) > 0 }

// older is for a register that may not have been written yet.
func older(w *Version, v Version) bool { return w == nil || v.Newer(*w) }

// insert gives the list with x where it belongs by its version; an event that is there already changes nothing.
func insert[T any](list []T, x T, version func(T) Version) ([]T, bool) {
	i, found := slices.BinarySearchFunc(list, version(x), func(t T, v Version) int { return version(t).Compare(v) })
	if found {
		return list, false
	}
	return slices.Insert(slices.Clone(list), i, x), true
}

// upsert gives the list with, per (source, id), the newest.
func upsert[T any](list []T, x T, key func(T) (source, id string), version func(T) Version) ([]T, bool) {
	source, id := key(x)
	i, found := slices.BinarySearchFunc(list, x, func(t, _ T) int {
		s, n := key(t)
		return cmp.Or(cmp.Compare(s, source), cmp.Compare(n, id))
	})
	if !found {
		return slices.Insert(slices.Clone(list), i, x), true
	}
	if !version(x).Newer(version(list[i])) {
		return list, false
	}
	list = slices.Clone(list)
	list[i] = x
	return list, true
}
