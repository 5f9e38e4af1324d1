package codec

import (
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const customerField = "customer_id"

// role is what a field means beyond its type. It follows from the name, so that a field added to the contract under
// the names that it uses is checked like the others.
type role int

const (
	asPlain role = iota
	asID
	asSource // the event's source
	asAmount
	asCurrency
	asBase
	asInstant
	asDate
	asLastingDate // may lie beyond the years of events, as in 9999-12-31
	asTerms
	asRating
	asScore
	asNumber
	asRates
	asKind    // an enum
	asText    // is kept as it is
	asTexts   // by name, likewise
	asCleared // names of a profile's fields
)

// field is a field of a message with all that reading and checking it takes.
type field struct {
	desc  protoreflect.FieldDescriptor
	name  string
	role  role
	sub   *plan // of a message or of a list of messages
	event bool  // a kind of the event: exactly one of them is set

	number   protowire.Number
	bit      uint64 // of the field in a set of its message's fields
	kind     protoreflect.Kind
	list     bool
	table    bool
	optional bool // has presence
	splits   bool // set, it makes several facts of the event
	needs    needs
}

// plan is a message, its fields in the order of the contract.
type plan struct {
	fields   []field
	byName   map[string]*field // snake_case and camelCase
	currency *field            // of the message's amounts
	either   uint64            // of these fields one at least must be set
	event    *eventPlan        // of an event
}

// eventPlan is what holds for an event as a whole.
type eventPlan struct {
	body               protowire.Number // its field in a fact
	customer, occurred *field
	kinds              uint64 // the fields that are kinds; none: the event has no kinds
	needs              needs  // of an event without kinds
}

// needs are the fields that must be set and not empty: of the event, and of its kind.
type needs struct {
	own, inKind uint64
	register    bool // it goes into a register
}

func (p *plan) find(name string) *field { return p.byName[name] }

// plans are those of the events by topic, made when the first input is read.
var plans = sync.OnceValue(func() map[string]*plan {
	all := map[string]*plan{
		ordersTopic:      newPlan((&pb.OrderEvent{}).ProtoReflect().Descriptor()),
		invoicesTopic:    newPlan((&pb.InvoiceEvent{}).ProtoReflect().Descriptor()),
		paymentsTopic:    newPlan((&pb.PaymentEvent{}).ProtoReflect().Descriptor()),
		profilesTopic:    newPlan((&pb.ProfileEvent{}).ProtoReflect().Descriptor()),
		engagementsTopic: newPlan((&pb.EngagementEvent{}).ProtoReflect().Descriptor()),
		ratesTopic:       newPlan((&pb.FxRates{}).ProtoReflect().Descriptor()),
	}
	for topic, p := range all {
		if topic != ratesTopic {
			p.event = newEventPlan(topic, p)
		}
	}
	return all
})

func newPlan(m protoreflect.MessageDescriptor) *plan {
	fields := m.Fields()
	p := &plan{fields: make([]field, fields.Len()), byName: map[string]*field{}}
	for i := range p.fields {
		p.fields[i] = newField(fields.Get(i))
		f := &p.fields[i]
		p.byName[f.name], p.byName[f.desc.JSONName()] = f, f
		if f.role == asCurrency {
			p.currency = f
		}
	}
	if m.Name() == "Allocation" {
		p.either = p.find("order_id").bit | p.find("invoice_id").bit
		p.find(customerField).splits = true
	}
	return p
}

func newEventPlan(topic string, p *plan) *eventPlan {
	e := &eventPlan{customer: p.find(customerField), occurred: p.find("occurred_at"), needs: newNeeds(topic, p, "")}
	bodies := (&pb.Fact{}).ProtoReflect().Descriptor().Fields()
	for i := range bodies.Len() {
		if b := bodies.Get(i); b.Message() == e.customer.desc.ContainingMessage() {
			e.body = b.Number()
		}
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.event {
			e.kinds |= f.bit
			f.needs, f.splits = newNeeds(topic, p, f.name), f.name == feedKind
		}
	}
	return e
}

func newNeeds(topic string, p *plan, kind string) needs {
	n := needs{own: p.find("event_id").bit | p.find("occurred_at").bit, register: isRegister(topic, kind)}
	if kind != feedKind {
		n.own |= p.find(customerField).bit
	}
	for _, path := range requiredBy(topic, kind) {
		if _, inner, deeper := strings.Cut(path, "."); deeper {
			n.inKind |= p.find(kind).sub.find(inner).bit
		} else {
			n.own |= p.find(path).bit
		}
	}
	return n
}

func newField(d protoreflect.FieldDescriptor) field {
	f := field{
		desc: d, name: string(d.Name()), role: roleOf(d), number: d.Number(), bit: 1 << d.Index(), kind: d.Kind(),
		list: d.IsList(), table: d.IsMap(), optional: d.HasPresence(),
	}
	if o := d.ContainingOneof(); o != nil && !o.IsSynthetic() {
		f.event = true
	}
	if d.Message() != nil && !d.IsMap() && f.role != asInstant {
		f.sub = newPlan(d.Message())
	}
	return f
}

func roleOf(d protoreflect.FieldDescriptor) role {
	name, owner := string(d.Name()), d.ContainingMessage().Name()
	switch d.Kind() {
	case protoreflect.MessageKind:
		return messageRole(d)
	case protoreflect.EnumKind:
		return asKind
	case protoreflect.DoubleKind:
		if owner == "Survey" && name == "score" {
			return asScore
		}
		return asNumber
	case protoreflect.Int64Kind:
		if strings.HasSuffix(name, "_minor") {
			return asAmount
		}
	case protoreflect.Int32Kind:
		if name == "terms_days" {
			return asTerms
		}
	case protoreflect.StringKind:
		return textRole(name, string(owner))
	}
	return asPlain
}

func messageRole(d protoreflect.FieldDescriptor) role {
	switch {
	case !d.IsMap() && d.Message().FullName() == "google.protobuf.Timestamp":
		return asInstant
	case d.IsMap() && d.Name() == "ratings":
		return asRating
	case d.IsMap() && d.Name() == "rates":
		return asRates
	case d.IsMap() && d.Name() == "attributes":
		return asTexts
	}
	return asPlain
}

func textRole(name, owner string) role {
	switch name {
	case "merged_into", "feed":
		return asID
	case "clear":
		return asCleared
	case "industry", "size", "region", "grade":
		return asText
	case "reason":
		if owner == "CreditBlock" {
			return asText
		}
	case "source":
		if strings.HasSuffix(owner, "Event") {
			return asSource
		}
		return asText
	case "currency":
		return asCurrency
	case "base":
		return asBase
	case "due_date", "value_date", "matures_on", "by_date", "as_of":
		return asDate
	case "valid_until", "until":
		return asLastingDate
	}
	if strings.HasSuffix(name, "_id") {
		return asID
	}
	return asPlain
}
