package credit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
)

// Several currencies as the manual reads: the books of each are settled as if they were the only ones, and what comes of that is
// counted by the rate. Here a currency has one rate, and that is whole: then it doesn't matter when it is counted.

// plainDoc is what tells documents apart by currency.
type plainDoc struct {
	rate   fx.Rate
	always bool // of every currency
	counts bool // something is owed or paid
}

func (d plainDoc) in(c fx.Code) bool { return d.always || d.rate.Code == c }

func plainFilter[T any](list []T, c fx.Code, doc func(T) plainDoc, bare func(*T)) (out []T) {
	for _, x := range list {
		if doc(x).in(c) {
			bare(&x)
			out = append(out, x)
		}
	}
	return out
}

func plainOrder(o Order) plainDoc {
	return plainDoc{o.Rate, o.Standing != Live, o.Standing == Live && o.OnCredit()}
}
func plainInvoice(i Invoice) plainDoc {
	return plainDoc{i.Rate, i.Standing != Live, i.Standing == Live}
}
func plainPayment(p Payment) plainDoc { return plainDoc{p.Rate, false, true} }
func plainAdjustment(a Adjustment) plainDoc {
	return plainDoc{a.Rate, false, a.Amount > 0}
}
func plainCode(c fx.Code, amount int64) plainDoc {
	return plainDoc{fx.Rate{Code: c}, amount == 0, false}
}

func plainPart(b Book, c fx.Code) Book {
	return Book{
		Orders:      plainFilter(b.Orders, c, plainOrder, func(o *Order) { o.Rate = fx.Rate{} }),
		Invoices:    plainFilter(b.Invoices, c, plainInvoice, func(i *Invoice) { i.Rate = fx.Rate{} }),
		Payments:    plainFilter(b.Payments, c, plainPayment, func(p *Payment) { p.Rate = fx.Rate{} }),
		Adjustments: plainFilter(b.Adjustments, c, plainAdjustment, func(a *Adjustment) { a.Rate = fx.Rate{} }),
		Returns:     plainFilter(b.Returns, c, func(r Return) plainDoc { return plainCode(r.Currency, 1) }, func(r *Return) { r.Currency = fx.Code{} }),
		Refunds:     plainFilter(b.Refunds, c, func(r Refund) plainDoc { return plainCode(r.Currency, 1) }, func(r *Refund) { r.Currency = fx.Code{} }),
		Disputes:    plainFilter(b.Disputes, c, func(d Dispute) plainDoc { return plainCode(d.Currency, d.Amount) }, func(d *Dispute) { d.Currency = fx.Code{} }),
		Promises:    plainFilter(b.Promises, c, func(p Promise) plainDoc { return plainCode(p.Currency, p.Amount) }, func(p *Promise) { p.Currency = fx.Code{} }),
	}
}

// plainRates are the rates of the documents that count.
func plainRates(b Book) (rates map[fx.Code]fx.Rate, all int) {
	rates = map[fx.Code]fx.Rate{}
	add := func(d plainDoc) {
		if d.rate.Foreign() {
			all++
			if d.counts {
				rates[d.rate.Code] = d.rate
			}
		}
	}
	for _, x := range b.Orders {
		add(plainOrder(x))
	}
	for _, x := range b.Invoices {
		add(plainInvoice(x))
	}
	for _, x := range b.Payments {
		add(plainPayment(x))
	}
	for _, x := range b.Adjustments {
		add(plainAdjustment(x))
	}
	for _, x := range b.Returns {
		add(plainCode(x.Currency, 1))
	}
	for _, x := range b.Refunds {
		add(plainCode(x.Currency, 1))
	}
	for _, x := range b.Disputes {
		add(plainCode(x.Currency, x.Amount))
	}
	for _, x := range b.Promises {
		add(plainCode(x.Currency, x.Amount))
	}
	return rates, all
}

func plainMixed(b Book) bool {
	_, all := plainRates(b)
	return all > 0
}

