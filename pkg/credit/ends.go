package credit

import "slices"

// ends is the memory of a long sorted list that gives way at its nearer end: who buys much has a thousand items that are open, and what
// comes and goes is among the first as often as not. The nil ends is that of a list which is short as a rule.
type ends[T any] struct {
	all []T // from where the list once began; good as long as the list is in the same memory
}

// before is how many elements there is room for before those of a list; -1: the list is in other memory.
func (e *ends[T]) before(list []T) int {
	n := cap(e.all) - cap(list)
	if n < 0 || len(list) == 0 || &e.all[:n+1][n] != &list[0] {
		return -1
	}
	return n
}

// insert has an element be at a place.
func (e *ends[T]) insert(list []T, at int, x T) []T {
	if e == nil || at >= len(list)/2 {
		return slices.Insert(list, at, x)
	}
	n := e.before(list)
	if n < 1 {
		n = 1 + len(list)/8
		e.all = make([]T, n+len(list), n+len(list)+n)
		copy(e.all[n:], list)
	}
	list = e.all[n-1 : n+len(list)]
	copy(list[:at], list[1:])
	list[at] = x
	return list
}

// remove has the element at a place be gone.
func (e *ends[T]) remove(list []T, at int) []T {
	if e == nil || at >= len(list)/2 {
		return slices.Delete(list, at, at+1)
	}
	if e.before(list) < 0 {
		e.all = list
	}
	copy(list[1:at+1], list)
	clear(list[:1])
	return list[1:]
}
