// Package mutant says which deliberate breakage is on. Nothing of the product imports it: the mutation gate builds the
// product with an overlay whose broken lines ask here.
package mutant

import "sync/atomic"

var (
	name  atomic.Pointer[string]
	clean atomic.Bool
	count atomic.Int64
)

// Set turns a breakage on; empty: none.
func Set(breakage string) { name.Store(&breakage) }

// Is says that the breakage is on.
func Is(breakage string) bool {
	n := name.Load()
	return n != nil && *n == breakage && !clean.Load()
}

// Any says that some breakage is on.
func Any() bool {
	n := name.Load()
	return n != nil && *n != ""
}

// Cleanly runs f without the breakage: a reference that must not share it.
func Cleanly(f func()) {
	was := clean.Swap(true)
	defer clean.Store(was)
	f()
}

// Count gives another number with every call: what a clock or a random number would be.
func Count() int64 { return count.Add(1) }
