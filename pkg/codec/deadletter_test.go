package codec_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/codec"
)

func TestDeadLetterKeepsBytesAndHeaders(t *testing.T) {
	in := codec.Input{Topic: "orders", Value: []byte("hi"), Headers: []codec.Header{
		{Key: "ce_id", Value: []byte("x")}, {Key: "ts_reason", Value: []byte("EMPTY")}, {Key: "ce_id", Value: nil},
	}}
	value, headers := codec.DeadLetter(in, codec.Reject{Code: codec.Malformed, Detail: "message: not JSON"}, "ingest", 3, 41)
	want := []codec.Header{
		{Key: "ce_id", Value: []byte("x")}, {Key: "ce_id", Value: nil},
		{Key: "ts_reason", Value: []byte("MALFORMED")}, {Key: "ts_detail", Value: []byte("message: not JSON")},
		{Key: "ts_topic", Value: []byte("orders")}, {Key: "ts_partition", Value: []byte("3")},
		{Key: "ts_offset", Value: []byte("41")}, {Key: "ts_service", Value: []byte("ingest")},
	}
	if d := cmp.Diff(want, headers); d != "" || string(value) != "hi" {
		t.Errorf("%q %s", value, d)
	}
}

// Who counts what is missing need not read sentences. What a sender calls so is not believed.
func TestDeadLetterNamesTheCurrency(t *testing.T) {
	for name, want := range map[string]string{"no rate": "EUR", "limit's currency": "USD", "text": ""} {
		c := rejects()[name]
		in := codec.Input{Topic: c.topic, Value: []byte(c.text), Headers: []codec.Header{{Key: "ts_currency", Value: []byte("GBP")}}}
		_, reject := decoder().Decode(in, 0)
		if reject == nil {
			t.Fatalf("%s was taken", name)
		}
		got := ""
		_, headers := codec.DeadLetter(in, *reject, "ingest", 3, 41)
		for _, h := range headers {
			if h.Key == "ts_currency" {
				got += string(h.Value)
			}
		}
		if got != want || reject.Currency != want {
			t.Errorf("%s: %q and %q, want %q", name, reject.Currency, got, want)
		}
	}
}

func TestDeadLetterOfOneTooLarge(t *testing.T) {
	in := codec.Input{Topic: "orders", Value: bytes.Repeat([]byte("0123456789"), 60_000)}
	_, reject := decoder().Decode(in, 0)
	if reject == nil {
		t.Fatal("600,000 bytes were accepted")
	}
	value, headers := codec.DeadLetter(in, *reject, "ingest", 0, 0)
	sum := sha256.Sum256(in.Value)
	last := headers[len(headers)-1]
	if !bytes.Equal(value, in.Value[:65536]) || last.Key != "ts_sha256" || string(last.Value) != hex.EncodeToString(sum[:]) {
		t.Errorf("%d bytes kept, header %s: %s", len(value), last.Key, last.Value)
	}
}
