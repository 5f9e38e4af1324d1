package credit_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// under is the kind and the id that a document is under.
func under(d document) (credit.Kind, string) {
	switch d := d.(type) {
	case credit.Order:
		return credit.OfOrders, d.ID
	case credit.Invoice:
		return credit.OfInvoices, d.ID
	case credit.Adjustment:
		return credit.OfInvoices, d.InvoiceID
	case credit.Dispute:
		return credit.OfInvoices, d.ID
	case credit.Promise:
		return credit.OfInvoices, d.ID
	case credit.Return:
		return credit.OfReturns, d.ID
	case credit.Payment:
		return credit.OfPayments, d.ID
	}
	return credit.OfPayments, d.(credit.Refund).PaymentID
}

// all is what documents have under an id.
func all(docs []document, kind credit.Kind, id string) credit.Change {
	c := credit.Change{Kind: kind, ID: id}
	for _, d := range docs {
		if k, i := under(d); k == kind && i == id {
			add(&c.Book, d)
		}
	}
	return c
}

// Whatever comes, changes or goes, a journal comes to what the plain settlement gives for the book as it is then, to the last field.
func TestJournalIsSettling(t *testing.T) {
	for name, kinds := range map[string][]string{
		"all kinds": allKinds,
		"trade":     {"order", "order", "invoice", "payment", "payment", "return", "refund"},
		"notes":     {"order", "invoice", "note", "note", "payment", "dispute", "promise"},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				cfg := config2.Draw(t, "config")
				docs := drawDocuments(t, kinds...)
				now := docs[:rapid.IntRange(0, len(docs)).Draw(t, "at first")]
				b := bookOf(now)
				j := credit.NewJournal(&b, cfg)
				for range rapid.IntRange(1, 8).Draw(t, "times") {
					next := slices.Clone(now)
					var touched []document
					for range rapid.IntRange(1, 3).Draw(t, "changes") {
						d := drawDocument(t, kinds)
						touched = append(touched, d)
						next = slices.DeleteFunc(next, func(x document) bool {
							if same(x, d) {
								touched = append(touched, x)
							}
							return same(x, d)
						})
						if rapid.IntRange(0, 4).Draw(t, "stays") > 0 {
							next = append(next, d)
						}
					}
					changes := changesOf(touched, next)
					now = next
					if !j.Rewrite(changes) {
						t.Fatal("refused")
					}
					if got, want := j.Ledger(), credit.PlainSettle(bookOf(now), cfg); !reflect.DeepEqual(got, want) {
						t.Fatalf("after %+v of\n%+v\n got %+v\nwant %+v", changes, now, got, want)
					}
				}
			})
		})
	}
}

// changesOf are the changes that documents which came, changed or went make, where docs are those that there are now.
func changesOf(touched, docs []document) (changes []credit.Change) {
	for _, x := range touched {
		kind, id := under(x)
		if !slices.ContainsFunc(changes, func(c credit.Change) bool { return c.Kind == kind && c.ID == id }) {
			changes = append(changes, all(docs, kind, id))
		}
	}
	return changes
}

// same says that two documents are one.
func same(a, b document) bool {
	v, w := reflect.ValueOf(a), reflect.ValueOf(b)
	if v.Type() != w.Type() {
		return false
	}
	for _, f := range []string{"Source", "ID", "InvoiceID"} {
		if _, adjustment := a.(credit.Adjustment); f == "InvoiceID" && !adjustment {
			continue
		}
		if v.FieldByName(f).String() != w.FieldByName(f).String() {
			return false
		}
	}
	return true
}

// takeBack has one of a book's documents be gone.
func (k *keeper) takeBack(docs []document, which int) {
	k.book = bookOf(slices.Delete(slices.Clone(docs), which, which+1))
	k.changed = append(k.changed, docs[which])
	k.refused()
	k.ledger = k.running.Ledger()
	k.ledger.Changed = nil
}

// With rates that round, and whatever comes in whatever currency, what goes on with journals is what settling the book gives.
func TestJournalsOfCurrencies(t *testing.T) {
	back := 0
	rapid.Check(t, func(t *rapid.T) {
		k := keeper{clerk: clerk{cfg: config2.Draw(t, "config")}}
		k.settler.JournalFrom = rapid.IntRange(1, 4).Draw(t, "journal from")
		k.running = k.settler.Run(&k.book, k.cfg)
		for _, d := range drawMixed(t) {
			k.take(d)
			if docs := documentsOf(k.book); !k.cancel(t) && rapid.IntRange(0, 3).Draw(t, "taken back") == 0 {
				k.takeBack(docs, rapid.IntRange(0, len(docs)-1).Draw(t, "which"))
			}
			if want := credit.Settle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
				t.Fatalf("after %+v:\n%+v\nwant\n%+v", d, k.ledger, want)
			}
		}
		back += k.back
	})
	if back == 0 {
		t.Error("no journal was rewritten")
	}
}

// A book that goes on for long without its journal knows what the journal knew of ids, and is settled again where it refuses.
func TestRunningIsFarAheadOfItsJournal(t *testing.T) {
	k := keeper{clerk: clerk{cfg: config}}
	k.settler.JournalFrom = 1
	add(&k.book, credit.Invoice{ID: "I", Day: 1, Due: 9, HasDue: true, Amount: 30, Orders: []credit.Share{{OrderID: "SO", Amount: 30}}})
	k.running = k.settler.Run(&k.book, k.cfg)
	for n := range 6000 {
		o := credit.Order{ID: fmt.Sprintf("%04d", n), Day: civil.Day(n), Amount: 10, Credit: true, Due: civil.Day(n + 5)}
		k.running.Order(o, k.cfg)
		add(&k.book, o)
	}
	if k.running.Journaled() {
		t.Error("all of 12,000 entries are remembered")
	}
	k.take(credit.Order{ID: "SO", Day: 6000, Amount: 100, Credit: true, Due: 6030}) // 30 of it is the invoice's
	if want := credit.Settle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) || k.again > 0 {
		t.Errorf("settled again %d times, %d items, want %d", k.again, len(k.ledger.Items), len(want.Items))
	}
	k.take(credit.Return{ID: "R", OrderID: "SO", Day: 6001, Amount: 90})
	if want := credit.Settle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) || k.again != 1 || !k.running.Journaled() {
		t.Errorf("settled again %d times, want once", k.again)
	}
}
