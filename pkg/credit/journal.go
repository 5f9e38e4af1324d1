package credit

import (
	"slices"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Journal is the settlement of a whole book, day by day, that goes back to the day of what comes late, and on from there with the
// documents as they are then: a return of today costs what today's documents cost, whatever came before. What it has come to
// is what Settle gives for the book, nothing pruned.
type Journal struct {
	settler settler
	ledger  Ledger
	files   files // of the ledger
	book    Book  // what tasks point to, by number. What was replaced stays there until the journal is made anew
	days    []journalDay
	sweeps  sweeps
	ran     int // days that have been settled so far, those again that were gone back to

	appended int // changes that were settled after all else of their day
	followed int // changes that were followed

	payments map[string][]task  // of payments and their refunds, by the payments' id
	returns  map[string][]int32 // numbers of returns, by their id
	dead     int                // what was replaced

	commitments     int64
	invoiced, unmet int // invoices, and adjustments of nothing that is known
	owing, paying   int // orders on credit, and payments
	noting          int // adjustments of something

	// Of what is rewritten at the time.
	dirty    []*account
	expected []*orderDoc
	disputed []*account
	told     []entryAt
	edit     int32
	bench    bench
	swept    int // so many days of sweeps, the first ones, haven't changed
}

// entryAt is where an entry is of a ledger's lists by day; see Ledger.Changed.
type entryAt struct {
	Day civil.Day
	ID  string
}

// pastLeast is how many accounts that days have changed, or found open, may be kept of any journal.
const pastLeast = 5_000

// NewJournal settles a book of one currency.
func NewJournal(b *Book, cfg Config) *Journal {
	j := &Journal{payments: map[string][]task{}, returns: map[string][]int32{}}
	j.files = files{Ledger: &j.ledger, tolerance: cfg.Tolerance, counts: newCounts()}
	j.book = Book{Orders: b.Orders, Invoices: owned(b.Invoices), Returns: slices.Clone(b.Returns), Payments: owned(b.Payments),
		Refunds: slices.Clone(b.Refunds), Adjustments: b.Adjustments, Disputes: slices.Clone(b.Disputes), Promises: slices.Clone(b.Promises)}
	s := &j.settler
	s.begin(&j.book, cfg)
	if s.paid == nil {
		s.paid = map[docKey][]*portion{}
	}
	s.touched = j.moved
	j.enter()
	for tasks := range s.eachDay {
		j.days = append(j.days, journalDay{day: tasks[0].day, tasks: slices.Clone(tasks)})
	}
	j.book.Orders, j.book.Invoices, j.book.Adjustments = nil, nil, nil
	s.agenda, s.accounts, s.index.expected = nil, nil, nil
	s.index.spare = nil // as large as the book, and so would the next be
	s.listed, s.frees = nil, nil
	j.run(0)
	j.ledger.Fail(nil, b.Failures)
	j.close()
	j.files.Changed, j.ledger.room = j.tell, &itemRoom{}
	return j
}

// own is the same with lists of its own.
func (v Invoice) own() Invoice {
	v.Old, v.Orders = slices.Clone(v.Old), slices.Clone(v.Orders)
	return v
}

func (p Payment) own() Payment {
	p.Allocations = slices.Clone(p.Allocations)
	return p
}

// owned are all of a list with lists of their own.
func owned[T interface{ own() T }](list []T) []T {
	list = slices.Clone(list)
	for i := range list {
		list[i] = list[i].own()
	}
	return list
}

// enter makes the dossiers of a book that is on the agenda.
func (j *Journal) enter() {
	b := &j.book
	for i := range b.Invoices {
		j.bills(&b.Invoices[i])
	}
	for i := range b.Adjustments {
		d := j.dossier(b.Adjustments[i].InvoiceID)
		d.notes = append(d.notes, b.Adjustments[i])
		j.noting += btoi(b.Adjustments[i].Amount > 0)
	}
	for _, x := range b.Disputes {
		j.dossier(x.ID).remarks++
	}
	for _, x := range b.Promises {
		j.dossier(x.ID).remarks++
	}
	for i := range b.Returns {
		j.addReturn(int32(i))
	}
	for i := range b.Payments {
		j.pays(int32(i), 1)
	}
	for _, t := range j.settler.agenda {
		switch t.what {
		case stepPayment:
			id := b.Payments[t.of].ID
			j.payments[id] = append(j.payments[id], t)
		case stepRefund, stepLate:
			id := b.Refunds[t.of].PaymentID
			j.payments[id] = append(j.payments[id], t)
		default:
		}
	}
	j.open(0)
}

// open has the accounts from a number on in their dossiers, with what is on the agenda of them and their notes.
func (j *Journal) open(from int) {
	s := &j.settler
	for _, a := range s.numbered[from:] {
		a.named = s.index.name(a.Ref.ID)
		d := a.named.about(a.Ref.ID)
		d.accounts = append(d.accounts, a)
		if a.Ref.Invoice && !a.gone {
			j.invoiced++
		}
		if a.counts {
			a.noted.queued = true
			j.dirty = append(j.dirty, a)
		}
	}
	for i := range s.docs {
		j.owing += btoi(s.docs[i].OnCredit())
	}
	for _, t := range s.agenda {
		j.file(t)
	}
	for i := range s.notes[s.firstNote:] {
		n := &s.notes[s.firstNote+i]
		j.meet(j.dossier(n.InvoiceID), btoi(n.unmet))
	}
	j.expected = append(j.expected, s.index.expected...)
}

// meet counts adjustments of an id for which there is nothing.
func (j *Journal) meet(d *dossier, unmet int) {
	d.unmet += int32(unmet)
	j.unmet += unmet
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// file has a task in the dossier of its account or note.
func (j *Journal) file(t task) {
	id := ""
	switch t.what {
	case stepOpen:
		id = j.settler.numbered[t.of].Ref.ID
	case stepRaise, stepLower, stepNet, stepWriteOff:
		id = j.settler.notes[t.of].InvoiceID
	case stepReturn, stepRefund, stepPayment, stepLate:
		return
	}
	d := j.dossier(id)
	d.tasks = append(d.tasks, t)
	d.touches(t.day)
}

// journalDay is a day on which something happens.
type journalDay struct {
	day   civil.Day
	tasks []task // in the order of the agenda, but where some have come late, which are the last of their kind
	late  bool
	ran   bool
	past  *past // nil: it hasn't been settled, or nobody can go back to it any more
}

// day is the place of a day.
func (j *Journal) day(day civil.Day) (int, bool) {
	return latelyOn(j.days, day, func(d *journalDay) civil.Day { return d.day })
}

// has says whether a task is on its day.
func (j *Journal) has(t task) bool {
	i, found := j.day(t.day)
	return found && slices.Contains(j.days[i].tasks, t)
}

// add puts a task on its day. It is put into its place among those of its kind when the day is settled from its beginning: to find that
// takes longer than to follow what comes of it. Until then only the order of kinds is good.
func (j *Journal) add(t task) {
	i, found := j.day(t.day)
	if !found {
		j.days = slices.Insert(j.days, i, journalDay{day: t.day})
	}
	d := &j.days[i]
	n := sort.Search(len(d.tasks), func(i int) bool { return d.tasks[i].what > t.what })
	d.tasks, d.late = slices.Insert(d.tasks, n, t), true
}

// drop takes a task off its day, if it is there.
func (j *Journal) drop(t task) {
	i, found := j.day(t.day)
	if !found {
		return
	}
	d := &j.days[i]
	if n := slices.Index(d.tasks, t); n >= 0 {
		d.tasks = slices.Delete(d.tasks, n, n+1)
	}
}

// back undoes all from a day on; false: it can't.
func (j *Journal) back(day civil.Day) bool {
	for i := len(j.days) - 1; i >= 0 && j.days[i].day >= day; i-- {
		switch d := &j.days[i]; {
		case !d.ran:
		case d.past == nil:
			return false
		default:
			j.swept = min(j.swept, len(d.past.sweeps.days))
			j.settler.goBack(d.past)
			d.past, d.ran = nil, false
		}
	}
	return true
}

// run settles the days from the one at a place on. Of the last ones it is kept what was before them. What it makes is of memory of its
// own, so that nothing else holds that when the days are gone back to.
func (j *Journal) run(from int) {
	s := &j.settler
	s.parts, s.named, s.lists, s.claims = nil, nil, nil, nil
	j.days = append(j.days[:from], slices.DeleteFunc(j.days[from:], func(d journalDay) bool { return len(d.tasks) == 0 })...)
	first, kept, most := j.kept(from)
	for i := from; i < len(j.days); i++ {
		d := &j.days[i]
		j.ran++
		if d.late {
			slices.SortFunc(d.tasks, s.compareTasks)
			d.late = false
		}
		d.ran, d.past = true, s.before(j.ran)
		d.past.moved, d.past.took, d.past.tasks = j.moved, j.took, len(d.tasks)
		s.past = d.past
		s.settleDay(d.day, d.tasks)
		s.unlist()
		for kept += d.past.size(); kept > most && first < i; first++ {
			kept -= j.days[first].past.size()
			j.days[first].past = nil
		}
	}
	s.past = nil
}

// kept is from which day up to another it is kept what was before, how much that is, and how much it may be: about as much as the
// journal has beside it.
func (j *Journal) kept(to int) (first, size, most int) {
	for first = to; first > 0 && j.days[first-1].past != nil; first-- {
		size += j.days[first-1].past.size()
	}
	return first, size, pastLeast + len(j.settler.numbered)
}

// unlist forgets what is settled: whoever goes back has a copy of the lists of each day.
func (s *settler) unlist() {
	s.waits = slices.DeleteFunc(s.waits, func(w *wait) bool { return w.over })
	s.open = slices.DeleteFunc(s.open, func(a *account) bool {
		if a.Left > s.cfg.Tolerance {
			return false
		}
		s.past.keep(a)
		a.listed = false
		return true
	})
}

// moved takes an account that is about to change out of the ledger. What was sold stays there until it is known whether that is
// another amount now, as it seldom is.
func (j *Journal) moved(a *account) {
	if a.noted.filed {
		j.files.file(a, -1)
		a.noted.filed = false
	}
	if !a.noted.queued {
		a.noted.queued = true
		j.dirty = append(j.dirty, a)
	}
}

// took notes that what is still expected of an order may change.
func (j *Journal) took(o *orderDoc) {
	j.commitments -= o.filed
	o.filed = 0
	j.expected = append(j.expected, o)
}

// close makes the ledger of what has been settled.
func (j *Journal) close() {
	s, l := &j.settler, &j.ledger
	l.Head, l.Promises, s.remarked = s.head, nil, false
	was := s.sweeps
	s.promises(l)
	j.sweeps, s.sweeps = s.sweeps, was // of promises it is asked each time anew
	s.contest()
	for _, a := range j.dirty {
		a.noted.queued = false
		counts := !a.noted.dead && a.counts
		j.sell(a, counts)
		if !counts {
			continue
		}
		j.files.file(a, 1)
		a.noted.filed = true
		if a.Disputed != 0 {
			j.disputed = append(j.disputed, a)
		}
	}
	for _, o := range j.expected {
		if !o.dead && o.InvoiceExpected {
			j.commitments += o.Rate.Base(o.commitment) - o.filed
			o.filed = o.Rate.Base(o.commitment)
		}
	}
	j.dirty, j.expected = j.dirty[:0], j.expected[:0]
	l.Commitments, l.Invoiced, l.Remarked = j.commitments, j.invoiced > 0, s.remarked || j.unmet > 0 || j.files.remarks > 0
	l.findFirstSale()
	s.leftover(l)
	l.normalise()
	j.bench.tidy()
}

// sell has what was sold be in the ledger as it is now, or not at all.
func (j *Journal) sell(a *account, counts bool) {
	was, is := a.noted.sale, filedSale{}
	if counts && !a.old {
		is = filedSale{true, a.sold()}
	}
	if is == was {
		return
	}
	if was.counts {
		j.files.fileSale(a.Opened, was.amount, -1)
	}
	if is.counts {
		j.files.fileSale(a.Opened, is.amount, 1)
	}
	a.noted.sale = is
}

// Ledger shares its lists with j: it is for looking at, until j is rewritten.
func (j *Journal) Ledger() Ledger {
	l := j.ledger
	l.Changed, l.room = nil, nil
	return l
}

// tell is the ledger's Changed.
func (j *Journal) tell(day civil.Day, id string) {
	if n := len(j.told); n == 0 || j.told[n-1] != (entryAt{day, id}) {
		j.told = append(j.told, entryAt{day, id})
	}
}
