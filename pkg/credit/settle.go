package credit

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Settle makes the ledger of a book. It goes through the entries day by day: items open, returns lower them, refunds
// take money back, then money comes in, what names an item first. So a document that comes late has its effect from
// its own day on, and the order in which documents came can't be seen.
func Settle(b Book, cfg Config) Ledger {
	s := newSettler(b, cfg)
	entries := s.entries(b)
	slices.SortFunc(entries, func(a, b entry) int { return a.key.Compare(b.key) })
	for _, e := range entries {
		e.do(e.key.Day)
		s.sweep()
	}
	return s.ledger(entries)
}

// entry is one step of the settlement.
type entry struct {
	key Key
	do  func(day civil.Day)
}

// account is an item with what settled it.
type account struct {
	Item
	orders   []string // that an invoice names
	open     bool     // its day has come
	portions []settled
}

// settled is a part of an item that a payment settled.
type settled struct {
	payment, source string
	day             civil.Day
	amount          int64
}

// settler is a settlement under way.
type settler struct {
	cfg      Config
	index    index
	accounts []*account // every item, open or settled, by (due day, id, source)
	money    []Money    // by value day, payment id
}

func newSettler(b Book, cfg Config) *settler {
	return &settler{cfg: cfg, index: newIndex(b)}
}

func (s *settler) entries(b Book) (out []entry) {
	for _, o := range b.Orders {
		out = append(out, s.openOrder(o)...)
	}
	for _, i := range b.Invoices {
		out = append(out, s.open(&account{
			Item:   Item{Ref: Ref{true, i.ID}, Source: i.Source, Opened: i.Day, Due: s.index.due(i), Amount: i.Amount, Left: i.Amount},
			orders: orderIDs(i),
		})...)
	}
	for _, r := range b.Returns {
		out = append(out, entry{Key{r.Day, phaseReturn, 0, r.ID, r.Source}, func(day civil.Day) { s.giveBack(r, day) }})
	}
	for _, r := range b.Refunds {
		out = append(out, entry{Key{r.Day, phaseRefund, 0, r.ID, r.Source}, func(civil.Day) { s.refund(r) }})
	}
	for _, p := range b.Payments {
		out = append(out, s.pay(p)...)
	}
	return out
}

func orderIDs(i Invoice) (ids []string) {
	for _, o := range i.Orders {
		ids = append(ids, o.OrderID)
	}
	return ids
}

// openOrder: an order with terms is its own invoice, less what invoices name of it.
func (s *settler) openOrder(o Order) []entry {
	if !o.Credit || o.InvoiceExpected {
		return nil
	}
	left := o.Amount - s.index.invoiced[orderKey{o.Source, o.ID}]
	return s.open(&account{Item: Item{Ref: Ref{false, o.ID}, Source: o.Source, Opened: o.Day, Due: o.Due, Amount: left, Left: left}})
}

func (s *settler) open(a *account) []entry {
	if a.Amount <= 0 {
		return nil
	}
	i, _ := slices.BinarySearchFunc(s.accounts, a, func(x, y *account) int { return compareItems(x.Item, y.Item) })
	s.accounts = slices.Insert(s.accounts, i, a)
	return []entry{{openKey(a.Item), func(day civil.Day) {
		a.open = true
		s.takeWaiting(a, day)
	}}}
}

func openKey(i Item) Key { return Key{i.Opened, phaseOpen, i.Due, i.Ref.ID, i.Source} }

// takeWaiting gives an item that has just opened the money that was named for it.
func (s *settler) takeWaiting(a *account, day civil.Day) {
	for i := range s.money {
		m := &s.money[i]
		if m.WaitsFor.ID == "" || !slices.Contains(s.targets(m.WaitsFor, m.Source), a) {
			continue
		}
		s.portion(a, m.PaymentID, m.Source, day, &m.Left, m.Left)
		m.WaitsFor = Ref{} // what is over is free
	}
	s.tidy()
}

// portion settles up to most of an account out of from.
func (s *settler) portion(a *account, payment, source string, day civil.Day, from *int64, most int64) {
	n := min(a.Left, most, *from)
	if n <= 0 {
		return
	}
	a.Left -= n
	*from -= n
	a.portions = append(a.portions, settled{payment, source, max(day, a.Opened), n})
}

// sweep gives free money to what is open: by (value day, payment id) onto (due day, id).
func (s *settler) sweep() {
	for i := range s.money {
		m := &s.money[i]
		if m.WaitsFor.ID != "" {
			continue
		}
		for _, a := range s.accounts {
			if m.Left == 0 {
				break
			}
			if a.open {
				s.portion(a, m.PaymentID, m.Source, m.ValueDay, &m.Left, m.Left)
			}
		}
	}
	s.tidy()
}

// tidy drops spent money and keeps the rest in order.
func (s *settler) tidy() {
	s.money = slices.DeleteFunc(s.money, func(m Money) bool { return m.Left == 0 })
	slices.SortStableFunc(s.money, compareMoney)
}

// targets are the accounts that a reference means, in the order in which money goes to them.
func (s *settler) targets(r Ref, source string) (out []*account) {
	if r.Invoice {
		if own, ok := s.index.invoiceOwner(r.ID, source); ok {
			return s.find(Ref{true, r.ID}, own)
		}
		r.Invoice = false // an order with terms is its own invoice
	}
	for _, a := range s.accounts {
		if a.Ref.Invoice && slices.Contains(a.orders, r.ID) {
			out = append(out, a)
		}
	}
	own, _ := s.index.orderOwner(r.ID, source)
	return append(out, s.find(Ref{false, r.ID}, own)...)
}

