package codec_test

import (
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/codec"
)

// The two forms of the Kafka protocol binding for CloudEvents 1.0, section 3, with an order as the event.
func specBinary(content string, data []byte) codec.Input {
	return codec.Input{Topic: "events", Value: data, Headers: []codec.Header{
		{Key: "ce_specversion", Value: []byte("1.0")}, {Key: "ce_type", Value: []byte("com.example.order.placed")},
		{Key: "ce_source", Value: []byte("/mycontext/subcontext")}, {Key: "ce_id", Value: []byte("1234-1234-1234")},
		{Key: "ce_time", Value: []byte("2018-04-05T03:56:24Z")}, {Key: "content-type", Value: []byte(content)},
	}}
}

const (
	bare           = `{"customer_id":"C42","order_id":"SO1","placed":{}}`
	specStructured = `{"specversion":"1.0","type":"com.example.order.placed","source":"/mycontext/subcontext","id":"1234-1234-1234","time":"2018-04-05T03:56:24Z","datacontenttype":"application/json","data":` + bare + `}`
)

func TestAttributesStandForWhatThePayloadHasNot(t *testing.T) {
	structured := codec.Input{Topic: "events", Value: []byte(specStructured), Headers: []codec.Header{
		{Key: "content-type", Value: []byte("application/cloudevents+json; charset=UTF-8")},
	}}
	wire := marshal(t, body(decode(t, structured).Fact))
	both := structured
	both.Headers = append([]codec.Header{{Key: "ce_specversion", Value: []byte("1.0")}}, structured.Headers...)
	for name, in := range map[string]codec.Input{
		"binary": specBinary("application/json", []byte(bare)), "structured": structured,
		"structured, and said so in a header": both,
		"structured, no headers":              {Topic: "orders", Value: []byte(specStructured)},
		"protobuf":                            specBinary("application/protobuf", wire),
	} {
		a := decode(t, in)
		if a.EventID != "1234-1234-1234" || a.Fact.GetOrder().GetSource() != "/mycontext/subcontext" || a.Topic != "orders" ||
			a.OccurredAt.String() != "2018-04-05T03:56:24Z" || a.Fact.GetOrder().GetEventId() != a.EventID || a.UnknownFields != 0 {
			t.Errorf("%s: %v", name, a)
		}
	}
	own := decode(t, specBinary("application/json", []byte(`{"event_id":"own","source":"erp","occurred_at":"2020-01-01T00:00:00Z",`+bare[1:])))
	if own.EventID != "own" || own.Fact.GetOrder().GetSource() != "erp" || own.OccurredAt.String() != "2020-01-01T00:00:00Z" {
		t.Errorf("the payload's own do not stand: %v", own)
	}
}

func TestKindByType(t *testing.T) {
	for kind, want := range map[string]string{
		"orders": "orders", "tierstream.v1.OrderEvent": "orders", "io.tierstream.OrderEvent.v1": "orders",
		"com.shop.order.placed": "orders", "INVOICES": "invoices", "com.orders.PaymentEvent": "payments",
		"profile": "profiles", "x.engagements": "engagements", "tierstream.v1.FxRates": "fx-rates",
		"": "", "shipment": "", "com.ordersystem.thing": "",
	} {
		in := codec.Input{Topic: "events", Value: []byte(`{"customer_id":"C"}`), Headers: []codec.Header{{Key: "ce_type", Value: []byte(kind)}}}
		_, reject := decoder().Decode(in, 0)
		got := ""
		for topic, sign := range map[string]string{
			"orders": "event_id", "invoices": "event_id", "payments": "event_id", "profiles": "event_id", "engagements": "event_id", "fx-rates": "as_of",
		} {
			if topic == want && strings.HasPrefix(reject.Detail, sign) {
				got = topic
			}
		}
		if got != want || want == "" && reject.Code != codec.UnknownKind {
			t.Errorf("ce_type %q: %v, want the topic %q", kind, reject, want)
		}
	}
}

