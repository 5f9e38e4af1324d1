package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

const eventsTopic = "events"

const (
	// maxWrapping is how much longer than its value a line of the topic events may be.
	maxWrapping = 1 << 10
	// maxLayers is how often an envelope may be inside another: a line, of the topic events, of a CloudEvent.
	maxLayers = 3
)

// payload is an event taken out of what it came in.
type payload struct {
	topic string // the contract's; events where nothing tells the kind
	json  bool   // else protobuf
	body  []byte
	attributes
}

// unwrap tells the shapes of input apart and takes the event out. A JSON body is valid JSON and an object.
func unwrap(in Input) (payload, *Reject) {
	p := payload{topic: in.Topic, body: in.Value, attributes: headerAttributes(in.Headers)}
	text, isJSON := p.sniff()
	if len(text) == 0 || string(text) == "null" {
		return p, &Reject{Code: Empty, Detail: "message: no content"}
	}
	limit := MaxMessage
	if isJSON && p.topic == eventsTopic {
		limit += maxWrapping
	}
	if len(in.Value) > limit {
		return p, tooLarge(len(in.Value))
	}
	switch {
	case isJSON:
		return p.asJSON(text)
	case text[0] == 0:
		return p.unframe(text)
	}
	return p.asProtobuf()
}

func tooLarge(size int) *Reject {
	return &Reject{Code: TooLarge, Detail: fmt.Sprintf("message: %d bytes, at most %d", size, MaxMessage)}
}

// sniff says whether the body is JSON: by its first byte, else by what the sender says, else by whether it is text. A
// line feed is also the first byte of most protobuf events, but the tag of occurred_at, or of the base of exchange
// rates, is a control character that no text has.
func (p *payload) sniff() (text []byte, isJSON bool) {
	text = bytes.Trim(bytes.TrimPrefix(p.body, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) == 0:
		return nil, false
	case p.body[0] == '{':
		return text, true
	case p.body[0] == 0 || p.says(protobufContent):
		return p.body, false
	case p.says(jsonContent):
		return text, true
	case (text[0] == '{' || p.time == "") && !bytes.ContainsFunc(text, isControl):
		return text, true
	}
	return p.body, false
}

func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }

func (p *payload) asProtobuf() (payload, *Reject) {
	if p.topic == eventsTopic {
		p.topic = p.kindTopic()
	}
	return *p, nil
}

func (p *payload) asJSON(text []byte) (payload, *Reject) {
	if !json.Valid(text) {
		return *p, notJSON(text)
	}
	p.json, p.body = true, text
	for layers := 0; ; layers++ {
		more, reject := p.openLayer()
		if reject != nil || !p.json {
			return *p, reject
		}
		if !more {
			break
		}
		if layers == maxLayers {
			return *p, &Reject{Code: Malformed, Detail: "message: envelopes inside envelopes"}
		}
	}
	if p.body[0] != '{' {
		return *p, &Reject{Code: Malformed, Detail: "message: an object is needed, got " + jsonType(p.body[0])}
	}
	if len(p.body) > MaxMessage {
		return *p, tooLarge(len(p.body))
	}
	if p.topic == eventsTopic {
		p.topic = p.kindTopic()
	}
	return *p, nil
}

func notJSON(text []byte) *Reject {
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &Reject{Code: Malformed, Detail: fmt.Sprintf("message: not JSON at byte %d of %d", syntax.Offset, len(text))}
	}
	return &Reject{Code: Malformed, Detail: "message: not JSON"}
}

// openLayer takes away one envelope: a structured CloudEvent, or on the topic events a line. The words are looked for
// first, since most messages have no envelope.
func (p *payload) openLayer() (more bool, _ *Reject) {
	if p.body[0] != '{' {
		return false, nil
	}
	if !p.binary && bytes.Contains(p.body, []byte(`"specversion"`)) {
		if m := membersOf(p.body); m["specversion"] != nil {
			p.binary = true // one such envelope only
			return true, p.openCloudEvent(m)
		}
	}
	if p.topic == eventsTopic && bytes.Contains(p.body, []byte(`"topic"`)) {
		m := membersOf(p.body)
		if m["topic"] != nil && (m["value"] != nil || p.kindTopic() == eventsTopic) {
			return true, p.openLine(m)
		}
	}
	return false, nil
}

func (p *payload) openLine(m members) *Reject {
	topic, ok := unquote(m["topic"])
	if !ok {
		return &Reject{Code: Malformed, Detail: "topic: a text is needed, got " + jsonType(m["topic"][0])}
	}
	p.topic = topic
	return p.open(m["value"])
}

// open goes on with the member of an envelope that has the event.
func (p *payload) open(inner []byte) *Reject {
	if len(inner) == 0 || inner[0] == 'n' {
		return &Reject{Code: Empty, Detail: "message: no content"}
	}
	p.body = inner
	return nil
}

// openBase64 goes on with the bytes that a structured CloudEvent has in data_base64.
func (p *payload) openBase64(raw []byte) *Reject {
	text, ok := unquote(raw)
	if !ok {
		return &Reject{Code: Malformed, Detail: "data_base64: a text is needed, got " + jsonType(raw[0])}
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return &Reject{Code: Malformed, Detail: "data_base64: not base64"}
	}
	inner, reject := unwrap(Input{Topic: p.topic, Value: body, Headers: p.headers()})
	inner.attributes = p.attributes
	*p = inner
	return reject
}

// withoutKind is why an event of no known kind is rejected: for its customer, if it is JSON and has none.
func (p *payload) withoutKind() *Reject {
	if p.json {
		m := membersOf(p.body)
		if isBlank(m["customer_id"]) && isBlank(m["customerId"]) {
			return &Reject{Code: MissingCustomer, Detail: customerField + ": missing"}
		}
	}
	if p.topic == eventsTopic {
		return &Reject{Code: UnknownKind, Detail: "message: on events its kind must be told by ce_type or by topic beside value"}
	}
	return &Reject{Code: UnknownKind, Detail: "topic: " + short(p.topic) + " is not known"}
}

// isBlank says whether a member is absent, null or an empty text.
func isBlank(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' || string(raw) == `""` }
