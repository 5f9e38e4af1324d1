package codec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Line is a line of an event file: {"topic":"orders","value":{...}}, or a structured CloudEvent. It is taken apart
// only as far as sorting needs: what can't be used is told by decoding its Input.
type Line struct {
	Topic      string          // the contract's; empty: the line can't be read
	Value      json.RawMessage // what belongs on the topic
	OccurredAt civil.Instant   // 0 where the line has none that can be read
	EventID    string
	CustomerID string // as far as it can be read: what the record is keyed by
	Rates      []byte // the exchange rates that it has, in whatever envelope they came, as the topic fx-rates takes them; nil: it has none
	Raw        []byte // the line as it came
}

// ParseLine takes a line apart. It never fails: a line that can't be read keeps its bytes and has no topic.
func ParseLine(raw []byte) Line {
	l := Line{Raw: raw}
	text, isJSON := (&payload{body: raw}).sniff()
	if !isJSON || !json.Valid(text) {
		return l
	}
	m := membersOf(text)
	switch {
	case m["specversion"] != nil:
		l.Topic, l.Value = eventsTopic, text
	case m["topic"] != nil:
		l.Topic, _ = unquote(m["topic"])
		l.Value = m["value"]
	}
	if p, reject := unwrap(l.Input()); reject == nil {
		l.OccurredAt, l.EventID = p.order()
		l.CustomerID = p.customer()
		if p.topic == ratesTopic {
			l.Rates = p.body
		}
	}
	return l
}

// Input is the line as a record of the topic events.
func (l Line) Input() Input { return Input{Topic: eventsTopic, Value: l.Raw} }

// Compare is the order of the event clock: occurred_at, topic, event_id. Lines that can't be read come first.
func (l Line) Compare(other Line) int {
	return cmp.Or(
		cmp.Compare(readable(l), readable(other)),
		cmp.Compare(l.OccurredAt, other.OccurredAt),
		strings.Compare(l.Topic, other.Topic),
		strings.Compare(l.EventID, other.EventID),
	)
}

func readable(l Line) int { return min(len(l.Topic), 1) }

// order is what an event is sorted by, read the same way as decoding reads it.
func (p payload) order() (civil.Instant, string) {
	e, ok := newEvent(p.topic)
	if !ok {
		return 0, ""
	}
	var f findings
	if p.json {
		readJSON(sortedBy(p.body), e, &f)
	} else if err := proto.Unmarshal(p.body, e.message.Interface()); err != nil {
		return 0, ""
	}
	e.fill(p.attributes, &f)
	if at := e.plan.find("occurred_at"); at != nil && !e.message.Has(at.desc) {
		return 0, e.eventID(p.attributes)
	}
	at := e.occurredAt(p.attributes)
	if outside(at) {
		return 0, e.eventID(p.attributes)
	}
	return at, e.eventID(p.attributes)
}

// customer is whom an event is about.
func (p payload) customer() string {
	if !p.json {
		e, ok := newEvent(p.topic)
		if !ok || proto.Unmarshal(p.body, e.message.Interface()) != nil {
			return ""
		}
		if named, ok := e.message.Interface().(interface{ GetCustomerId() string }); ok {
			return named.GetCustomerId()
		}
		return ""
	}
	m := membersOf(p.body)
	id, ok := unquote(m["customer_id"])
	if !ok {
		id, _ = unquote(m["customerId"])
	}
	return id
}

// sortedBy is an object with the members alone that order looks at.
func sortedBy(object []byte) []byte {
	out := bytes.NewBufferString("{")
	c := cursor{text: object}
	for c.enter(); c.more(); {
		c.peek()
		from := c.at
		name := c.key()
		c.value()
		switch name {
		case "event_id", "eventId", "occurred_at", "occurredAt", "as_of", "asOf":
			if out.Len() > 1 {
				out.WriteByte(',')
			}
			out.Write(object[from:c.at])
		}
	}
	out.WriteByte('}')
	return out.Bytes()
}
