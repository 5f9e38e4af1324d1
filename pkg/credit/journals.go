package credit

import (
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// journals are those of a book: of the base currency, and of each other one in which something is owed or paid.
type journals struct {
	parts []*Journal
	codes []fx.Code // of the parts; the base currency's comes first
}

func newJournals(b *Book, cfg Config) *journals {
	g := &journals{codes: append([]fx.Code{{}}, b.foreign()...)}
	for _, code := range g.codes {
		part := b.part(code)
		if code == (fx.Code{}) {
			part.Failures = b.Failures
		}
		j := NewJournal(&part, cfg)
		g.parts = append(g.parts, j)
		j.moneyInBase(code)
	}
	return g
}

// ledger is what all of them come to together.
func (g *journals) ledger() Ledger {
	l := g.parts[0].ledger.Clone()
	for _, j := range g.parts[1:] {
		of := j.ledger.Clone()
		l.join(&of)
	}
	g.abroad(&l)
	return l
}

// abroad marks a ledger that is of several currencies: nothing can be appended.
func (g *journals) abroad(l *Ledger) {
	if l.Foreign = len(g.parts) > 1; l.Foreign {
		l.Head = Key{}
	}
}

// rewrite is Journal.Rewrite for each.
func (g *journals) rewrite(changes []Change) bool {
	for i := range changes {
		for _, code := range changes[i].Book.foreign() {
			if !slices.Contains(g.codes, code) {
				return false
			}
		}
	}
	if len(g.parts) == 1 && !slices.ContainsFunc(changes, func(c Change) bool { return c.Book.mixed() }) {
		return g.parts[0].Rewrite(changes)
	}
	for n, j := range g.parts {
		part := make([]Change, len(changes))
		for i, c := range changes {
			part[i] = Change{Kind: c.Kind, ID: c.ID, Book: c.Book.part(g.codes[n])}
		}
		if !j.Rewrite(part) || n > 0 && !j.counts() {
			return false
		}
		j.moneyInBase(g.codes[n])
	}
	return true
}

// counts says that something is owed or paid.
func (j *Journal) counts() bool { return j.invoiced+j.owing+j.paying+j.noting > 0 }

// moneyInBase tells money that is of another currency in the base currency, as Ledger.moneyInBase does.
func (j *Journal) moneyInBase(code fx.Code) {
	if code == (fx.Code{}) || len(j.ledger.Money) == 0 {
		return
	}
	b := Book{}
	for i := range j.ledger.Money {
		m := &j.ledger.Money[i]
		for _, t := range j.payments[m.PaymentID] {
			if t.what == stepPayment && j.book.Payments[t.of].Source == m.Source {
				b.Payments = append(b.Payments, j.book.Payments[t.of])
			}
		}
		if id, netted := strings.CutPrefix(m.PaymentID, nettingPayer); netted {
			b.Adjustments = append(b.Adjustments, j.notesOf(id, m.Source)...)
		}
	}
	j.ledger.moneyInBase(&b)
}

// notesOf are the adjustments of an id, whatever they are of. It is seldom asked for.
func (j *Journal) notesOf(id, source string) (out []Adjustment) {
	for _, n := range j.settler.index.names {
		if n.dossier == nil {
			continue
		}
		for _, a := range n.dossier.notes {
			if a.ID == id && a.Source == source {
				out = append(out, a)
			}
		}
	}
	return out
}

// told is which entries have changed.
func (g *journals) told(list []entryAt) []entryAt {
	for _, j := range g.parts {
		list = append(list, j.told...)
	}
	return list
}

// copyTo has an entry of a ledger be what it is in all together.
func (g *journals) copyTo(l *Ledger, e entryAt) {
	if len(g.parts) == 1 {
		l.copyEntry(&g.parts[0].ledger, e)
		return
	}
	var all Ledger
	for _, j := range g.parts {
		of := j.ledger.entry(e)
		all.join(&of)
	}
	l.copyEntry(&all, e)
}

// copyRest has all of a ledger that isn't by day be what it is in all together, but for failed attempts to pay.
func (g *journals) copyRest(l *Ledger) {
	var all Ledger
	for n, j := range g.parts {
		is := j.ledger
		is.Items, is.Settled, is.Portions, is.Sales, is.Bills = nil, nil, nil, nil, slices.Clone(is.Bills)
		if n == 0 {
			all = is
			continue
		}
		if is.HasSale && (!all.HasSale || is.FirstSale < all.FirstSale) {
			all.FirstSale, all.HasSale = is.FirstSale, true
		}
		all.join(&is)
	}
	g.abroad(&all)
	l.Money, l.Promises, l.Bills = all.Money, all.Promises, all.Bills
	l.Commitments, l.Head, l.Foreign, l.Invoiced, l.Remarked = all.Commitments, all.Head, all.Foreign, all.Invoiced, all.Remarked
	l.FirstSale, l.HasSale, l.LastLoss, l.HasLoss = all.FirstSale, all.HasSale, all.LastLoss, all.HasLoss
	l.normalise()
}

// entry is that entry alone.
func (l *Ledger) entry(e entryAt) (out Ledger) {
	if e.ID != "" {
		from, to := itemSpan(l.Items, e.Day, e.ID)
		out.Items = l.Items[from:to:to]
		return out
	}
	from, to := daySpan(l.Settled, e.Day, settledDay)
	out.Settled = l.Settled[from:to:to]
	from, to = daySpan(l.Portions, e.Day, portionDay)
	out.Portions = l.Portions[from:to:to]
	from, to = daySpan(l.Sales, e.Day, saleDay)
	out.Sales = l.Sales[from:to:to]
	return out
}

// copyEntry has an entry be what it is in another ledger.
func (l *Ledger) copyEntry(of *Ledger, e entryAt) {
	is := of.entry(e)
	if l.carries() {
		was := l.entry(e)
		l.Carried.entries(&was, -1)
		l.Carried.entries(&is, 1)
	}
	if e.ID != "" {
		from, to := itemSpan(l.Items, e.Day, e.ID)
		l.replaceItems(from, to, is.Items)
		return
	}
	l.Settled = replaceDay(l.Settled, is.Settled, e.Day, settledDay)
	l.Portions = replaceDay(l.Portions, is.Portions, e.Day, portionDay)
	l.Sales = replaceDay(l.Sales, is.Sales, e.Day, saleDay)
}

// due is when an account of an id is due.
func (g *journals) due(id string) (civil.Day, bool) {
	for _, j := range g.parts {
		if n := j.settler.index.names[id]; n != nil && n.dossier != nil && len(n.dossier.accounts) > 0 {
			return n.dossier.accounts[0].Due, true
		}
	}
	return 0, false
}

// use is what refers to an id.
func (g *journals) use(id string) (u use) {
	for _, j := range g.parts {
		is := j.use(id)
		u = u.and(is)
	}
	return u
}

func (u use) and(is use) use {
	return use{money: u.money || is.money, lowers: u.lowers || is.lowers, bills: u.bills || is.bills, noted: u.noted || is.noted,
		undated: u.undated || is.undated, whole: u.whole || is.whole, billed: u.billed + is.billed}
}

func (g *journals) refunds(payer docKey) bool {
	return slices.ContainsFunc(g.parts, func(j *Journal) bool { return j.refunds(payer) })
}

func (g *journals) reopens() bool {
	return slices.ContainsFunc(g.parts, func(j *Journal) bool { return len(j.settler.paid) > 0 })
}
