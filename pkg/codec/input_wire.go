package codec

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wireFault says why bytes are no protobuf event. A text that is not UTF-8 is the only fault that leaves the rest
// readable, so that a missing customer can still come first.
func wireFault(body []byte, e event, f *findings) *Reject {
	w := wire{findings: f, path: make(trail, 0, 8)}
	if !w.message(body, e.plan) || f.first == nil {
		return &Reject{Code: Malformed, Detail: "message: not a protobuf " + string(e.message.Descriptor().Name())}
	}
	customer := e.plan.find(customerField)
	if customer != nil && !w.customer && !w.complete {
		return &Reject{Code: MissingCustomer, Detail: customerField + ": missing"}
	}
	return f.first
}

// wire walks over protobuf without reading it into a message.
type wire struct {
	*findings
	path     trail
	customer bool // named
	complete bool // it is a complete_through
}

// message is false where the bytes are cut off or otherwise no fields.
func (w *wire) message(b []byte, p *plan) bool {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		size := protowire.ConsumeFieldValue(number, kind, b[n:])
		if size < 0 {
			return false
		}
		if kind == protowire.BytesType && !w.bytes(b[n:n+size], number, p) {
			return false
		}
		b = b[n+size:]
	}
	return true
}

func (w *wire) bytes(b []byte, number protowire.Number, p *plan) bool {
	content, _ := protowire.ConsumeBytes(b)
	for i := range p.fields {
		f := &p.fields[i]
		if f.desc.Number() != number {
			continue
		}
		w.path.push(f.name)
		defer w.path.pop()
		w.customer = w.customer || len(w.path) == 1 && f.name == customerField && len(content) > 0
		w.complete = w.complete || f.name == feedKind
		if f.sub != nil {
			return w.message(content, f.sub)
		}
		switch {
		case f.desc.IsMap():
			return w.entry(content)
		case f.desc.Kind() == protoreflect.StringKind:
			w.text(f, content)
		}
	}
	return true
}

func (w *wire) text(f *field, content []byte) {
	switch {
	case utf8.Valid(content):
	case f.role == asID || f.role == asSource:
		w.add(BadID, w.path.String(), "not valid UTF-8")
	default:
		w.add(Malformed, w.path.String(), "not valid UTF-8")
	}
}

// entry checks the texts of a map's entry.
func (w *wire) entry(b []byte) bool {
	for len(b) > 0 {
		_, kind, n := protowire.ConsumeField(b)
		if n < 0 {
			return false
		}
		if kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(b)
			if content, _ := protowire.ConsumeBytes(b[tag:]); !utf8.Valid(content) {
				w.add(Malformed, w.path.String(), "not valid UTF-8")
			}
		}
		b = b[n:]
	}
	return true
}
