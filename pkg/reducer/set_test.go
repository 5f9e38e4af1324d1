package reducer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What has come of each of these doesn't depend on the order in which it came. Every order is tried.
func TestFiguresOfAFew(t *testing.T) {
	all := func(id string) *pb.InvoicedOrder { return &pb.InvoicedOrder{OrderId: id} }
	some := func(id string, amount int64) *pb.InvoicedOrder {
		return &pb.InvoicedOrder{OrderId: id, AmountMinor: amount}
	}
	for name, c := range map[string]struct {
		want   string
		papers []*pb.Fact
	}{
		"a cash order is paid, then cancelled: its money is free": {"open 0, overdue 0, unapplied 100, exposure -100, settled 0", []*pb.Fact{
			places("", 0, "S1", 100, nil, false), pays("", 1, "P1", 100, forOrder("S1")), cancels("", 2, "S1"),
		}},
		"cancelled, and placed again: it takes its money again": {"open 0, overdue 0, unapplied 0, exposure 0, settled 0", []*pb.Fact{
			places("", 0, "S1", 100, nil, false), pays("", 1, "P1", 100, forOrder("S1")), cancels("", 2, "S1"), revised(places("", 3, "S1", 100, nil, false), 1),
		}},
		"the cash order of the payment's own system comes last": {"open 100, overdue 100, unapplied 0, exposure 100, settled 0", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), pays("shop", 1, "P1", 100, forOrder("S1")), places("shop", 2, "S1", 100, nil, false),
		}},
		"the cash order of the return's own system comes last": {"open 100, overdue 100, returns_minor 40, exposure 100", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), returns("shop", 1, "R1", 40, "S1", ""), places("shop", 2, "S1", 100, nil, false),
		}},
		"the cash order of the invoice's own system comes last": {"open 160, overdue 160, exposure 160, settled 0", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), issues("shop", 1, "I1", 60, some("S1", 60)), places("shop", 2, "S1", 100, nil, false),
		}},
		"a return named an invoice, and names nothing any more": {"open 100, overdue 100, unapplied 0, settled 0", []*pb.Fact{
			issues("", 0, "I1", 100), returns("", 1, "R1", 50, "", "I1"), revised(returns("", 2, "R1", 50, "", ""), 1),
		}},
		"a return means its own system's order, though that is cancelled": {"open 100, returns_minor 0, returns 0", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), places("shop", 0, "S1", 100, days(10), false), cancels("shop", 1, "S1"), returns("shop", 2, "R1", 60, "S1", ""),
		}},
		"a return means its own system's order, of which an amendment has come": {"open 100, returns_minor 0, returns 0", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), amends("shop", 1, "S1", 50), returns("shop", 2, "R1", 60, "S1", ""),
		}},
		"a payment waits for its own system's order, of which an amendment has come": {"open 100, unapplied 100, settled 0", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), amends("shop", 1, "S1", 50), pays("shop", 2, "P1", 100, forOrder("S1")),
		}},
		"a payment means its own system's invoice, though that is void": {"open 60, unapplied 0, settled 1, max_days_overdue 25", []*pb.Fact{
			issues("erp", 0, "I1", 60), issues("erp", -1, "I2", 100), issues("shop", 0, "I1", 60), voids("shop", 1, "I1"), pays("shop", 2, "P1", 100, forInvoice("I1")),
		}},
		"a cash order is amended to be due at once, and placed again with terms": {"open 100, max_days_overdue 25", []*pb.Fact{
			places("", 0, "S1", 100, nil, false), amendsTerms("", 1, "S1", 0), revised(places("", 10, "S1", 100, days(30), false), 1),
		}},
		"a state of an invoice without a due date is due as its order is now": {"open 100, max_days_overdue 1", []*pb.Fact{
			places("", 0, "S1", 100, days(5), false), issues("", 0, "I1", 100, all("S1")), extends("", 3, "S1", 12),
			revised(dated(issues("", 10, "I1", 100, all("S1")), 24), 1),
		}},
		"an expected invoice is no terms": {"open 100, max_days_overdue 5, commitments 0", []*pb.Fact{
			places("", 0, "S1", 100, nil, true), issues("", 20, "I1", 100, all("S1")),
		}},
		"nothing is expected of what was returned": {"open 0, unapplied 0, settled 1, commitments 0", []*pb.Fact{
			places("", 0, "S1", 100, nil, true), pays("", 1, "P1", 100, forOrder("S1")), returns("", 2, "R1", 100, "S1", ""), places("", 0, "S2", 100, days(5), false),
		}},
		"nothing is expected after an invoice of nothing": {"open 0, unapplied 0, settled 1, commitments 0", []*pb.Fact{
			places("", 0, "S1", 100, nil, true), pays("", 1, "P1", 100, forOrder("S1")), issues("", 2, "I1", 0, all("S1")), places("", 0, "S2", 100, days(5), false),
		}},
		"money for a cancelled order is free": {"open 0, overdue 0, unapplied 0, settled 1, mean_days_beyond_terms -4", []*pb.Fact{
			places("", 0, "S1", 100, days(30), false), pays("", 1, "P1", 100, forOrder("S1")), cancels("", 2, "S1"), places("", 0, "S2", 100, days(5), false),
		}},
		"money for a void invoice is free": {"open 0, overdue 0, unapplied 0, settled 1, mean_days_beyond_terms -4", []*pb.Fact{
			issues("", 0, "I1", 100), pays("", 1, "P1", 100, forInvoice("I1")), voids("", 2, "I1"), places("", 0, "S2", 100, days(5), false),
		}},
		"money for an order stays with what is still expected of it": {"open 60, overdue 60, unapplied 60, commitments 60, exposure 60, settled 1", []*pb.Fact{
			places("", 0, "S1", 100, nil, true), issues("", 1, "I1", 40, some("S1", 40)), pays("", 2, "P1", 100, forOrder("S1")), places("", 0, "S2", 60, days(5), false),
		}},
		"a cash order's money goes back, and another's stays": {"open 0, unapplied 40, exposure -40", []*pb.Fact{
			pays("", 0, "P0", 40), places("", 1, "S1", 100, nil, false), pays("", 2, "P1", 100, forOrder("S1")), refunds("", 3, "F1", "P1", 100),
		}},
		"a credit note lowers an invoice, and what was paid of it is free": {"open 0, unapplied 30, exposure -30, settled 1", []*pb.Fact{
			issues("", 0, "I1", 100), pays("", 1, "P1", 100), adjusts("", 2, "A1", "I1", pb.InvoiceAdjusted_CREDIT_NOTE, 30),
		}},
		"a credit note that is sent again counts once, with its higher revision": {"open 60, unapplied 0, exposure 60", []*pb.Fact{
			issues("", 0, "I1", 100), adjusts("", 2, "A1", "I1", pb.InvoiceAdjusted_CREDIT_NOTE, 30), revised(adjusts("", 2, "A1", "I1", pb.InvoiceAdjusted_CREDIT_NOTE, 40), 1),
		}},
		"an opening balance stands for an invoice until that is issued": {"open 80, max_days_overdue 25", []*pb.Fact{
			adjusts("", 0, "A1", "I1", pb.InvoiceAdjusted_OPENING, 50, 5), issues("", 0, "I1", 80),
		}},
		"an opening balance is paid": {"open 0, unapplied 0, settled 1, settled_late 1, dso_days 0", []*pb.Fact{
			adjusts("erp", 0, "A1", "I1", pb.InvoiceAdjusted_OPENING, 50, 5), pays("bank", 8, "P1", 50, forInvoice("I1")),
		}},
		"what was written off is late and unpaid, though money comes for it": {"open 0, unapplied 0, settled 1, settled_late 1, promptness 1", []*pb.Fact{
			issues("", 0, "I1", 100), adjusts("", 9, "A1", "I1", pb.InvoiceAdjusted_WRITE_OFF, 100), adjusts("", 12, "A2", "I1", pb.InvoiceAdjusted_RECOVERY, 100),
		}},
		"what is set off is paid": {"open 0, unapplied 0, settled 1, settled_late 0", []*pb.Fact{
			places("", 0, "S1", 100, days(10), false), adjusts("", 9, "A1", "S1", pb.InvoiceAdjusted_NETTING, 120),
		}},
		"a debit note raises an order that is its own invoice": {"open 120, max_days_overdue 15", []*pb.Fact{
			places("erp", 0, "S1", 100, days(10), false), adjusts("books", 9, "A1", "S1", pb.InvoiceAdjusted_DEBIT_NOTE, 20),
		}},
		"a dispute is over": {"open 100, disputed 0", []*pb.Fact{
			issues("", 0, "I1", 100), disputes("", 3, "I1", 60, false), disputes("", 5, "I1", 60, true),
		}},
		"all of it is disputed, less what was paid": {"open 70, disputed 70", []*pb.Fact{
			issues("", 0, "I1", 100), disputes("", 3, "I1", 0, false), pays("", 5, "P1", 30),
		}},
		"a trade bill pays, and is at risk until it matures": {"open 0, unapplied 20, exposure 100, settled 1", []*pb.Fact{
			issues("", 0, "I1", 100), matures(pays("", 1, "P1", 120), takenIn+1),
		}},
		"a trade bill has matured": {"open 0, unapplied 20, exposure -20, settled 1", []*pb.Fact{
			issues("", 0, "I1", 100), matures(pays("", 1, "P1", 120), takenIn),
		}},
		"a trade bill has failed": {"open 100, unapplied 0, exposure 100, settled 0", []*pb.Fact{
			issues("", 0, "I1", 100), matures(pays("", 1, "P1", 120), takenIn+1), reverses("", 3, "V1", "P1", 0),
		}},
		"an order is given more time before it is due": {"open 100, overdue 100, max_days_overdue 5", []*pb.Fact{
			places("", 0, "S1", 100, days(10), false), extends("", 10, "S1", 20), amends("", 12, "S1", 100),
		}},
		"an order is given more time too late": {"open 100, overdue 100, max_days_overdue 15", []*pb.Fact{
			places("", 0, "S1", 100, days(10), false), extends("", 11, "S1", 20),
		}},
		"an order is placed again too late, amended in time in between": {"open 100, max_days_overdue 13", []*pb.Fact{
			places("", 0, "S1", 100, days(5), false), extends("", 5, "S1", 12), revised(places("", 13, "S1", 100, days(30), false), 1),
		}},
		"an order is cancelled, and placed again": {"open 100, max_days_overdue 0", []*pb.Fact{
			places("", 0, "S1", 100, days(5), false), cancels("", 6, "S1"), revised(places("", 13, "S1", 100, days(30), false), 1),
		}},
		"an invoice is given more time too late, then less": {"open 100, max_days_overdue 15", []*pb.Fact{
			dated(issues("", 0, "I1", 100), 10), revised(dated(issues("", 11, "I1", 100), 30), 1), revised(dated(issues("", 12, "I1", 100), 20), 2),
		}},
		"an invoice is void, and issued again": {"open 100, max_days_overdue 0", []*pb.Fact{
			dated(issues("", 0, "I1", 100), 10), revised(voids("", 11, "I1"), 1), revised(dated(issues("", 12, "I1", 100), 30), 2),
		}},
		"attempts that failed count once each": {"failed 3", []*pb.Fact{
			fails("", 1, "T1", "P1"), revised(fails("", 2, "T1", "P1"), 1), fails("", 3, "", "P1"), fails("", 4, "", "P1"), pays("", 4, "P1", 10),
		}},
		"a promise is broken, and one was kept": {"broken 1, part 1, open 40", []*pb.Fact{
			issues("", 0, "I1", 100), promises("", 1, "I1", 60, 5), pays("", 5, "P1", 60), promises("", 6, "I1", 0, 24),
		}},
		"a promise is replaced in time, and the other is for today": {"broken 0, part 0", []*pb.Fact{
			issues("", 0, "I1", 100), promises("", 1, "I1", 60, 5), promises("", 5, "I1", 60, takenIn),
		}},
		"a broken promise isn't undone by the next": {"broken 1, part 0", []*pb.Fact{
			issues("", 0, "I1", 100), promises("", 1, "I1", 60, 5), promises("", 6, "I1", 60, takenIn+1),
		}},
		"a payment that is told of late has kept a promise": {"broken 0, part 1", []*pb.Fact{
			issues("", 0, "I1", 100), promises("", 1, "I1", 60, 5), pays("", 7, "P1", 10), pays("", 4, "P2", 60),
		}},
		"a reversed payment has nothing to go back": {"open 0, unapplied 40, exposure -40", []*pb.Fact{
			pays("", 0, "P0", 40), pays("", 2, "P1", 100), reverses("", 3, "V1", "P1", 0), refunds("", 3, "F1", "P1", 100),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			permute(c.papers, func(papers []*pb.Fact) {
				l := wall(t, standard)
				for _, p := range papers {
					l.put(p)
				}
				checkFigures(t, l.figures(), c.want)
			})
		})
	}
}

