package credit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Settle makes the ledger of a book. It goes through the days: items open, returns lower them, refunds go out, then
// money comes in, what names an item first. So a document that comes late has its effect from its own day on, and the
// order in which documents came can't be seen.
func Settle(b Book, cfg Config) Ledger { return new(Settler).Settle(&b, cfg) }

// Settler settles books one after the other in the same memory: most of what a settlement takes is making what it works
// on. The zero value is ready. It isn't safe for concurrent use.
type Settler struct {
	settler
	JournalFrom int // documents from which on Run keeps a Journal; 0: 500
}

// Settle is the function of that name.
func (w *Settler) Settle(b *Book, cfg Config) Ledger {
	if b.mixed() {
		return w.settleEach(b, cfg)
	}
	return w.settle(b, cfg)
}

// settle is Settle for documents of one currency.
func (s *settler) settle(b *Book, cfg Config) Ledger {
	s.begin(b, cfg)
	for tasks := range s.eachDay {
		s.settleDay(tasks[0].day, tasks)
	}
	return s.ledger()
}

// account is an item with what settled it.
type account struct {
	Item
	number   int32   // in settler.numbered
	shares   []share // that an invoice names
	sale     int64   // what was sold: billed, less what came back
	counts   bool    // it was of something
	opened   bool    // its day has come
	listed   bool    // in settler.open
	gone     bool    // of a void invoice
	old      bool    // an opening balance: what was sold is of former books
	portions []*portion
	lost     []loss
	waits    []*wait // that mean it
	rate     fx.Rate // of the amounts
	noted    noted
	named    *name // its id, in a Journal
}

// portion is a part of an item that a payment settled, or, of nil, of a cash order.
type portion struct {
	of     *account
	payer  docKey
	day    civil.Day
	amount int64
	swept  *swept // free money of that day has settled it; nil: it names the item
	made   int    // number of the past that it was made in; 0: none is kept
}

// shared says that all of the free money of its day that comes to the item has settled it: the record knows who the payers are.
func (p *portion) shared() bool { return p.swept != nil && p.payer == docKey{} }

// loss is a part of an item that was written off.
type loss struct {
	day    civil.Day
	amount int64
}

// docKey is a document.
type docKey struct{ id, source string } // most differ by their ids

// compareKeys puts documents in the order of their ids, then of their systems.
func compareKeys(a, b docKey) int {
	if c := strings.Compare(a.id, b.id); c != 0 {
		return c
	}
	return strings.Compare(a.source, b.source)
}

// wait is named money for which something of what it names is still to come.
type wait struct {
	Money
	number   int
	discount int64
	over     bool
	done     civil.Day // the day on which it was over, if it is
}

// settler is a settlement under way.
type settler struct {
	cfg       Config
	book      *Book
	index     index
	agenda    []task
	accounts  []*account
	open      []*account     // by (due day, id); settled ones stay until money passes them
	room      ends[*account] // of these, where days are gone back to
	free      []Money        // by (value day, payment id)
	waits     []*wait
	woken     []*wait               // to look at on this day
	paid      map[docKey][]*portion // by payment, of those that a refund will ask for
	head      Key
	invoiced  bool   // there is an invoice
	remarked  bool   // see Ledger
	notes     []note // adjustments, by (invoice, source, day, id)
	fresh     bool   // free money has come on this day
	firm      bool   // what happened on this day depends on all that went before
	numbered  []*account
	waited    int            // waits so far
	firstNote int            // of the book's: those before it are of what a Journal has of other ids
	touched   func(*account) // is told of an account before it is disputed; nil: nobody asks
	past      *past          // of the day that is settled, where somebody may go back to it; see Journal
	sweeps    sweeps

	// What pointers and short lists are made from lives until the next book.
	docs   []orderDoc
	items  []account
	parts  []portion
	named  []wait
	lists  []*portion
	listed []*account // what open is a part of
	frees  []Money    // what free is a part of
	claims []*wait
}

// empty is a list of nothing with room for n.
func empty[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, 0, n)
	}
	return list[:0]
}

func (s *settler) settleDay(day civil.Day, tasks []task) {
	firm, lowered := false, false
	for i := range tasks {
		t := &tasks[i]
		switch t.what {
		case stepOpen:
			s.opens(s.numbered[t.of])
		case stepRaise, stepLower, stepNet:
			s.note(t.of, day)
		case stepReturn:
			s.giveBack(&s.book.Returns[t.of], day)
		case stepRefund:
			s.refund(&s.book.Refunds[t.of], day)
		case stepPayment:
			s.wakeAll(day)
			s.take(&s.book.Payments[t.of], day)
		case stepLate, stepWriteOff:
		}
		lowered = lowered || t.what == stepReturn || t.what == stepLower
		firm = firm || !t.what.loose()
		s.sweeps.rises = s.sweeps.rises || firm
	}
	s.wakeAll(day)
	s.sweep(day)
	for i := range tasks {
		switch t := &tasks[i]; t.what {
		case stepLate:
			s.refund(&s.book.Refunds[t.of], day)
		case stepWriteOff:
			s.note(t.of, day)
		default:
		}
	}
	s.wakeAll(day)
	switch {
	case s.firm || firm:
		s.decide(day)
	case lowered:
		s.decide(day - 1)
	}
	s.firm = false
}

// decide notes that a day is decided, whatever free money there was.
func (s *settler) decide(day civil.Day) {
	s.sweeps.decide(day, &s.head)
	if s.past != nil {
		s.past.decided = max(s.past.decided, day)
	}
}

// opens has an account count from now on.
func (s *settler) opens(a *account) {
	for _, x := range a.shares {
		s.lowerCommitment(x.of, x.billed())
	}
	s.past.keep(a)
	a.opened = true
	s.list(a)
	s.woken = append(s.woken, a.waits...)
}

// wakeAll looks at the waiting money whose things have changed.
func (s *settler) wakeAll(day civil.Day) {
	if len(s.woken) == 0 {
		return
	}
	slices.SortFunc(s.woken, func(a, b *wait) int { return cmp.Compare(a.number, b.number) })
	for _, w := range s.woken {
		s.wake(w, day)
	}
	s.woken = s.woken[:0]
}

// ledger is what is left when the book is settled.
func (s *settler) ledger() Ledger {
	l := Ledger{Commitments: s.index.commitments(), Invoiced: s.invoiced, Head: s.head}
	s.leftover(&l)
	if n := len(s.accounts); n > 0 {
		l.Sales, l.Portions = make([]Sale, 0, n), make([]Portion, 0, len(s.parts))
	}
	for i := range s.book.Payments {
		l.addBill(&s.book.Payments[i])
	}
	l.Fail(nil, s.book.Failures)
	s.promises(&l)
	s.contest()
	f := files{Ledger: &l, tolerance: s.cfg.Tolerance}
	for _, a := range s.accounts {
		if !a.old {
			f.fileSale(a.Opened, a.sold(), 1)
		}
		f.file(a, 1)
	}
	l.Remarked = s.remarked || f.remarks > 0
	slices.SortFunc(l.Items, compareItems)
	l.normalise()
	return l
}

// leftover notes the money that has settled nothing.
func (s *settler) leftover(l *Ledger) {
	l.Money = slices.Clone(s.free)
	for _, w := range s.waits {
		if !w.over && (w.Left > 0 || s.index.resolve(w.WaitsFor, w.Source).kind == RefUnknown) {
			l.Money = append(l.Money, w.Money)
		}
	}
	slices.SortFunc(l.Money, compareMoney)
}
