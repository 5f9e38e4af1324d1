package codec

import (
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Score is a record of scores as the second stage reads it. Nearly every record is a level: that is taken apart where it lies, and
// its figures stay as they came.
type Score struct {
	Number, Fact, At int64
	Other            *pb.Score // whatever isn't a level; nil: it is one, and the rest is that

	CustomerID             []byte // a part of the record, as are Trigger and Figures
	Version, Rule, NextDue int64
	Segment                int64
	Trigger                Trigger
	Figures                Figures
}

// Trigger is what a level or a change came of.
type Trigger struct {
	Kind           pb.Trigger_Kind
	EventID, Topic []byte
	none           bool
	read           *pb.Trigger // of an unusual form
}

// ReadScore reads a record of scores. The record must not be changed as long as the score is used.
func ReadScore(b []byte) (s Score, err error) {
	if s.level(b) {
		return s, nil
	}
	p := &pb.Score{}
	if err := proto.Unmarshal(b, p); err != nil {
		return Score{}, err
	}
	s = Score{Number: p.Number, Fact: p.Fact, At: p.At, Other: p}
	if l := p.GetLevel(); l != nil { // of an unusual form
		s.Other, s.CustomerID, s.Version, s.Rule, s.NextDue, s.Segment = nil, []byte(l.CustomerId), l.Version, l.Rule, l.NextDue, l.Segment
		s.Trigger = Trigger{Kind: l.Trigger.GetKind(), none: l.Trigger == nil, read: l.Trigger}
		s.Figures, err = figuresOf(l.Value, l.Credit, l.Overdue, l.Signs)
	}
	return s, err
}

// level reads a score with a level of the usual form.
func (s *Score) level(b []byte) bool {
	var level []byte
	seen := false
	ok := fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			s.Number = int64(v)
		case varint(2):
			s.Fact = int64(v)
		case varint(3):
			s.At = int64(v)
		case bytesIn(4):
			level = data
			return once(&seen)
		default:
			return false
		}
		return true
	})
	return ok && seen && s.body(level) && s.Figures.sound()
}

func (s *Score) body(b []byte) bool {
	s.Trigger.none = true
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			s.CustomerID = data
			return utf8.Valid(data)
		case varint(2):
			s.Version = int64(v)
		case varint(3):
			s.Rule = int64(v)
		case bytesIn(4):
			return s.Trigger.take(data)
		case bytesIn(5):
			return part(&s.Figures.Value, data)
		case bytesIn(6):
			return part(&s.Figures.Credit, data)
		case varint(7):
			s.NextDue = int64(v)
		case varint(15):
			s.Segment = int64(v)
		case bytesIn(20):
			return part(&s.Figures.Overdue, data)
		case bytesIn(21):
			return part(&s.Figures.Signs, data)
		default:
			return false
		}
		return true
	})
}

// part is a message that may come in one part only.
func part(to *[]byte, data []byte) bool {
	was := *to
	*to = data[:len(data):len(data)]
	return was == nil
}

func (t *Trigger) take(b []byte) bool {
	was := t.none
	t.none = false
	return was && fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			t.Kind = pb.Trigger_Kind(int32(v))
			return true
		case bytesIn(2):
			t.EventID = data
			return utf8.Valid(data)
		case bytesIn(3):
			t.Topic = data
			return utf8.Valid(data)
		}
		return false
	})
}
