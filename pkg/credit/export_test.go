package credit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Appended is how many changes were settled after all else of their day, instead of with it.
func (j *Journal) Appended() int { return j.appended }

// Followed is how many changes were followed from day to day.
func (j *Journal) Followed() int { return j.followed }

// Ran is how many days have been settled, those again that were gone back to, and those on which nothing was.
func (j *Journal) Ran() int { return j.ran }

// Lately is the place of the first number of an ascending list that isn't less than one.
func Lately(list []int, n int) int { return lately(list, func(x *int) bool { return *x < n }) }

// Undo undoes all days that can be, from the last on, and says what there was before each: what has opened, with what has settled it, what money
// was free, and how far it had gone.
func (j *Journal) Undo() (days []string) {
	s := &j.settler
	for i := len(j.days) - 1; i >= 0 && j.days[i].past != nil; i-- {
		if j.back(j.days[i].day); len(j.days[i].tasks) == 0 {
			continue
		}
		var b strings.Builder
		fmt.Fprintln(&b, j.days[i].day, s.free, s.head, s.sweeps.days, len(s.waits))
		for _, w := range s.waits {
			fmt.Fprintln(&b, "waits", w.Money, w.discount, w.over)
		}
		all := slices.DeleteFunc(slices.Clone(s.numbered), func(a *account) bool { return a.noted.dead || !a.opened })
		slices.SortFunc(all, compareAccounts)
		for _, a := range all {
			fmt.Fprintln(&b, a.Item, slices.Contains(s.open, a), a.listed, a.sale, waiting(a.waits))
			for _, x := range a.shares {
				fmt.Fprintln(&b, " bills", x.of.ID, x.of.commitment, waiting(x.of.waits))
			}
			for _, p := range a.portions {
				if !p.shared() {
					fmt.Fprintln(&b, " ", p.payer, p.day, p.amount)
					continue
				}
				for payer, n := range p.swept.payers(p) {
					fmt.Fprintln(&b, " ", payer, p.day, n)
				}
			}
		}
		j.undoPaid(&b)
		days = append(days, b.String())
	}
	return days
}

// Rises are the days before which it is known that what was left of an item may have been less than it was then.
func (j *Journal) Rises() (days []civil.Day) {
	for i := range j.days {
		if d := &j.days[i]; d.past != nil && d.past.sweeps.rises && len(d.tasks) > 0 {
			days = append(days, d.day)
		}
	}
	return days
}

// Dead is on how many days, and now, an item that is there no more is among what is open.
func (j *Journal) Dead() (n int) {
	dead := func(open []*account) int {
		return btoi(slices.ContainsFunc(open, func(a *account) bool { return a.noted.dead }))
	}
	for i := range j.days {
		if p := j.days[i].past; p != nil {
			n += dead(p.open)
		}
	}
	return n + dead(j.settler.open)
}

// waiting is the money that waits for something.
func waiting(list []*wait) (all []Money) {
	for _, w := range list {
		if !w.over {
			all = append(all, w.Money)
		}
	}
	slices.SortFunc(all, compareMoney)
	return all
}

// Wipe empties the memory that the journal works with, so that what it has kept of that is wrong from now on.
func (j *Journal) Wipe() {
	b := &j.bench
	w, r := &b.rewriting, &b.ripple
	wipe(w.seeds)
	wipe(w.notes)
	wipe(w.fresh)
	wipe(w.added)
	wipe(w.gone)
	wipe(w.refunded)
	wipe(r.movers)
	wipe(r.named)
	wipe(r.edits)
	wipe(r.rest)
	wipe(r.was)
	wipe(r.plan)
	wipe(r.byDue)
	wipe(r.swaps)
	wipe(b.orders)
	wipe(b.list)
	wipe(b.parts)
	wipe(b.book.Orders)
	wipe(b.book.Invoices)
	wipe(b.book.Adjustments)
	for _, m := range b.movers {
		wipe(m.lowers)
		wipe(m.old.was)
		wipe(m.is.was)
		*m = mover{lowers: m.lowers, old: history{was: m.old.was}, is: history{was: m.is.was}}
	}
}

func wipe[T any](list []T) { clear(list[:cap(list)]) }

// undoPaid says what payments of which something goes back have settled.
func (j *Journal) undoPaid(b *strings.Builder) {
	var all []string
	for payer, list := range j.settler.paid {
		if !j.refunds(payer) || !slices.ContainsFunc(j.payments[payer.id], func(t task) bool {
			return t.what == stepPayment && j.book.Payments[t.of].Source == payer.source
		}) {
			continue
		}
		line := fmt.Sprint("paid by ", payer)
		for _, p := range list {
			for _, x := range p.parts() {
				if line += fmt.Sprint(" ", x.day, x.amount); x.of != nil {
					line += fmt.Sprint(x.of.Ref, x.of.Source)
				}
			}
		}
		all = append(all, line)
	}
	slices.Sort(all)
	fmt.Fprintln(b, strings.Join(all, "\n"))
}

// parts are what is left of what a payment has settled.
func (p *portion) parts() (list []*portion) {
	if p.swept == nil || p.of != nil {
		return []*portion{p}
	}
	for _, part := range p.swept.spent(p.payer) {
		for _, y := range part.of.portions {
			for _, x := range y.each() {
				if x.swept == p.swept && x.payer == p.payer && (y.payer == p.payer || y == part) {
					list = append(list, x)
				}
			}
		}
	}
	return list
}

// Ends is the memory of a list of numbers.
type Ends struct{ ends[int] }

func (e *Ends) Insert(list []int, at, x int) []int { return e.insert(list, at, x) }
func (e *Ends) Remove(list []int, at int) []int    { return e.remove(list, at) }
