package codec

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What comes with every record is read by hand: the same messages as proto.Unmarshal gives, made in few pieces. Whatever
// is not of the usual form (other bodies, fields that aren't known, a message in two parts) is left to proto.Unmarshal.

// FactReader reads facts one after the other. The zero value is ready. It isn't safe for concurrent use.
type FactReader struct {
	few, days shared
	orders    pieces[placedFact]
	lines     pieces[lineRead]
	delivered pieces[fulfilledFact]
	invoices  pieces[issuedFact]
	payments  pieces[receivedFact]
}

// Read reads a fact for the reducers. What the lines of an order are of, by article and quantity, which delivery it was, and when
// an event was recorded may be left out: no figure depends on them.
func (r *FactReader) Read(b []byte) (*pb.Fact, error) {
	if f := r.usual(b); f != nil {
		return f, nil
	}
	f := &pb.Fact{}
	return f, proto.Unmarshal(b, f)
}

// Reset says that nobody uses the facts any more that have been read: the next ones are read into their memory. Texts stay.
func (r *FactReader) Reset() {
	r.orders.used, r.lines.used, r.delivered.used, r.invoices.used, r.payments.used = 0, 0, 0, 0, 0
}

// pieces are values of a kind that are used again, all of them together.
type pieces[T any] struct {
	all  []*[piecesEach]T
	used int
}

// piecesEach is how many are made at once.
const piecesEach = 16

// next is a zero value.
func (p *pieces[T]) next() *T {
	i := p.used / piecesEach
	if i == len(p.all) {
		p.all = append(p.all, new([piecesEach]T))
	}
	x := &p.all[i][p.used%piecesEach]
	p.used++
	var zero T
	*x = zero
	return x
}

// key is a field's number with its wire type, as protobuf has it before each field.
type key uint64

func varint(n protowire.Number) key { return key(protowire.EncodeTag(n, protowire.VarintType)) }
func bytesIn(n protowire.Number) key {
	return key(protowire.EncodeTag(n, protowire.BytesType))
}

// fixed64 is a double's.
func fixed64(n protowire.Number) key { return key(protowire.EncodeTag(n, protowire.Fixed64Type)) }

// fields visits the fields of a message: those of numbers and of bytes. False: one of another type, or one that visit
// doesn't take.
func fields(b []byte, visit func(k key, v uint64, data []byte) bool) bool {
	for len(b) > 0 {
		k, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		var v uint64
		var data []byte
		switch protowire.Type(k & 7) {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(b)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(b)
		default:
			return false
		}
		if n < 0 || !visit(key(k), v, data) {
			return false
		}
		b = b[n:]
	}
	return true
}

// text is a string, if it may be one.
func text(to *string, data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	*to = string(data)
	return true
}

// shared are texts of which there are few, such as systems and currencies: registers are kept long, and have each of them once
// together. Each has its place by its bytes, and the last that came there is kept.
type shared [64]string

// sharedMost is the length of the longest text that is shared.
const sharedMost = 32

func (s *shared) text(to *string, data []byte) bool {
	if len(data) > sharedMost {
		return text(to, data)
	}
	place := uint32(2166136261) // FNV-1a
	for _, c := range data {
		place = (place ^ uint32(c)) * 16777619
	}
	kept := &s[place%uint32(len(s))]
	if *kept != string(data) {
		if !text(to, data) {
			return false
		}
		*kept = *to
	}
	*to = *kept
	return true
}

// once opens a message that may come in one part only.
func once(seen *bool) bool {
	was := *seen
	*seen = true
	return !was
}

// readInstant is a Timestamp.
func readInstant(b []byte) (seconds int64, nanos int32, ok bool) {
	ok = fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			seconds = int64(v)
		case varint(2):
			nanos = int32(v)
		default:
			return false
		}
		return true
	})
	return seconds, nanos, ok
}

func (r *FactReader) usual(b []byte) (out *pb.Fact) {
	at, body, seen := int64(0), key(0), false
	var inner []byte
	ok := fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			at = int64(v)
		case bytesIn(3), bytesIn(4), bytesIn(5):
			body, inner = k, data
			return once(&seen)
		default:
			return false
		}
		return true
	})
	if !ok || !seen {
		return nil
	}
	h, ok := r.head(inner)
	if !ok {
		return nil
	}
	switch [2]key{body, h.kind} {
	case [2]key{bytesIn(3), bytesIn(8)}:
		out = r.placed(&h)
	case [2]key{bytesIn(3), bytesIn(10)}:
		out = r.fulfilled(&h)
	case [2]key{bytesIn(4), bytesIn(8)}:
		out = r.issued(&h)
	case [2]key{bytesIn(5), bytesIn(8)}:
		out = r.received(&h)
	}
	if out != nil {
		out.At = at
	}
	return out
}