// checkFigures compares those named, as 'open 100, settled 1'.
func checkFigures(t *testing.T, got, want string) {
	t.Helper()
	is := map[string]any{}
	for text := range strings.SplitSeq(got, "\n") {
		if err := json.Unmarshal([]byte(text), &is); err != nil {
			t.Fatal(err)
		}
	}
	for w := range strings.SplitSeq(want, ", ") {
		name, value, _ := strings.Cut(w, " ")
		x, found := is[name]
		if !found {
			x, found = is[name+"_minor"]
		}
		if !found || fmt.Sprint(x) != value {
			t.Errorf("%s is %v, want %s", name, x, value)
		}
	}
}

// permute calls f with every order of a list.
func permute[T any](list []T, f func([]T)) {
	var at func(int)
	at = func(n int) {
		if n == len(list) {
			f(list)
			return
		}
		for i := n; i < len(list); i++ {
			list[n], list[i] = list[i], list[n]
			at(n + 1)
			list[n], list[i] = list[i], list[n]
		}
	}
	at(0)
}

// trade is what the papers of one run may be: the fewer systems, ids and kinds, the more of them meet.
type trade struct {
	systems, kinds []string
	ids            int
}

func anyTrade(t *rapid.T) trade {
	systems := []string{"", "bank", "erp"}
	kinds := []string{"cash", "credit", "expected", "amend", "extend", "cancel", "return", "issue", "void", "reverse", "refund", "adjust", "dispute", "promise", "fail", "pay", "pay"}
	return trade{
		systems: systems[:rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "systems")], ids: rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "ids"),
		kinds: rapid.Permutation(kinds).Draw(t, "kinds")[:rapid.SampledFrom([]int{3, 4, 6, 8, 17, 17}).Draw(t, "of so many kinds")],
	}
}

