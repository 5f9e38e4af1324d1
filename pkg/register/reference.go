package register

import "slices"

// Meant is the place, in a list by source, of the register that a reference from a source means: its own where there is
// one, whatever has become of it, else the first; -1: the list is empty. Every reference by business id goes through here
// (docs/adr/0003-references-across-sources.md).
func Meant[T any](list []T, source string, of func(T) string) int {
	if len(list) < 2 {
		return len(list) - 1
	}
	return max(0, slices.IndexFunc(list, func(x T) bool { return of(x) == source }))
}
