package reducer_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// inCurrency has ingest find a rate for a fact, such as EUR 7.85; empty: it is of the base currency.
func inCurrency(f *pb.Fact, rate string) *pb.Fact {
	code, decimal, foreign := strings.Cut(rate, " ")
	if !foreign {
		return f
	}
	r, err := fx.Parse(decimal, fx.CodeOf(code), 2, 2)
	if err != nil {
		panic(err)
	}
	f.Rate = codec.AppliedRate(fx.Quote{Rate: r, AsOf: 20000, Version: 1})
	switch b := f.Body.(type) {
	case *pb.Fact_Order:
		b.Order.EventId += rate
		if a := b.Order.GetAmended(); a != nil {
			a.Currency = &code
		}
	case *pb.Fact_Invoice:
		b.Invoice.EventId += rate
	case *pb.Fact_Payment:
		b.Payment.EventId += rate
	}
	return f
}

// toBase is an amendment that names the base currency.
func toBase(f *pb.Fact) *pb.Fact {
	f.GetOrder().GetAmended().Currency = proto.String("CNY")
	return f
}

// What has come of several currencies doesn't depend on the order in which it came. Every order is tried.
func TestForeignFiguresOfAFew(t *testing.T) {
	eur := func(f *pb.Fact) *pb.Fact { return inCurrency(f, "EUR 7.85") }
	later := func(f *pb.Fact) *pb.Fact { return inCurrency(f, "EUR 9") }
	for name, c := range map[string]struct {
		want   string
		papers []*pb.Fact
	}{
		"amendments and returns count by the order's rate": {"gross 1570, returns_minor 392, net 1178, open 1178, exposure 1178", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(60), false)), later(amends("", 3, "S1", 200)), later(returns("", 5, "R1", 50, "S1", "")), // 150 at 7.85 is 1,177.5
		}},
		"placed again it keeps its rate": {"gross 1570, open 1570", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(60), false)), revised(later(places("", 3, "S1", 200, days(60), false)), 2), revised(later(places("", 3, "S1", 300, days(60), false)), 1), eur(places("", 0, "S2", 0, nil, false)),
		}},
		"a return that names no order has its own": {"gross 785, returns_minor 450, net 335", []*pb.Fact{
			eur(places("", 0, "S1", 100, nil, false)), later(returns("", 5, "R1", 50, "", "")),
		}},
		"a return in another currency than its order has its own": {"gross 785, returns_minor 50, net 735, open 785", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(60), false)), returns("", 5, "R1", 50, "S1", ""),
		}},
		"euros pay euros": {"open 1000, unapplied 45, settled 1, exposure 955", []*pb.Fact{
			places("", 0, "S1", 1000, days(10), false), eur(places("", 0, "S2", 100, days(20), false)), later(pays("", 5, "P1", 105)),
		}},
		"a payment in another currency waits": {"open 785, unapplied 500, settled 0", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(10), false)), pays("", 5, "P1", 500, forOrder("S1")),
		}},
		"a cash order in another currency takes nothing": {"open 0, unapplied 500, exposure -500", []*pb.Fact{
			eur(places("", 0, "S1", 100, nil, false)), pays("", 5, "P1", 500, forOrder("S1")),
		}},
		"a cash order takes the money of its currency": {"open 0, unapplied 0", []*pb.Fact{
			eur(places("", 0, "S1", 100, nil, false)), later(pays("", 5, "P1", 100, forOrder("S1"))),
		}},
		"an amendment changes the currency": {"gross 1570, open 785, unapplied 0", []*pb.Fact{
			places("", 0, "S1", 100, days(10), false), eur(amends("", 1, "S1", 200)), eur(pays("", 5, "P1", 100, forOrder("S1"))),
		}},
		"the amendment that brought the currency has the rate": {"gross 1570, open 1570", []*pb.Fact{
			places("", 0, "S1", 100, days(60), false), eur(amends("", 1, "S1", 100)), revised(later(places("", 3, "S1", 200, days(60), false)), 1),
		}},
		"an amendment changes it back": {"gross 300, open 300", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(10), false)), toBase(amends("", 3, "S1", 300)),
		}},
		"a cash order's currency is amended: its money is free": {"gross 1570, unapplied 500", []*pb.Fact{
			places("", 0, "S1", 500, nil, false), pays("", 5, "P1", 500, forOrder("S1")), eur(amends("", 6, "S1", 200)),
		}},
		"an invoice has its own rate": {"gross 785, open 900, commitments 0", []*pb.Fact{
			eur(places("", 0, "S1", 100, nil, true)), later(issues("", 2, "I1", 100, &pb.InvoicedOrder{OrderId: "S1"})),
		}},
		"what is still expected has the order's": {"open 360, commitments 471, exposure 831", []*pb.Fact{
			eur(places("", 0, "S1", 100, nil, true)), later(issues("", 2, "I1", 40, &pb.InvoicedOrder{OrderId: "S1", AmountMinor: 40})),
		}},
		"a reversal or a refund of another currency takes nothing": {"open 0, unapplied 225, settled 1", []*pb.Fact{
			eur(places("", 0, "S1", 75, days(10), false)), later(pays("", 5, "P1", 100)), reverses("", 6, "V1", "P1", 40), refunds("", 7, "F1", "P1", 40),
		}},
		"a reversal of all needs no currency": {"open 589, unapplied 0, settled 0", []*pb.Fact{
			eur(places("", 0, "S1", 75, days(10), false)), later(pays("", 5, "P1", 100)), reverses("", 6, "V1", "P1", 0),
		}},
		"a dispute and a promise in the item's currency": {"open 785, disputed 157, broken 1", []*pb.Fact{
			eur(issues("", 0, "I1", 100)), later(disputes("", 1, "I1", 20, false)), later(promises("", 2, "I1", 50, 5)),
		}},
		"a credit note in another currency lowers nothing": {"open 785", []*pb.Fact{
			eur(issues("", 0, "I1", 100)), adjusts("", 1, "A1", "I1", pb.InvoiceAdjusted_CREDIT_NOTE, 50),
		}},
		"a trade bill counts by its payment": {"open 0, unapplied 0, exposure 900", []*pb.Fact{
			eur(issues("", 0, "I1", 100)), later(matures(pays("", 1, "P1", 100), takenIn+1)),
		}},
		"a cancelled order leaves nothing": {"gross 0, orders 0, open 0, exposure 0, commitments 0", []*pb.Fact{
			eur(places("", 0, "S1", 100, days(10), false)), later(amends("", 1, "S1", 200)), cancels("", 2, "S1"),
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

// The figures are a function of the set, in whatever currencies, with a rate per document.
func TestForeignFiguresAreAFunctionOfTheSet(t *testing.T) {
	ofTheSet(t, func(of trade, t *rapid.T) *pb.Fact {
		f, rate := of.paper(t), rapid.SampledFrom([]string{"", "", "EUR 7.85", "EUR 9.123", "EUR 7.85", "JPY 0.0481"}).Draw(t, "rate")
		if rate == "" && f.GetOrder().GetAmended() != nil && rapid.Bool().Draw(t, "to base") {
			f.GetOrder().EventId += " base"
			return toBase(f)
		}
		return inCurrency(f, rate)
	})
}

// A credit limit, and what a service contact costs, count by the rate of the day on which they were told.
func TestForeignLimitAndService(t *testing.T) {
	l := wall(t, standard)
	limit := profiled("f", "anna", noon(1), &pb.ProfileEvent{CreditLimit: &pb.CreditLimit{AmountMinor: 1000, Currency: "EUR"}})
	limit.At = int64(noon(takenIn))
	service := engaged("e", "anna", noon(2), contacted(5, 700, false))
	service.At = int64(noon(takenIn))
	l.put(inCurrency(limit, "EUR 7.85"), inCurrency(service, "EUR 8"), places("", 3, "S1", 100, nil, false))
	checkFigures(t, l.figures(), "limit 7850, cost_to_serve 5600")
}