func plainEach(b Book, cfg Config) Ledger {
	base := plainPart(b, fx.Code{})
	base.Failures = b.Failures
	l := plainOne(base, cfg)
	rates, _ := plainRates(b)
	for _, r := range rates {
		plainAdd(&l, plainOne(plainPart(b, r.Code), cfg), r)
		l.Foreign, l.Head = true, Key{}
	}
	slices.SortFunc(l.Items, func(a, b Item) int {
		return cmp.Or(compareItems(a, b), cmp.Compare(a.Currency.String(), b.Currency.String()))
	})
	slices.SortFunc(l.Money, compareMoney)
	slices.SortFunc(l.Promises, func(a, b Unkept) int { return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Missing, b.Missing)) })
	return l
}

// plainAdd adds a ledger of one currency.
func plainAdd(l *Ledger, o Ledger, r fx.Rate) {
	for _, i := range o.Items {
		i.Currency, i.DocumentLeft = r.Code, i.Left
		i.Amount, i.Left, i.Disputed = i.Amount*r.Mantissa, i.Left*r.Mantissa, i.Disputed*r.Mantissa
		l.Items = append(l.Items, i)
	}
	for _, m := range o.Money {
		m.Left *= r.Mantissa
		l.Money = append(l.Money, m)
	}
	for _, p := range o.Promises {
		l.Promises = append(l.Promises, Unkept{p.By, p.Missing * r.Mantissa})
	}
	l.Commitments += o.Commitments * r.Mantissa
	l.Settled = plainSum(l.Settled, o.Settled, func(s SettledDay) SettledDay { return SettledDay{Day: s.Day} }, func(a, b SettledDay) SettledDay {
		return SettledDay{a.Day, a.Settled + b.Settled, a.Late + b.Late, a.Beyond + b.Beyond}
	}, func(a, b SettledDay) int { return cmp.Compare(a.Day, b.Day) })
	l.Portions = plainSum(l.Portions, o.Portions, func(p Portion) Portion { return Portion{Day: p.Day, Beyond: p.Beyond} }, func(a, b Portion) Portion {
		return Portion{a.Day, a.Beyond, a.Amount + b.Amount*r.Mantissa}
	}, func(a, b Portion) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Beyond, b.Beyond)) })
	l.Sales = plainSum(l.Sales, o.Sales, func(s Sale) Sale { return Sale{Day: s.Day} }, func(a, b Sale) Sale {
		return Sale{a.Day, a.Amount + b.Amount*r.Mantissa}
	}, func(a, b Sale) int { return cmp.Compare(a.Day, b.Day) })
	l.Bills = plainSum(l.Bills, o.Bills, func(x Bill) Bill { return Bill{Matures: x.Matures} }, func(a, b Bill) Bill {
		return Bill{a.Matures, a.Amount + b.Amount*r.Mantissa}
	}, func(a, b Bill) int { return cmp.Compare(a.Matures, b.Matures) })
	if o.HasSale {
		l.FirstSale, l.HasSale = plainFirst(l.FirstSale, l.HasSale, o.FirstSale), true
	}
	if o.HasLoss {
		l.LastLoss, l.HasLoss = -plainFirst(-l.LastLoss, l.HasLoss, -o.LastLoss), true
	}
	l.Invoiced, l.Remarked = l.Invoiced || o.Invoiced, l.Remarked || o.Remarked
}

func plainFirst(day civil.Day, has bool, other civil.Day) civil.Day {
	if !has {
		return other
	}
	return min(day, other)
}

func plainSum[T comparable](a, b []T, key func(T) T, sum func(a, b T) T, order func(a, b T) int) []T {
	by := map[T]T{}
	for _, x := range a {
		by[key(x)] = x
	}
	for _, x := range b {
		was, ok := by[key(x)]
		if !ok {
			was = key(x)
		}
		by[key(x)] = sum(was, x)
	}
	return slices.SortedFunc(maps.Values(by), order)
}
