package credit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// plainNote is an adjustment on its day; to: the account that owes more by it.
type plainNote struct {
	Adjustment
	to   *plainAccount
	left *int64 // of what is set off or written off
}

// addInvoice has the account of a live invoice, also of one of nothing: it may be raised.
func (s *plainSettler) addInvoice(a *plainAccount) {
	s.index.live[plainKey{source: a.Source, id: a.Ref.ID}] = a
	s.addAccount(a)
}

// adjust puts adjustments on their days. First come those that may be items of their own: opening balances, then debit
// notes of what nobody else knows.
func (s *plainSettler) adjust(notes []Adjustment) {
	notes = slices.DeleteFunc(slices.Clone(notes), func(n Adjustment) bool { return n.Amount == 0 })
	slices.SortFunc(notes, func(a, b Adjustment) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID))
	})
	own := map[plainKey]*plainAccount{}
	var debits []Adjustment
	for _, n := range notes {
		k := plainKey{source: n.Source, id: n.InvoiceID}
		switch {
		case n.Kind == Opening && (own[k] != nil || !slices.Contains(s.index.invoices[n.InvoiceID], n.Source)):
			s.owe(own, n, true)
		case n.Kind == DebitNote:
			debits = append(debits, n)
		case n.Kind == CreditNote, n.Kind == Rounding:
			s.on(n.Day).notes = append(s.on(n.Day).notes, plainNote{Adjustment: n})
		}
	}
	targets := make([]*plainAccount, len(debits))
	void := make([]bool, len(debits))
	for i, n := range debits {
		targets[i], void[i] = s.raised(n)
	}
	for i, n := range debits {
		switch {
		case void[i]:
		case targets[i] != nil:
			s.oweMore(targets[i], n)
		default:
			s.owe(own, n, false)
		}
	}
	for _, n := range notes {
		accounts := s.index.resolve(Ref{true, n.InvoiceID}, n.Source).accounts
		if n.Kind != Opening && n.Kind != DebitNote && n.Kind != Recovery {
			s.remarked = s.remarked || len(accounts) == 0
		}
		if n.Kind == Netting || n.Kind == WriteOff {
			left := n.Amount
			days := map[civil.Day]bool{}
			for _, a := range accounts {
				if day := max(n.Day, a.Opened); !days[day] {
					days[day] = true
					s.on(day).notes = append(s.on(day).notes, plainNote{n, nil, &left})
				}
			}
			if len(days) == 0 {
				s.on(n.Day).notes = append(s.on(n.Day).notes, plainNote{n, nil, &left})
			}
		}
	}
}

// raised is what a debit note raises; nil: nothing that is known. A void invoice isn't raised.
func (s *plainSettler) raised(n Adjustment) (a *plainAccount, void bool) {
	if k, ok := s.index.invoice(n.InvoiceID, n.Source); ok {
		a := s.index.live[k]
		return a, a == nil
	}
	k, _ := s.index.order(n.InvoiceID, n.Source)
	if a := s.index.own[k]; a != nil {
		return a, false
	}
	if list := s.index.bills[k]; len(list) > 0 {
		return list[0], false
	}
	return nil, false
}

// owe raises an item of a note's own.
func (s *plainSettler) owe(own map[plainKey]*plainAccount, n Adjustment, old bool) {
	k := plainKey{source: n.Source, id: n.InvoiceID}
	a := own[k]
	if a == nil {
		a = &plainAccount{old: old, Item: Item{Ref: Ref{true, n.InvoiceID}, Source: n.Source, Opened: n.Day, Due: n.Day}}
		if n.HasDue {
			a.Due = n.Due
		}
		own[k], s.index.live[k], s.invoiced = a, a, true
		s.index.invoices[k.id] = append(s.index.invoices[k.id], k.source)
		slices.Sort(s.index.invoices[k.id])
	}
	s.oweMore(a, n)
}

func (s *plainSettler) oweMore(a *plainAccount, n Adjustment) {
	if !slices.Contains(s.accounts, a) {
		if len(a.shares) == 0 {
			s.on(a.Opened).opens = append(s.on(a.Opened).opens, a)
		}
		s.accounts = append(s.accounts, a)
		s.index.add(a)
	}
	day := max(n.Day, a.Opened)
	s.on(day).notes = append(s.on(day).notes, plainNote{n, a, nil})
}

