package codec_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
)

type rejectCase struct {
	topic, text string
	code        codec.Code
	detail      string
}

// edit is the contract's example with one thing replaced.
func edit(old, with string) string {
	if !strings.Contains(contractExample, old) {
		return "nothing to replace: " + old
	}
	return strings.Replace(contractExample, old, with, 1)
}

// on is a message of a topic and what it is rejected for.
func on(topic, text string, code codec.Code, detail string) rejectCase {
	return rejectCase{topic, text, code, detail}
}

// order is the contract's example with one thing replaced.
func order(old, with string, code codec.Code, detail string) rejectCase {
	return on("orders", edit(old, with), code, detail)
}

// of is an event of another topic with nothing else wrong than the content of its kind.
func of(topic, id, kind string, code codec.Code, detail string) rejectCase {
	return on(topic, `{`+common+id+kind+`}`, code, detail)
}

// rejects are messages with one mistake each.
func rejects() map[string]rejectCase {
	all := formRejects()
	maps.Copy(all, contentRejects())
	maps.Copy(all, kindRejects())
	return all
}

// formRejects are those of a form, a customer, an id or a time.
func formRejects() map[string]rejectCase {
	long := strings.Repeat("x", 129)
	return map[string]rejectCase{
		"nothing":            on("orders", ``, codec.Empty, "message: no content"),
		"white space":        on("orders", " \r\n", codec.Empty, "message: no content"),
		"null":               on("orders", "null", codec.Empty, "message: no content"),
		"cut off":            on("orders", contractExample[:60], codec.Malformed, "message: not JSON at byte 60 of 60"),
		"text":               on("orders", "hi", codec.Malformed, "message: not JSON at byte 1 of 2"),
		"a list":             on("orders", "[]", codec.Malformed, "message: an object is needed, got a list"),
		"a number":           on("orders", "123456789", codec.Malformed, "message: an object is needed, got a number"),
		"no customer":        order(`"customer_id":"C42",`, ``, codec.MissingCustomer, "customer_id: missing"),
		"null customer":      order(`"C42"`, `null`, codec.MissingCustomer, "customer_id: missing"),
		"empty customer":     order(`"C42"`, `""`, codec.MissingCustomer, "customer_id: missing"),
		"an empty object":    on("orders", `{}`, codec.MissingCustomer, "customer_id: missing"),
		"customer's type":    order(`"C42"`, `42`, codec.Malformed, "customer_id: a text is needed, got a number"),
		"customer twice":     order(`"C42"`, `"C42","customerId":"C43"`, codec.Malformed, "customer_id: given twice"),
		"customer's length":  order(`C42`, long, codec.BadID, "customer_id: 129 characters, at most 128"),
		"no event id":        order(`"event_id":"e1",`, ``, codec.MissingField, "event_id: missing"),
		"empty event id":     order(`"e1"`, `""`, codec.MissingField, "event_id: missing"),
		"no time":            order(`"occurred_at":"2026-03-01T09:30:00Z",`, ``, codec.MissingField, "occurred_at: missing"),
		"no order id":        order(`"order_id":"SO1",`, ``, codec.MissingField, "order_id: missing"),
		"long event id":      order(`"e1"`, `"`+long+`"`, codec.BadID, "event_id: 129 characters, at most 128"),
		"bell":               order(`"e1"`, `"bell\u0007"`, codec.BadID, "event_id: the character U+0007 is not printable"),
		"half a surrogate":   order(`"e1"`, `"\ud800"`, codec.BadID, "event_id: not valid UTF-8"),
		"two first halves":   order(`"e1"`, `"\ud800\u0041"`, codec.BadID, "event_id: not valid UTF-8"),
		"not UTF-8":          order(`"e1"`, "\"\xff\"", codec.BadID, "event_id: not valid UTF-8"),
		"text not UTF-8":     order(`"CNY"`, "\"CNY\",\"channel\":\"\xff\"", codec.Malformed, "placed.channel: not valid UTF-8"),
		"unknown not UTF-8":  order(`"CNY"`, "\"CNY\",\"what\":\"\xff\"", codec.Malformed, "placed.(unknown field): not valid UTF-8"),
		"yesterday":          order(`2026-03-01T09:30:00Z`, `yesterday`, codec.BadTime, `occurred_at: "yesterday" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"99 hours":           order(`00Z`, `00+99:00`, codec.BadTime, `occurred_at: "2026-03-01T09:30:00+99:00" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"comma":              order(`00Z`, `00,5Z`, codec.BadTime, `occurred_at: "2026-03-01T09:30:00,5Z" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"no zone":            order(`09:30:00Z`, `09:30:00`, codec.BadTime, `occurred_at: "2026-03-01T09:30:00" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"one digit":          order(`T09`, `T9`, codec.BadTime, `occurred_at: "2026-03-01T9:30:00Z" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"ten decimals":       order(`:00Z`, `:00.1234567890Z`, codec.BadTime, `occurred_at: "2026-03-01T09:30:00.1234567890Z" is not RFC 3339 such as 2026-03-01T09:30:00Z`),
		"year 26":            order(`2026-`, `0026-`, codec.BadTime, `occurred_at: "0026-03-01T09:30:00Z" is outside the years 1900 to 2199`),
		"year 2200":          order(`2026-`, `2200-`, codec.BadTime, `occurred_at: "2200-03-01T09:30:00Z" is outside the years 1900 to 2199`),
		"time's type":        order(`"2026-03-01T09:30:00Z"`, `["yesterday"]`, codec.Malformed, "occurred_at: a text is needed, got a list"),
		"seconds since 1970": order(`"2026-03-01T09:30:00Z"`, `1767225600`, codec.Malformed, "occurred_at: a text is needed, got a number"),
		"February 30":        order(`"terms_days":30`, `"due_date":"2026-02-30"`, codec.BadTime, `placed.due_date: "2026-02-30" is not a date of the form YYYY-MM-DD`),
		"an instant as date": order(`"terms_days":30`, `"due_date":"2026-02-03T00:00:00Z"`, codec.BadTime, `placed.due_date: "2026-02-03T00:00:00Z" is not a date of the form YYYY-MM-DD`),
		"due in 9999":        order(`"terms_days":30`, `"due_date":"9999-12-31"`, codec.BadTime, `placed.due_date: "9999-12-31" is outside the years 1900 to 2199`),
		"terms":              order(`days":30`, `days":-1`, codec.BadTime, `placed.terms_days: -1 is outside 0 to 20000`),
	}
}

// contentRejects are those of what a kind of order has in it.
func contentRejects() map[string]rejectCase {
	return map[string]rejectCase{
		"no kind":             order(`"placed"`, `"placed_v2"`, codec.UnknownKind, "message: no kind of order event that is known"),
		"null kind":           on("orders", edit(`"placed":{"amount_minor":"120000","currency":"CNY","terms_days":30}`, `"placed":null`), codec.UnknownKind, "message: no kind of order event that is known"),
		"two kinds":           order(`"placed"`, `"cancelled":{},"placed"`, codec.Malformed, "placed: given beside cancelled, but an event has one kind"),
		"kind's type":         on("orders", edit(`{"amount_minor":"120000","currency":"CNY","terms_days":30}`, `true`), codec.Malformed, "placed: an object is needed, got a truth value"),
		"negative":            order(`"120000"`, `-1`, codec.BadAmount, "placed.amount_minor: -1 is negative"),
		"negative text":       order(`120000`, `-1`, codec.BadAmount, "placed.amount_minor: -1 is negative"),
		"a fraction":          order(`"120000"`, `12.5`, codec.BadAmount, `placed.amount_minor: "12.5" is not a whole number`),
		"a fraction in text":  order(`120000`, `12.50`, codec.BadAmount, `placed.amount_minor: "12.50" is not a whole number`),
		"over 10^15":          order(`120000`, `1000000000000001`, codec.BadAmount, "placed.amount_minor: 1000000000000001 is over 10^15"),
		"over int64":          order(`120000`, `1e300`, codec.BadAmount, `placed.amount_minor: "1e300" is too large`),
		"far over int64":      order(`120000`, `1e2000000000`, codec.BadAmount, `placed.amount_minor: "1e2000000000" is too large`),
		"far below 1":         order(`"120000"`, `1e-2000000000`, codec.BadAmount, `placed.amount_minor: "1e-2000000000" is not a whole number`),
		"no number":           order(`120000`, `twelve`, codec.Malformed, `placed.amount_minor: "twelve" is not a number`),
		"an amount in commas": order(`120000`, `120,000`, codec.Malformed, `placed.amount_minor: "120,000" is not a number`),
		"amount's type":       order(`"120000"`, `{"a":1}`, codec.Malformed, `placed.amount_minor: a number is needed, got an object`),
		"negative tax":        order(`"CNY"`, `"CNY","tax_minor":-5`, codec.BadAmount, "placed.tax_minor: -5 is negative"),
		"negative cost":       order(`"CNY"`, `"CNY","lines":[{},{"cost_minor":-5}]`, codec.BadAmount, "placed.lines[1].cost_minor: -5 is negative"),
		"no currency":         order(`"currency":"CNY",`, ``, codec.BadCurrency, "placed.currency: missing beside an amount"),
		"sign as currency":    order(`CNY`, `¥`, codec.BadCurrency, `placed.currency: "¥" is not a code of ISO 4217`),
		"lower case":          order(`CNY`, `cny`, codec.BadCurrency, `placed.currency: "cny" is not a code of ISO 4217`),
		"no such currency":    order(`CNY`, `QQQ`, codec.BadCurrency, `placed.currency: "QQQ" is not a code of ISO 4217`),
		"no rate":             order(`CNY`, `EUR`, codec.NoRate, "placed.currency: EUR has no rate, in CNY: publish one on fx-rates, then tierctl dlq retry"),
		"not finite":          order(`"CNY"`, `"CNY","lines":[{"quantity":"NaN"}]`, codec.Malformed, `placed.lines[0].quantity: "NaN" is not a number`),
		"list's type":         order(`"CNY"`, `"CNY","lines":{}`, codec.Malformed, "placed.lines: a list is needed, got an object"),
		"element's type":      order(`"CNY"`, `"CNY","lines":[null]`, codec.Malformed, "placed.lines[0]: an object is needed, got null"),
		"truth's type":        order(`"CNY"`, `"CNY","invoice_expected":"true"`, codec.Malformed, "placed.invoice_expected: true or false is needed, got a text"),
		"revision's fraction": order(`"e1"`, `"e1","revision":1.5`, codec.Malformed, `revision: "1.5" is not a whole number`),
		"terms over int32":    order(`days":30`, `days":3000000000`, codec.Malformed, `placed.terms_days: "3000000000" is too large`),
		"long value":          order(`120000`, strings.Repeat("é", 60), codec.Malformed, `placed.amount_minor: "`+strings.Repeat("é", 40)+`"... is not a number`),
	}
}

// kindRejects are those of topics and of the other kinds.
func kindRejects() map[string]rejectCase {
	return map[string]rejectCase{
		"unknown topic":        on("shipments", contractExample, codec.UnknownKind, `topic: "shipments" is not known`),
		"unknown, nobody's":    on("shipments", edit(`"C42"`, `""`), codec.MissingCustomer, "customer_id: missing"),
		"events, no kind":      on("events", contractExample, codec.UnknownKind, "message: on events its kind must be told by ce_type or by topic beside value"),
		"events, protobuf":     on("events", "\x0a\x02e1\x1a\x00", codec.UnknownKind, "message: on events its kind must be told by ce_type or by topic beside value"),
		"line without value":   on("events", `{"topic":"orders"}`, codec.Empty, "message: no content"),
		"line of null":         on("events", `{"topic":"orders","value":null}`, codec.Empty, "message: no content"),
		"line of text":         on("events", `{"topic":"orders","value":"x"}`, codec.Malformed, "message: an object is needed, got a text"),
		"topic's type":         on("events", `{"topic":5,"value":{}}`, codec.Malformed, "topic: a text is needed, got a number"),
		"no invoice id":        of("invoices", ``, `"voided":{}`, codec.MissingField, "invoice_id: missing"),
		"no payment id":        of("payments", ``, `"received":{}`, codec.MissingField, "payment_id: missing"),
		"no return id":         of("orders", ``, `"returned":{}`, codec.MissingField, "returned.return_id: missing"),
		"no refund id":         of("payments", `"payment_id":"P1",`, `"refunded":{}`, codec.MissingField, "refunded.refund_id: missing"),
		"no reversal id":       of("payments", `"payment_id":"P1",`, `"reversed":{}`, codec.MissingField, "reversed.reversal_id: missing"),
		"no adjustment id":     of("invoices", `"invoice_id":"I1",`, `"adjusted":{"kind":"ROUNDING"}`, codec.MissingField, "adjusted.adjustment_id: missing"),
		"no adjustment's kind": of("invoices", `"invoice_id":"I1",`, `"adjusted":{"adjustment_id":"A"}`, codec.MissingField, "adjusted.kind: missing"),
		"adjustment's kind":    of("invoices", `"invoice_id":"I1",`, `"adjusted":{"adjustment_id":"A","kind":"GIFT"}`, codec.UnknownKind, `adjusted.kind: "GIFT" is not known`),
		"adjustment's number":  of("invoices", `"invoice_id":"I1",`, `"adjusted":{"adjustment_id":"A","kind":99}`, codec.UnknownKind, "adjusted.kind: 99 is not known"),
		"for nothing":          of("payments", `"payment_id":"P1",`, `"received":{"allocations":[{"order_id":"o"},{"amount_minor":0}]}`, codec.MissingField, "received.allocations[1]: names neither order_id nor invoice_id"),
		"allocation's amount":  of("payments", `"payment_id":"P1",`, `"received":{"allocations":[{"order_id":"o","discount_minor":1}]}`, codec.BadCurrency, "received.currency: missing beside an amount"),
		"blocked until a word": on("profiles", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C1","credit_block":{"until":"next week"}}`, codec.BadTime, `credit_block.until: "next week" is not a date of the form YYYY-MM-DD`),
		"blocked until then":   on("profiles", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C1","credit_block":{"until":"2026-02-03T00:00:00Z"}}`, codec.BadTime, `credit_block.until: "2026-02-03T00:00:00Z" is not a date of the form YYYY-MM-DD`),
		"no until":             on("payments", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","complete_through":{}}`, codec.MissingField, "complete_through.until: missing"),
		"until's type":         on("payments", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","complete_through":5}`, codec.Malformed, "complete_through: an object is needed, got a number"),
		"survey":               of("engagements", ``, `"survey":{"score":11}`, codec.Malformed, "survey.score: 11 is outside 0 to 10"),
		"referral":             of("engagements", ``, `"referral":{}`, codec.MissingField, "referral.referred_customer_id: missing"),
		"rating":               of("profiles", ``, `"ratings":{"b":101,"a":-1}`, codec.Malformed, `ratings["a"]: -1 is outside 0 to 100`),
		"too many ratings":     of("profiles", ``, `"ratings":{`+many(257, `"r%d":1`)+`}`, codec.Malformed, `ratings: 257 of them, at most 256`),
		"too many attributes":  of("profiles", ``, `"attributes":{`+many(257, `"a%d":"x"`)+`}`, codec.Malformed, `attributes: 257 of them, at most 256`),
		"attribute's name":     of("profiles", ``, `"attributes":{"`+strings.Repeat("n", 129)+`":"x"}`, codec.BadID, `attributes["`+strings.Repeat("n", 40)+`"...]: 129 characters, at most 128`),
		"attribute's text":     of("profiles", ``, `"attributes":{"b":"`+strings.Repeat("é", 513)+`","c":"`+strings.Repeat("é", 512)+`"}`, codec.Malformed, `attributes["b"]: 513 characters, at most 512`),
		"too much cleared":     of("profiles", ``, `"clear":[`+many(257, `"attributes.a%d"`)+`]`, codec.Malformed, `clear: 257 of them, at most 256`),
		"cleared name":         of("profiles", ``, `"clear":["name","attributes.`+strings.Repeat("x", 600)+`"]`, codec.Malformed, `clear[1]: 611 characters, at most 512`),
		"long industry":        of("profiles", ``, `"industry":"`+strings.Repeat("x", 513)+`"`, codec.Malformed, `industry: 513 characters, at most 512`),
		"long block":           of("profiles", ``, `"credit_block":{"reason":"`+strings.Repeat("x", 513)+`"}`, codec.Malformed, `credit_block.reason: 513 characters, at most 512`),
		"long agency":          of("profiles", ``, `"credit_rating":{"grade":"A","source":"`+strings.Repeat("x", 513)+`"}`, codec.Malformed, `credit_rating.source: 513 characters, at most 512`),
		"long feed":            on("payments", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","complete_through":{"feed":"`+strings.Repeat("x", 129)+`","until":"2026-03-01T09:30:00Z"}}`, codec.BadID, "complete_through.feed: 129 characters, at most 128"),
		"nobody's feed":        on("payments", `{"event_id":"e","occurred_at":"2026-03-01T09:30:00Z","complete_through":{"feed":"\u0000","until":"2026-03-01T09:30:00Z"}}`, codec.BadID, "complete_through.feed: the character U+0000 is not printable"),
		"attribute twice":      of("profiles", ``, `"attributes":{"a":"1","\u0061":"2"}`, codec.Malformed, `attributes["a"]: given twice`),
		"limit's currency":     of("profiles", ``, `"credit_limit":{"amount_minor":1,"currency":"USD"}`, codec.NoRate, "credit_limit.currency: USD has no rate, in CNY: publish one on fx-rates, then tierctl dlq retry"),
		"rates without a date": on("fx-rates", `{"version":1,"base":"CNY"}`, codec.MissingField, "as_of: missing"),
		"rates' date":          on("fx-rates", `{"version":1,"base":"CNY","as_of":"1.3.2026"}`, codec.BadTime, `as_of: "1.3.2026" is not a date of the form YYYY-MM-DD`),
		"rates' base":          on("fx-rates", `{"version":1,"base":"Yuan","as_of":"2026-03-01"}`, codec.BadCurrency, `base: "Yuan" is not a code of ISO 4217`),
		"rates' other base":    on("fx-rates", `{"version":1,"base":"EUR","as_of":"2026-03-01"}`, codec.BadCurrency, "base: EUR is not the currency of this deployment, which is CNY"),
		"rates' digits":        on("fx-rates", `{"version":1,"base":"CNY","as_of":"2026-03-01","rates":{"EUR":"0.00000000000000000001"}}`, codec.BadAmount, `rates["EUR"]: "0.00000000000000000001" has more than 18 digits, or decimals between minor units`),
		"rates' zero":          on("fx-rates", `{"version":1,"base":"CNY","as_of":"2026-03-01","rates":{"EUR":"0.0"}}`, codec.BadAmount, `rates["EUR"]: "0.0" is not a positive decimal`),
	}
}

// many is n members or elements of a form that has a number in it.
func many(n int, form string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(form, i)
	}
	return strings.Join(all, ",")
}

// What a profile may have at most is taken, also the way of most events.
func TestProfilesOfAllThatMayBe(t *testing.T) {
	long := strings.Repeat("é", 512)
	for _, text := range []string{
		`"attributes":{` + many(256, `"a%d":"x"`) + `},"ratings":{` + many(256, `"r%d":1`) + `}`,
		`"attributes":{"` + strings.Repeat("é", 128) + `":"` + long + `"},"clear":[` + many(256, `"attributes.a%d"`) + `]`,
		`"industry":"` + long + `","size":"` + long + `","region":"` + long + `","credit_block":{"reason":"` + long + `"},"credit_rating":{"grade":"` + long + `"}`,
		`"name":"` + long + long + `","account_manager":"` + long + long + `"`,
	} {
		c := of("profiles", ``, text, "", "")
		in := codec.Input{Topic: c.topic, Value: []byte(c.text)}
		if _, got := decoder().Decode(in, 0); got != nil {
			t.Errorf("%.60s: %v", text, got)
		}
		sameAsDecode(t, decoder(), in, 0)
	}
}

func TestRejects(t *testing.T) {
	for name, c := range rejects() {
		a, got := decoder().Decode(codec.Input{Topic: c.topic, Value: []byte(c.text)}, 0)
		if got == nil {
			t.Errorf("%s: %s was accepted as %v", name, c.text, a.Fact)
		} else if got.Code != c.code || got.Detail != c.detail {
			t.Errorf("%s: %s\n got %v\nwant %s: %s", name, c.text, got, c.code, c.detail)
		}
	}
}

// What is wrong with the customer is told before anything else, whatever the order of the members.
func TestCustomerComesFirst(t *testing.T) {
	for name, c := range rejects() {
		for _, id := range []string{`"customer_id":"C42",`, `"customer_id":"C42"`} {
			text := strings.Replace(c.text, id, "", 1)
			if text == c.text || strings.Contains(text, "customerId") || c.code == codec.Empty || strings.HasPrefix(c.detail, "message: not JSON") {
				continue
			}
			_, got := decoder().Decode(codec.Input{Topic: c.topic, Value: []byte(text)}, 0)
			if got == nil || got.Code != codec.MissingCustomer && !strings.HasPrefix(c.detail, "customer_id") {
				t.Errorf("%s: %s: got %v", name, text, got)
			}
			break
		}
	}
}

func TestClock(t *testing.T) {
	at := func(text string) civil.Instant { return instant(t, text) }
	old := map[string]bool{
		"profile": false, "survey": true, "failed": false, "promised": false, "disputed": false, "complete_through": true,
		"placed": false, "received": false, "adjusted": false, "fx-rates": false,
	}
	for name, tooOld := range old {
		e := events()[name]
		in := codec.Input{Topic: e.topic, Value: []byte(e.json)}
		own := decode(t, in).OccurredAt
		for now, want := range map[civil.Instant]codec.Code{
			own: "", 0: "", own + 35*civil.FullDay: "", own - 24*civil.Hour: "", own - 24*civil.Hour - 1: codec.Future,
			at("2150-01-01T00:00:00Z"): codec.TooOld,
		} {
			if want == codec.TooOld && !tooOld {
				want = ""
			}
			_, got := decoder().Decode(in, now)
			if (got == nil) != (want == "") || got != nil && got.Code != want {
				t.Errorf("%s seen at %s: %v, want %s", name, now, got, want)
			}
		}
	}
}

func TestSize(t *testing.T) {
	message := func(size int) []byte {
		head, tail := edit(`"CNY"`, `"CNY","channel":"`), ""
		head, tail, _ = strings.Cut(head, `,"terms`)
		tail = `","terms` + tail
		return []byte(head + strings.Repeat("x", size-len(head)-len(tail)) + tail)
	}
	line := func(size int) []byte { return fmt.Appendf(nil, `{"topic":"orders","value":%s}`, message(size)) }
	for _, c := range []struct {
		in codec.Input
		ok bool
	}{
		{codec.Input{Topic: "orders", Value: message(codec.MaxMessage)}, true},
		{codec.Input{Topic: "events", Value: line(codec.MaxMessage)}, true},
		{codec.Input{Topic: "orders", Value: message(codec.MaxMessage + 1)}, false},
		{codec.Input{Topic: "events", Value: line(codec.MaxMessage + 1)}, false},
		{codec.Input{Topic: "events", Value: line(2 * codec.MaxMessage)}, false},
		{codec.Input{Topic: "orders", Value: make([]byte, 2*codec.MaxMessage)}, false},
	} {
		_, got := decoder().Decode(c.in, 0)
		if (got == nil) != c.ok || got != nil && (got.Code != codec.TooLarge || !strings.HasSuffix(got.Detail, "bytes, at most 524288")) {
			t.Errorf("%d bytes on %s: %v", len(c.in.Value), c.in.Topic, got)
		}
	}
}