// paper is a paper of any kind.
func (of trade) paper(t *rapid.T) *pb.Fact {
	source, on := rapid.SampledFrom(of.systems).Draw(t, "source"), rapid.IntRange(0, 9).Draw(t, "day")
	id := func(kind string) string { return fmt.Sprint(kind, rapid.IntRange(1, of.ids).Draw(t, kind)) }
	either := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	amount, part := rapid.SampledFrom([]int64{20, 50, 100, 130, 0}).Draw(t, "amount"), rapid.SampledFrom([]int64{0, 0, 20, 50}).Draw(t, "part")
	order, payment := id("S"), id("P")
	invoice := either("invoice", id("I"), id("I"), order)
	var f *pb.Fact
	switch either("kind", of.kinds...) {
	case "cash":
		f = places(source, on, order, amount, nil, false)
	case "credit":
		f = places(source, on, order, amount, days(rapid.Int32Range(0, 9).Draw(t, "terms")), rapid.Bool().Draw(t, "expected"))
	case "expected":
		f = places(source, on, order, amount, nil, true)
	case "amend":
		f = amends(source, on, order, amount)
	case "extend":
		f = extends(source, on, order, rapid.IntRange(0, 20).Draw(t, "until"))
	case "cancel":
		f = cancels(source, on, order)
	case "return":
		f = returns(source, on, id("R"), amount, either("of", "", order), either("billed", "", invoice))
	case "issue":
		f = issues(source, on, invoice, amount, &pb.InvoicedOrder{OrderId: order, AmountMinor: part})
		if rapid.Bool().Draw(t, "dated") {
			f = dated(f, on+rapid.IntRange(0, 9).Draw(t, "due"))
		}
	case "void":
		f = voids(source, on, invoice)
	case "adjust":
		f = adjusts(source, on, id("A"), invoice, pb.InvoiceAdjusted_Kind(rapid.IntRange(1, 7).Draw(t, "what")), part, []int{5, 12}[:rapid.IntRange(0, 1).Draw(t, "due")]...)
	case "promise":
		f = promises(source, on, invoice, part, on+rapid.IntRange(0, 20).Draw(t, "by"))
	case "fail":
		f = fails(source, on, id("T"), payment)
	case "dispute":
		f = disputes(source, on, invoice, part, rapid.IntRange(0, 2).Draw(t, "resolved") == 0)
	case "reverse":
		f = reverses(source, on, id("V"), payment, part)
	case "refund":
		f = refunds(source, on, id("F"), payment, amount)
	default:
		f = pays(source, on, payment, amount, rapid.SampledFrom([][]*pb.Allocation{
			nil, {{OrderId: order, AmountMinor: part}}, {{InvoiceId: invoice, AmountMinor: part}},
		}).Draw(t, "names")...)
		if rapid.IntRange(0, 3).Draw(t, "bill") == 0 {
			f = matures(f, rapid.IntRange(on, 30).Draw(t, "matures"))
		}
	}
	return revised(f, rapid.SampledFrom([]int64{0, 0, 1, 2}).Draw(t, "revision"))
}

// After every event the customer's figures are those of a fold from scratch over the same events in another order: they
// are a function of the set.
func TestFiguresAreAFunctionOfTheSet(t *testing.T) { ofTheSet(t, trade.paper) }

func ofTheSet(t *testing.T, paper func(trade, *rapid.T) *pb.Fact) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		kept, trade := wall(t, standard), anyTrade(t)
		if rapid.Bool().Draw(t, "keep") {
			kept.scorer.Keep(1 << 20)
		}
		var papers []*pb.Fact
		for range rapid.IntRange(3, 10).Draw(t, "papers") {
			papers = append(papers, paper(trade, t))
			kept.put(papers[len(papers)-1])
			scratch := wall(t, standard)
			scratch.put(rapid.Permutation(papers).Draw(t, "another order")...)
			if got, want := kept.figures(), scratch.figures(); got != want {
				t.Fatalf("after %v:\n%s\nwant\n%s", papers, got, want)
			}
		}
	})
}
