package reducer_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// worth is a policy that prices everything.
var worth = strings.Replace(standard, "value: {", "value: {categories: [tea, cups], margin: {default: 0.3, categories: {tea: 0.5}}, serve: {minute: 2, visit: 100, complaint: 30, return: 5}, ", 1) + `
segments:
  - {name: makers, when: {industry: [toys, shoes]}, value: {margin: {default: 0.1}}}
  - {name: gone, when: {lifecycle: dormant}, value: {serve: {visit: 7}}}
`

// engaged is an event of a kind that is filled in.
func engaged(id, customer string, at civil.Instant, e *pb.EngagementEvent) *pb.Fact {
	e.EventId, e.Source, e.CustomerId, e.OccurredAt = id, "desk", customer, timestamppb.New(at.Time())
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Engagement{Engagement: e}}
}

func contacted(minutes float64, cost int64, complaint bool) *pb.EngagementEvent {
	return &pb.EngagementEvent{Kind: &pb.EngagementEvent_ServiceContact{ServiceContact: &pb.ServiceContact{Minutes: minutes, CostMinor: cost, Complaint: complaint}}}
}

func answered(score float64) *pb.EngagementEvent {
	return &pb.EngagementEvent{Kind: &pb.EngagementEvent_Survey{Survey: &pb.Survey{Score: score}}}
}

func referred(id string) *pb.EngagementEvent {
	return &pb.EngagementEvent{Kind: &pb.EngagementEvent_Referral{Referral: &pb.Referral{ReferredCustomerId: id}}}
}

func active(kind string) *pb.EngagementEvent {
	return &pb.EngagementEvent{Kind: &pb.EngagementEvent_Activity{Activity: &pb.Activity{Kind: kind}}}
}

// lined is an order with lines: category, amount and cost of each; below 0: it gives none.
func lined(f *pb.Fact, lines ...any) *pb.Fact {
	p := f.GetOrder().GetPlaced()
	for i := 0; i+2 < len(lines); i += 3 {
		l := &pb.OrderLine{Category: lines[i].(string), AmountMinor: int64(lines[i+1].(int))}
		if cost := int64(lines[i+2].(int)); cost >= 0 {
			l.CostMinor = &cost
		}
		p.Lines = append(p.Lines, l)
	}
	return f
}

func costing(f *pb.Fact, cost int64) *pb.Fact {
	switch k := f.GetOrder().Kind.(type) {
	case *pb.OrderEvent_Placed:
		k.Placed.CostMinor = &cost
	case *pb.OrderEvent_Amended:
		k.Amended.CostMinor = &cost
	case *pb.OrderEvent_Returned:
		k.Returned.CostMinor = &cost
	}
	return f
}

