package credit_test

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
)

func rate(code, text string) fx.Rate {
	r, err := fx.Parse(text, fx.CodeOf(code), 2, 2)
	if err != nil {
		panic(err)
	}
	return r
}

// in is a document in a currency.
func in(d document, r fx.Rate) document {
	switch d := d.(type) {
	case credit.Order:
		d.Rate = r
		return d
	case credit.Invoice:
		d.Rate = r
		return d
	case credit.Payment:
		d.Rate = r
		return d
	case credit.Adjustment:
		d.Rate = r
		return d
	case credit.Return:
		d.Currency = r.Code
		return d
	case credit.Refund:
		d.Currency = r.Code
		return d
	case credit.Dispute:
		d.Currency = r.Code
		return d
	case credit.Promise:
		d.Currency = r.Code
		return d
	}
	return d
}

func documentsOf(b credit.Book) (out []document) {
	v := reflect.ValueOf(b)
	for i := range v.NumField() {
		for j := range v.Field(i).Len() {
			out = append(out, v.Field(i).Index(j).Interface())
		}
	}
	return out
}

// mixture is a few currencies with whole rates, which the plain settlement can count by; the base currency comes most often.
func mixture() []fx.Rate {
	return []fx.Rate{{}, {}, rate("EUR", "3"), rate("JPY", "2"), rate("EUR", "3")}
}

// However documents of several currencies come, what goes on is what the plain settlement gives, each currency by itself: 4,000
// backlogs of up to fourteen documents, always the same ones. In most a customer has one currency.
func TestCurrenciesInCrowdedBacklogs(t *testing.T) {
	appended := 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 13))
		k := keeper{clerk: clerk{cfg: credit.Config{WindowDays: 365, PromptnessDays: 365, DSODays: 365, Hold: r.IntN(8) == 0}}}
		k.settler.JournalFrom = int(seed%3) * 3
		k.running = k.settler.Run(&k.book, k.cfg)
		usual := mixture()[r.IntN(5)]
		for _, n := range r.Perm(14) {
			of := usual
			if r.IntN(5) == 0 {
				of = mixture()[r.IntN(5)]
			}
			d := in(backlogged(r, n), of)
			k.take(d)
			if want := credit.PlainSettle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
				t.Fatalf("after %+v, seed %d:\n%+v\nwant\n%+v", d, seed, k.ledger, want)
			}
		}
		appended += k.appended
	}
	if appended < 4000 {
		t.Errorf("%d documents of the base currency were appended: a foreign one beside them stops too many", appended)
	}
}

// The same for what is kept of a customer without the book.
func TestCurrenciesInCrowdedTrades(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 17))
		c := clerk{cfg: credit.Config{WindowDays: 365, PromptnessDays: 1 + r.IntN(4), DSODays: 1 + r.IntN(4), Tolerance: []int64{0, 0, 15}[r.IntN(3)]}}
		usual := mixture()[r.IntN(5)]
		for _, n := range r.Perm(12) {
			of := usual
			if r.IntN(6) == 0 {
				of = mixture()[r.IntN(5)]
			}
			d := in(crowded(r, n), of)
			c.take(d)
			if want := credit.PlainSettle(c.book, c.cfg); !reflect.DeepEqual(c.ledger, want) {
				t.Fatalf("after %+v, seed %d:\n%+v\nwant\n%+v", d, seed, c.ledger, want)
			}
		}
	}
}

// odd are rates that round, each document with its own.
func odd(t *rapid.T) fx.Rate {
	if rapid.IntRange(0, 2).Draw(t, "base") == 0 {
		return fx.Rate{}
	}
	return rate(rapid.SampledFrom([]string{"EUR", "JPY"}).Draw(t, "currency"), rapid.SampledFrom([]string{"7.8513", "0.0481", "1", "0.333333", "12"}).Draw(t, "rate"))
}

func drawMixed(t *rapid.T) (docs []document) {
	docs = drawDocuments(t, allKinds...)
	for i := range docs {
		docs[i] = in(docs[i], odd(t))
	}
	return docs
}

func TestOrderOfForeignDocumentsIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, cfg := drawMixed(t), config2.Draw(t, "config")
		want := credit.Settle(bookOf(docs), cfg)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		if got := credit.Settle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
			t.Fatalf("shuffled:\n%+v\nwant\n%+v", got, want)
		}
	})
}

// Ageing adds up to open, an item is its document's amount by its rate, and nothing of it is more than the whole. What settled an
// item and what is left of it add up to what it was.
func TestFiguresOfCurrenciesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, cfg := drawMixed(t), config2.Draw(t, "config")
		cfg.PromptnessDays = 365
		b := bookOf(docs)
		l := credit.Settle(b, cfg)
		f := l.Figures(cfg, 20)
		if a := f.Ageing; a.Current+a.D1To30+a.D31To60+a.D61To90+a.D90Plus != f.Open {
			t.Fatalf("ageing %+v, open %d", a, f.Open)
		}
		for _, i := range l.Items {
			if i.Left > i.Amount || i.Disputed > i.Left || i.Left < 0 {
				t.Fatalf("%+v", i)
			}
			left, _ := i.Owed()
			if r, own := rateOf(b, i); own && i.Left != exactly(left, r) {
				t.Fatalf("%+v: %d at %+v is %d", i, left, r, exactly(left, r))
			}
		}
		if len(b.Returns)+len(b.Adjustments)+len(b.Refunds) == 0 && !discounted(b) && cfg.Tolerance == 0 {
			sum := f.Open
			for _, p := range l.Portions {
				sum += p.Amount
			}
			for _, s := range l.Sales {
				sum -= s.Amount
			}
			if sum != 0 {
				t.Fatalf("open and settled are %d more than sold: %+v", sum, l)
			}
		}
	})
}

func discounted(b credit.Book) bool {
	return slices.ContainsFunc(b.Payments, func(p credit.Payment) bool {
		return slices.ContainsFunc(p.Allocations, func(a credit.Allocation) bool { return a.Discount > 0 })
	})
}

// rateOf is the rate of what an item is made of; false: an adjustment may be it.
func rateOf(b credit.Book, i credit.Item) (fx.Rate, bool) {
	for _, o := range b.Orders {
		if !i.Ref.Invoice && o.ID == i.Ref.ID && o.Source == i.Source {
			return o.Rate, true
		}
	}
	for _, v := range b.Invoices {
		if i.Ref.Invoice && v.ID == i.Ref.ID && v.Source == i.Source && len(b.Adjustments) == 0 {
			return v.Rate, true
		}
	}
	return fx.Rate{}, false
}

// exactly is an amount by a rate, rounded half to even, as big numbers have it.
func exactly(minor int64, r fx.Rate) int64 {
	if !r.Foreign() {
		return minor
	}
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(r.Places)), nil)
	q, rest := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(minor), big.NewInt(r.Mantissa)), den, new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(den); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// A trade that is wholly in one other currency at a rate of 1 has the figures of a base trade.
func TestARateOfOneChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, cfg := drawDocuments(t, allKinds...), config2.Draw(t, "config")
		abroad := slices.Clone(docs)
		for i := range abroad {
			abroad[i] = in(abroad[i], rate("EUR", "1"))
		}
		base, foreign := credit.Settle(bookOf(docs), cfg), credit.Settle(bookOf(abroad), cfg)
		for day := civil.Day(0); day < 40; day += 3 {
			if got, want := foreign.Figures(cfg, day), base.Figures(cfg, day); got != want {
				t.Fatalf("day %d: %+v, want %+v", day, got, want)
			}
		}
	})
}

