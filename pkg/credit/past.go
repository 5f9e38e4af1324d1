package credit

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// past is what was before a day, as far as the day has changed it. The nil past keeps nothing.
type past struct {
	number int              // of the day among all that were settled
	moved  func(a *account) // is told of an account before it changes
	took   func(o *orderDoc)

	// What is listed, as it was.
	open   []*account
	room   ends[*account] // of what is open
	free   []Money        // where it has changed
	freed  bool
	waits  []*wait
	head   Key
	sweeps sweeps
	fresh  bool
	waited int

	tasks   int       // of the day
	swept   *swept    // what free money did; nil: nothing
	unswept bool      // it isn't known
	filled  []docKey  // payers of free money that took the place of what went back
	decided civil.Day // what was decided by the day, whatever free money there was

	// What has changed, as it was when it did so first.
	accounts []*account
	were     []accountWas // the accounts, in their order
	orders   []orderWas
	named    []waitWas
	parts    []partWas
	spent    []*portion // what payments of refunds have settled
	notes    []noteWas
}

// noted is what a Journal has to know of an account.
type noted struct {
	kept   int       // number of the past that has it
	filed  bool      // it is in the ledger
	queued bool      // it may have changed
	dead   bool      // its documents are other ones now
	back   civil.Day // the last on which something that had settled it was taken back, as far as nobody has gone back to that
	sale   filedSale
}

// filedSale is what a ledger has of what was sold.
type filedSale struct {
	counts bool
	amount int64
}

// moving is what days change of an account.
type moving struct {
	amount, left, sale int64
	opened, listed     bool
	portions           []*portion
	lost               []loss
	waits              []*wait
}

// moving is what days change of an account, as it is.
func (a *account) moving() moving {
	return moving{a.Amount, a.Left, a.sale, a.opened, a.listed, a.portions, a.lost, a.waits}
}

// be has that be as it was, or is to be.
func (a *account) be(x *moving) {
	a.Amount, a.Left, a.sale, a.opened, a.listed = x.amount, x.left, x.sale, x.opened, x.listed
	a.portions, a.lost, a.waits = x.portions, x.lost, x.waits
}

type accountWas struct {
	kept int // noted, before
	moving
}

type orderWas struct {
	of         *orderDoc
	commitment int64
	waits      []*wait
}

type waitWas struct {
	of             *wait
	left, discount int64
	over           bool
}

type noteWas struct {
	of    int32
	taken int64
}

type partWas struct {
	of     *portion
	amount int64
}

// before is the past of a day that is about to be settled.
func (s *settler) before(number int) *past {
	return &past{number: number, open: slices.Clone(s.open), waits: slices.Clone(s.waits),
		head: s.head, sweeps: s.sweeps, fresh: s.fresh, waited: s.waited, decided: -never}
}

// size is what it takes to keep, in accounts.
func (p *past) size() int {
	return 1 + p.swept.size() + len(p.accounts) + len(p.orders) + len(p.named) + len(p.parts) + len(p.notes) + (len(p.open)+len(p.waits))/8 + len(p.free)
}

// keep notes how an account is, which is about to change.
func (p *past) keep(a *account) {
	if p == nil || a.noted.kept == p.number {
		return
	}
	p.moved(a)
	p.add(a, a.moving())
}

// add notes what an account was.
func (p *past) add(a *account, was moving) {
	p.accounts, p.were = append(p.accounts, a), append(p.were, accountWas{a.noted.kept, was})
	a.noted.kept = p.number
}

// remove forgets the account at a place.
func (p *past) remove(at int) {
	last := len(p.accounts) - 1
	p.accounts[at], p.were[at] = p.accounts[last], p.were[last]
	p.accounts[last], p.were[last] = nil, accountWas{}
	p.accounts, p.were = p.accounts[:last], p.were[:last]
}

// keepFree notes which money is free, which is about to change.
func (s *settler) keepFree() {
	if p := s.past; p != nil && !p.freed {
		p.free, p.freed = slices.Clone(s.free), true
	}
}

func (p *past) keepOrder(o *orderDoc) {
	if p == nil {
		return
	}
	p.took(o)
	p.orders = append(p.orders, orderWas{o, o.commitment, o.waits})
}

func (p *past) keepWait(w *wait) {
	if p != nil {
		p.named = append(p.named, waitWas{w, w.Left, w.discount, w.over})
	}
}

func (p *past) keepPart(x *portion) {
	if p == nil {
		return
	}
	if x.of != nil {
		p.keep(x.of)
	}
	p.parts = append(p.parts, partWas{x, x.amount})
}

func (p *past) keepNote(of int32, taken int64) {
	if p != nil {
		p.notes = append(p.notes, noteWas{of, taken})
	}
}

func (p *past) fill(payer docKey) {
	if p != nil {
		p.filled = append(p.filled, payer)
	}
}

func (p *past) keepSpent(x *portion) {
	if p != nil {
		p.spent = append(p.spent, x)
	}
}

// own is a list that may be changed: what is kept shares its memory.
func (p *past) own(list []*portion) []*portion {
	if p == nil {
		return list
	}
	return slices.Clone(list)
}

// goBack has everything as it was.
func (s *settler) goBack(p *past) {
	for _, a := range p.accounts {
		p.moved(a)
	}
	for i := range p.orders {
		p.took(p.orders[i].of)
	}
	for _, was := range slices.Backward(p.parts) {
		was.of.amount = was.amount
	}
	for i, a := range p.accounts {
		was := &p.were[i]
		a.be(&was.moving)
		a.noted.kept = was.kept // so that it is known again which of the days that are left has it
	}
	for _, was := range slices.Backward(p.orders) {
		was.of.commitment, was.of.waits = was.commitment, was.waits
	}
	for _, was := range slices.Backward(p.named) {
		was.of.Left, was.of.discount, was.of.over = was.left, was.discount, was.over
	}
	for _, x := range slices.Backward(p.spent) {
		list := s.paid[x.payer]
		s.paid[x.payer] = list[:len(list)-1]
	}
	for _, was := range slices.Backward(p.notes) {
		s.notes[was.of].taken = was.taken
	}
	if p.freed {
		s.free = p.free
	}
	s.open, s.waits, s.head, s.sweeps, s.fresh, s.waited = p.open, p.waits, p.head, p.sweeps, p.fresh, p.waited
}