// What a customer brings doesn't depend on the order in which events come, nor on how often, nor, within the window, on where
// returns count. Every order is tried.
func TestWorthOfAFew(t *testing.T) {
	cash := func(on int, id string, amount int64) *pb.Fact { return places("", on, id, amount, nil, false) }
	at := func(on int, id string, e *pb.EngagementEvent) *pb.Fact {
		return engaged(id, "anna", noon(takenIn-5+on), e)
	}
	for name, c := range map[string]struct {
		want  string
		facts []*pb.Fact
	}{
		"a cost is given": {"net 100, cost_of_goods 60, contribution 40", []*pb.Fact{costing(cash(0, "S1", 100), 60)}},
		"the lines give it": {"net 100, cost_of_goods 55, contribution 45", []*pb.Fact{
			lined(cash(0, "S1", 100), "tea", 60, 30, "cups", 40, 25)}},
		"the order's own goes before": {"cost_of_goods 70", []*pb.Fact{
			costing(lined(cash(0, "S1", 100), "tea", 60, 30), 70)}},
		"by the margin of the category": {"cost_of_goods 58, breadth 2", []*pb.Fact{
			lined(cash(0, "S1", 100), "tea", 60, -1, "cups", 40, -1)}}, // 60*0.5 + 40*0.7
		"one line gives its cost": {"cost_of_goods 48", []*pb.Fact{
			lined(cash(0, "S1", 100), "tea", 60, 20, "cups", 40, -1)}}, // 20 + 40*0.7
		"by the margin of all": {"cost_of_goods 70, breadth 0", []*pb.Fact{cash(0, "S1", 100)}},
		"the cost falls with a return": {"net 75, cost_of_goods 45, cost_to_serve 500, contribution -470", []*pb.Fact{
			costing(cash(0, "S1", 100), 60), returns("", 1, "R1", 25, "S1", "")}},
		"a return says what its goods had cost": {"net 75, cost_of_goods 50", []*pb.Fact{
			costing(cash(0, "S1", 100), 60), costing(returns("", 1, "R1", 25, "S1", ""), 10)}},
		"a full return leaves its handling": {"net 0, cost_of_goods 0, contribution -500", []*pb.Fact{
			lined(cash(0, "S1", 100), "tea", 60, 20, "cups", 40, -1), returns("", 1, "R1", 100, "S1", "")}},
		"a return of no order, by the margin": {"net 75, cost_of_goods 42", []*pb.Fact{ // 60 - 25*0.7 = 42.5
			costing(cash(0, "S1", 100), 60), returns("", 1, "R1", 25, "", "")}},
		"a cancellation takes all of it": {"net 0, cost_of_goods 0, contribution 0, breadth 0", []*pb.Fact{
			costing(lined(cash(0, "S1", 100), "tea", 60, 20), 60), cancels("", 1, "S1")}},
		"an amendment": {"net 50, cost_of_goods 20", []*pb.Fact{
			costing(cash(0, "S1", 100), 60), costing(amends("", 1, "S1", 50), 20)}},
		"what serving costs": {"cost_to_serve 14600, contribution -14600", []*pb.Fact{ // 3*2 + 10 + 30 + 100
			at(0, "e1", contacted(3, 0, false)), at(1, "e2", contacted(40, 1000, true)), at(2, "e3", active("visit"))}},
		"an id counts once": {"cost_to_serve 200", []*pb.Fact{
			at(0, "e1", contacted(1, 0, false)), at(0, "e1", contacted(1, 0, false))}},
		"answers": {"satisfaction 8.25", []*pb.Fact{at(0, "e1", answered(9)), at(1, "e2", answered(7.5))}},
		"the first order is cancelled": {"tenure_days 7, orders 1", []*pb.Fact{
			cash(-30, "S1", 100), cash(0, "S2", 100), cancels("", 1, "S1")}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, policy := range []string{worth, strings.Replace(worth, "value: {", "value: {reversals: own_day, ", 1)} {
				permute(c.facts, func(facts []*pb.Fact) {
					l := wall(t, policy)
					for _, f := range facts {
						f.At = int64(noon(takenIn))
						l.put(f, f)
					}
					checkFigures(t, l.figures(), c.want)
				})
			}
		})
	}
}

