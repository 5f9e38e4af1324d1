package credit

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/fx"
)

// Documents of different currencies don't meet: each currency's are settled by themselves, in its own minor units. What comes of
// that is told in the base currency: an item by the rate of its invoice or order, money by that of its payment.

// settleEach settles a book of several currencies.
func (w *Settler) settleEach(b *Book, cfg Config) Ledger {
	part := b.part(fx.Code{})
	part.Failures = b.Failures
	l := w.settle(&part, cfg)
	for _, code := range b.foreign() {
		part := b.part(code)
		of := w.settle(&part, cfg)
		of.moneyInBase(&part)
		l.join(&of)
		l.Foreign = true
	}
	if l.Foreign {
		l.Head = Key{} // nothing can be appended
	}
	return l
}

// mixed says that something in the book is not of the base currency.
func (b *Book) mixed() bool {
	return slices.ContainsFunc(b.Orders, func(x Order) bool { return x.Rate.Foreign() }) ||
		slices.ContainsFunc(b.Invoices, func(x Invoice) bool { return x.Rate.Foreign() }) ||
		slices.ContainsFunc(b.Payments, func(x Payment) bool { return x.Rate.Foreign() }) ||
		slices.ContainsFunc(b.Adjustments, func(x Adjustment) bool { return x.Rate.Foreign() }) ||
		slices.ContainsFunc(b.Returns, func(x Return) bool { return x.Currency != fx.Code{} }) ||
		slices.ContainsFunc(b.Refunds, func(x Refund) bool { return x.Currency != fx.Code{} }) ||
		slices.ContainsFunc(b.Disputes, func(x Dispute) bool { return x.Currency != fx.Code{} }) ||
		slices.ContainsFunc(b.Promises, func(x Promise) bool { return x.Currency != fx.Code{} })
}

// foreign are the currencies beside the base currency in which something is owed or paid, sorted.
func (b *Book) foreign() (out []fx.Code) {
	add := func(r fx.Rate, counts bool) {
		if counts && r.Foreign() {
			out = append(out, r.Code)
		}
	}
	for i := range b.Orders {
		add(b.Orders[i].Rate, b.Orders[i].Standing == Live && b.Orders[i].OnCredit())
	}
	for i := range b.Invoices {
		add(b.Invoices[i].Rate, b.Invoices[i].Standing == Live)
	}
	for i := range b.Payments {
		add(b.Payments[i].Rate, true)
	}
	for i := range b.Adjustments {
		add(b.Adjustments[i].Rate, b.Adjustments[i].Amount > 0)
	}
	slices.SortFunc(out, func(a, b fx.Code) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(out)
}

// part is the documents of one currency. Those that are gone, or awaited, are of every currency: what refers to them waits for
// nothing. So is what says 'all of it' of an invoice.
func (b *Book) part(code fx.Code) Book {
	return Book{
		Orders:      only(b.Orders, func(x *Order) bool { return x.Standing != Live || x.Rate.Code == code }),
		Invoices:    only(b.Invoices, func(x *Invoice) bool { return x.Standing != Live || x.Rate.Code == code }),
		Returns:     only(b.Returns, func(x *Return) bool { return x.Currency == code }),
		Payments:    only(b.Payments, func(x *Payment) bool { return x.Rate.Code == code }),
		Refunds:     only(b.Refunds, func(x *Refund) bool { return x.Currency == code }),
		Adjustments: only(b.Adjustments, func(x *Adjustment) bool { return x.Rate.Code == code }),
		Disputes:    only(b.Disputes, func(x *Dispute) bool { return x.Amount == 0 || x.Currency == code }),
		Promises:    only(b.Promises, func(x *Promise) bool { return x.Amount == 0 || x.Currency == code }),
	}
}

func only[T any](list []T, keep func(*T) bool) (out []T) {
	for i := range list {
		if keep(&list[i]) {
			out = append(out, list[i])
		}
	}
	return out
}

// moneyInBase tells money in the base currency, by the rate of its payment, or of what was set off: once per document, in
// whatever parts the money waits.
func (l *Ledger) moneyInBase(b *Book) {
	parts, invoices := map[docKey]*inParts{}, map[docKey]string{}
	for i := range b.Payments {
		p := &b.Payments[i]
		parts[p.key()] = &inParts{rate: &p.Rate}
	}
	for i := range b.Adjustments { // of those with one id that of the first invoice
		a := &b.Adjustments[i]
		k := docKey{nettingPayer + a.ID, a.Source}
		if first, known := invoices[k]; !known || a.InvoiceID < first {
			parts[k], invoices[k] = &inParts{rate: &a.Rate}, a.InvoiceID
		}
	}
	for i := range l.Money {
		m := &l.Money[i]
		if p := parts[m.payer()]; p != nil {
			m.Left = p.next(m.Left)
		}
	}
}

// inParts tells amounts in the base currency one after the other, so that they add up to what all together are.
type inParts struct {
	rate *fx.Rate
	sum  int64
}

func (p *inParts) next(amount int64) int64 {
	was := p.sum
	p.sum += amount
	return p.rate.Base(p.sum) - p.rate.Base(was)
}

// sold is what was sold, in the base currency.
func (a *account) sold() int64 { return a.rate.Base(a.sale) }

// item is the account as the ledger has it, in the base currency.
func (a *account) item() Item {
	i := a.Item
	if a.rate.Foreign() {
		i.Currency, i.DocumentLeft = a.rate.Code, i.Left
		i.Amount, i.Left, i.Disputed = a.rate.Base(i.Amount), a.rate.Base(i.Left), a.rate.Base(i.Disputed)
	}
	return i
}

// Owed is what is left of an item in its own currency.
func (i *Item) Owed() (minor int64, currency fx.Code) {
	if i.Currency == (fx.Code{}) {
		return i.Left, i.Currency
	}
	return i.DocumentLeft, i.Currency
}

// join adds what another currency's documents came to.
func (l *Ledger) join(o *Ledger) {
	l.Items = append(l.Items, o.Items...)
	SortItems(l.Items)
	l.Money = append(l.Money, o.Money...)
	slices.SortFunc(l.Money, compareMoney)
	l.Commitments += o.Commitments
	for _, s := range o.Settled {
		l.countSettled(s)
	}
	for _, p := range o.Portions {
		l.addPortion(p.Day, int64(p.Beyond), p.Amount)
	}
	for _, s := range o.Sales {
		l.addSale(s.Day, s.Amount)
	}
	for _, b := range o.Bills {
		l.mature(b)
	}
	l.Promises = append(l.Promises, o.Promises...)
	slices.SortFunc(l.Promises, compareUnkept)
	if o.HasLoss {
		l.addLoss(o.LastLoss)
	}
	l.Invoiced, l.Remarked = l.Invoiced || o.Invoiced, l.Remarked || o.Remarked
	l.normalise()
}

func compareUnkept(a, b Unkept) int {
	return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Missing, b.Missing))
}

// abroad says that a document can't be appended since one of them, it or what is there, is not of the base currency.
func (l *Ledger) abroad(r fx.Rate) bool { return l.Foreign || r.Foreign() }
