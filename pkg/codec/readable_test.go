package codec_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func TestReadable(t *testing.T) {
	event, err := proto.Marshal(&pb.OrderEvent{EventId: "e1", CustomerId: "C1", OrderId: "O1",
		Kind: &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{AmountMinor: -5, Currency: "CNY"}}})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, topic string
		value       []byte
		kind, holds string
	}{
		{"JSON is indented", "orders", []byte(`{"a":{"b":1}}`), "JSON", "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
		{"protobuf is shown as JSON", "orders", event, "protobuf OrderEvent", `"amount_minor": "-5"`},
		{"a frame is opened", "orders", append([]byte{0, 0, 0, 0, 7, 0}, event...), "protobuf OrderEvent", `"customer_id": "C1"`},
		{"broken JSON is text", "orders", []byte(`{"a":`), "text", `{"a":`},
		{"a terminal's escapes are bytes", "orders", []byte("{\"a\": \x1b[2J"), "bytes", "1b 5b"},
		{"so are they behind JSON's back", "orders", []byte("{\"a\": \"\u009b2J\"}"), "bytes", "7b 22 61 22"},
		{"nothing is bytes", "orders", nil, "bytes", ""},
		{"noise is bytes", "orders", []byte{0xff, 0xfe, 0x00}, "bytes", "ff fe 00"},
	}
	for _, c := range cases {
		kind, text := codec.Readable(codec.Input{Topic: c.topic, Value: c.value})
		if kind != c.kind || !strings.Contains(text, c.holds) {
			t.Errorf("%s: %s %q", c.name, kind, text)
		}
	}
}

func TestFirstHeaders(t *testing.T) {
	in := codec.Input{Topic: "orders", Value: []byte("x"), Headers: []codec.Header{
		{Key: "ce_id", Value: []byte("1")}, {Key: codec.HeaderRetry, Value: []byte("0-3")}, {Key: codec.HeaderRetryOffset, Value: []byte("7")},
	}}
	_, dead := codec.DeadLetter(in, codec.Reject{Code: codec.NoRate}, "ingest", 1, 9)
	named := false
	for _, h := range dead {
		named = named || h.Key == codec.HeaderRetry && string(h.Value) == "0-3"
	}
	if !named {
		t.Error("the dead letter of one that was put back doesn't name the former")
	}
	if first := codec.FirstHeaders(dead); len(first) != 1 || first[0].Key != "ce_id" {
		t.Errorf("first headers %v", first)
	}
}
