package codec_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/loadgen"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// takenAt is an instant that a fact was taken in at.
const takenAt = civil.Instant(1772357400_000000)

// sameAsDecode holds AppendUsual to Decode: what it takes, Decode takes, with the same bytes for the same customer. It
// says whether it took the input.
func sameAsDecode(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, d codec.Decoder, in codec.Input, now civil.Instant) bool {
	t.Helper()
	before := []byte("before")
	got, customer, ok := d.AppendUsual(before, in, takenAt, now)
	if rest, kept := bytes.CutPrefix(got, before); !kept || !ok && len(rest) > 0 {
		t.Fatalf("%s %q: what was there became %q", in.Topic, in.Value, got)
	}
	if !ok {
		return false
	}
	a, reject := d.Decode(in, now)
	if reject != nil {
		t.Fatalf("%s %q was taken; Decode: %v", in.Topic, in.Value, reject)
	}
	a.Fact.At = int64(takenAt)
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(a.Fact)
	if err != nil {
		t.Fatalf("%s %q: %v", in.Topic, in.Value, err)
	}
	if !bytes.Equal(got[len(before):], want) || string(customer) != a.CustomerID || a.UnknownFields != 0 {
		t.Fatalf("%s %q of %q:\nwrote %x\n want %x of %q, %d unknown fields", in.Topic, in.Value, customer, got[len(before):], want, a.CustomerID, a.UnknownFields)
	}
	return true
}

// asLine is an event as a line on the topic events.
func asLine(topic, event string) codec.Input {
	return codec.Input{Topic: "events", Value: []byte(`{"topic":"` + topic + `","value":` + event + `}`)}
}

// unusual are the samples with maps, and the one that becomes several facts.
func unusual(name string) bool {
	return name == "profile" || name == "fx-rates" || name == "received" || strings.HasPrefix(name, "complete")
}

// Every event of every kind is usual, but for those with maps, or that become several facts, on its own topic and as a line.
func TestEveryKindIsUsual(t *testing.T) {
	for name, e := range events() {
		want := !unusual(name)
		for _, in := range []codec.Input{sampleInput(e), asLine(e.topic, e.json), asLine(e.topic, e.json+" \r\n\t")} {
			if got := sameAsDecode(t, decoder(), in, 0); got != want {
				t.Errorf("%s on %s: usual %v, want %v", name, in.Topic, got, want)
			}
		}
	}
	plain := strings.NewReplacer(`"ratings":{"quality":77.5,"speed":100},`, ``, `"attributes":{"colour":"red"},`, ``).Replace(events()["profile"].json)
	if !sameAsDecode(t, decoder(), codec.Input{Topic: "profiles", Value: []byte(plain)}, 0) {
		t.Errorf("not usual: %s", plain)
	}
}

