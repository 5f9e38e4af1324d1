package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// itemRoom is the memory of a long list of open items.
type itemRoom struct {
	ends[Item]

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

// insertItem has an item be at a place.
func (l *Ledger) insertItem(at int, item Item) { l.Items = l.ends().insert(l.Items, at, item) }

// deleteItem has the item at a place be gone.
func (l *Ledger) deleteItem(at int) { l.Items = l.ends().remove(l.Items, at) }

func (l *Ledger) ends() *ends[Item] {
	if l.room == nil {
		return nil
	}
	return &l.room.ends
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
