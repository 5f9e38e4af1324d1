package codec

import (
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// reader reads JSON into messages by protobuf's own mapping. It agrees with protojson on what it takes (a fuzz target
// holds it to that), but goes on after a mistake, so that the one that is reported doesn't depend on the order of the
// members, and counts unknown fields.
type reader struct {
	cursor
	*findings
	path    trail
	unknown int
}

// readJSON reads an object that is valid JSON into an event and returns the number of unknown fields.
func readJSON(object []byte, e event, f *findings) int {
	r := reader{cursor: cursor{text: object}, findings: f, path: make(trail, 0, 8)}
	r.message(e.message, e.plan)
	return r.unknown
}

func (r *reader) message(m protoreflect.Message, p *plan) {
	var seen uint64 // by field, each at most once
	kind := ""
	for r.enter(); r.more(); {
		f := p.find(r.key())
		if f == nil {
			r.skipUnknown()
			continue
		}
		r.path.push(f.name)
		switch {
		case seen&f.bit != 0:
			r.refuse(Malformed, "given twice")
		case r.peek() == 'n':
			r.value()
		case f.event && kind != "":
			r.refuse(Malformed, "given beside "+kind+", but an event has one kind")
		default:
			if f.event {
				kind = f.name
			}
			r.field(m, f)
		}
		seen |= f.bit
		r.path.pop()
	}
}

// refuse steps over a value that can't be taken.
func (r *reader) refuse(code Code, wrong string) {
	r.value()
	r.drop(code, r.path.String(), wrong)
}

func (r *reader) wrongType(wanted string) {
	r.refuse(Malformed, wanted+" is needed, got "+jsonType(r.peek()))
}

func (r *reader) skipUnknown() {
	r.unknown++
	if !utf8.Valid(r.value()) {
		r.add(Malformed, r.path.to("(unknown field)"), "not valid UTF-8")
	}
}

func (r *reader) field(m protoreflect.Message, f *field) {
	switch {
	case f.desc.IsMap():
		r.table(m, f)
	case f.desc.IsList():
		r.list(m, f)
	case f.sub != nil:
		if r.peek() != '{' {
			r.wrongType("an object")
			return
		}
		r.message(m.Mutable(f.desc).Message(), f.sub)
	default:
		if v := r.scalar(f.desc, f.role); v.IsValid() {
			m.Set(f.desc, v)
		}
	}
}

func (r *reader) list(m protoreflect.Message, f *field) {
	if r.peek() != '[' {
		r.wrongType("a list")
		return
	}
	list := m.Mutable(f.desc).List()
	r.enter()
	for i := 0; r.more(); i++ {
		r.path.pushIndex(i)
		switch {
		case f.sub == nil:
			if v := r.scalar(f.desc, f.role); v.IsValid() {
				list.Append(v)
			}
		case r.peek() == '{':
			r.message(list.AppendMutable().Message(), f.sub)
		default:
			r.wrongType("an object")
		}
		r.path.pop()
	}
}

// table reads a map from texts to scalars.
func (r *reader) table(m protoreflect.Message, f *field) {
	if r.peek() != '{' {
		r.wrongType("an object")
		return
	}
	table := m.Mutable(f.desc).Map()
	for r.enter(); r.more(); {
		raw := r.value()
		r.peek()
		r.at++ // the colon
		name, ok := unquote(raw)
		r.path.push("[" + short(name) + "]")
		key := protoreflect.ValueOfString(name).MapKey()
		switch {
		case !ok:
			r.refuse(Malformed, "the name is not valid UTF-8")
		case table.Has(key):
			r.refuse(Malformed, "given twice")
		default:
			if v := r.scalar(f.desc.MapValue(), f.role); v.IsValid() {
				table.Set(key, v)
			}
		}
		r.path.pop()
	}
}

// scalar reads one value; the result is not valid where that failed.
func (r *reader) scalar(d protoreflect.FieldDescriptor, as role) protoreflect.Value {
	switch d.Kind() {
	case protoreflect.StringKind:
		return r.text(as)
	case protoreflect.BoolKind:
		if b := r.peek(); b != 't' && b != 'f' {
			break
		}
		return protoreflect.ValueOfBool(r.value()[0] == 't')
	case protoreflect.Int64Kind:
		return r.integer(as, math.MinInt64, math.MaxInt64, protoreflect.ValueOfInt64)
	case protoreflect.Int32Kind:
		return r.integer(as, math.MinInt32, math.MaxInt32, func(v int64) protoreflect.Value {
			return protoreflect.ValueOfInt32(int32(v))
		})
	case protoreflect.DoubleKind:
		return r.double()
	case protoreflect.EnumKind:
		return r.enum(d.Enum())
	case protoreflect.MessageKind:
		return r.instant()
	}
	r.wrongType("true or false")
	return protoreflect.Value{}
}

func (r *reader) text(as role) protoreflect.Value {
	if r.peek() != '"' {
		r.wrongType("a text")
		return protoreflect.Value{}
	}
	text, ok := unquote(r.value())
	if !ok {
		code := Malformed
		if as == asID || as == asSource {
			code = BadID
		}
		r.drop(code, r.path.String(), "not valid UTF-8")
		return protoreflect.Value{}
	}
	return protoreflect.ValueOfString(text)
}

// digits is the text of a number, which may be in quotes.
func (r *reader) digits() ([]byte, bool) {
	switch b := r.peek(); {
	case b == '"':
		text, _ := unquote(r.value())
		return []byte(text), true
	case b == '-' || isDigit(b):
		return r.value(), true
	}
	r.wrongType("a number")
	return nil, false
}

func (r *reader) integer(as role, low, high int64, to func(int64) protoreflect.Value) protoreflect.Value {
	text, ok := r.digits()
	if !ok {
		return protoreflect.Value{}
	}
	v, fault := parseInteger(text)
	if fault == noFault && (v < low || v > high) {
		fault = tooBig
	}
	if fault != noFault {
		code := Malformed
		if as == asAmount && fault != noNumber {
			code = BadAmount
		}
		r.drop(code, r.path.String(), short(string(text))+" is "+string(fault))
		return protoreflect.Value{}
	}
	return to(v)
}

func (r *reader) double() protoreflect.Value {
	text, ok := r.digits()
	if !ok {
		return protoreflect.Value{}
	}
	v, fault := parseDouble(text)
	if fault != noFault {
		r.drop(Malformed, r.path.String(), short(string(text))+" is "+string(fault))
		return protoreflect.Value{}
	}
	return protoreflect.ValueOfFloat64(v)
}

func (r *reader) enum(d protoreflect.EnumDescriptor) protoreflect.Value {
	if r.peek() != '"' {
		return r.integer(asKind, math.MinInt32, math.MaxInt32, func(v int64) protoreflect.Value {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(v))
		})
	}
	name, _ := unquote(r.value())
	v := d.Values().ByName(protoreflect.Name(name))
	if v == nil {
		r.drop(UnknownKind, r.path.String(), short(name)+" is not known")
		return protoreflect.Value{}
	}
	return protoreflect.ValueOfEnum(v.Number())
}

func (r *reader) instant() protoreflect.Value {
	if r.peek() != '"' {
		r.wrongType("a text")
		return protoreflect.Value{}
	}
	text, _ := unquote(r.value())
	t, wrong := parseInstant(text)
	if wrong != "" {
		r.drop(BadTime, r.path.String(), wrong)
		return protoreflect.Value{}
	}
	return protoreflect.ValueOfMessage(timestamppb.New(t).ProtoReflect())
}