// generated are the events of a small trade, broken ones among them.
func generated(t testing.TB) (all []loadgen.Line) {
	t.Helper()
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Shares.Malformed = 40, 150, 1000
	if err := loadgen.Generate(cfg, func(l loadgen.Line) error {
		all = append(all, l)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// All that is generated is usual: what is taken the long way is the exception. What was broken is left to Decode.
func TestGeneratedTradeIsUsual(t *testing.T) {
	for _, l := range generated(t) {
		want := l.Reason == "" && !bytes.Contains(l.Value, []byte(`"ratings"`))
		for _, in := range []codec.Input{{Topic: l.Topic, Value: l.Value}, asLine(l.Topic, string(l.Value))} {
			if got := sameAsDecode(t, decoder(), in, 0); got != want {
				t.Fatalf("%s %s: usual %v, want %v", in.Topic, in.Value, got, want)
			}
		}
	}
}

// Nothing that is rejected is usual, also not for its age.
func TestRejectsAreNotUsual(t *testing.T) {
	for name, c := range rejects() {
		if sameAsDecode(t, decoder(), codec.Input{Topic: c.topic, Value: []byte(c.text)}, 0) {
			t.Errorf("%s was taken", name)
		}
	}
	happened := instant(t, "2026-03-01T01:30:00.25Z")
	for name, e := range events() {
		for _, ago := range []civil.Instant{-25, -24, 0, 35 * 24, 36 * 24} {
			sameAsDecode(t, decoder(), sampleInput(e), happened+ago*civil.Hour)
		}
		if want := !unusual(name); want != sameAsDecode(t, decoder(), sampleInput(e), happened) {
			t.Errorf("%s that happens now: usual %v, want %v", name, !want, want)
		}
		if sameAsDecode(t, decoder(), sampleInput(e), happened-25*civil.Hour) {
			t.Errorf("%s was taken a day too early", name)
		}
	}
}

// What is wrong in one place is not usual, whatever the currency of the policy is.
func TestOddPlacesAreNotUsual(t *testing.T) {
	long := strings.Repeat("x", 513)
	for old, odd := range map[string][]string{
		`{"event_id"`: {
			`{"source":"` + long + `","event_id"`, "{\"source\":\"\x7f\",\"event_id\"", `{,"event_id"`, `{"revision":-1,"event_id"`, `{"x":1,"event_id"`,
			` {"event_id"`, `{"event_id":"e1","event_id"`, `{"eventId":"e1","event_id"`, `{"revision":1e2,"event_id"`, `{"revision":"","event_id"`,
			`{"revision":01,"event_id"`, `{"revision":1.0,"event_id"`, `{"revision":1234567890123456789,"event_id"`, `{"recorded_at":"x","event_id"`,
			`{"recorded_at":nulL,"event_id"`, `{"source":"a" "event_id"`, `{"source" "a","event_id"`,
		},
		`"e1"`:   {`""`, "\"a\x00b\"", "\"a\x1fb\"", "\"a\xffb\"", `"a\u0062"`, `"` + long[:129] + `"`, `null`, `1`, `"e1`},
		`"C42"`:  {`""`, `null`, "\"a\x7f\"", `["C42"]`},
		`"SO1"`:  {`""`, `null`, `"a\nb"`},
		`"CNY"`:  {`"XXY"`, `""`, `"cny"`, `null`},
		`120000`: {`-1`, `1000000000000001`, `1.5`, ``, `0120`},
		`30}`: {
			`20001}`, `2147483648}`, `4294967296}`, `30,}`, `30,"due_date":"2026-02-29"}`, `30,"due_date":"2200-01-01"}`, `30,"due_date":"1899-12-28"}`,
			`30,"due_date":"2026-13-01"}`, `30,"due_date":"2026-00-01"}`, `30,"due_date":"2026-01-00"}`, `30,"due_date":"2026-1-001"}`, `30,"due_date":"2026/01-01"}`, `30,"due_date":"2026-01/01"}`,
			`30,"due_date":"202a-01-01"}`,
			"30,\"channel\":\"\xff\"}", "30,\"channel\":\"\t\"}",
			`30,"invoice_expected":truE}`, `30,"invoice_expected":"true"}`,
			`30,"lines":{}}`, `30,"lines":[{},]}`, `30,"lines":[null]}`, `30,"lines":[{}{}]}`, `30,"lines":[{"quantity":1.}]}`, `30,"lines":[{"quantity":.5}]}`, `30,"lines":[{"quantity":1.2.3}]}`, `30,"lines":[{"quantity":01.5}]}`, `30,"lines":[{"amount_minor":-1}]}`,
		},
		`30}}`:  {`30}`, `30}}}`, `30}} x`, "30}}\x00", `30},"amended":{}}`, `30},"cancelled":{"reason":"x"}}`, `30],}`},
		`09:30`: {`24:30`, `9:30`},
	} {
		for _, with := range odd {
			text := edit(old, with)
			for _, d := range []codec.Decoder{decoder(), {}} {
				for _, in := range []codec.Input{{Topic: "orders", Value: []byte(text)}, asLine("orders", text)} {
					inner := in.Topic == "events" && strings.HasPrefix(with, " ") // white space before the value of a line
					if sameAsDecode(t, d, in, 0) && !inner {
						t.Errorf("%s was taken on %s", text, in.Topic)
					}
				}
			}
		}
	}
}

// Other envelopes than a plain line are not usual, and neither is what is too large.
func TestOddEnvelopesAreNotUsual(t *testing.T) {
	for _, text := range []string{
		contractExample, `{}`, `{"topic":"orders"}`, `{"topic":"orders","value":null}`, `{"topic":"fx-rates","value":` + contractExample + `}`,
		`{"tropic":"orders","value":` + contractExample + `}`, `{"topic":"orders","valve":` + contractExample + `}`,
		`{"value":` + contractExample + `,"topic":"orders"}`, `{"topic":"orders","value":` + contractExample + `,"value":{}}`,
		`{"topic":"orders","value":` + contractExample, `{"topic":"orders","value":` + contractExample + `}}`, `{"topic":"orders" "value":` + contractExample + `}`,
		`{"topic":"events","value":{"topic":"orders","value":` + contractExample + `}}`, `{"topic":null,"value":` + contractExample + `}`,
		`{"topic" "orders","value":` + contractExample + `}`,
	} {
		if sameAsDecode(t, decoder(), codec.Input{Topic: "events", Value: []byte(text)}, 0) {
			t.Errorf("%s was taken", text)
		}
	}
	for size, want := range map[int]bool{codec.MaxMessage: true, codec.MaxMessage + 1: false} {
		padded := contractExample + strings.Repeat(" ", size-len(contractExample))
		if got := sameAsDecode(t, decoder(), codec.Input{Topic: "orders", Value: []byte(padded)}, 0); got != want {
			t.Errorf("of %d bytes: usual %v, want %v", size, got, want)
		}
	}
}

// An event that goes into a register is usual however old it is.
func TestOldEventsOfRegistersAreUsual(t *testing.T) {
	now := instant(t, "2030-01-01T00:00:00Z")
	for name, want := range map[string]bool{"example": true, "issued": true, "received alone": true, "promised": true, "activity": false} {
		if got := sameAsDecode(t, decoder(), sampleInput(events()[name]), now); got != want {
			t.Errorf("%s: usual %v, want %v", name, got, want)
		}
	}
}

// Attributes of a CloudEvent may fill what the event has not; other headers change nothing.
func TestHeadersOfUsual(t *testing.T) {
	for key, want := range map[string]bool{"ts_line": true, "ce_id": false, "Content-Type": false} {
		in := codec.Input{Topic: "orders", Value: []byte(contractExample), Headers: []codec.Header{{Key: key, Value: []byte("1")}}}
		if got := sameAsDecode(t, decoder(), in, 0); got != want {
			t.Errorf("with %s: usual %v, want %v", key, got, want)
		}
	}
}

// The parts of a message are put in order by the place of its fields: these are few enough and in the order of their
// numbers.
func TestFieldsAreInTheOrderOfTheirNumbers(t *testing.T) {
	for _, m := range []proto.Message{&pb.OrderEvent{}, &pb.InvoiceEvent{}, &pb.PaymentEvent{}, &pb.ProfileEvent{}, &pb.EngagementEvent{}} {
		inOrder(t, m.ProtoReflect().Descriptor())
	}
}

func inOrder(t *testing.T, m protoreflect.MessageDescriptor) {
	t.Helper()
	fields := m.Fields()
	if fields.Len() > codec.MaxFields {
		t.Errorf("%s has %d fields, at most %d", m.Name(), fields.Len(), codec.MaxFields)
	}
	for i := range fields.Len() {
		f := fields.Get(i)
		if i > 0 && f.Number() < fields.Get(i-1).Number() {
			t.Errorf("%s comes too late in %s", f.Name(), m.Name())
		}
		if f.Message() != nil {
			inOrder(t, f.Message())
		}
	}
}

// Whatever becomes of an event on its way, the short way and the long one agree.
func TestUsualAgreesWithDecode(t *testing.T) {
	all, trade, usual := events(), generated(t), 0
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		var topic string
		var text []byte
		if rapid.Bool().Draw(t, "generated") {
			l := trade[rapid.IntRange(0, len(trade)-1).Draw(t, "line")]
			topic, text = l.Topic, l.Value
		} else {
			e := all[rapid.SampledFrom(names).Draw(t, "event")]
			topic, text = e.topic, []byte(e.json)
		}
		var tree any
		if json.Unmarshal(text, &tree) == nil {
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				tree = withOdd(t, tree, json.RawMessage(rapid.SampledFrom(oddValues()).Draw(t, "odd")))
			}
			text = shuffled(t, nil, tree)
		}
		if rapid.Bool().Draw(t, "mangled") {
			text = mangled(t, text)
		}
		in := codec.Input{Topic: topic, Value: text}
		if rapid.Bool().Draw(t, "as a line") {
			in = asLine(topic, string(text))
		}
		d := codec.Decoder{Currency: rapid.SampledFrom([]string{"CNY", "", "EUR"}).Draw(t, "currency")}
		now := rapid.SampledFrom([]civil.Instant{0, 0, takenAt, takenAt + 300*24*civil.Hour}).Draw(t, "now")
		if sameAsDecode(t, d, in, now) {
			usual++
		}
	})
	if usual == 0 {
		t.Error("nothing was usual")
	}
}

