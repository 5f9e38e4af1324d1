package codec

import (
	"slices"
	"strings"
)

// attributes are what a CloudEvent says about its event: as record headers (binary mode) or as members of a JSON
// envelope (structured mode).
type attributes struct {
	id, source, kind, time string
	content                string // media type of the data
	binary                 bool   // the body is the data, not an envelope
}

type contentForm int

const (
	jsonContent contentForm = iota
	protobufContent
)

// headerAttributes reads the headers of the Kafka binding. The event attributes count without ce_specversion too.
func headerAttributes(hs []Header) attributes {
	var a attributes
	for _, h := range hs {
		switch h.Key {
		case "ce_specversion":
			a.binary = true
		case "ce_id":
			a.id = string(h.Value)
		case "ce_source":
			a.source = string(h.Value)
		case "ce_type":
			a.kind = string(h.Value)
		case "ce_time":
			a.time = string(h.Value)
		default:
			if strings.EqualFold(h.Key, "content-type") {
				a.content = mediaType(string(h.Value))
			}
		}
	}
	if strings.HasPrefix(a.content, "application/cloudevents") {
		a.binary = false
	}
	return a
}

// headers are the attributes in binary mode.
func (a attributes) headers() []Header {
	return []Header{
		{"ce_specversion", []byte("1.0")}, {"ce_id", []byte(a.id)}, {"ce_source", []byte(a.source)},
		{"ce_type", []byte(a.kind)}, {"ce_time", []byte(a.time)}, {"content-type", []byte(a.content)},
	}
}

func mediaType(text string) string {
	kind, _, _ := strings.Cut(text, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// says whether the sender names this form of content.
func (a attributes) says(form contentForm) bool {
	if form == protobufContent {
		return strings.Contains(a.content, "protobuf")
	}
	return a.content == "application/json" || strings.HasSuffix(a.content, "+json")
}

// openCloudEvent goes on with the data of a structured envelope.
func (p *payload) openCloudEvent(m members) *Reject {
	for name, to := range p.members() {
		raw := m[name]
		if len(raw) == 0 || raw[0] == 'n' {
			continue
		}
		text, ok := unquote(raw)
		if !ok {
			return &Reject{Code: Malformed, Detail: name + ": a text is needed, got " + jsonType(raw[0])}
		}
		*to = text
	}
	p.content = mediaType(p.content)
	if len(m["data_base64"]) > 0 && m["data_base64"][0] != 'n' {
		return p.openBase64(m["data_base64"])
	}
	return p.open(m["data"])
}

// members yields the attributes by their names in a structured envelope, always in the same order.
func (a *attributes) members() func(yield func(string, *string) bool) {
	return func(yield func(string, *string) bool) {
		_ = yield("id", &a.id) && yield("source", &a.source) && yield("type", &a.kind) && yield("time", &a.time) &&
			yield("datacontenttype", &a.content)
	}
}

// kindTopic is the topic that a ce_type stands for, read by its last part between dots that is a topic's or a
// message's name, in any case: orders, tierstream.v1.OrderEvent, io.tierstream.OrderEvent.v1, com.shop.order.placed.
// It is events where there is none.
func (a attributes) kindTopic() string {
	for _, part := range slices.Backward(strings.Split(a.kind, ".")) {
		switch strings.ToLower(part) {
		case "orders", "order", "orderevent":
			return ordersTopic
		case "invoices", "invoice", "invoiceevent":
			return invoicesTopic
		case "payments", "payment", "paymentevent":
			return paymentsTopic
		case "profiles", "profile", "profileevent":
			return profilesTopic
		case "engagements", "engagement", "engagementevent":
			return engagementsTopic
		case "fx-rates", "fxrates":
			return ratesTopic
		}
	}
	return eventsTopic
}
