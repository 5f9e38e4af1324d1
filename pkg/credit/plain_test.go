package credit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// PlainSettle is Settle as the manual reads, with nothing done for speed: what Settle is held against. It goes through the days: items open, returns lower them, refunds go out, then
// money comes in, what names an item first. So a document that comes late has its effect from its own day on, and the
// order in which documents came can't be seen.
func PlainSettle(b Book, cfg Config) Ledger {
	if plainMixed(b) {
		return plainEach(b, cfg)
	}
	return plainOne(b, cfg)
}

func plainOne(b Book, cfg Config) Ledger {
	s := newPlainSettler(b, cfg)
	for _, day := range slices.Sorted(maps.Keys(s.days)) {
		s.settleDay(day, s.days[day])
	}
	return s.ledger()
}

// account is an item with what settled it.
type plainAccount struct {
	Item
	shares   []Share // that an invoice names
	sale     int64   // what was sold: billed, less what came back
	opened   bool    // its day has come
	listed   bool    // in settler.open
	old      bool    // an opening balance
	portions []*plainPortion
	lost     []plainPortion // written off
}

// portion is a part of an item that a payment settled, or, of nil, of a cash order.
type plainPortion struct {
	of     *plainAccount
	payer  plainKey
	day    civil.Day
	amount int64
}

// wait is named money for which something of what it names is still to come.
type plainWait struct {
	Money
	discount int64
	over     bool
}

// agenda is what happens on a day.
type plainAgenda struct {
	opens    []*plainAccount
	notes    []plainNote
	returns  []Return
	refunds  []Refund
	payments []Payment
	late     []Refund // of money that comes in on this very day
}

// settler is a settlement under way.
type plainSettler struct {
	cfg      Config
	index    *plainIndex
	days     map[civil.Day]*plainAgenda
	accounts []*plainAccount
	open     []*plainAccount // by (due day, id); settled ones stay until money passes them
	free     []Money         // by (value day, payment id)
	waits    []*plainWait
	paid     map[plainKey][]*plainPortion // by payment
	head     Key
	fresh    bool // free money has come on this day
	firm     bool // what happened on this day depends on all that went before
	invoiced bool
	remarked bool
	disputes []Dispute
	bills    []Bill
	promises []Promise
	failed   []Failed
}

func newPlainSettler(b Book, cfg Config) *plainSettler {
	b.Orders = slices.Clone(b.Orders)
	for i := range b.Orders {
		if o := &b.Orders[i]; o.HasOld && !cfg.Forgive {
			o.Due = o.OldDue
		}
	}
	s := &plainSettler{cfg: cfg, index: newPlainIndex(b, cfg.Forgive), days: map[civil.Day]*plainAgenda{}, paid: map[plainKey][]*plainPortion{}}
	for _, o := range b.Orders {
		s.addOrder(o)
	}
	for _, i := range b.Invoices {
		if i.Standing == Gone {
			continue
		}
		s.invoiced = true
		s.addInvoice(&plainAccount{shares: i.Orders,
			Item: Item{Ref: Ref{true, i.ID}, Source: i.Source, Opened: i.Day, Due: s.index.due(i), Amount: i.Amount}})
	}
	s.adjust(b.Adjustments)
	s.promises = b.Promises
	l := Ledger{}
	l.Fail(nil, b.Failures)
	s.failed = l.Failed
	s.disputes = b.Disputes
	for _, r := range b.Returns {
		if s.lowers(r) {
			s.on(r.Day).returns = append(s.on(r.Day).returns, r)
		}
	}
	came := map[plainKey]civil.Day{}
	for _, p := range b.Payments {
		s.on(p.ValueDay).payments = append(s.on(p.ValueDay).payments, p)
		came[plainKey{source: p.Source, id: p.ID}] = p.ValueDay
		s.bill(p)
	}
	for _, r := range b.Refunds {
		if day, ok := came[plainKey{source: r.PaymentSource, id: r.PaymentID}]; ok && day >= r.Day {
			s.on(day).late = append(s.on(day).late, r)
			continue
		}
		s.on(r.Day).refunds = append(s.on(r.Day).refunds, r)
	}
	return s
}

func (s *plainSettler) on(day civil.Day) *plainAgenda {
	a := s.days[day]
	if a == nil {
		a = &plainAgenda{}
		s.days[day] = a
	}
	return a
}

// addOrder: an order with terms is its own invoice, less what invoices name of it, or it is commitment.
func (s *plainSettler) addOrder(o Order) {
	k := plainKey{source: o.Source, id: o.ID}
	switch {
	case o.Standing != Live:
	case o.InvoiceExpected:
		s.index.commitment[k] = o.Amount
	case o.Credit:
		left := max(0, o.Amount-s.index.invoiced[k])
		s.addAccount(&plainAccount{Item: Item{Ref: Ref{false, o.ID}, Source: o.Source, Opened: o.Day, Due: o.Due, Amount: left}})
	}
}