// shuffled appends a tree as JSON with its members in any order and white space between.
func shuffled(t *rapid.T, b []byte, tree any) []byte {
	space := func() { b = append(b, rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(t, "space")...) }
	switch v := tree.(type) {
	case map[string]any:
		b = append(b, '{')
		for i, name := range rapid.Permutation(slices.Sorted(maps.Keys(v))).Draw(t, "order") {
			if i > 0 {
				b = append(b, ',')
			}
			space()
			b = append(append(append(b, '"'), name...), '"')
			space()
			b = append(b, ':')
			space()
			b = shuffled(t, b, v[name])
			space()
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			space()
			b = shuffled(t, b, element)
			space()
		}
		return append(b, ']')
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, text...)
}

// mangled is a text with a part of it gone, doubled, or in the place of another.
func mangled(t *rapid.T, text []byte) []byte {
	cut := func(name string) (from, to int) {
		from = rapid.IntRange(0, len(text)).Draw(t, name)
		return from, rapid.IntRange(from, min(len(text), from+12)).Draw(t, name)
	}
	from, to := cut("to go")
	with := []byte(rapid.SampledFrom(append(oddValues(), ",", ":", `"`, `\`, "\x00", "\xff", "}", "]", " ", "-", "9", "")).Draw(t, "instead"))
	if rapid.Bool().Draw(t, "moved") {
		a, b := cut("to come")
		with = text[a:b]
	}
	return slices.Concat(text[:from], with, text[to:])
}

// FuzzUsual looks for an input that the two ways judge differently.
func FuzzUsual(f *testing.F) {
	seen := map[string]bool{}
	for _, l := range generated(f) {
		if kind := l.Topic + l.Kind + l.Reason; !seen[kind] {
			seen[kind] = true
			f.Add(l.Topic, []byte(l.Value), "CNY", int64(0))
			f.Add("events", asLine(l.Topic, string(l.Value)).Value, "CNY", int64(takenAt))
		}
	}
	for _, e := range events() {
		f.Add(e.topic, []byte(e.json), "", int64(takenAt))
		f.Add("events", asLine(e.topic, e.json).Value, "EUR", int64(0))
	}
	for _, c := range rejects() {
		f.Add(c.topic, []byte(c.text), "CNY", int64(0))
	}
	f.Fuzz(func(t *testing.T, topic string, text []byte, currency string, now int64) {
		sameAsDecode(t, codec.Decoder{Currency: currency}, codec.Input{Topic: topic, Value: text}, civil.Instant(now))
	})
}
