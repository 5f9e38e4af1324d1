package codec_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// contractExample is the example line of the contract, word for word.
const contractExample = `{"event_id":"e1","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C42","order_id":"SO1","placed":{"amount_minor":"120000","currency":"CNY","terms_days":30}}`

func decoder() codec.Decoder { return codec.Decoder{Currency: "CNY"} }

func instant(t testing.TB, text string) civil.Instant {
	t.Helper()
	i := codec.ParseLine([]byte(`{"topic":"orders","value":{"event_id":"e","occurred_at":"` + text + `"}}`))
	if i.OccurredAt == 0 {
		t.Fatalf("%s is no instant", text)
	}
	return i.OccurredAt
}

func decode(t testing.TB, in codec.Input) codec.Accepted {
	t.Helper()
	a, reject := decoder().Decode(in, 0)
	if reject != nil {
		t.Fatalf("%s %q was rejected: %v", in.Topic, in.Value, reject)
	}
	return a
}

func diff(a, b codec.Accepted) string { return cmp.Diff(a, b, protocmp.Transform()) }

// body is the event of a fact.
func body(f *pb.Fact) proto.Message {
	for _, m := range []proto.Message{
		f.GetOrder(), f.GetInvoice(), f.GetPayment(), f.GetProfile(), f.GetEngagement(), f.GetFxRates(),
	} {
		if m.ProtoReflect().IsValid() {
			return m
		}
	}
	return nil
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestContractExample(t *testing.T) {
	a := decode(t, codec.Input{Topic: "orders", Value: []byte(contractExample)})
	days := int32(30)
	want := &pb.OrderPlaced{AmountMinor: 120000, Currency: "CNY", TermsDays: &days}
	if d := cmp.Diff(want, a.Fact.GetOrder().GetPlaced(), protocmp.Transform()); d != "" {
		t.Error(d)
	}
	if a.Topic != "orders" || a.CustomerID != "C42" || a.EventID != "e1" || a.UnknownFields != 0 || a.Fact.At != 0 {
		t.Errorf("got %+v", a)
	}
	if got := a.OccurredAt.String(); got != "2026-03-01T09:30:00Z" {
		t.Errorf("it happened at %s", got)
	}
}

// shapes are all the ways in which one JSON event of a topic may come.
func shapes(t testing.TB, topic, event string) map[string]codec.Input {
	t.Helper()
	m := body(decode(t, codec.Input{Topic: topic, Value: []byte(event)}).Fact)
	camel, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	wire := marshal(t, m)
	name := "tierstream.v1." + string(m.ProtoReflect().Descriptor().Name())
	envelope := `{"specversion":"1.0","id":"ce1","source":"/shop","type":"` + name + `",`
	binary := func(content string) []codec.Header {
		return []codec.Header{
			{Key: "ce_specversion", Value: []byte("1.0")}, {Key: "ce_id", Value: []byte("ce1")},
			{Key: "ce_type", Value: []byte(name)}, {Key: "content-type", Value: []byte(content)},
		}
	}
	return map[string]codec.Input{
		"JSON":                {Topic: topic, Value: []byte(event)},
		"camelCase":           {Topic: topic, Value: camel},
		"white space":         {Topic: topic, Value: []byte("\n\t " + event + "\r\n")},
		"byte order mark":     {Topic: topic, Value: []byte("\xef\xbb\xbf" + event)},
		"protobuf":            {Topic: topic, Value: wire},
		"Confluent":           {Topic: topic, Value: append([]byte{0, 0, 0, 1, 2, 0}, wire...)},
		"Confluent, indexes":  {Topic: topic, Value: append([]byte{0, 0, 0, 1, 2, 4, 2, 0}, wire...)},
		"Confluent JSON":      {Topic: topic, Value: append([]byte{0, 0, 0, 1, 2}, event...)},
		"line":                {Topic: "events", Value: []byte(`{"topic":"` + topic + `","value":` + event + `}`)},
		"line in a line":      {Topic: "events", Value: []byte(`{"topic":"events","value":{"value":` + event + `,"topic":"` + topic + `"}}`)},
		"binary JSON":         {Topic: "events", Headers: binary("application/json; charset=utf-8"), Value: []byte(event)},
		"binary protobuf":     {Topic: "events", Headers: binary("application/protobuf"), Value: wire},
		"binary, own topic":   {Topic: topic, Headers: binary("application/protobuf"), Value: wire},
		"structured":          {Topic: "events", Value: []byte(envelope + `"datacontenttype":"application/json","data":` + event + `}`)},
		"structured protobuf": {Topic: topic, Value: []byte(envelope + `"datacontenttype":"application/protobuf","data_base64":"` + base64.StdEncoding.EncodeToString(wire) + `"}`)},
		"structured in line":  {Topic: "events", Value: []byte(`{"topic":"` + topic + `","value":` + envelope + `"data":` + event + `}}`)},
	}
}

func TestEveryShapeGivesTheSame(t *testing.T) {
	for name, e := range events() {
		want := decode(t, codec.Input{Topic: e.topic, Value: []byte(e.json)})
		for shape, in := range shapes(t, e.topic, e.json) {
			got := decode(t, in)
			want := want
			if e.topic == "fx-rates" {
				got.EventID = "" // only the envelope has one
			}
			if strings.Contains(shape, "structured") && !strings.Contains(e.json, `"source"`) && e.topic != "fx-rates" {
				want.Fact = proto.CloneOf(want.Fact)
				m := body(want.Fact).ProtoReflect()
				f := m.Descriptor().Fields().ByName("source")
				m.Set(f, protoString("/shop"))
			}
			if d := diff(want, got); d != "" {
				t.Errorf("%s as %s: %s", name, shape, d)
			}
		}
	}
}

func TestUnknownFieldsAreCounted(t *testing.T) {
	event := strings.Replace(contractExample, `{"event_id"`, `{"x_ray":{"deep":[1,{"a":null}]},"event_id"`, 1)
	event = strings.Replace(event, `"currency"`, `"colour":"red","currency"`, 1)
	a := decode(t, codec.Input{Topic: "orders", Value: []byte(event)})
	if a.UnknownFields != 2 || a.Fact.GetOrder().GetPlaced().GetCurrency() != "CNY" {
		t.Errorf("%d unknown fields in %v", a.UnknownFields, a.Fact)
	}
	wire := marshal(t, a.Fact.GetOrder())
	wire = append(wire, 0xa0, 0x06, 1, 0xaa, 0x06, 2, 'h', 'i') // fields 100 and 101
	if a := decode(t, codec.Input{Topic: "orders", Value: wire}); a.UnknownFields != 2 {
		t.Errorf("%d unknown fields in protobuf", a.UnknownFields)
	}
}

// An empty currency or date is as good as none, also in amended, which can tell absent from empty.
func TestEmptyTextsOfAmendedAreAbsent(t *testing.T) {
	event := `{"event_id":"e1","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C42","order_id":"SO1","amended":{"currency":"","due_date":"","terms_days":0}}`
	got := decode(t, codec.Input{Topic: "orders", Value: []byte(event)}).Fact.GetOrder().GetAmended()
	if got.Currency != nil || got.DueDate != nil || got.TermsDays == nil {
		t.Errorf("got %v", got)
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]int64{
		`0`: 0, `-0`: 0, `"0"`: 0, `12`: 12, `"12"`: 12, `12.0`: 12, `1.2e1`: 12, `"120e-1"`: 12, `1E3`: 1000,
		`0e99999999999`: 0, `1000000000000000`: 1e15, `0.012e3`: 12,
	} {
		event := strings.Replace(contractExample, `"120000"`, text, 1)
		a := decode(t, codec.Input{Topic: "orders", Value: []byte(event)})
		if got := a.Fact.GetOrder().GetPlaced().GetAmountMinor(); got != want {
			t.Errorf("%s was read as %d", text, got)
		}
	}
}

// Deep nesting in a field that nobody knows is stepped over, however deep; JSON ends at 10,000 levels.
func TestDeepNestingDoesNotHurt(t *testing.T) {
	for _, depth := range []int{10, 9000} {
		deep := strings.Repeat(`[{"a":`, depth/2) + `1` + strings.Repeat(`}]`, depth/2)
		event := strings.Replace(contractExample, `{"event_id"`, `{"deep":`+deep+`,"event_id"`, 1)
		if a := decode(t, codec.Input{Topic: "orders", Value: []byte(event)}); a.UnknownFields != 1 {
			t.Errorf("%d unknown fields", a.UnknownFields)
		}
	}
	for _, text := range []string{
		strings.Repeat("[", 200_000), strings.Repeat(`{"topic":"events","value":`, 15_000), strings.Repeat(`{"placed":`, 40_000),
	} {
		if _, reject := decoder().Decode(codec.Input{Topic: "events", Value: []byte(text)}, 0); reject == nil || reject.Code != codec.Malformed {
			t.Errorf("%.20s...: %v", text, reject)
		}
	}
}

func TestEnvelopesInEnvelopesEnd(t *testing.T) {
	text := []byte(`{"topic":"orders","value":` + contractExample + `}`)
	for layers := 1; layers < 50; layers++ {
		_, reject := decoder().Decode(codec.Input{Topic: "events", Value: text}, 0)
		if taken := reject == nil; taken != (layers <= 3) || !taken && reject.Detail != "message: envelopes inside envelopes" {
			t.Errorf("%d envelopes: %v", layers, reject)
		}
		text = []byte(`{"topic":"events","value":` + string(text) + `}`)
	}
}

// Whatever is wrong with the customer is told, not what else is wrong.
func TestBadCustomerBeforeMissingFields(t *testing.T) {
	for id, code := range map[string]codec.Code{`"\u0007"`: codec.BadID, `5`: codec.Malformed, `""`: codec.MissingCustomer} {
		in := codec.Input{Topic: "orders", Value: []byte(`{"placed":{"amount_minor":true},"customer_id":` + id + `}`)}
		_, reject := decoder().Decode(in, 0)
		if reject == nil || reject.Code != code || !strings.HasPrefix(reject.Detail, "customer_id: ") {
			t.Errorf("customer %s: %v", id, reject)
		}
	}
}
