package codec_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/loadgen"
)

// Every generated event is taken, and every broken copy is rejected for the reason that it was broken for, both as a
// line and on its own topic.
func TestGeneratedTradeIsJudgedAsItWasMade(t *testing.T) {
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Shares.Malformed = 60, 200, 2000
	rejected := map[codec.Code]int{}
	err := loadgen.Generate(cfg, func(l loadgen.Line) error {
		line := []byte(`{"topic":"` + l.Topic + `","value":` + string(l.Value) + `}`)
		for _, in := range []codec.Input{{Topic: "events", Value: line}, {Topic: l.Topic, Value: l.Value}} {
			a, reject := decoder().Decode(in, 0)
			switch {
			case reject == nil && (l.Reason != "" || a.CustomerID != l.Customer || a.Topic != l.Topic || a.UnknownFields != 0):
				t.Errorf("%s was taken as %v, want %q", in.Value, a, l.Reason)
			case reject != nil && string(reject.Code) != l.Reason:
				t.Errorf("%s: %v, want %q", in.Value, reject, l.Reason)
			case reject != nil:
				rejected[reject.Code]++
			}
		}
		return nil
	})
	if err != nil || len(rejected) < 8 {
		t.Errorf("%v, rejected %v", err, rejected)
	}
}

// Every generated document in another currency has a rate of its day, as far west as days go.
func TestGeneratedCurrenciesHaveRates(t *testing.T) {
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Foreign, cfg.Shares.Malformed = 60, 200, 5000, 0
	for _, zone := range []string{"Pacific/Kiritimati", "America/Adak"} {
		calendar, err := civil.NewCalendar(zone)
		if err != nil {
			t.Fatal(err)
		}
		d, rated := codec.Decoder{Currency: "CNY", Rates: &fx.Desk{Calendar: calendar, MaxAge: 7}}, 0
		for _, pass := range []string{"rates", "the others"} {
			err := loadgen.Generate(cfg, func(l loadgen.Line) error {
				if (l.Topic == loadgen.TopicRates) != (pass == "rates") {
					return nil
				}
				a, reject := d.Decode(codec.Input{Topic: l.Topic, Value: l.Value}, 0)
				if reject != nil {
					t.Fatalf("%s: %v", l.Value, reject)
				}
				d.Rates.Take(codec.Quotes(a.Fact.GetFxRates()))
				if codec.RateOf(a.Fact).Foreign() {
					rated++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if rated < 100 {
			t.Errorf("%s: %d documents are in other currencies", zone, rated)
		}
	}
}
