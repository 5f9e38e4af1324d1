// Package codec is between the contract and the domain: the one place that knows both. It tells the shapes of input
// apart and reads them into facts or says why not, and it writes figures, changes and state as messages and lines.
package codec

import (
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/fx"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// MaxMessage is the size in bytes above which a message is rejected as TOO_LARGE.
const MaxMessage = 512 << 10

// Header is a record header.
type Header struct {
	Key   string
	Value []byte
}

// Input is a record of an input topic, as it came.
type Input struct {
	Topic   string // the contract's name, without prefix
	Headers []Header
	Value   []byte
}

// Accepted is an input that can be used.
type Accepted struct {
	Fact          *pb.Fact      // the event as its body, before Shares, what its CloudEvents attributes stand for filled in; At is 0
	Topic         string        // the contract's topic of this kind of event, also where it came in through events
	CustomerID    string        // empty for exchange rates, and for complete_through where it names nobody
	EventID       string        // for exchange rates ce_id, mostly empty
	OccurredAt    civil.Instant // for exchange rates ce_time, else the start of as_of in UTC
	UnknownFields int           // fields that this release doesn't know
}

// Decoder tells usable inputs from others. It keeps nothing: the same input gives the same answer.
type Decoder struct {
	Currency string   // ISO 4217 code of the policy; empty: any currency is taken
	Rates    *fx.Desk // what amounts of other currencies count by; nil: there are no rates
}

// Decode reads an input, or says why it can't be used: exactly one of the two is set. Now is the clock for FUTURE and
// TOO_OLD, which only the wall clock knows: with 0 an event may be of any time.
//
// Where several things are wrong the customer comes first, then the order of the codes in this package.
func (d Decoder) Decode(in Input, now civil.Instant) (Accepted, *Reject) {
	p, reject := unwrap(in)
	if reject != nil {
		return Accepted{}, reject
	}
	e, ok := newEvent(p.topic)
	if !ok {
		return Accepted{}, p.withoutKind()
	}
	var f findings
	var unknown int
	if p.json {
		unknown = readJSON(p.body, e, &f)
	} else if reject := readProtobuf(p.body, e, &f); reject != nil {
		return Accepted{}, reject
	}
	e.fill(p.attributes, &f)
	c := checker{findings: &f, currency: d.Currency}
	c.event(e)
	if f.first == nil && c.foreign != "" {
		c.rate(e, d.Rates, e.occurredAt(p.attributes))
	}
	if f.first == nil && now > 0 {
		c.age(e, e.occurredAt(p.attributes), now)
	}
	if f.first != nil {
		return Accepted{}, f.first
	}
	return Accepted{
		Fact: e.fact, Topic: e.topic, CustomerID: e.text(customerField), EventID: e.eventID(p.attributes),
		OccurredAt: e.occurredAt(p.attributes), UnknownFields: unknown + c.unknown,
	}, nil
}

func readProtobuf(body []byte, e event, f *findings) *Reject {
	if err := proto.Unmarshal(body, e.message.Interface()); err != nil {
		return wireFault(body, e, f)
	}
	return nil
}
