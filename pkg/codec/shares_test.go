package codec_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func paysFor(amount, allocations string) codec.Input {
	return codec.Input{Topic: "payments", Value: []byte(`{"event_id":"e1","source":"bank","occurred_at":"2026-03-01T09:30:00Z","revision":2,"customer_id":"P",` +
		`"payment_id":"P1","received":{"amount_minor":` + amount + `,"currency":"CNY","value_date":"2026-03-02","method":"BILL","matures_on":"2026-06-01","allocations":[` + allocations + `]}}`)}
}

// shares are those of a payment in a line each.
func shares(t *testing.T, amount, allocations string) (out []string) {
	t.Helper()
	a, reject := decoder().Decode(paysFor(amount, allocations), 0)
	if reject != nil {
		t.Fatal(reject)
	}
	for _, s := range a.Shares() {
		e, r := s.Fact.GetPayment(), s.Fact.GetPayment().GetReceived()
		if s.CustomerID != e.CustomerId || s.EventID != e.EventId || s.OccurredAt != a.OccurredAt || s.Topic != "payments" ||
			e.Source != "bank" || e.Revision != 2 || e.PaymentId != "P1" || r.ValueDate != "2026-03-02" || r.MaturesOn != "2026-06-01" || r.Method != "BILL" || r.Currency != "CNY" {
			t.Errorf("a share is %v", e)
		}
		text := fmt.Sprint(e.CustomerId, " ", e.EventId, ": ", r.AmountMinor)
		for _, x := range r.Allocations {
			text += fmt.Sprint(" ", x.OrderId, x.InvoiceId, x.CustomerId, ":", x.AmountMinor, "-", x.DiscountMinor)
		}
		out = append(out, text)
	}
	return out
}

// A parent pays: each customer gets what is theirs, under an id that follows from the event's.
func TestShares(t *testing.T) {
	for name, c := range map[string]struct{ amount, allocations, want string }{
		"own only":        {"100", `{"order_id":"S1","customer_id":"P","amount_minor":60},{"invoice_id":"I1"}`, "P e1: 100 S1P:60-0 I1:0-0"},
		"child and own":   {"100", `{"order_id":"S1","customer_id":"A","amount_minor":60,"discount_minor":2},{"invoice_id":"I1"}`, "P e1: 40 I1:0-0; A e1/A: 60 S1:60-2"},
		"two children":    {"100", `{"order_id":"S1","customer_id":"A","amount_minor":60},{"order_id":"S2","customer_id":"B","amount_minor":30},{"invoice_id":"I1","customer_id":"A","amount_minor":10}`, "P e1: 0; A e1/A: 70 S1:60-0 I1:10-0; B e1/B: 30 S2:30-0"},
		"nothing is over": {"60", `{"order_id":"S1","customer_id":"A","amount_minor":60}`, "P e1: 0; A e1/A: 60 S1:60-0"},
	} {
		if got := strings.Join(shares(t, c.amount, c.allocations), "; "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// What can't be split is told, and never taken by the short way.
func TestWhatCantBeSplit(t *testing.T) {
	for name, c := range map[string]struct {
		amount, allocations, want string
		code                      codec.Code
	}{
		"no amount": {"100", `{"order_id":"S0"},{"order_id":"S1","customer_id":"A"}`, "received.allocations[1].amount_minor: missing for another customer's item: how much of the payment is theirs must be told", codec.MissingField},
		"too much":  {"100", `{"order_id":"S1","customer_id":"A","amount_minor":60},{"order_id":"S2","customer_id":"B","amount_minor":41}`, "received.amount_minor: less than what is allocated to other customers", codec.BadAmount},
		"an id":     {"100", `{"order_id":"S1","customer_id":"A\u0007","amount_minor":60}`, "received.allocations[0].customer_id: the character U+0007 is not printable", codec.BadID},
	} {
		in := paysFor(c.amount, c.allocations)
		if _, reject := decoder().Decode(in, 0); reject == nil || reject.Code != c.code || reject.Detail != c.want {
			t.Errorf("%s: %v", name, reject)
		}
		if sameAsDecode(t, decoder(), in, 0) {
			t.Errorf("%s was taken", name)
		}
	}
}

// However a payment is allocated, the shares add up to it, no allocation is lost, and no two customers' ids are the same.
func TestSharesAddUp(t *testing.T) {
	who := rapid.SampledFrom([]string{"", "P", "A", "B", strings.Repeat("C", 128), strings.Repeat("C", 127) + "D"})
	rapid.Check(t, func(t *rapid.T) {
		p := &pb.PaymentReceived{AmountMinor: 1000, Currency: "CNY"}
		for range rapid.IntRange(0, 6).Draw(t, "allocations") {
			p.Allocations = append(p.Allocations, &pb.Allocation{CustomerId: who.Draw(t, "of"), OrderId: "S", AmountMinor: rapid.Int64Range(1, 100).Draw(t, "amount")})
		}
		a := codec.Accepted{CustomerID: "P", EventID: "e1", Fact: &pb.Fact{Body: &pb.Fact_Payment{Payment: &pb.PaymentEvent{
			EventId: "e1", CustomerId: "P", Kind: &pb.PaymentEvent_Received{Received: p}}}}}
		sum, n, ids := int64(0), 0, map[string]bool{}
		for i, s := range a.Shares() {
			r := s.Fact.GetPayment().GetReceived()
			sum, n = sum+r.AmountMinor, n+len(r.Allocations)
			if ids[s.EventID] || len(s.EventID) > 128 || (i == 0) != (s.CustomerID == "P") {
				t.Fatalf("share %d is of %s under %s", i, s.CustomerID, s.EventID)
			}
			ids[s.EventID] = true
		}
		if sum != 1000 || n != len(p.Allocations) {
			t.Fatalf("%d and %d of %d allocations", sum, n, len(p.Allocations))
		}
	})
}
