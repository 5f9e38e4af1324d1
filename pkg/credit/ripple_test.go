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

// spending is the n-th document of who pays mostly without saying what for, of the last day or one of the days before.
func spending(r *rand.Rand, last civil.Day, n int) document {
	day := last - civil.Day(r.IntN(6)*r.IntN(2))
	id := func() string { return fmt.Sprint("O", max(0, n-r.IntN(10))) }
	amount := int64(10 * (1 + r.IntN(6)))
	switch x := r.IntN(36); {
	case x < 9:
		return credit.Order{ID: fmt.Sprint("O", n), Day: day, Amount: amount, Credit: r.IntN(15) > 0, Due: day + civil.Day(r.IntN(5))}
	case x < 12:
		i := credit.Invoice{ID: fmt.Sprint("I", n), Day: day, Amount: amount, Due: day + civil.Day(r.IntN(5)), HasDue: true}
		if r.IntN(8) == 0 {
			i.Orders = []credit.Share{{OrderID: id()}}
		}
		return i
	case x < 22:
		return credit.Payment{ID: fmt.Sprint("P", r.IntN(2), n), ValueDay: day, Amount: amount - int64(r.IntN(2)*5)}
	case x < 27:
		return credit.Payment{ID: fmt.Sprint("P", r.IntN(2), n), ValueDay: day, Amount: amount, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: id()}}}}
	}
	switch r.IntN(6) {
	case 0:
		return credit.Return{ID: fmt.Sprint("R", n), OrderID: id(), Day: day, Amount: amount}
	case 1:
		kind := []credit.AdjustmentKind{credit.CreditNote, credit.DebitNote}[r.IntN(3)/2]
		return credit.Adjustment{ID: fmt.Sprint("N", n), InvoiceID: id(), Kind: kind, Day: day, Amount: amount}
	case 2, 3:
		kind := []credit.AdjustmentKind{credit.WriteOff, credit.Netting}[r.IntN(2)]
		return credit.Adjustment{ID: fmt.Sprint("N", n), InvoiceID: id(), Kind: kind, Day: last, Amount: amount}
	case 4:
		return credit.Refund{ID: fmt.Sprint("F", n), PaymentID: fmt.Sprint("P", r.IntN(2), n-r.IntN(8)), Day: last, Amount: amount}
	}
	return today(r, day, n)
}

// changed is another state of a document that is there, or none.
func changed(r *rand.Rand, was document) (is document, stays bool) {
	if r.IntN(3) == 0 {
		return nil, false
	}
	amount := int64(10 * (1 + r.IntN(6)))
	switch d := was.(type) {
	case credit.Order:
		switch r.IntN(4) {
		case 0:
			d.Amount = amount
		case 1:
			d.Due += civil.Day(r.IntN(3)) - 1
		default:
			d.Standing = credit.Gone
		}
		return d, true
	case credit.Invoice:
		d.Amount = amount
		if r.IntN(2) == 0 {
			d.Standing = credit.Gone
		}
		return d, true
	case credit.Payment:
		switch d.Amount = amount; r.IntN(3) {
		case 0:
			d.ValueDay--
		case 1:
			d.Allocations = nil
		}
		return d, true
	}
	return nil, false
}

// trades runs random trades, and says of how many changes how many were followed. Of a trade that goes wrong it finds the first change that does.
func trades(t *testing.T, seeds uint64, changes func(seed uint64) int, run func(seed uint64, changes int) (followed int, wrong string)) (all, followed int) {
	for seed := range seeds {
		most := changes(seed)
		n, wrong := run(seed, most)
		for k := 1; wrong != "" && k <= most; k++ {
			if _, first := run(seed, k); first != "" {
				t.Fatalf("seed %d, %d changes: %s", seed, k, first)
			}
		}
		all, followed = all+most, followed+n
	}
	t.Log(all, "changes,", followed, "followed")
	return all, followed
}

// Whatever comes, changes or goes where money is mostly free, a journal that only follows where it goes instead comes to what the plain settlement gives,
// and so does what it goes back to: on each day before there is what a journal has that was made anew.
func TestWhereMoneyGoesIsFollowed(t *testing.T) {
	all, followed := trades(t, 2*books, func(seed uint64) int { return 10 + int(seed*7%40) }, follows)
	if followed < all/6 {
		t.Errorf("of %d changes %d were followed", all, followed)
	}
}

// undone says where a journal that undoes its days comes to something else than one that was made anew of the documents that there are.
func undone(j *credit.Journal, docs []document, cfg credit.Config) (wrong string) {
	b := bookOf(docs)
	if n := j.Dead(); n > 0 {
		return fmt.Sprintf("%s, on %d days items are open that are there no more", lines(docs), n)
	}
	anew := credit.NewJournal(&b, cfg)
	is := j.Rises()
	for _, day := range anew.Rises() {
		if !slices.Contains(is, day) {
			return fmt.Sprintf("%s, what is left never was less before %d, want that it may have been", lines(docs), day)
		}
	}
	got, want := j.Undo(), anew.Undo()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("%s, undone\n%s\nwant\n%s", lines(docs), got[i], want[i])
		}
	}
	return ""
}

