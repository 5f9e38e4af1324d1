package credit_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// goesOn plays a mix to what goes on with a book where it can, and asks its journals where it can't.
func goesOn(seed uint64, changes int) (back int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 78))
	m := newMix(r, r.IntN(4) == 0)
	if r.IntN(8) == 0 {
		m.rates = mixture()
	}
	k := keeper{clerk: clerk{cfg: credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9, Hold: r.IntN(60) == 0, Tolerance: int64(r.IntN(60) / 59 * 15), Forgive: r.IntN(2) == 0}}}
	k.settler.JournalFrom = 1 + r.IntN(8)
	k.running = k.settler.Run(&k.book, k.cfg)
	days := 1 + r.IntN(8)
	var log string
	for range changes {
		if r.IntN(days) == 0 {
			m.day++
		}
		m.docs = documentsOf(k.book)
		d := m.document()
		at := slices.IndexFunc(m.docs, func(x document) bool { return same(x, d) })
		switch {
		case at < 0:
			k.take(d)
			log += fmt.Sprintf("%T%+v\n", d, d)
		case r.IntN(2) == 0:
			log += fmt.Sprintf("gone %T%+v\n", m.docs[at], m.docs[at])
			k.takeBack(m.docs, at)
		default:
			d = m.again(m.docs[at])
			log += fmt.Sprintf("again %T%+v\n", d, d)
			k.changed = append(k.changed, m.docs[at], d)
			m.docs[at] = d
			k.book = bookOf(m.docs)
			k.refused()
			k.ledger = k.running.Ledger()
			k.ledger.Changed = nil
		}
		want := credit.PlainSettle(k.book, k.cfg)
		if len(m.rates) > 1 {
			want = credit.Settle(k.book, k.cfg)
		}
		if !reflect.DeepEqual(k.ledger, want) {
			return 0, fmt.Sprintf("%s\n%+v\nwant\n%+v", log, k.ledger, want)
		}
	}
	return k.back, ""
}

// The same for a book that goes on where it can, and asks its journals where it can't.
func TestWhereMoneyGoesOnInAMix(t *testing.T) {
	if _, back := trades(t, books/3, func(seed uint64) int { return 5 + int(seed*7%60) }, goesOn); back == 0 {
		t.Error("no journal was rewritten")
	}
}

// spends plays what is mostly paid without saying what for to what goes on with a book, and takes some of it back: what has come last as often as anything.
func spends(seed uint64, changes int) (back int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 77))
	k := keeper{clerk: clerk{cfg: credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}}}
	k.settler.JournalFrom = 1 + r.IntN(4)
	k.running = k.settler.Run(&k.book, k.cfg)
	day := civil.Day(5)
	for n := range changes {
		day += civil.Day(r.IntN(7) / 6)
		d := spending(r, day, n)
		if slices.ContainsFunc(documentsOf(k.book), func(x document) bool { return same(x, d) }) {
			continue
		}
		k.take(d)
		if docs := documentsOf(k.book); r.IntN(3) == 0 {
			at := r.IntN(len(docs))
			if r.IntN(2) == 0 {
				at = slices.IndexFunc(docs, func(x document) bool { return same(x, d) })
			}
			k.takeBack(docs, at)
		}
		if want := credit.PlainSettle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
			return 0, fmt.Sprintf("after %+v\n%+v\nwant\n%+v", d, k.ledger, want)
		}
	}
	return k.back, ""
}

func TestWhereMoneyWentIsTakenBack(t *testing.T) {
	if all, back := trades(t, books/2, func(seed uint64) int { return 10 + int(seed*7%40) }, spends); back < all/6 {
		t.Errorf("of %d changes %d rewrote a journal", all, back)
	}
}