// What is cancelled leaves nothing.
func TestACancelledForeignOrderLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, cfg := drawMixed(t), config2.Draw(t, "config")
		docs = slices.DeleteFunc(docs, func(d document) bool { o, ok := d.(credit.Order); return ok && o.ID == "X" })
		without := credit.Settle(bookOf(docs), cfg)
		o := credit.Order{ID: "X", Day: civil.Day(rapid.IntRange(0, 9).Draw(t, "day")), Amount: 700, Credit: true, Due: 12, Rate: rate("EUR", "7.8513")}
		with := credit.Settle(bookOf(append(slices.Clone(docs), o)), cfg)
		if with.Figures(cfg, 20) == without.Figures(cfg, 20) {
			t.Fatal("an order changes nothing")
		}
		gone := credit.Order{ID: "X", Standing: credit.Gone}
		if got := credit.Settle(bookOf(append(slices.Clone(docs), gone)), cfg); got.Figures(cfg, 20) != without.Figures(cfg, 20) {
			t.Fatalf("cancelled: %+v, want %+v", got, without)
		}
	})
}

// Money that waits in parts is counted once per payment: 1 and 1 of 0.5 is 1, not twice 0.
func TestMoneyIsRoundedOncePerPayment(t *testing.T) {
	half := rate("EUR", "0.5")
	b := bookOf([]document{credit.Payment{ID: "P", Amount: 2, Rate: half, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "SO1"}, Amount: 1}}}})
	l := credit.Settle(b, config)
	if f := l.Figures(config, 1); f.Unapplied != 1 || len(l.Money) != 2 {
		t.Errorf("unapplied %d of %+v, want 1", f.Unapplied, l.Money)
	}
}

// What settled an item and what is left of it add up to the item: 1 and 1 of 2 at 0.5.
func TestPartsOfAnItemAddUp(t *testing.T) {
	half := rate("EUR", "0.5")
	l := credit.Settle(bookOf([]document{
		credit.Order{ID: "SO1", Day: 0, Amount: 2, Credit: true, Due: 10, Rate: half}, credit.Payment{ID: "P", ValueDay: 1, Amount: 1, Rate: half},
	}), config)
	if len(l.Items) != 1 || len(l.Portions) != 1 || l.Items[0].Amount != 1 || l.Items[0].Left+l.Portions[0].Amount != 1 {
		t.Errorf("%+v", l)
	}
}

// What names an order that is cancelled is free, in whatever currency that was.
func TestForeignMoneyForACancelledOrderIsFree(t *testing.T) {
	eur := rate("EUR", "8")
	l := credit.Settle(bookOf([]document{
		credit.Order{ID: "SO1", Day: 0, Amount: 100, Credit: true, Due: 10, Rate: eur}, credit.Order{ID: "SO2", Standing: credit.Gone},
		credit.Invoice{ID: "I2", Standing: credit.Gone},
		credit.Payment{ID: "P", ValueDay: 1, Amount: 50, Rate: eur, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "SO2"}, Amount: 30}, {Ref: credit.Ref{Invoice: true, ID: "I2"}}}},
	}), config)
	if f := l.Figures(config, 5); f.Open != 50*8 || f.Unapplied != 0 {
		t.Errorf("open %d, unapplied %d", f.Open, f.Unapplied)
	}
}

// What names a document of another currency waits for one of its own.
func TestCurrenciesDoNotMeet(t *testing.T) {
	eur := rate("EUR", "8")
	docs := []document{
		credit.Order{ID: "SO1", Day: 0, Amount: 100, Credit: true, Due: 10},
		credit.Order{ID: "SO2", Day: 0, Amount: 100},
		credit.Payment{ID: "P1", ValueDay: 1, Amount: 100, Rate: eur, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: "SO1"}, Amount: 60}, {Ref: credit.Ref{ID: "SO2"}, Amount: 30}}},
		credit.Order{ID: "SO3", Day: 2, Amount: 50, Credit: true, Due: 12, Rate: eur},
	}
	l := credit.Settle(bookOf(docs), config)
	f := l.Figures(config, 5)
	if f.Open != 100+40*8 || f.Unapplied != 90*8 || f.Exposure != f.Open-f.Unapplied {
		t.Errorf("%+v", f)
	}
	slices.SortFunc(l.Items, func(a, b credit.Item) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
	if got := fmt.Sprint(l.Items[0].Currency, l.Items[0].Left, l.Items[1].Currency, l.Items[1].DocumentLeft, l.Items[1].Left); got != " 100 EUR 40 320" {
		t.Errorf("the items are %s: %+v", got, l.Items)
	}
}
