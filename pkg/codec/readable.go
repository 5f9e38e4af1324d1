package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Readable is an input as a person reads it, and what it was taken for: JSON, protobuf (shown as JSON), text, or
// bytes, as a hex dump. The text is safe on a terminal: it has no control characters but line ends and tabs.
func Readable(in Input) (kind, text string) {
	var indented bytes.Buffer
	if json.Indent(&indented, bytes.TrimSpace(in.Value), "", "  ") == nil && harmless(indented.Bytes()) {
		return "JSON", indented.String()
	}
	if name, shown := decoded(in); shown != "" {
		return "protobuf " + name, shown
	}
	if len(in.Value) > 0 && harmless(in.Value) {
		return "text", string(in.Value)
	}
	return "bytes", hex.Dump(in.Value)
}

// decoded is a protobuf event as JSON; empty: it isn't one.
func decoded(in Input) (name, text string) {
	p, reject := unwrap(in)
	if reject != nil || p.json {
		return "", ""
	}
	e, ok := newEvent(p.topic)
	if !ok || proto.Unmarshal(p.body, e.message.Interface()) != nil {
		return "", ""
	}
	shown, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(e.message.Interface())
	var indented bytes.Buffer // protojson spaces its output at random
	if err != nil || json.Indent(&indented, shown, "", "  ") != nil || !harmless(indented.Bytes()) {
		return "", ""
	}
	return string(e.message.Descriptor().Name()), indented.String()
}

// harmless says whether a terminal shows the text as it is.
func harmless(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	return !bytes.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' })
}
