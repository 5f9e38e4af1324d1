package loadgen

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The reasons for which a broken copy must be rejected, as the contract names them.
const (
	ReasonMalformed       = "MALFORMED"
	ReasonMissingCustomer = "MISSING_CUSTOMER"
	ReasonMissingField    = "MISSING_FIELD"
	ReasonBadID           = "BAD_ID"
	ReasonBadTime         = "BAD_TIME"
	ReasonBadAmount       = "BAD_AMOUNT"
	ReasonBadCurrency     = "BAD_CURRENCY"
	ReasonUnknownKind     = "UNKNOWN_KIND"
)

// message is an event taken apart, to be broken.
type message struct {
	all  map[string]any
	body map[string]any // of its kind; nil for a profile
	kind string
}

// mangle is a broken copy of a line and the reason for which it must be rejected. Each way that suits the kind of
// event is as likely.
func (c *customer) mangle(line Line) (json.RawMessage, string) {
	m := message{kind: line.Kind}
	decoder := json.NewDecoder(bytes.NewReader(line.Value))
	decoder.UseNumber()
	if err := decoder.Decode(&m.all); err != nil {
		c.w.err = err
		return nil, ReasonMalformed
	}
	m.body, _ = m.all[line.Kind].(map[string]any)
	reason := pick(c.dice, m.faults())
	if reason == ReasonMalformed && c.chance(Whole/2) {
		return cut(line.Value), reason
	}
	m.breakFor(reason, c.dice)
	return c.w.marshal(m.all), reason
}

// faults are the reasons for which this kind of event can be rejected.
func (m message) faults() []string {
	all := []string{ReasonMalformed, ReasonMissingCustomer, ReasonMissingField, ReasonBadID, ReasonBadTime}
	if m.body == nil {
		return all
	}
	all = append(all, ReasonUnknownKind)
	if _, ok := m.body["amount_minor"]; ok {
		all = append(all, ReasonBadAmount)
	}
	if _, ok := m.body["currency"]; ok {
		all = append(all, ReasonBadCurrency)
	}
	return all
}

// breakFor makes the one mistake that is rejected for a reason.
func (m message) breakFor(reason string, d dice) {
	switch reason {
	case ReasonMalformed:
		m.all["occurred_at"] = []any{"yesterday"}
	case ReasonMissingCustomer:
		delete(m.all, "customer_id")
	case ReasonMissingField:
		delete(m.all, pick(d, []string{"event_id", "occurred_at"}))
	case ReasonBadID:
		m.all["event_id"] = pick(d, []string{strings.Repeat("x", 129), "bell\u0007"})
	case ReasonBadTime:
		m.badTime()
	case ReasonBadAmount:
		m.body["amount_minor"] = -1
	case ReasonBadCurrency:
		m.body["currency"] = "¥"
	case ReasonUnknownKind:
		m.all[m.kind+"_v2"] = m.body
		delete(m.all, m.kind)
	}
}

// badTime writes February 30 as the due date or value date, or else the year with two digits only.
func (m message) badTime() {
	for _, field := range []string{"due_date", "value_date"} {
		if text, ok := m.body[field].(string); ok {
			m.body[field] = text[:4] + "-02-30"
			return
		}
	}
	if text, ok := m.all["occurred_at"].(string); ok {
		m.all["occurred_at"] = "00" + text[2:]
	}
}

// cut is the first two thirds of a message: never JSON, always UTF-8.
func cut(value json.RawMessage) json.RawMessage {
	end := len(value) * 2 / 3
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end:end]
}
