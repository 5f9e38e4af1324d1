package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// close takes away an open item of which nothing has been settled, and its sale. False: it isn't one, or of its day it isn't known whether
// more was sold, of which nothing is left.
func (l *Ledger) close(r Ref, source string, amount int64, known bool) bool {
	i := l.untouched(r, source, amount)
	if i < 0 {
		return false
	}
	item := l.Items[i]
	n, found := latelyOn(l.Sales, item.Opened, saleDay)
	if !found || l.Sales[n].Amount <= amount && !known {
		return false
	}
	l.addSale(item.Opened, -amount)
	if l.Sales[n].Amount == 0 {
		l.Sales = slices.Delete(l.Sales, n, n+1)
		l.findFirstSale()
	}
	l.remove(i)
	l.normalise()
	return true
}

// untouched is the place of an open item of an amount, all of which is open; -1: it isn't one.
func (l *Ledger) untouched(r Ref, source string, amount int64) int {
	i := l.item(r, source)
	if i >= 0 && (l.Items[i].Left != amount || l.Items[i].Amount != amount || l.Items[i].Disputed != 0) {
		return -1
	}
	return i
}

// amend has an open item of which nothing has been settled be of another amount. False: it isn't one.
func (l *Ledger) amend(r Ref, source string, was, is int64) bool {
	i := l.untouched(r, source, was)
	if i < 0 {
		return false
	}
	item := &l.Items[i]
	l.count(item, -1)
	item.Amount, item.Left = is, is
	l.count(item, 1)
	l.addSale(item.Opened, is-was)
	return true
}

// lower takes amount off an open item that is not disputed. False: it isn't one, or that leaves nothing of what is paid in part.
func (l *Ledger) lower(r Ref, source string, day civil.Day, amount int64) bool {
	i := l.item(r, source)
	if i < 0 || l.Items[i].Disputed != 0 || amount > l.Items[i].Left || amount == l.Items[i].Left && amount < l.Items[i].Amount {
		return false
	}
	item := &l.Items[i]
	l.count(item, -1)
	item.Amount, item.Left = item.Amount-amount, item.Left-amount
	l.addSale(item.Opened, -amount)
	l.sweeps.decide(day-1, &l.Head)
	if item.Left > 0 {
		l.count(item, 1)
		return true
	}
	l.deleteItem(i) // which has been told
	l.normalise()
	return true
}