func (s *plainSettler) raise(n plainNote) {
	if n.to == nil {
		return
	}
	n.to.Amount, n.to.Left, n.to.sale = n.to.Amount+n.Amount, n.to.Left+n.Amount, n.to.sale+n.Amount
	s.list(n.to)
}

// meant are the accounts that a note of some kinds lowers.
func (s *plainSettler) meant(n plainNote, kinds ...AdjustmentKind) []*plainAccount {
	if n.to != nil || !slices.Contains(kinds, n.Kind) {
		return nil
	}
	return s.index.resolve(Ref{true, n.InvoiceID}, n.Source).accounts
}

func (s *plainSettler) credit(n plainNote, day civil.Day) {
	s.lowerAll(s.meant(n, CreditNote, Rounding), n.Amount, day)
}

func (s *plainSettler) net(n plainNote, day civil.Day) {
	for _, a := range s.meant(n, Netting) {
		if k := min(*n.left, a.Left); k > 0 && a.opened {
			*n.left, a.Left = *n.left-k, a.Left-k
			a.portions = append(a.portions, &plainPortion{of: a, payer: plainKey{source: n.Source, id: "netting/" + n.ID}, day: day, amount: k})
		}
	}
}

func (s *plainSettler) writeOff(n plainNote, day civil.Day) {
	for _, a := range s.meant(n, WriteOff) {
		if k := min(*n.left, a.Left); k > 0 && a.opened {
			*n.left, a.Amount, a.Left = *n.left-k, a.Amount-k, a.Left-k
			a.lost = append(a.lost, plainPortion{day: day, amount: k})
		}
	}
}

// contest goes through what each open item is disputed of, from the first dispute to the last, by (id, source).
func (s *plainSettler) contest() {
	list := slices.Clone(s.disputes)
	slices.SortFunc(list, func(a, b Dispute) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source)) })
	for _, d := range list {
		most := d.Amount
		if most == 0 {
			most = 1 << 60
		}
		accounts := s.index.resolve(Ref{true, d.ID}, d.Source).accounts
		s.remarked = s.remarked || len(accounts) == 0
		for _, a := range accounts {
			if a.Left > s.cfg.Tolerance {
				n := min(most, a.Left-a.Disputed)
				s.remarked = s.remarked || n > 0
				a.Disputed, most = a.Disputed+n, most-n
			}
		}
	}
}

// bill notes what matures on a day.
func (s *plainSettler) bill(p Payment) {
	if !p.Bill {
		return
	}
	sums := map[civil.Day]int64{p.Matures: p.Amount}
	for _, b := range s.bills {
		sums[b.Matures] += b.Amount
	}
	s.bills = nil
	for _, day := range slices.Sorted(maps.Keys(sums)) {
		s.bills = append(s.bills, Bill{day, sums[day]})
	}
}

// promised has each promise that wasn't kept by the end of its day, and whether one may still be.
func (s *plainSettler) promised(l *Ledger) {
	for _, p := range s.promises {
		var owed, paid int64
		met := false
		for _, a := range s.index.resolve(Ref{true, p.ID}, p.Source).accounts {
			if a.Opened > p.By {
				continue
			}
			met = true
			left := a.Left
			if len(a.portions) > 0 || len(a.lost) > 0 {
				for _, x := range a.portions {
					if x.day > p.By {
						left += x.amount
					}
					if p.Day <= x.day && x.day <= p.By {
						paid += x.amount
					}
				}
				for _, x := range a.lost {
					left += x.amount
				}
			}
			if left > s.cfg.Tolerance || left > a.Left {
				owed += left
			}
		}
		missing := owed
		if p.Amount > 0 {
			missing = min(owed, p.Amount-paid)
		}
		if missing > 0 {
			l.Promises = append(l.Promises, Unkept{p.By, missing})
			if l.Head.before(p.By) {
				l.Head = Key{Day: p.By, Phase: markDay}
			}
		}
		s.remarked = s.remarked || !met
	}
	slices.SortFunc(l.Promises, func(a, b Unkept) int { return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Missing, b.Missing)) })
}
