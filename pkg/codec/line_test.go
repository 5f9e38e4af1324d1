package codec_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/tierstream/tierstream/pkg/codec"
)

// lineHolds checks what holds for any line of a file.
func lineHolds(t *testing.T, raw []byte) {
	t.Helper()
	l := codec.ParseLine(raw)
	if !bytes.Equal(l.Raw, raw) || !json.Valid(codec.DeadLetterValue(raw)) {
		t.Fatalf("%q: kept as %q, shown as %q", raw, l.Raw, codec.DeadLetterValue(raw))
	}
	a, reject := sound(t, l.Input())
	if reject == nil && (l.Topic == "" || l.OccurredAt != a.OccurredAt || l.EventID != a.EventID) {
		t.Fatalf("%q is sorted by %s %q %q, but decoded to %s %q %q", raw, l.OccurredAt, l.Topic, l.EventID, a.OccurredAt, a.Topic, a.EventID)
	}
	if l.Topic == "" || l.Value == nil || l.Topic == "events" || reject != nil && reject.Code == codec.TooLarge {
		return
	}
	b, alone := sound(t, codec.Input{Topic: l.Topic, Value: l.Value})
	if d := cmp.Diff(a, b, protocmp.Transform()); d != "" || cmp.Diff(reject, alone) != "" {
		t.Fatalf("%q: the line gives %v, its value alone %v: %s", raw, reject, alone, d)
	}
}

func TestLines(t *testing.T) {
	for name, e := range events() {
		raw := []byte(`{"topic":"` + e.topic + `","value":` + e.json + `}`)
		if l := codec.ParseLine(raw); l.Topic != e.topic || string(l.Value) != e.json || l.OccurredAt == 0 {
			t.Errorf("%s: parsed as %+v", name, l)
		}
		lineHolds(t, raw)
		for _, in := range shapes(t, e.topic, e.json) {
			lineHolds(t, in.Value)
		}
	}
	for _, c := range rejects() {
		lineHolds(t, []byte(`{"topic":"`+c.topic+`","value":`+c.text+`}`))
	}
}

func TestLinesAreSortedByTimeTopicAndID(t *testing.T) {
	line := func(topic, at, id string) string {
		return `{"topic":"` + topic + `","value":{"occurred_at":"` + at + `","event_id":"` + id + `"}}`
	}
	want := []string{
		`not JSON`, `{"no":"topic"}`,
		line("orders", "1969-12-31T00:00:00Z", "z"),
		line("orders", "yesterday", "a"),
		line("orders", "2026-03-01T01:00:00+02:00", "z"),
		line("invoices", "2026-03-01T00:00:00Z", "z"),
		line("orders", "2026-03-01T00:00:00Z", "a"), line("orders", "2026-03-01T00:00:00.000000Z", "b"),
		`{"specversion":"1.0","id":"e","source":"s","type":"orders","time":"2026-03-02T00:00:00Z","data":{}}`,
	}
	var lines []codec.Line
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(want)) {
		lines = append(lines, codec.ParseLine([]byte(want[i])))
	}
	slices.SortStableFunc(lines, codec.Line.Compare)
	got := make([]string, 0, len(lines))
	for _, l := range lines {
		got = append(got, string(l.Raw))
	}
	slices.Sort(got[:2]) // equal in order: neither can be read
	slices.Sort(want[:2])
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDeadLetterValue(t *testing.T) {
	for raw, want := range map[string]string{
		`{"topic":"orders","value":{ "a" : 1 }}`: `{"a":1}`,
		`{"topic":"orders","value":null}`:        `null`,
		`{"topic":"orders"}`:                     `{"topic":"orders"}`,
		" {\"a\" :\t1}\r":                        `{"a":1}`,
		`{"a":`:                                  `"{\"a\":"`,
		"caf\xe9":                                "\"caf\uFFFD\"",
		"{\"a\":\"\xff\"}":                       "{\"a\":\"\uFFFD\"}",
		``:                                       `""`,
		strings.Repeat("[", 20_000):              `"` + strings.Repeat("[", 20_000) + `"`,
	} {
		if got := codec.DeadLetterValue([]byte(raw)); string(got) != want {
			t.Errorf("%.60s is shown as %.60s, want %.60s", raw, got, want)
		}
	}
}
