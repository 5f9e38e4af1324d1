package codec

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"
)

// unframe takes a Confluent frame away: 0x00, four bytes of schema id, and before protobuf the path of the message in
// its schema file: a count and that many indexes, as zigzag varints, where a count of 0 stands for the path [0]. The
// JSON that schema registries frame has no path; its first byte would be a negative count.
func (p *payload) unframe(frame []byte) (payload, *Reject) {
	const head = 5
	if len(frame) < head {
		return *p, &Reject{Code: Malformed, Detail: "message: a Confluent frame has 5 bytes before its indexes"}
	}
	rest := frame[head:]
	if text := bytes.TrimLeft(rest, " \t\r\n"); len(text) > 0 && text[0] == '{' && (rest[0] == '{' || p.says(jsonContent)) {
		return p.asJSON(text)
	}
	count, n := protowire.ConsumeVarint(rest)
	indexes := protowire.DecodeZigZag(count)
	if n < 0 || indexes < 0 || indexes > int64(len(rest)) {
		return *p, &Reject{Code: Malformed, Detail: "message: the indexes of a Confluent frame can't be read"}
	}
	rest = rest[n:]
	for range indexes {
		_, n := protowire.ConsumeVarint(rest)
		if n < 0 {
			return *p, &Reject{Code: Malformed, Detail: "message: the indexes of a Confluent frame can't be read"}
		}
		rest = rest[n:]
	}
	if len(rest) == 0 {
		return *p, &Reject{Code: Empty, Detail: "message: no content in its Confluent frame"}
	}
	p.body = rest
	return p.asProtobuf()
}
