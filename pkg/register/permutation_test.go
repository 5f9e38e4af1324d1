package register_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/register"
)

// all is one of each register; an event changes one of them.
type all struct {
	Order     register.Order
	Return    register.Return
	Invoice   register.Invoice
	Payment   register.Payment
	Takebacks register.Takebacks
	Remarks   register.Remarks
	Attempts  register.Attempts
}

type event func(*all) bool

// drawEvent draws an event. Revisions, times and amounts are few, so that ties and overtaking are the rule.
func drawEvent(t *rapid.T, n int) event {
	version := v(rapid.Int64Range(0, 2).Draw(t, "revision"), rapid.Int64Range(0, 3).Draw(t, "second"), fmt.Sprintf("e%d", n))
	x := rapid.Int64Range(0, 5).Draw(t, "amount")
	source, id := rapid.SampledFrom([]string{"", "bank"}).Draw(t, "source"), rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id")
	patch := register.OrderPatch{Tax: &x}
	if rapid.Bool().Draw(t, "amends the amount") {
		patch.Amount = &x
	}
	terms := rapid.SampledFrom([]register.Terms{{}, {Kind: register.Days, Days: 3}, {Kind: register.Date, Due: 5}}).Draw(t, "terms")
	if rapid.Bool().Draw(t, "amends the terms") && terms.Kind != register.Cash {
		patch.Terms = &terms
	}
	doc := amount(x)
	doc.Terms = terms
	return rapid.SampledFrom([]event{
		func(a *all) bool { return a.Order.Place(version, doc) },
		func(a *all) bool { return a.Order.Amend(version, patch) },
		func(a *all) bool { return a.Order.Cancel(version) },
		func(a *all) bool { return a.Return.Take(register.Return{Version: version, Amount: x}) },
		func(a *all) bool {
			return a.Invoice.Issue(version, register.InvoiceDoc{Amount: x, Due: terms.Due, HasDue: terms.Due != 0})
		},
		func(a *all) bool { return a.Invoice.Void(version) },
		func(a *all) bool {
			return a.Payment.Take(register.Payment{Version: version, Doc: register.PaymentDoc{Amount: x}})
		},
		func(a *all) bool {
			return a.Takebacks.Reverse(register.Reversal{Source: source, ID: id, Version: version, Amount: x})
		},
		func(a *all) bool {
			return a.Takebacks.Refund(register.Refund{Source: source, ID: id, Version: version, Amount: x})
		},
		func(a *all) bool {
			return a.Remarks.Adjust(register.Adjustment{Source: source, ID: id, Version: version, Amount: x})
		},
		func(a *all) bool {
			return a.Remarks.Promise(register.Promise{Source: source, Version: version, Amount: x})
		},
		func(a *all) bool {
			return a.Attempts.Fail(register.Failure{Source: source, ID: id, Version: version})
		},
		func(a *all) bool {
			return a.Remarks.Dispute(register.Dispute{Source: source, Version: version, Amount: x})
		},
	}).Draw(t, "kind")
}

func apply(events []event) (a all) {
	for _, e := range events {
		e(&a)
	}
	return a
}

// State is a function of the set of events: any order of arrival, and any number of times that each arrives, ends in
// the same registers.
func TestStateIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := make([]event, rapid.IntRange(1, 12).Draw(t, "events"))
		for i := range events {
			events[i] = drawEvent(t, i)
		}
		want := apply(events)
		again := rapid.SliceOfN(rapid.IntRange(0, len(events)-1), 0, len(events)).Draw(t, "duplicates")
		arriving := append([]event{}, events...)
		for _, i := range again {
			arriving = append(arriving, events[i])
		}
		arriving = rapid.Permutation(arriving).Draw(t, "order of arrival")
		if diff := cmp.Diff(want, apply(arriving), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("another order of arrival ends elsewhere:\n%s", diff)
		}
	})
}

// What is known already changes nothing, and says so; what says that it changed nothing hasn't.
func TestChangedIsTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a all
		for i := range rapid.IntRange(1, 12).Draw(t, "events") {
			e, before := drawEvent(t, i), a
			changed := e(&a)
			if same := cmp.Equal(before, a, cmpopts.EquateEmpty()); same == changed {
				t.Fatalf("event %d says changed %t, but the state is the same: %t", i, changed, same)
			}
			if e(&a) {
				t.Fatalf("event %d changed something the second time", i)
			}
		}
	})
}

// The winner is found another way: sort everything by version, then look at the last of each kind.
func TestLiveByBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o register.Order
		var placed, cancelled *register.Version
		worth, amended := int64(0), map[register.Version]int64{}
		for i := range rapid.IntRange(1, 10).Draw(t, "events") {
			version := v(rapid.Int64Range(0, 2).Draw(t, "revision"), rapid.Int64Range(0, 3).Draw(t, "second"), fmt.Sprint("e", i))
			n := rapid.Int64Range(1, 99).Draw(t, "amount")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				o.Place(version, amount(n))
				if placed == nil || version.Compare(*placed) > 0 {
					placed, worth = &version, n
				}
			case 1:
				o.Amend(version, toAmount(n))
				amended[version] = n
			default:
				o.Cancel(version)
				if cancelled == nil || version.Revision > cancelled.Revision {
					cancelled = &version
				}
			}
		}
		want := "none"
		if placed != nil && (cancelled == nil || placed.Revision > cancelled.Revision) {
			last := *placed
			for version, n := range amended {
				if version.Compare(last) > 0 {
					last, worth = version, n
				}
			}
			want = fmt.Sprintf("%d at %d", worth, placed.OccurredAt/1_000_000)
		}
		if got := standing(&o); got != want {
			t.Fatalf("the order stands at %s, want %s", got, want)
		}
	})
}