// Where orders count once they are delivered, a delivery may come before its order, twice, and from another system.
func TestOrdersThatCountOnceDelivered(t *testing.T) {
	delivers := func(source string, on int, id string) *pb.Fact {
		return orderPaper(source, on, &pb.OrderEvent{OrderId: id, Kind: &pb.OrderEvent_Fulfilled{Fulfilled: &pb.OrderFulfilled{DeliveryId: "D"}}})
	}
	cash := func(source string, on int, id string, amount int64) *pb.Fact {
		return places(source, on, id, amount, nil, false)
	}
	for name, c := range map[string]struct {
		want  string
		facts []*pb.Fact
	}{
		"not yet":             {"net 0, orders 0, last_order_at <nil>", []*pb.Fact{cash("", 0, "S1", 100), amends("", 1, "S1", 50)}},
		"delivered":           {"net 50, orders 1", []*pb.Fact{cash("", 0, "S1", 100), delivers("", 3, "S1"), amends("", 1, "S1", 50)}},
		"one of two":          {"net 100, orders 1, last_order_at 2026-01-01T12:00:00Z", []*pb.Fact{cash("", 0, "S1", 100), delivers("", 3, "S1"), cash("", 5, "S2", 70)}},
		"delivered, returned": {"net 60, orders 1", []*pb.Fact{cash("", 0, "S1", 100), delivers("", 3, "S1"), returns("", 4, "R1", 40, "S1", "")}},
		"delivered, cancelled": {"net 70, orders 1, last_order_at 2026-01-06T12:00:00Z, tenure_days 7", []*pb.Fact{
			cash("", 0, "S1", 100), delivers("", 3, "S1"), cancels("", 4, "S1"), cash("", 5, "S2", 70), delivers("", 6, "S2")}},
		"a store delivers for a shop":    {"net 100, orders 1", []*pb.Fact{cash("shop", 0, "S1", 100), delivers("store", 3, "S1")}},
		"the first by source is meant":   {"net 30, orders 1", []*pb.Fact{cash("shop", 0, "S1", 100), cash("erp", -3, "S1", 30), delivers("store", 3, "S1")}},
		"the delivering system's own is": {"net 100, orders 1", []*pb.Fact{cash("shop", 0, "S1", 100), cash("erp", 0, "S1", 30), delivers("shop", 3, "S1")}},
	} {
		t.Run(name, func(t *testing.T) {
			permute(c.facts, func(facts []*pb.Fact) {
				l := wall(t, strings.Replace(worth, "value: {", "value: {recognise: fulfilled, ", 1))
				for _, f := range facts {
					f.At = int64(noon(takenIn))
					l.put(f, f)
					l.restart(reducer.Options{})
				}
				checkFigures(t, l.figures(), c.want)
			})
		})
	}
}

// Where orders count once they are invoiced, an invoice may come before its order, be issued again for others, and be voided.
// An order that expects none is its own.
func TestOrdersThatCountOnceInvoiced(t *testing.T) {
	of := func(order string, amount int64) *pb.InvoicedOrder {
		return &pb.InvoicedOrder{OrderId: order, AmountMinor: amount}
	}
	again := func(revision int64, f *pb.Fact) *pb.Fact {
		f.GetInvoice().Revision = revision
		return f
	}
	awaits := func(source string, on int, id string, amount int64) *pb.Fact {
		return places(source, on, id, amount, nil, true)
	}
	for name, c := range map[string]struct {
		want  string
		facts []*pb.Fact
	}{
		"not yet":                  {"net 0, orders 0, last_order_at <nil>", []*pb.Fact{awaits("", 0, "S1", 100)}},
		"invoiced":                 {"net 100, orders 1", []*pb.Fact{awaits("", 0, "S1", 100), issues("", 3, "I1", 40, of("S1", 40))}},
		"expects none":             {"net 100, orders 1", []*pb.Fact{places("", 0, "S1", 100, nil, false)}},
		"one of two":               {"net 100, orders 1", []*pb.Fact{awaits("", 0, "S1", 100), awaits("", 2, "S2", 70), issues("", 3, "I1", 100, of("S1", 100))}},
		"voided":                   {"net 0, orders 0, last_order_at <nil>", []*pb.Fact{awaits("", 0, "S1", 100), issues("", 3, "I1", 100, of("S1", 100)), voids("", 4, "I1")}},
		"for another, later":       {"net 70, orders 1", []*pb.Fact{awaits("", 0, "S1", 100), awaits("", 2, "S2", 70), issues("", 3, "I1", 100, of("S1", 100)), again(1, issues("", 4, "I1", 70, of("S2", 70)))}},
		"by two, one voided":       {"net 100, orders 1", []*pb.Fact{awaits("", 0, "S1", 100), issues("", 3, "I1", 50, of("S1", 50)), issues("", 3, "I2", 50, of("S1", 50)), voids("", 4, "I1")}},
		"invoiced, cancelled":      {"net 0, orders 0, last_order_at <nil>", []*pb.Fact{awaits("", 0, "S1", 100), issues("", 3, "I1", 100, of("S1", 100)), cancels("", 4, "S1")}},
		"by the books, for a shop": {"net 100, orders 1", []*pb.Fact{awaits("shop", 0, "S1", 100), issues("erp", 3, "I1", 100, of("S1", 100))}},
		"the books' own is meant":  {"net 30, orders 1", []*pb.Fact{awaits("shop", 0, "S1", 100), awaits("erp", 0, "S1", 30), issues("erp", 3, "I1", 100, of("S1", 100))}},
	} {
		t.Run(name, func(t *testing.T) {
			permute(c.facts, func(facts []*pb.Fact) {
				l := wall(t, strings.Replace(worth, "value: {", "value: {recognise: invoiced, ", 1))
				for _, f := range facts {
					f.At = int64(noon(takenIn))
					l.put(f, f)
					l.restart(reducer.Options{})
				}
				checkFigures(t, l.figures(), c.want)
			})
		})
	}
}

