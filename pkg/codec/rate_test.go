package codec_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// desk has what one record of fx-rates says, in Shanghai.
func desk(t *testing.T, record string) *fx.Desk {
	t.Helper()
	calendar, err := civil.NewCalendar("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	d := &fx.Desk{Calendar: calendar, MaxAge: 7}
	a, reject := decoder().Decode(codec.Input{Topic: "fx-rates", Value: []byte(record)}, 0)
	if reject != nil {
		t.Fatal(reject)
	}
	for _, q := range codec.Quotes(a.Fact.GetFxRates()) {
		d.Add(q)
	}
	return d
}

// An event in another currency carries the rate of its day, by the deployment's midnight, or says what is missing.
func TestRateOfADay(t *testing.T) {
	d := codec.Decoder{Currency: "CNY", Rates: desk(t, `{"version":3,"as_of":"2026-03-02","base":"CNY","rates":{"EUR":"7.85","JPY":"0.048","CNY":"1"}}`)}
	in := func(currency, occurred string) codec.Input {
		text := strings.NewReplacer(`"CNY"`, `"`+currency+`"`, "2026-03-01T09:30:00Z", occurred).Replace(contractExample)
		return codec.Input{Topic: "orders", Value: []byte(text)}
	}
	for _, c := range []struct {
		currency, occurred string
		want               *pb.AppliedRate
		detail             string
	}{
		{"EUR", "2026-03-01T16:00:00Z", &pb.AppliedRate{Currency: "EUR", Mantissa: 785, Places: 2, AsOf: "2026-03-02", Version: 3}, ""},
		{"JPY", "2026-03-09T15:59:59Z", &pb.AppliedRate{Currency: "JPY", Mantissa: 48, Places: 1, AsOf: "2026-03-02", Version: 3}, ""},
		{"CNY", "2026-03-01T09:30:00Z", nil, ""},
		{"EUR", "2026-03-01T15:59:59Z", nil, "placed.currency: EUR has no rate of 2026-03-01 or before, in CNY: publish one on fx-rates, then tierctl dlq retry"},
		{"EUR", "2026-03-09T16:00:00Z", nil, "placed.currency: EUR has no rate for 2026-03-10: the latest before is of 2026-03-02, over 7 days, in CNY: publish one on fx-rates, then tierctl dlq retry"},
		{"USD", "2026-03-02T09:30:00Z", nil, "placed.currency: USD has no rate of 2026-03-02 or before, in CNY: publish one on fx-rates, then tierctl dlq retry"},
	} {
		a, reject := d.Decode(in(c.currency, c.occurred), 0)
		switch {
		case c.detail != "":
			if reject == nil || reject.Code != codec.NoRate || reject.Detail != c.detail {
				t.Errorf("%s at %s: %v, want %s", c.currency, c.occurred, reject, c.detail)
			}
		case reject != nil || !proto.Equal(a.Fact.GetRate(), c.want):
			t.Errorf("%s at %s: %v %v, want %v", c.currency, c.occurred, reject, a.Fact.GetRate(), c.want)
		default:
			if r := codec.RateOf(a.Fact); r.Foreign() != (c.want != nil) || r.Places != c.want.GetPlaces() {
				t.Errorf("%s at %s: %+v", c.currency, c.occurred, r)
			}
		}
	}
}

// What would be more than an amount may be in the base currency is refused, at the amount.
func TestForeignAmountIsBounded(t *testing.T) {
	d := codec.Decoder{Currency: "CNY", Rates: desk(t, `{"version":1,"as_of":"2026-03-01","base":"CNY","rates":{"KWD":"23.5"}}`)}
	text := strings.NewReplacer(`"CNY"`, `"KWD"`, "120000", "900000000000000").Replace(contractExample)
	_, reject := d.Decode(codec.Input{Topic: "orders", Value: []byte(text)}, 0)
	want := "BAD_AMOUNT: placed.amount_minor: 900000000000000 of KWD is over 10^15 in minor units of CNY"
	if reject == nil || reject.Error() != want {
		t.Errorf("%v, want %s", reject, want)
	}
}

// Each customer's share of a payment carries its rate.
func TestSharesKeepTheRate(t *testing.T) {
	d := codec.Decoder{Currency: "CNY", Rates: desk(t, `{"version":1,"as_of":"2026-03-01","base":"CNY","rates":{"EUR":"7.85"}}`)}
	a, reject := d.Decode(codec.Input{Topic: "payments", Value: []byte(`{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C1","payment_id":"P1",
		"received":{"amount_minor":100,"currency":"EUR","allocations":[{"order_id":"a","customer_id":"C2","amount_minor":40}]}}`)}, 0)
	if reject != nil {
		t.Fatal(reject)
	}
	shares := a.Shares()
	if len(shares) != 2 {
		t.Fatalf("%d shares", len(shares))
	}
	for _, s := range shares {
		if codec.RateOf(s.Fact).Base(100) != 785 {
			t.Errorf("the share of %s has %v", s.CustomerID, s.Fact.GetRate())
		}
	}
}
