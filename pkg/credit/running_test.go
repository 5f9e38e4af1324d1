package credit_test

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/credit"
)

// keeper goes on with a settlement as documents come, and settles the book again where it must.
type keeper struct {
	clerk
	settler credit.Settler
	running *credit.Running
}

func (k *keeper) take(d document) {
	done, first := false, !named(k.book, d)
	switch d := d.(type) {
	case credit.Order:
		first = first && !slices.ContainsFunc(k.book.Returns, func(r credit.Return) bool { return r.OrderID == d.ID })
		done = first && (d.Standing == credit.Live && k.running.Order(d, k.cfg) ||
			d.Standing != credit.Live && !k.ledger.Awaits(credit.Ref{ID: d.ID}))
	case credit.Invoice:
		done = first && d.Standing == credit.Live && k.running.Invoice(d, k.order, k.cfg)
	case credit.Payment:
		refunded := slices.ContainsFunc(k.book.Refunds, func(r credit.Refund) bool { return r.PaymentID == d.ID })
		done = first && !refunded && k.running.Payment(d, k.kind, k.cfg)
	case credit.Return:
		done = k.idle(d)
	}
	add(&k.book, d)
	k.appended++
	if !done {
		k.appended--
		k.again++
		k.running = k.settler.Run(&k.book, k.cfg)
	}
	k.ledger = k.running.Ledger()
}

// named says that a book has a document of the kind under the id, in any system.
func named(b credit.Book, d document) bool {
	switch d := d.(type) {
	case credit.Order:
		return slices.ContainsFunc(b.Orders, func(o credit.Order) bool { return o.ID == d.ID })
	case credit.Invoice:
		return slices.ContainsFunc(b.Invoices, func(i credit.Invoice) bool { return i.ID == d.ID })
	case credit.Payment:
		return slices.ContainsFunc(b.Payments, func(p credit.Payment) bool { return p.ID == d.ID })
	}
	return false
}

func (k *keeper) order(id string) (o credit.Order, known, sure bool) {
	n := 0
	for _, x := range k.book.Orders {
		if x.ID == id {
			o, n = x, n+1
		}
	}
	return o, n > 0 && o.Standing == credit.Live, n < 2
}

// However documents come, what goes on is what the plain settlement gives for the whole book, to the last field.
func TestRunningIsSettling(t *testing.T) {
	for name, kinds := range map[string][]string{
		"all kinds": {"order", "order", "order", "invoice", "invoice", "invoice", "payment", "payment", "payment", "return", "refund"},
		"invoices":  {"order", "invoice", "invoice", "payment", "payment"},
	} {
		t.Run(name, func(t *testing.T) {
			appended, again := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				docs := drawDocuments(t, kinds...)
				k := keeper{clerk: clerk{cfg: config2.Draw(t, "config")}}
				k.running = k.settler.Run(&k.book, k.cfg)
				if rapid.Bool().Draw(t, "in order") {
					slices.SortStableFunc(docs, func(a, b document) int { return cmp.Compare(dayOf(a), dayOf(b)) })
				}
				for _, d := range docs {
					k.take(d)
					if want := credit.PlainSettle(k.book, k.cfg); !reflect.DeepEqual(k.ledger, want) {
						t.Fatalf("after %+v:\n%+v\nwant\n%+v", d, k.ledger, want)
					}
				}
				appended, again = appended+k.appended, again+k.again
			})
			if appended < again {
				t.Errorf("went on with %d documents, settled again with %d", appended, again)
			}
		})
	}
}
