package codec_test

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// A field that a blob gets later is written by hand too: every field there is, is set here.
func TestAppendTierKnowsEveryField(t *testing.T) {
	p := &pb.TierCustomer{}
	fillAll(p.ProtoReflect())
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	if got := rewritten(t, want); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("wrote %x, want %x, which is %v: %v", got, want, p, err)
	}
}

// fillAll sets every field of a message, and of those in it; lists get two entries.
func fillAll(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsList():
			list := m.Mutable(f).List()
			for range 2 {
				list.Append(filled(f, list.NewElement()))
			}
		case f.Kind() == protoreflect.MessageKind:
			fillAll(m.Mutable(f).Message())
		default:
			m.Set(f, filled(f, protoreflect.Value{}))
		}
	}
}

func filled(f protoreflect.FieldDescriptor, element protoreflect.Value) protoreflect.Value {
	n := int64(f.Number()) + 1
	switch f.Kind() {
	case protoreflect.MessageKind:
		fillAll(element.Message())
		return element
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("text")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte("bytes"))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	}
	return protoreflect.ValueOfInt64(n)
}

// eachUnset visits the fields that a message, or one in it, lacks.
func eachUnset(m protoreflect.Message, visit func(name string)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		switch f := fields.Get(i); {
		case !m.Has(f):
			visit(string(f.FullName()))
		case f.IsList() && f.Kind() == protoreflect.MessageKind:
			for j := range m.Get(f).List().Len() {
				eachUnset(m.Get(f).List().Get(j).Message(), visit)
			}
		case f.Kind() == protoreflect.MessageKind:
			eachUnset(m.Get(f).Message(), visit)
		}
	}
}
