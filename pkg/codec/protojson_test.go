package codec_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// oddValues are what producers write where something else belongs.
func oddValues() []string {
	return []string{
		`null`, `true`, `false`, `0`, `-0`, `1`, `-1`, `1.0`, `1.5`, `1e2`, `12e-1`, `120e-1`, `0.0001e4`, `1e30`, `-1e30`,
		`9223372036854775807`, `9223372036854775808`, `2147483648`, `""`, `"0"`, `"-1"`, `"1.0"`, `"1.50"`, `"1e2"`, `" 1"`,
		`"01"`, `"+1"`, `"1e"`, `"0x1"`, `"true"`, `"x"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"OPENING"`, `"opening"`, `3`,
		`"CNY"`, `"2026-03-01"`, `"2026-03-01T00:00:00Z"`, `"2026-03-01T00:00:00.123456789+05:30"`, `"2026-03-01T00:00:00-00:00"`,
		`{}`, `[]`, `[{}]`, `[null]`, `{"a":1}`, `{"a":"1"}`, `{"amount_minor":"7"}`, `{"amountMinor":7,"amount_minor":7}`,
		`["a","b"]`, `[[]]`, `{"a":null}`, `{"":5}`,
	}
}

// withOdd puts an odd value at one place of an event: instead of a member, in one, or as one more.
func withOdd(t *rapid.T, value any, odd json.RawMessage) any {
	switch v := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		if len(names) == 0 || rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
			v["surprise"] = odd
			return v
		}
		name := rapid.SampledFrom(names).Draw(t, "member")
		v[name] = withOdd(t, v[name], odd)
		return v
	case []any:
		if len(v) > 0 && rapid.Bool().Draw(t, "inside") {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "element")
			v[i] = withOdd(t, v[i], odd)
			return v
		}
	}
	return odd
}

// What is accepted is what protojson reads, and what is refused for its type protojson refuses too.
func TestReaderAgreesWithProtojson(t *testing.T) {
	all := events()
	names := slices.Sorted(maps.Keys(all))
	codes := map[codec.Code]int{}
	rapid.Check(t, func(t *rapid.T) {
		e := all[rapid.SampledFrom(names).Draw(t, "event")]
		var tree any
		if err := json.Unmarshal([]byte(e.json), &tree); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 2).Draw(t, "changes") {
			tree = withOdd(t, tree, json.RawMessage(rapid.SampledFrom(oddValues()).Draw(t, "odd")))
		}
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		a, reject := decoder().Decode(codec.Input{Topic: e.topic, Value: text}, 0)
		want := empty(e.topic)
		strict := protojson.Unmarshal(text, want)
		switch {
		case reject == nil && a.UnknownFields == 0 && strict != nil:
			t.Fatalf("%s was accepted; protojson: %v", text, strict)
		case reject == nil && a.UnknownFields == 0 && !strings.Contains(string(text), `""`) && !proto.Equal(want, body(a.Fact)):
			t.Fatalf("%s: read as %v, protojson reads %v", text, body(a.Fact), want)
		case reject != nil && reject.Code == codec.Malformed && !strings.Contains(reject.Detail, "outside") && strict == nil:
			t.Fatalf("%s: %v, but protojson reads %v", text, reject, want)
		}
		if reject != nil {
			codes[reject.Code]++
		}
	})
	if codes[codec.Malformed] == 0 {
		t.Errorf("no change of type was seen: %v", codes)
	}
}

// empty is a message of a topic.
func empty(topic string) proto.Message {
	return map[string]proto.Message{
		"orders": &pb.OrderEvent{}, "invoices": &pb.InvoiceEvent{}, "payments": &pb.PaymentEvent{}, "profiles": &pb.ProfileEvent{},
		"engagements": &pb.EngagementEvent{}, "fx-rates": &pb.FxRates{},
	}[topic]
}
