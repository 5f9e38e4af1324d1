package codec

import (
	"encoding/binary"
	"math"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// pen writes protobuf by hand where it is written with every record: the very bytes that proto.Marshal gives for the
// messages that the functions are named after, without making these. Fields go in the order of their numbers; what has
// no presence is left out where it is zero. Tests hold each of them against the messages.
type pen []byte

// tag is a field's number with its wire type: one byte where the number is below 16, as most are.
func (w *pen) tag(n protowire.Number, t protowire.Type) {
	if n < 1<<4 {
		*w = append(*w, byte(n)<<3|byte(t))
		return
	}
	*w = protowire.AppendTag(*w, n, t)
}

// int is an int32, int64, bool or enum.
func (w *pen) int(n protowire.Number, v int64) {
	if v != 0 {
		w.present(n, v)
	}
}

// present is an int with presence.
func (w *pen) present(n protowire.Number, v int64) {
	w.tag(n, protowire.VarintType)
	*w = binary.AppendUvarint(*w, uint64(v))
}

// zigzag is a sint32 or sint64.
func (w *pen) zigzag(n protowire.Number, v int64) {
	if v != 0 {
		w.presentZigzag(n, v)
	}
}

func (w *pen) presentZigzag(n protowire.Number, v int64) {
	w.tag(n, protowire.VarintType)
	*w = binary.AppendUvarint(*w, protowire.EncodeZigZag(v))
}

func (w *pen) bool(n protowire.Number, v bool) {
	if v {
		w.present(n, 1)
	}
}

func (w *pen) text(n protowire.Number, v string) {
	if v != "" {
		w.tag(n, protowire.BytesType)
		*w = append(binary.AppendUvarint(*w, uint64(len(v))), v...)
	}
}

// presentBytes is a text or bytes with presence.
func (w *pen) presentBytes(n protowire.Number, v []byte) {
	w.tag(n, protowire.BytesType)
	*w = append(binary.AppendUvarint(*w, uint64(len(v))), v...)
}

func (w *pen) double(n protowire.Number, v float64) {
	w.tag(n, protowire.Fixed64Type)
	*w = protowire.AppendFixed64(*w, math.Float64bits(v))
}

// begin opens a message in a field; end, with what begin gave, closes it.
func (w *pen) begin(n protowire.Number) (from int) {
	w.tag(n, protowire.BytesType)
	*w = append(*w, 0) // its length, which is one byte as a rule
	return len(*w)
}

func (w *pen) end(from int) {
	n := len(*w) - from
	if n < 1<<7 {
		(*w)[from-1] = byte(n)
		return
	}
	more := (bits.Len(uint(n))+6)/7 - 1
	*w = append(*w, make([]byte, more)...)
	copy((*w)[from+more:], (*w)[from:from+n])
	binary.PutUvarint((*w)[from-1:], uint64(n))
}

// close is end for a message that may have fields of a newer program.
func (w *pen) close(from int, m proto.Message) {
	*w = append(*w, m.ProtoReflect().GetUnknown()...)
	w.end(from)
}
