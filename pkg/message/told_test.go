package message_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/routes"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// lived is a short life of a customer, as producers tell it.
var lived = []string{
	`{"topic":"profiles","value":{"event_id":"d","occurred_at":"2025-05-01T00:00:00Z","customer_id":"C7","attributes":{"distress":"payment stop of a subsidiary"}}}`,
	`{"topic":"payments","value":{"event_id":"q1","occurred_at":"2025-03-20T02:00:00Z","customer_id":"C7","payment_id":"Q1","received":{"amount_minor":"50000","currency":"CNY","allocations":[{"invoice_id":"SO1","amount_minor":"20000"},{"invoice_id":"SO2","amount_minor":"30000"}]}}}`,
	`{"topic":"profiles","value":{"event_id":"d2","occurred_at":"2025-05-20T00:00:00Z","customer_id":"C7","clear":["attributes.distress"]}}`,
	`{"topic":"profiles","value":{"event_id":"n","occurred_at":"2025-01-01T00:00:00Z","customer_id":"C7","name":"张三贸易","account_manager":"li.wei"}}`,
	`{"topic":"orders","value":{"event_id":"a","occurred_at":"2025-01-02T02:00:00Z","customer_id":"C7","order_id":"SO1","placed":{"amount_minor":"950000","currency":"CNY","terms_days":30}}}`,
	`{"topic":"orders","value":{"event_id":"b","occurred_at":"2025-01-03T02:00:00Z","customer_id":"C7","order_id":"SO2","placed":{"amount_minor":"5500000","currency":"CNY","terms_days":45}}}`,
}

// What the services tell of a customer, as an account manager reads it: the first of each kind, raised and over.
func TestToldGolden(t *testing.T) {
	p := starter(t)
	pipe, err := pipeline.New("starter.yaml", p, pb.PartitionInit_EVENT)
	if err != nil {
		t.Fatal(err)
	}
	put := func(lines ...string) {
		for _, l := range lines {
			a, reject := codec.Decoder{Currency: p.Currency}.Decode(codec.ParseLine([]byte(l)).Input(), 0)
			if reject != nil {
				t.Fatalf("%s: %s", l, reject.Detail)
			}
			if err := pipe.Put(a.Fact); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.SortFunc(lived, func(a, b string) int { return codec.ParseLine([]byte(a)).Compare(codec.ParseLine([]byte(b))) })
	put(lived...)
	if err := pipe.Advance(at(t, "2025-06-01T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	put(`{"topic":"payments","value":{"event_id":"p","occurred_at":"2025-06-01T02:00:00Z","customer_id":"C7","payment_id":"P1","received":{"amount_minor":"6400000","currency":"CNY"}}}`)
	if err := pipe.Advance(at(t, "2025-06-02T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	first := map[string]message.Message{}
	w := writer(t, p)
	for _, locale := range []routes.Locale{routes.English, routes.Chinese} {
		tell := func(topic, name string, m proto.Message) {
			if key := name + "." + string(locale); first[key].Title == "" {
				first[key] = w.Write(noticeOf(t, topic, m), locale, "")
			}
		}
		for _, a := range pipe.Alerts() {
			tell("credit-alerts", a.Kind.String()+"."+a.State.String(), a)
		}
		for _, s := range pipe.Signals() {
			tell("signals", s.Kind.String()+"."+s.State.String(), s)
		}
	}
	for _, want := range []string{"OVERDUE.RAISED", "OVERDUE.CLEARED", "CREDIT_HOLD_ADVISED.RAISED", "CREDIT_HOLD_ADVISED.CLEARED", "EARLY_WARNING.RAISED", "EARLY_WARNING.CLEARED", "GRADE_CHANGED.RAISED",
		"NEAR_UPGRADE.RAISED", "NEAR_UPGRADE.WITHDRAWN", "WILL_DOWNGRADE.RAISED", "WILL_DOWNGRADE.WITHDRAWN"} {
		if first[want+".en"].Title == "" {
			t.Errorf("nothing is told of %s", want)
		}
	}
	for key, m := range first {
		golden(t, "testdata/told."+key+".txt", render(m))
	}
}