// shuffled is a list in some order.
func shuffled[T any](r *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

func follows(seed uint64, changes int) (followed int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 12))
	cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9, Hold: r.IntN(40) == 0, Tolerance: int64(r.IntN(40) / 39 * 15)}
	day := civil.Day(5)
	var docs []document
	j := credit.NewJournal(&credit.Book{}, cfg)
	for n := range changes {
		if r.IntN(4) == 0 {
			day++
		}
		var touched []document
		for range 1 + r.IntN(6)/5*(1+r.IntN(3)) {
			if d := spending(r, day, n); !slices.ContainsFunc(docs, func(x document) bool { return same(x, d) }) {
				docs, touched = append(docs, d), append(touched, d)
			}
			if at := r.IntN(4 * len(docs)); at < len(docs) {
				touched = append(touched, docs[at])
				if is, stays := changed(r, docs[at]); stays {
					docs[at] = is
				} else {
					docs = slices.Delete(docs, at, at+1)
				}
			}
		}
		b := bookOf(shuffled(r, docs))
		if !j.Rewrite(shuffled(r, changesOf(touched, shuffled(r, docs)))) {
			followed += j.Followed()
			j = credit.NewJournal(&b, cfg)
		}
		j.Wipe()
		if got, want := j.Ledger(), credit.PlainSettle(b, cfg); !reflect.DeepEqual(got, want) {
			return 0, fmt.Sprintf("after %+v of\n%+v\n got %+v\nwant %+v", changesOf(touched, docs), docs, got, want)
		}
	}
	followed += j.Followed()
	return followed, undone(j, docs, cfg)
}

// Of money that has been lying for long in many pieces nothing is recorded, and where it goes otherwise all is settled again: what comes late on such days,
// and what is known of others, comes to what the plain settlement gives all the same.
func TestMuchFreeMoney(t *testing.T) {
	cfg := credit.Config{WindowDays: 90, PromptnessDays: 90, DSODays: 90}
	var docs []document
	for n := range 100 {
		docs = append(docs, credit.Payment{ID: fmt.Sprintf("P%02d", n), ValueDay: 5, Amount: 10})
	}
	for n := range 30 {
		docs = append(docs, credit.Order{ID: fmt.Sprintf("O%02d", n), Day: 6 + civil.Day(n/3), Amount: 45, Credit: true, Due: 20})
	}
	b := bookOf(docs)
	j := credit.NewJournal(&b, cfg)
	for n, d := range []document{
		credit.Payment{ID: "PX", ValueDay: 7, Amount: 15},
		credit.Order{ID: "OX", Day: 8, Amount: 35, Credit: true, Due: 9},
		credit.Payment{ID: "PY", ValueDay: 15, Amount: 25},
		credit.Order{ID: "OY", Day: 14, Amount: 35, Credit: true, Due: 15},
		credit.Payment{ID: "PZ", ValueDay: 16, Amount: 500},
	} {
		docs = append(docs, d)
		if !j.Rewrite(changesOf([]document{d}, docs)) {
			t.Fatal("refused")
		}
		if got, want := j.Ledger(), credit.PlainSettle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
			t.Fatalf("document %d\n got %+v\nwant %+v", n, got, want)
		}
	}
	b = bookOf(docs)
	if got, want := j.Undo(), credit.NewJournal(&b, cfg).Undo(); !slices.Equal(got, want) {
		t.Errorf("undone\n%s\nwant\n%s", got, want)
	}
}

// What a return makes free takes the place of what goes back on its day, whenever the return is told.
func TestReturnBesideARefund(t *testing.T) {
	cfg := credit.Config{WindowDays: 90, PromptnessDays: 90, DSODays: 90}
	paid := func(id, order string) credit.Payment {
		return credit.Payment{ID: id, ValueDay: 5, Amount: 100, Allocations: []credit.Allocation{{Ref: credit.Ref{ID: order}}}}
	}
	for later := range 2 {
		docs := []document{
			credit.Order{ID: "O1", Day: 4, Amount: 100, Credit: true, Due: 20}, paid("P1", "O1"),
			credit.Order{ID: "O2", Day: 4, Amount: 100, Credit: true, Due: 20}, paid("P2", "O2"),
			credit.Refund{ID: "F", PaymentID: "P1", Day: 8, Amount: 40},
			credit.Order{ID: "O0", Day: 4, Amount: 100, Credit: true, Due: 10}, // which would have it otherwise
			credit.Order{ID: "O3", Day: civil.Day(8 + later), Amount: 100, Credit: true, Due: 20},
		}
		rewrittenBy(t, cfg, docs, []document{credit.Return{ID: "R", OrderID: "O2", Day: 8, Amount: 40}})
	}
}
