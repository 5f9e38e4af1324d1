package codec

import (
	"math/bits"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// AppendUsual appends to b the fact that an input becomes, taken in at the instant at: the very bytes that marshalling
// the fact of Decode gives. It takes the usual input alone: a plain JSON event with nothing wrong in it, on its own topic
// or as a line on events. False: Decode is to judge the input, and b is as it was. The customer lies in the input's value;
// it is empty where the event names nobody.
//
// The event is read once and written as it is read, by the plans that Decode goes by.
func (d Decoder) AppendUsual(b []byte, in Input, at, now civil.Instant) (fact, customer []byte, ok bool) {
	if len(in.Value) == 0 || in.Value[0] != '{' || len(in.Value) > MaxMessage || haveAttributes(in.Headers) {
		return b, nil, false
	}
	u := usual{cursor: cursor{text: in.Value}, out: b, currency: d.Currency}
	u.out.int(1, int64(at))
	if in.Topic == eventsTopic {
		ok = u.line(now)
	} else {
		ok = u.event(plans()[in.Topic], now)
	}
	if !ok || u.peek() != 0 || u.at < len(u.text) {
		return b, nil, false
	}
	return u.out, u.customer, true
}

// haveAttributes says whether headers may say something about the event.
func haveAttributes(hs []Header) bool {
	for _, h := range hs {
		if strings.HasPrefix(h.Key, "ce_") || strings.EqualFold(h.Key, "content-type") {
			return true
		}
	}
	return false
}

// usual reads JSON of which nothing is known, writes it as protobuf, and gives up at whatever is not as usual.
type usual struct {
	cursor
	out      pen
	currency string

	value   []byte        // the text read last
	instant civil.Instant // the one read last
	set     uint64        // the fields that the object read last has

	customer []byte
	occurred civil.Instant
	inKind   uint64 // the fields that are set in the event's kind
}

// line reads {"topic":"orders","value":{...}}.
func (u *usual) line(now civil.Instant) bool {
	if !u.take('{') || !u.name() || string(u.value) != "topic" || !u.quoted() {
		return false
	}
	p := plans()[string(u.value)]
	return u.take(',') && u.name() && string(u.value) == "value" && u.event(p, now) && u.take('}')
}

// event reads an event into the fact, and checks what an event must have.
func (u *usual) event(p *plan, now civil.Instant) bool {
	if p == nil || p.event == nil {
		return false
	}
	from := u.out.begin(p.event.body)
	if _, ok := u.object(p); !ok {
		return false
	}
	u.out.end(from)
	n := &p.event.needs
	if kinds := p.event.kinds; kinds != 0 {
		if bits.OnesCount64(u.set&kinds) != 1 {
			return false
		}
		kind := &p.fields[bits.TrailingZeros64(u.set&kinds)]
		if kind.splits {
			return false
		}
		n = &kind.needs
	}
	if u.set&n.own != n.own || u.inKind&n.inKind != n.inKind {
		return false
	}
	return now <= 0 || u.occurred <= now+maxAhead && (n.register || u.occurred >= now-maxAge)
}

// object reads the fields of a message, and says whether one of them is an amount.
func (u *usual) object(p *plan) (amounts, ok bool) {
	var seen, set uint64
	var parts parts
	from, sorted := len(u.out), true
	if !u.take('{') {
		return false, false
	}
	for !u.take('}') {
		if seen != 0 && !u.take(',') || !u.name() {
			return false, false
		}
		f := p.byName[string(u.value)]
		if f == nil || seen&f.bit != 0 {
			return false, false
		}
		sorted = sorted && seen < f.bit
		seen |= f.bit
		if u.peek() == 'n' {
			if !u.word("null") {
				return false, false
			}
			continue
		}
		at := len(u.out)
		amount, ok := u.field(f)
		if !ok {
			return false, false
		}
		amounts = amounts || amount
		if len(u.out) > at {
			set |= f.bit
			parts[bits.TrailingZeros64(f.bit)] = span{at, len(u.out)}
		}
		if p.event != nil {
			u.note(p.event, f)
		}
	}
	if !sorted {
		u.out.arrange(from, &parts)
	}
	u.set = set
	cur := p.currency
	unpriced := amounts && cur != nil && !cur.optional && set&cur.bit == 0
	return amounts, !unpriced && (p.either == 0 || set&p.either != 0)
}

// note keeps what is asked about the event as a whole.
func (u *usual) note(e *eventPlan, f *field) {
	switch {
	case f == e.customer:
		u.customer = u.value
	case f == e.occurred:
		u.occurred = u.instant
	case f.event:
		u.inKind = u.set
	}
}

// maxFields is more than a message of an event has.
const maxFields = 24

// parts are where the fields of a message were written.
type parts [maxFields]span

type span struct{ from, to int }

// arrange puts what was written after from into the order of the fields.
func (w *pen) arrange(from int, all *parts) {
	end := len(*w)
	for _, part := range all {
		*w = append(*w, (*w)[part.from:part.to]...)
	}
	*w = (*w)[:from+copy((*w)[from:end], (*w)[end:])]
}