// addAccount has an account open on its day. One of nothing is no item; an invoice still takes what it names.
func (s *plainSettler) addAccount(a *plainAccount) {
	if a.Amount <= 0 && len(a.shares) == 0 {
		return
	}
	a.Left, a.sale = a.Amount, a.Amount
	s.on(a.Opened).opens = append(s.on(a.Opened).opens, a)
	if a.Amount > 0 {
		s.index.add(a)
		s.accounts = append(s.accounts, a)
	}
}

func (s *plainSettler) settleDay(day civil.Day, a *plainAgenda) {
	a.sort()
	for _, x := range a.opens {
		s.index.bill(x)
		x.opened = true
		s.list(x)
	}
	for _, n := range a.notes {
		s.raise(n)
	}
	for _, r := range a.returns {
		s.giveBack(r, day)
	}
	for _, n := range a.notes {
		s.credit(n, day)
	}
	for _, r := range a.refunds {
		s.refund(r)
	}
	for _, n := range a.notes {
		s.net(n, day)
	}
	s.wakeAll(day)
	for _, p := range a.payments {
		s.take(p, day)
	}
	s.sweep(day)
	for _, r := range a.late {
		s.refund(r)
	}
	for _, n := range a.notes {
		s.writeOff(n, day)
	}
	s.wakeAll(day)
	firm := s.firm || len(a.refunds)+len(a.late) > 0 ||
		slices.ContainsFunc(a.notes, func(n plainNote) bool { return n.Kind != CreditNote && n.Kind != Rounding }) ||
		slices.ContainsFunc(a.returns, func(r Return) bool { return r.InvoiceID != "" })
	switch {
	case firm:
		s.head = Key{Day: day, Phase: markDay}
	case len(a.notes)+len(a.returns) > 0 && s.head.before(day-1):
		s.head = Key{Day: day - 1, Phase: markDay}
	}
	s.firm = false
}

// sort puts documents of a kind in an order that is theirs, not that of their arrival.
func (a *plainAgenda) sort() {
	slices.SortFunc(a.opens, comparePlain)
	slices.SortFunc(a.notes, func(x, y plainNote) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Source, y.Source), cmp.Compare(x.InvoiceID, y.InvoiceID))
	})
	slices.SortFunc(a.returns, func(x, y Return) int { return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Source, y.Source)) })
	slices.SortFunc(a.payments, func(x, y Payment) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Source, y.Source))
	})
	for _, list := range [][]Refund{a.refunds, a.late} {
		slices.SortFunc(list, compareRefunds)
	}
}

// ledger is what is left when the book is settled.
func (s *plainSettler) ledger() Ledger {
	l := Ledger{Commitments: s.index.commitments(), Invoiced: s.invoiced, Head: s.head, Money: s.free}
	for _, w := range s.waits {
		if !w.over && (w.Left > 0 || s.index.resolve(w.WaitsFor, w.Source).kind == RefUnknown) {
			l.Money = append(l.Money, w.Money)
		}
	}
	l.Bills, l.Failed = s.bills, s.failed
	s.promised(&l)
	s.contest()
	slices.SortFunc(l.Money, compareMoney)
	slices.SortFunc(s.accounts, comparePlain)
	for _, a := range s.accounts {
		if !a.old {
			l.addSale(a.Opened, a.sale)
		}
		last := civil.Day(-1 << 31)
		for _, p := range a.portions {
			last = p.day // portions are in the order of their days
			l.addPortion(p.day, int64(p.day-a.Due), p.amount)
		}
		for _, p := range a.lost {
			last = max(last, p.day)
			l.addPortion(p.day, max(180, int64(p.day-a.Due)), p.amount)
			if !l.HasLoss || l.LastLoss < p.day {
				l.LastLoss, l.HasLoss = p.day, true
			}
		}
		switch {
		case a.Left > s.cfg.Tolerance:
			l.Items = append(l.Items, a.Item)
			s.remarked = s.remarked || len(a.lost) > 0
		case len(a.lost) > 0:
			l.countSettled(SettledDay{last, 1, 1, max(180, int64(last-a.Due))})
		case len(a.portions) > 0:
			l.addSettled(last, a.Due)
		}
	}
	if len(l.Money) == 0 {
		l.Money = nil
	}
	l.Remarked = s.remarked
	return l
}

func comparePlain(a, b *plainAccount) int { return compareItems(a.Item, b.Item) }