// Ids are known again for 35 days; then they are gone from Redis, and what is older than that isn't taken.
func TestEngagementsAreRememberedForATime(t *testing.T) {
	l := wall(t, worth)
	contact := func(id string, on int) *pb.Fact { return engaged(id, "anna", noon(on), contacted(1, 0, false)) }
	late := func(f *pb.Fact, on int) *pb.Fact {
		f = proto.CloneOf(f)
		f.At = int64(noon(on))
		return f
	}
	first := contact("c1", 1)
	l.put(first, contact("c2", 3))
	served := func() (minutes int64) {
		for _, b := range l.customer("anna").Buckets {
			minutes += b.Service.GetMinutes() / 1000
		}
		return minutes
	}
	ids := func() string {
		r, err := l.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: "anna", All: true}}})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for name := range r.Registers["anna"] {
			names = append(names, name)
		}
		return fmt.Sprint(len(names), " ", strings.HasPrefix(strings.Join(names, ""), "e/"))
	}
	if n, is := served(), ids(); n != 2 || is != "2 true" {
		t.Fatalf("%d minutes, ids %s", n, is)
	}
	l.put(late(first, 36)) // 35 days later it is still known
	l.put(late(contact("c3", 1), 36))
	if n, is := served(), ids(); n != 3 || is != "2 true" {
		t.Fatalf("after 35 days: %d minutes, ids %s", n, is)
	}
	l.put(late(contact("c4", 1), 37), late(first, 37)) // neither is taken
	if n := served(); n != 3 {
		t.Fatalf("after 36 days: %d minutes", n)
	}
	l.put(contact("c5", 37))
	if n, is := served(), ids(); n != 4 || is != "2 true" { // that of day 1 went, that of day 37 came
		t.Fatalf("after 36 days: %d minutes, ids %s", n, is)
	}
}

// A history counts whatever the order in which it comes, and its ids go once the wall clock has taken over.
func TestEngagementsOfAHistory(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, worth)
	contact := func(id string, on int) *pb.Fact { return engaged(id, "anna", noon(on), contacted(1, 0, false)) }
	l.put(contact("c1", 100), contact("c2", 1), contact("c2", 1), contact("c1", 100))
	ids := func() (n int) {
		r, err := l.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: "anna", All: true}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Registers["anna"])
	}
	served := func() (minutes int64) {
		for _, b := range l.customer("anna").Buckets {
			minutes += b.Service.GetMinutes() / 1000
		}
		return minutes
	}
	if served() != 2 || ids() != 2 {
		t.Fatalf("%d minutes, ids of %d days", served(), ids())
	}
	l.put(liveFact(noon(101), 1), contact("c3", 102))
	if served() != 3 || ids() != 2 { // those of day 100 and of day 102
		t.Fatalf("live: %d minutes, ids of %d days", served(), ids())
	}
}