func (s *settler) find(r Ref, source string) []*account {
	for _, a := range s.accounts {
		if a.Ref == r && a.Source == source {
			return []*account{a}
		}
	}
	return nil
}

// pay is up to two entries: what is named, then the rest.
func (s *settler) pay(p Payment) []entry {
	rest := p.Amount
	free := entry{Key{p.ValueDay, phaseMoney, 0, p.ID, p.Source}, func(civil.Day) {
		s.money = append(s.money, Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: rest})
		s.tidy()
	}}
	if len(p.Allocations) == 0 {
		return []entry{free}
	}
	named := entry{Key{p.ValueDay, phaseNamed, 0, p.ID, p.Source}, func(day civil.Day) {
		for _, a := range p.Allocations {
			s.allocate(p, a, day, &rest)
		}
	}}
	return []entry{named, free}
}

func (s *settler) allocate(p Payment, a Allocation, day civil.Day, rest *int64) {
	most := *rest
	if a.Amount > 0 || a.Discount > 0 {
		most = min(a.Amount, *rest)
	}
	kind, _ := s.index.kind(a.Ref, p.Source)
	opened := false
	discount := a.Discount
	for _, t := range s.targets(a.Ref, p.Source) {
		if !t.open {
			continue
		}
		opened = true
		lower := min(discount, t.Left)
		t.Amount, t.Left, discount = t.Amount-lower, t.Left-lower, discount-lower
		before := *rest
		s.portion(t, p.ID, p.Source, day, rest, most)
		most -= before - *rest
	}
	switch {
	case kind == RefCash: // leaves nothing over
		*rest -= most
	case !opened && most > 0: // it hasn't come
		s.money = append(s.money, Money{PaymentID: p.ID, Source: p.Source, ValueDay: p.ValueDay, Left: most, WaitsFor: a.Ref})
		*rest -= most
		s.tidy()
	}
}

// ledger is what is left when the book is settled.
func (s *settler) ledger(entries []entry) Ledger {
	l := Ledger{Commitments: s.index.commitments(), Invoiced: len(s.index.invoices) > 0, Money: slices.Clone(s.money)}
	for _, a := range s.accounts {
		l.addSale(a.Opened, a.Amount)
		last := civil.Day(0)
		for i, p := range a.portions {
			if i == 0 || p.day > last {
				last = p.day
			}
			l.addPortion(p.day, a.Due, p.amount)
		}
		switch {
		case a.Left > s.cfg.Tolerance:
			l.Items = append(l.Items, a.Item)
		case len(a.portions) > 0:
			l.addSettled(last, a.Due)
		}
	}
	for _, e := range entries {
		if e.key.Compare(l.Head) > 0 || l.Head.Phase == phaseNone {
			l.Head = e.key
		}
	}
	return l
}

// giveBack lowers what a return names; what was already paid of it becomes free.
func (s *settler) giveBack(r Return, day civil.Day) {
	left := r.Amount
	if r.InvoiceID == "" {
		if own, ok := s.index.orderOwner(r.OrderID, r.Source); ok {
			left -= s.index.lowerCommitment(orderKey{own, r.OrderID}, left)
		}
	}
	for _, a := range s.returnTargets(r) {
		n := min(left, a.Amount)
		a.Amount -= n
		left -= n
		over := n - min(n, a.Left)
		a.Left -= min(n, a.Left)
		s.release(a, over, day)
	}
}

func (s *settler) returnTargets(r Return) []*account {
	if r.InvoiceID != "" {
		return s.targets(Ref{true, r.InvoiceID}, r.Source)
	}
	if r.OrderID == "" {
		return nil
	}
	all := s.targets(Ref{false, r.OrderID}, r.Source)
	slices.SortStableFunc(all, func(a, b *account) int { return cmp.Compare(rank(a.Ref), rank(b.Ref)) })
	return all
}

// release frees what settled an account, the latest first.
func (s *settler) release(a *account, amount int64, day civil.Day) {
	for i := len(a.portions) - 1; i >= 0 && amount > 0; i-- {
		p := &a.portions[i]
		n := min(amount, p.amount)
		p.amount -= n
		amount -= n
		s.money = append(s.money, Money{PaymentID: p.payment, Source: p.source, ValueDay: max(day, p.day), Left: n})
	}
	a.portions = slices.DeleteFunc(a.portions, func(p settled) bool { return p.amount == 0 })
	s.tidy()
}

// refund uses unapplied credit, the payment's own first, then reopens what the payment settled, the latest first.
func (s *settler) refund(r Refund) {
	left := r.Amount
	own := func(m Money) bool { return m.PaymentID == r.PaymentID && m.Source == r.PaymentSource }
	for _, mine := range []bool{true, false} {
		for i := range s.money {
			if m := &s.money[i]; own(*m) == mine && (mine || m.WaitsFor.ID == "") {
				n := min(left, m.Left)
				m.Left -= n
				left -= n
			}
		}
	}
	s.tidy()
	for _, a := range slices.Backward(s.accounts) {
		for i := len(a.portions) - 1; i >= 0 && left > 0; i-- {
			p := &a.portions[i]
			if p.payment != r.PaymentID || p.source != r.PaymentSource {
				continue
			}
			n := min(left, p.amount)
			p.amount -= n
			a.Left += n
			left -= n
		}
		a.portions = slices.DeleteFunc(a.portions, func(p settled) bool { return p.amount == 0 })
	}
}
