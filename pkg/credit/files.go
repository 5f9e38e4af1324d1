package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// files is a ledger into which settled accounts are put, and from which they are taken again by who counts what there is.
type files struct {
	*Ledger
	tolerance int64
	remarks   int // open items of which a part was written off: they will be late whenever they are settled
	counts    *counts
}

// counts is how many accounts make an entry of the lists by day: with the last one it goes.
type counts struct {
	sales, losses map[civil.Day]int
	portions      map[portionKey]int
	bills         map[civil.Day]int
}

type portionKey struct {
	day    civil.Day
	beyond int32
}

func newCounts() *counts {
	return &counts{map[civil.Day]int{}, map[civil.Day]int{}, map[portionKey]int{}, map[civil.Day]int{}}
}

// count adds to a count, and says whether nothing is left of it.
func count[K comparable](m map[K]int, k K, n int) (last bool) {
	if m[k] += n; m[k] == 0 {
		delete(m, k)
		return true
	}
	return false
}

// file puts an account into the ledger, but for what was sold (sign 1), or takes away what it has put there (-1). New items come in no
// order, unless they are counted.
func (f *files) file(a *account, sign int) {
	last := f.fileParts(a, sign)
	switch {
	case a.Left > f.tolerance:
		if len(a.lost) > 0 {
			f.remarks += sign
		}
		f.fileItem(a, sign)
	case len(a.lost) > 0:
		f.fileSettled(SettledDay{last, 1, 1, lossDays(last, a.Due)}, sign)
	case len(a.portions) > 0:
		f.fileSettled(oneSettled(last, a.Due), sign)
	}
}

// fileParts files what settled an account, and says when that was last.
func (f *files) fileParts(a *account, sign int) (last civil.Day) {
	taken := inParts{&a.rate, a.Left} // they and what is left add up to the whole
	for _, p := range a.portions {
		last = p.day // portions are in the order of their days
		f.filePortion(p.day, int64(p.day-a.Due), taken.next(p.amount), sign)
	}
	for _, x := range a.lost {
		if len(a.portions) == 0 || x.day > last {
			last = x.day
		}
		f.filePortion(x.day, lossDays(x.day, a.Due), taken.next(x.amount), sign)
		f.fileLoss(x.day, sign)
	}
	return last
}

func (f *files) fileItem(a *account, sign int) {
	switch {
	case f.counts == nil:
		f.Items = append(f.Items, a.item())
		return
	case sign > 0:
		f.insert(a.item())
		return
	}
	if i, found := slices.BinarySearchFunc(f.Items, a.item(), compareItems); found {
		f.remove(i)
	}
}

func (f *files) fileSale(day civil.Day, amount int64, sign int) {
	f.addSale(day, int64(sign)*amount)
	if f.counts == nil || !count(f.counts.sales, day, sign) {
		return
	}
	if i, found := latelyOn(f.Sales, day, saleDay); found {
		f.Sales = slices.Delete(f.Sales, i, i+1)
	}
}

func (f *files) filePortion(day civil.Day, beyond, amount int64, sign int) {
	f.addPortion(day, beyond, int64(sign)*amount)
	if f.counts == nil || !count(f.counts.portions, portionKey{day, int32(beyond)}, sign) {
		return
	}
	i, _ := f.portion(day, int32(beyond))
	f.Portions = slices.Delete(f.Portions, i, i+1)
}

// fileBill files a payment that is a trade bill.
func (f *files) fileBill(p *Payment, sign int) {
	if !p.Bill || p.Amount <= 0 {
		return
	}
	f.mature(Bill{p.Matures, int64(sign) * p.Rate.Base(p.Amount)})
	if count(f.counts.bills, p.Matures, sign) {
		f.Bills = slices.DeleteFunc(f.Bills, func(b Bill) bool { return b.Matures == p.Matures })
	}
}

func (f *files) fileSettled(x SettledDay, sign int) {
	if sign < 0 {
		x.Settled, x.Late, x.Beyond = -x.Settled, -x.Late, -x.Beyond
	}
	f.countSettled(x)
	if i, found := f.settledOn(x.Day); found && f.Settled[i].Settled == 0 {
		f.Settled = slices.Delete(f.Settled, i, i+1)
	}
}

func (f *files) fileLoss(day civil.Day, sign int) {
	if sign > 0 {
		f.addLoss(day)
	}
	if f.counts != nil && count(f.counts.losses, day, sign) {
		f.HasLoss, f.LastLoss = false, 0
		for d := range f.counts.losses { // rare, and the latest whatever their order
			f.addLoss(d)
		}
	}
}
