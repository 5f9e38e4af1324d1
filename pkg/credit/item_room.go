package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// itemRoom is the memory of a long list of open items, which gives way at its nearer end: who buys much has a thousand that are open, and
// what is paid is among the first.
type itemRoom struct {
	all []Item // from where the list once began; good as long as the list is in the same memory

	due func(id string) (civil.Day, bool) // when an item of an id may be due; nil: nobody knows
}

// itemSome is how many items are looked at at either end of a long list before it is asked where one may be.
const itemSome = 8

// known is the place of an item of which it is known when it is due; -1: it isn't there, or it isn't known.
func (l *Ledger) known(id string, is func(*Item) bool) int {
	if l.room == nil || l.room.due == nil {
		return -1
	}
	if day, known := l.room.due(id); known {
		from, to := itemSpan(l.Items, day, id)
		for i := from; i < to; i++ {
			if is(&l.Items[i]) {
				return i
			}
		}
	}
	return -1
}

// before is how many items there is room for before those of a list.
func (r *itemRoom) before(items []Item) int {
	n := cap(r.all) - cap(items)
	if n < 0 || len(items) == 0 || cap(r.all) == 0 || &r.all[:n+1][n] != &items[0] {
		return -1
	}
	return n
}

// insertItem has an item be at a place.
func (l *Ledger) insertItem(at int, item Item) {
	if l.room != nil && at < len(l.Items)/2 {
		if n := l.room.before(l.Items); n > 0 {
			l.Items = l.room.all[:n+len(l.Items)][n-1:]
			copy(l.Items[:at], l.Items[1:])
			l.Items[at] = item
			return
		}
	}
	l.Items = slices.Insert(l.Items, at, item)
}

// deleteItem has the item at a place be gone.
func (l *Ledger) deleteItem(at int) {
	if l.room == nil || at >= len(l.Items)/2 {
		l.Items = slices.Delete(l.Items, at, at+1)
		return
	}
	if l.room.before(l.Items) < 0 {
		l.room.all = l.Items
	}
	copy(l.Items[1:at+1], l.Items)
	clear(l.Items[:1])
	l.Items = l.Items[1:]
}

// replaceItems has other items be in place of some.
func (l *Ledger) replaceItems(from, to int, is []Item) {
	switch {
	case len(is) == 1 && from == to:
		l.insertItem(from, is[0])
	case len(is) == 0 && to == from+1:
		l.deleteItem(from)
	default:
		l.Items = slices.Replace(l.Items, from, to, is...)
	}
}
