package credit

import (
	"iter"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// swept is what free money has done on a day that somebody may go back to: what there was, and what it settled, each in its order. Who paid
// what follows from these two, and is worked out only where somebody asks: where money comes before them, or an item is gone, each
// item is paid by somebody else then, but hardly any on another day.
type swept struct {
	money  []Money    // by (value day, payment id), before any of it was spent
	total  int64      // of the money
	paid   int64      // of it
	parts  []*portion // by (due day, id) of their accounts. They never change: what is taken back of one is taken of what says who paid it
	shared bool       // the money is a list that the day's past has, too
	fresh  bool       // some of the money has become free on this day
	told   []told     // parts in whose place accounts have a portion for each payer, since some of it was taken back
	asked  []docKey   // payers of some of the money, of which it is noted what they settle
}

// told is a part that has been told who paid it on a day, as far as nobody has gone back to that.
type told struct {
	*portion
	day civil.Day
}

// sweptMost is how many pieces of free money there may be on a day, beside as many as it has documents, so that they are recorded: to copy what
// has been lying for long would take longer than all else of the day.
const sweptMost = 64

// sweeping is the record of free money that is about to be spent, where somebody may go back to this day.
func (s *settler) sweeping(day civil.Day, fresh bool) *swept {
	switch {
	case s.past == nil || !fresh && (len(s.free) == 0 || len(s.open) == 0):
		return nil
	case len(s.free) > sweptMost+s.past.tasks:
		s.past.unswept = true
		return nil
	}
	x := &swept{total: freeOf(s.free), fresh: fresh}
	if x.shared = !s.past.freed; x.shared {
		s.keepFree()
		x.money = s.past.free
	} else {
		x.money = slices.Clone(s.free)
	}
	for i := range x.money {
		if payer := x.money[i].payer(); s.asks(payer) {
			x.ask(payer, day, s)
		}
	}
	s.past.swept = x
	return x
}

// ask notes that a payment has settled whatever it has of the free money of a day.
func (x *swept) ask(payer docKey, day civil.Day, s *settler) {
	if slices.Contains(x.asked, payer) {
		return
	}
	x.asked = append(x.asked, payer)
	s.settled(&portion{payer: payer, day: day, swept: x})
}

// settled notes what a payment of which something goes back has settled.
func (s *settler) settled(p *portion) {
	s.paid[p.payer] = append(s.paid[p.payer], p)
	s.past.keepSpent(p)
}

// asks says that it is noted what a payment settles, since some of it goes back.
func (s *settler) asks(payer docKey) bool {
	_, asked := s.paid[payer]
	return asked
}

// give has free money settle as much of an account as it can.
func (s *settler) give(a *account, x *swept, day civil.Day) {
	if x == nil {
		s.pay(a, &s.free[0], day)
		return
	}
	s.past.keep(a)
	p := next(&s.parts)
	*p = portion{of: a, day: day, swept: x, made: s.past.number}
	for len(s.free) > 0 && a.Left > s.cfg.Tolerance {
		m := &s.free[0]
		n := min(a.Left, m.Left)
		a.Left, m.Left, p.amount = a.Left-n, m.Left-n, p.amount+n
		if m.Left == 0 {
			s.free = s.free[1:]
		}
	}
	x.parts = append(x.parts, p)
	x.paid += p.amount
	a.portions = appendTo(&s.lists, a.portions, p)
}

// size is what it takes to keep beside portions and what else is kept, in accounts.
func (x *swept) size() int {
	if x == nil || x.shared {
		return 0
	}
	return len(x.money)
}

// tell has a portion say on a day who paid it: there is one for each payment then.
func (s *settler) tell(a *account, at int, day civil.Day) {
	p := a.portions[at]
	p.swept.told = append(p.swept.told, told{p, day})
	a.portions = slices.Replace(slices.Clone(a.portions), at, at+1, p.each()...)
}

// each is a portion for each payment that paid it: itself, if it says who that was.
func (p *portion) each() (list []*portion) {
	if !p.shared() {
		return []*portion{p}
	}
	for payer, n := range p.swept.payers(p) {
		list = append(list, &portion{of: p.of, payer: payer, day: p.day, amount: n, swept: p.swept, made: p.made})
	}
	return list
}

// payers yields who paid a portion, and how much.
func (x *swept) payers(p *portion) iter.Seq2[docKey, int64] {
	return func(yield func(docKey, int64) bool) {
		from := int64(0)
		for _, part := range x.parts {
			if part == p {
				break
			}
			from += part.amount
		}
		for i, n := range across(x.money, func(m *Money) int64 { return m.Left }, from, p.amount) {
			if !yield(x.money[i].payer(), n) {
				return
			}
		}
	}
}

// spent are the parts of which a payment has paid something, each once.
func (x *swept) spent(payer docKey) (parts []*portion) {
	from := int64(0)
	for i := range x.money {
		m := &x.money[i]
		if m.payer() == payer {
			for n := range across(x.parts, func(p **portion) int64 { return (*p).amount }, from, m.Left) {
				if p := x.parts[n]; len(parts) == 0 || parts[len(parts)-1] != p {
					parts = append(parts, p)
				}
			}
		}
		from += m.Left
	}
	return parts
}

// across yields what of a list, one after the other, makes up so much from an amount on: their places, and how much of each.
func across[T any](list []T, amount func(*T) int64, from, left int64) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for i := 0; i < len(list) && left > 0; i++ {
			n := min(amount(&list[i])-from, left)
			if n <= 0 {
				from -= amount(&list[i])
				continue
			}
			if from, left = 0, left-n; !yield(i, n) {
				return
			}
		}
	}
}

// payer is the payment that money is of.
func (m *Money) payer() docKey { return docKey{m.PaymentID, m.Source} }

// has says that money is there.
func (x *swept) has(money []Money) bool {
	for _, m := range money {
		if i, found := slices.BinarySearchFunc(x.money, m, compareMoney); !found || x.money[i] != m {
			return false
		}
	}
	return true
}

// edited is the money with some of it gone and other money come, in the same memory.
func edited(money, goes, comes []Money) []Money {
	for _, m := range goes {
		i, _ := slices.BinarySearchFunc(money, m, compareMoney)
		money = slices.Delete(money, i, i+1)
	}
	for _, m := range comes {
		i, _ := slices.BinarySearchFunc(money, m, compareMoney)
		money = slices.Insert(money, i, m)
	}
	return money
}
