package credit

import (
	"cmp"
	"iter"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// lostDays are the days beyond terms that what was written off counts as at least: the worst that the curve knows.
const lostDays = 180

// lossDays are the days beyond terms of what was written off, or settled with a part written off, on day.
func lossDays(day, due civil.Day) int64 { return max(int64(day-due), lostDays) }

// note is an adjustment with the account that it raises or opens.
type note struct {
	Adjustment
	to    *account
	unmet bool  // there is nothing that it could be of
	taken int64 // of the amount, by items that have opened
}

// readNotes sorts the adjustments, and makes items of the opening balances. Where their own system has issued the
// invoice, it is what counts: the balance was that of an invoice not known.
func (s *settler) readNotes(b *Book) {
	s.firstNote = len(s.notes)
	for i := range b.Adjustments {
		if b.Adjustments[i].Amount > 0 {
			s.notes = append(s.notes, note{Adjustment: b.Adjustments[i]})
		}
	}
	notes := s.notes[s.firstNote:]
	slices.SortFunc(notes, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.InvoiceID, b.InvoiceID), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID))
	})
	for i := range notes {
		n := &notes[i]
		if n.Kind != Opening {
			continue
		}
		switch a := s.index.invoice(n.InvoiceID, n.Source); {
		case a == nil || a.Source != n.Source:
			s.openNote(n).old = true
		case a.old:
			n.to = a
		}
	}
}

// openNote makes an item of a note's own, under the invoice's id.
func (s *settler) openNote(n *note) *account {
	a := s.newAccount()
	a.rate = n.Rate
	a.Item = Item{Ref: Ref{true, n.InvoiceID}, Source: n.Source, Opened: n.Day, Due: n.Day}
	if n.HasDue {
		a.Due = n.Due
	}
	s.index.addInvoice(a, nil)
	n.to, s.invoiced = a, true
	return a
}

// adjust puts the adjustments on the agenda, once every account is known.
func (s *settler) adjust() {
	notes := s.notes[s.firstNote:]
	for i := range notes {
		if n := &notes[i]; n.Kind == DebitNote {
			n.to = s.raised(&n.Adjustment)
		}
	}
	for i := range notes {
		if n := &notes[i]; n.Kind == DebitNote && n.to == nil {
			if a := s.index.invoice(n.InvoiceID, n.Source); a != nil && a.Source == n.Source {
				n.to = a // made of an earlier note
				continue
			}
			s.openNote(n)
		}
	}
	for i := range notes {
		if a := notes[i].to; a != nil && !a.gone {
			s.owe(a)
		}
	}
	for i := range notes {
		s.plan(&notes[i], int32(s.firstNote+i))
	}
}

// raised is the account that a debit note means: the invoice, or what stands for the order of that id; nil: none.
func (s *settler) raised(n *Adjustment) *account {
	if a := s.index.invoice(n.InvoiceID, n.Source); a != nil {
		return a
	}
	o := s.index.order(n.InvoiceID, n.Source)
	switch {
	case o.own != nil:
		return o.own
	case len(o.bills) > 0:
		return o.bills[0]
	}
	return nil
}

// plan puts a note on the agenda, on its day or when its items have opened.
func (s *settler) plan(n *note, i int32) {
	day := n.Day
	switch n.Kind {
	case Opening, DebitNote:
		if n.to != nil && !n.to.gone {
			s.agenda = append(s.agenda, task{max(day, n.to.Opened), stepRaise, i})
		}
	case CreditNote, Rounding:
		s.meets(n)
		s.agenda = append(s.agenda, task{day, stepLower, i})
	case Netting:
		s.planEach(n, stepNet, i)
	case WriteOff:
		s.planEach(n, stepWriteOff, i)
	case Recovery: // the item stays late and unpaid, and the money is not the customer's any more
	}
}

// planEach puts a note on the agenda on its day, and on each later one on which an item opens that it means: what comes later takes
// nothing back from those that are there.
func (s *settler) planEach(n *note, what step, i int32) {
	first := len(s.agenda)
	for a := range s.meets(n) {
		t := task{max(n.Day, a.Opened), what, i}
		if !slices.Contains(s.agenda[first:], t) {
			s.agenda = append(s.agenda, t)
		}
	}
	if n.unmet {
		s.agenda = append(s.agenda, task{n.Day, what, i})
	}
}

// meets are the accounts that a note means. Where there is none yet, whatever comes may be it.
func (s *settler) meets(n *note) iter.Seq[*account] {
	accounts := s.index.resolve(Ref{true, n.InvoiceID}, n.Source).accounts
	n.unmet = true
	for range accounts {
		n.unmet = false
		break
	}
	s.remarked = s.remarked || n.unmet
	return accounts
}

// owe has an account count that was of nothing so far.
func (s *settler) owe(a *account) {
	if a.counts {
		return
	}
	a.counts = true
	s.accounts = append(s.accounts, a)
	if len(a.shares) == 0 {
		s.agenda = append(s.agenda, task{a.Opened, stepOpen, a.number})
	}
	s.index.tell(a)
}

// note has an adjustment's effect.
func (s *settler) note(i int32, day civil.Day) {
	n := &s.notes[i]
	if n.to != nil {
		s.raise(n.to, n.Amount)
		return
	}
	accounts := s.index.resolve(Ref{true, n.InvoiceID}, n.Source).accounts
	if n.Kind == CreditNote || n.Kind == Rounding {
		s.lowerAll(accounts, n.Amount, day)
		return
	}
	for a := range accounts {
		s.takeOpened(a, i, day)
	}
}

// takeOpened sets off or writes off what an item that has opened takes of what is left of a note.
func (s *settler) takeOpened(a *account, i int32, day civil.Day) {
	if !a.opened {
		return
	}
	n, k := &s.notes[i], int64(0)
	if n.Kind == Netting {
		k = s.setOff(a, n, n.Amount-n.taken, day)
	} else {
		k = s.writeOff(a, n.Amount-n.taken, day)
	}
	if k > 0 {
		s.past.keepNote(i, n.taken)
		n.taken += k
	}
}

// raise adds to what is owed.
func (s *settler) raise(a *account, n int64) {
	s.past.keep(a)
	a.Amount, a.Left, a.sale = a.Amount+n, a.Left+n, a.sale+n
	s.list(a)
	s.woken = append(s.woken, a.waits...)
}

// setOff settles up to amount of an account as if it were paid, and says how much.
func (s *settler) setOff(a *account, n *note, amount int64, day civil.Day) int64 {
	k := min(amount, a.Left)
	if k <= 0 {
		return 0
	}
	s.past.keep(a)
	a.Left -= k
	p := next(&s.parts)
	*p = portion{of: a, payer: docKey{nettingPayer + n.ID, n.Source}, day: day, amount: k}
	a.portions = appendTo(&s.lists, a.portions, p)
	return k
}

// nettingPayer tells what was set off from payments, which refunds may name.
const nettingPayer = "netting/"

// writeOff takes up to amount of an account that won't be paid, and says how much.
func (s *settler) writeOff(a *account, amount int64, day civil.Day) int64 {
	k := min(amount, a.Left)
	if k <= 0 {
		return 0
	}
	s.past.keep(a)
	a.Amount, a.Left = a.Amount-k, a.Left-k
	a.lost = append(a.lost, loss{day, k})
	return k
}
