// Package deadletter reads the dead letters of a deployment and puts them back where they came in, each once. The
// logs are all it knows: what was put back bears a header that says which record of its partition it is again, and is
// looked for before anything is sent.
//
//	dead-letters ──▶ letters ──▶ those whose input has no record with their mark ──▶ back onto the input, marked
package deadletter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// ID names a dead letter by its place in dead-letters.
type ID struct {
	Partition int
	Offset    int64
}

// String is partition-offset.
func (id ID) String() string { return fmt.Sprintf("%d-%d", id.Partition, id.Offset) }

// ParseID reads what String wrote.
func ParseID(text string) (id ID, err error) {
	partition, offset, _ := strings.Cut(text, "-")
	if id.Partition, err = strconv.Atoi(partition); err == nil {
		id.Offset, err = strconv.ParseInt(offset, 10, 64)
	}
	if err != nil || id.String() != text || id.Partition < 0 || id.Offset < 0 {
		return ID{}, fmt.Errorf("%q is no dead letter: write its partition and offset like 3-41, as tierctl dlq list shows them", text)
	}
	return id, nil
}

// Place is a record of an input.
type Place struct {
	Topic     string // the contract's name, without prefix; empty: the dead letter doesn't say
	Partition int
	Offset    int64
}

// String is topic/partition@offset.
func (p Place) String() string { return fmt.Sprintf("%s/%d@%d", p.Topic, p.Partition, p.Offset) }

// Letter is a dead letter.
type Letter struct {
	ID
	Time     time.Time // when it was rejected
	Reason   codec.Code
	Detail   string
	Currency string // of NO_RATE: the one that has none
	Service  string // that rejected it
	Origin   Place  // where it came in
	Former   string // the ID of the dead letter that it had been put back from; empty: none
	Cut      bool   // only its start is kept
	Size     int    // bytes that are kept
	Key      []byte
	Value    []byte         // what is kept of the original; nil in lists
	Headers  []codec.Header // all of them; nil in lists
	Again    int64          // offset at which its origin's partition has it again; None: nowhere
	Unsure   bool           // its input has lost records behind it, so whether it was put back can't be known
}

// None is the offset of what is nowhere.
const None = -1

// read makes a letter of a record of dead-letters.
func read(m kafkalog.Message) Letter {
	l := Letter{ID: ID{m.Partition, m.Offset}, Time: m.Time, Size: len(m.Value), Key: m.Key, Value: m.Value, Again: None, Origin: Place{Offset: None}}
	for _, h := range m.Headers {
		l.Headers = append(l.Headers, codec.Header{Key: h.Key, Value: h.Value})
		text := string(h.Value)
		switch h.Key {
		case codec.HeaderReason:
			l.Reason = codec.Code(text)
		case codec.HeaderDetail:
			l.Detail = text
		case codec.HeaderCurrency:
			l.Currency = text
		case codec.HeaderService:
			l.Service = text
		case codec.HeaderTopic:
			l.Origin.Topic = text
		case codec.HeaderPartition:
			l.Origin.Partition, _ = strconv.Atoi(text) // what isn't ours shows by its topic or offset
		case codec.HeaderOffset:
			l.Origin.Offset = number(h.Value)
		case codec.HeaderRetry:
			l.Former = text
		case codec.HeaderSHA256:
			l.Cut = true
		}
	}
	return l
}

func number(text []byte) int64 {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 0 {
		return None
	}
	return n
}

// head is a letter without what makes it large.
func (l Letter) head() Letter {
	l.Value, l.Headers = nil, nil
	return l
}

// again is the record that puts the letter back: the bytes, the key and the headers that it came with, and the mark.
func (l Letter) again() kafkalog.Message {
	m := kafkalog.Message{Key: l.Key, Value: l.Value}
	for _, h := range codec.FirstHeaders(l.Headers) {
		m.Headers = append(m.Headers, kafkalog.Header{Key: h.Key, Value: h.Value})
	}
	m.Headers = append(m.Headers,
		kafkalog.Header{Key: codec.HeaderRetry, Value: []byte(l.String())},
		kafkalog.Header{Key: codec.HeaderRetryOffset, Value: strconv.AppendInt(nil, l.Origin.Offset, 10)})
	return m
}

// mark is the offset that a record of an input says it is again.
func mark(m kafkalog.Message) int64 {
	for _, h := range m.Headers {
		if h.Key == codec.HeaderRetryOffset {
			return number(h.Value)
		}
	}
	return None
}

// Refusal says why a letter can't be put back; empty: it can.
func (l Letter) Refusal() string {
	switch {
	case l.Cut:
		return "only its start is kept: send the original again from where it came from, smaller"
	case !slices.Contains(topics.Inputs(), l.Origin.Topic) || l.Origin.Offset == None:
		return "it doesn't say which input it came from"
	}
	return ""
}