func TestBadEnvelopes(t *testing.T) {
	replace := func(old, with string) string { return strings.Replace(specStructured, old, with, 1) }
	for _, c := range []rejectCase{
		{"events", replace(`"id":"1234-1234-1234"`, `"id":5`), codec.Malformed, "id: a text is needed, got a number"},
		{"events", replace(`"id":"1234-1234-1234",`, ``), codec.MissingField, "event_id: missing"},
		{"events", replace(`1234-1234-1234`, `\u0000`), codec.BadID, "ce_id: the character U+0000 is not printable"},
		{"events", replace(`2018-04-05T03:56:24Z`, `noon`), codec.BadTime, `ce_time: "noon" is not RFC 3339 such as 2026-03-01T09:30:00Z`},
		{"events", replace(`"data":`+bare, `"data":null`), codec.Empty, "message: no content"},
		{"events", replace(`"data":`+bare, `"data_base64":"*"`), codec.Malformed, "data_base64: not base64"},
		{"events", replace(`"data":`+bare, `"data_base64":""`), codec.Empty, "message: no content"},
		{"events", replace(`"data":`+bare, `"data":"text"`), codec.Malformed, "message: an object is needed, got a text"},
		{"events", replace(`com.example.order.placed`, `x`), codec.UnknownKind, "message: on events its kind must be told by ce_type or by topic beside value"},
		{"orders", replace(`"customer_id":"C42",`, ``), codec.MissingCustomer, "customer_id: missing"},
	} {
		_, got := decoder().Decode(codec.Input{Topic: c.topic, Value: []byte(c.text)}, 0)
		if got == nil || got.Code != c.code || got.Detail != c.detail {
			t.Errorf("%s: got %v, want %s: %s", c.text, got, c.code, c.detail)
		}
	}
}

func TestBadProtobuf(t *testing.T) {
	good := marshal(t, body(decode(t, codec.Input{Topic: "orders", Value: []byte(contractExample)}).Fact))
	for name, c := range map[string]struct {
		wire   string
		code   codec.Code
		detail string
	}{
		"cut off":       {string(good[:len(good)-1]), codec.Malformed, "message: not a protobuf OrderEvent"},
		"id":            {string(good) + "\x0a\x01\xff", codec.BadID, "event_id: not valid UTF-8"},
		"channel":       {string(good) + "\x42\x03\x4a\x01\xff", codec.Malformed, "placed.channel: not valid UTF-8"},
		"no customer":   {"\x0a\x01\xff", codec.MissingCustomer, "customer_id: missing"},
		"negative":      {string(good) + "\x42\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", codec.BadAmount, "placed.amount_minor: -1 is negative"},
		"nanoseconds":   {string(good) + "\x1a\x06\x10\x80\x94\xeb\xdc\x03", codec.BadTime, "occurred_at: an instant is outside the years 1900 to 2199"},
		"far away":      {string(good) + "\x1a\x06\x08\x80\x80\x80\x80\x7f", codec.BadTime, "occurred_at: an instant is outside the years 1900 to 2199"},
		"frame":         {"\x00\x00\x00", codec.Malformed, "message: a Confluent frame has 5 bytes before its indexes"},
		"indexes":       {"\x00\x00\x00\x00\x01\x08\x02", codec.Malformed, "message: the indexes of a Confluent frame can't be read"},
		"less than 0":   {"\x00\x00\x00\x00\x01\x01\x02", codec.Malformed, "message: the indexes of a Confluent frame can't be read"},
		"empty frame":   {"\x00\x00\x00\x00\x01\x00", codec.Empty, "message: no content in its Confluent frame"},
		"frame of JSON": {"\x00\x00\x00\x00\x01{]", codec.Malformed, "message: not JSON at byte 2 of 2"},
	} {
		_, got := decoder().Decode(codec.Input{Topic: "orders", Value: []byte(c.wire)}, 0)
		if got == nil || got.Code != c.code || got.Detail != c.detail {
			t.Errorf("%s: got %v, want %s: %s", name, got, c.code, c.detail)
		}
	}
}
