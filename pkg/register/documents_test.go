package register_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/register"
)

func TestReturnIsTheNewestState(t *testing.T) {
	r := register.Return{}
	for _, s := range []struct {
		version register.Version
		amount  int64
		taken   bool
	}{{v(0, 5, "e1"), 100, true}, {v(0, 5, "e1"), 100, false}, {v(0, 4, "e9"), 200, false}, {v(1, 1, "e2"), 300, true}, {v(0, 9, "e3"), 400, false}} {
		if got := r.Take(register.Return{Version: s.version, Amount: s.amount}); got != s.taken {
			t.Errorf("%v: taken %t, want %t", s.version, got, s.taken)
		}
	}
	if r.Amount != 300 {
		t.Errorf("the return is of %d, want 300", r.Amount)
	}
}

func TestReturnLeavesTaxOut(t *testing.T) {
	if got := (register.Return{Amount: 119, Tax: 19}).Value(); got != 100 {
		t.Errorf("value %d, want 100", got)
	}
	if got := (register.Return{Amount: 10, Tax: 19}).Value(); got != 0 {
		t.Errorf("more tax than amount: value %d, want 0", got)
	}
}

func TestInvoice(t *testing.T) {
	issued, again := register.InvoiceDoc{Amount: 100}, register.InvoiceDoc{Amount: 200}
	for _, c := range []struct {
		says string
		do   func(*register.Invoice)
		want int64 // 0: not live
		at   civil.Instant
	}{
		{"nothing is known of it", func(*register.Invoice) {}, 0, 0},
		{"issued", func(i *register.Invoice) { i.Issue(v(0, 1, "e1"), issued) }, 100, 1},
		{"a revision replaces", func(i *register.Invoice) { i.Issue(v(1, 2, "e2"), again); i.Issue(v(0, 1, "e1"), issued) }, 200, 2},
		{"voided", func(i *register.Invoice) { i.Issue(v(0, 1, "e1"), issued); i.Void(v(0, 2, "e2")) }, 0, 0},
		{"voided before it came", func(i *register.Invoice) { i.Void(v(0, 2, "e2")); i.Issue(v(0, 1, "e1"), issued) }, 0, 0},
		{"void is final within the revision", func(i *register.Invoice) { i.Void(v(0, 2, "e2")); i.Issue(v(0, 9, "e9"), issued) }, 0, 0},
		{"a higher revision issues again", func(i *register.Invoice) { i.Void(v(0, 2, "e2")); i.Issue(v(1, 3, "e3"), again) }, 200, 3},
		{"the highest voided revision counts", func(i *register.Invoice) { i.Void(v(1, 2, "e2")); i.Void(v(0, 9, "e9")); i.Issue(v(1, 3, "e3"), again) }, 0, 0},
	} {
		i := register.Invoice{}
		c.do(&i)
		doc, at, ok := i.Live()
		if doc.Amount != c.want || at != c.at*civil.Second || ok != (c.want != 0) {
			t.Errorf("%s: %d at %s, live %t; want %d", c.says, doc.Amount, at, ok, c.want)
		}
	}
}

func TestPaymentIsTheNewestState(t *testing.T) {
	p := register.Payment{}
	state := func(version register.Version, n int64) register.Payment {
		return register.Payment{Version: version, Doc: register.PaymentDoc{Amount: n}}
	}
	if !p.Take(state(v(0, 5, "e1"), 100)) || p.Take(state(v(0, 5, "e1"), 100)) || p.Take(state(v(0, 1, "e2"), 200)) || !p.Take(state(v(1, 1, "e3"), 300)) {
		t.Error("a payment takes what is newer, and that alone")
	}
	if p.Doc.Amount != 300 {
		t.Errorf("the payment is of %d, want 300", p.Doc.Amount)
	}
}

func TestEffective(t *testing.T) {
	for _, c := range []struct {
		says      string
		reversals []register.Reversal
		want      int64
	}{
		{"nothing reversed", nil, 100},
		{"a part", []register.Reversal{{ID: "r1", Amount: 30}}, 70},
		{"two parts", []register.Reversal{{ID: "r1", Amount: 30}, {ID: "r2", Amount: 20}}, 50},
		{"0 is all", []register.Reversal{{ID: "r1", Amount: 30}, {ID: "r2"}}, 0},
		{"never below 0", []register.Reversal{{ID: "r1", Amount: 80}, {ID: "r2", Amount: 80}}, 0},
		{"the same one twice", []register.Reversal{{ID: "r1", Amount: 30}, {ID: "r1", Amount: 30}}, 70},
		{"the same id from two systems", []register.Reversal{{ID: "r1", Amount: 30}, {Source: "bank", ID: "r1", Amount: 30}}, 40},
		{"its higher revision", []register.Reversal{{ID: "r1", Version: v(1, 0, "b"), Amount: 10}, {ID: "r1", Version: v(0, 9, "a"), Amount: 30}}, 90},
	} {
		taken := register.Takebacks{}
		for _, r := range c.reversals {
			taken.Reverse(r)
		}
		if got := taken.Effective(100); got != c.want {
			t.Errorf("%s: %d left, want %d", c.says, got, c.want)
		}
	}
}

func TestLinksAreKeptBySourceAndID(t *testing.T) {
	var links []register.LinkedReturn
	for _, r := range []register.LinkedReturn{{Source: "b", ID: "1", Value: 1}, {Source: "a", ID: "2", Value: 2}, {Source: "a", ID: "1", Value: 3}, {Source: "b", ID: "1", Value: 4}} {
		links = register.Link(links, r)
	}
	links = register.Unlink(links, "a", "2")
	links = register.Unlink(links, "c", "1")
	want := []register.LinkedReturn{{Source: "a", ID: "1", Value: 3}, {Source: "b", ID: "1", Value: 4}}
	if !slices.Equal(links, want) {
		t.Errorf("links %v, want %v", links, want)
	}
}

// However many promises and attempts there are, the newest are kept, and those alone.
func TestTheNewestAreKept(t *testing.T) {
	var up, down register.Remarks
	var attempts register.Attempts
	const most, n = 32, 40
	for i := range int64(n) {
		up.Promise(register.Promise{Version: v(0, i, fmt.Sprint("e", i))})
		down.Promise(register.Promise{Version: v(0, n-1-i, fmt.Sprint("e", n-1-i))})
		attempts.Fail(register.Failure{ID: fmt.Sprint(i), Version: v(0, i, "e")})
	}
	if diff := cmp.Diff(up, down); diff != "" || len(up.Promises) != most || len(attempts.Failures) != most {
		t.Errorf("%d promises and %d attempts, want %d:\n%s", len(up.Promises), len(attempts.Failures), most, diff)
	}
	for _, p := range up.Promises {
		if p.Version.OccurredAt < v(0, n-most, "").OccurredAt {
			t.Errorf("one of %d is kept", p.Version.OccurredAt)
		}
	}
	var invoice, backwards register.Invoice
	for i := range int64(n) {
		invoice.Issue(v(i, 0, "e"), register.InvoiceDoc{})
		backwards.Issue(v(n-1-i, 0, "e"), register.InvoiceDoc{})
	}
	if diff := cmp.Diff(invoice, backwards); diff != "" || len(invoice.Old) != most || invoice.Issue(v(2, 0, "another"), register.InvoiceDoc{}) {
		t.Errorf("%d due days, want %d:\n%s", len(invoice.Old), most, diff)
	}
	if up.Promise(register.Promise{Version: v(0, 3, "e3")}) || down.Promise(register.Promise{Version: v(0, 2, "another")}) {
		t.Error("one that is too old changed something")
	}
}
