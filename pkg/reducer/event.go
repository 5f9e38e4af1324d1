package reducer

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// named is what every event about a customer has.
type named interface {
	GetCustomerId() string
	GetEventId() string
	GetSource() string
	GetRevision() int64
	GetOccurredAt() *timestamppb.Timestamp
}

// eventOf is the event in a fact with the contract's topic of its kind; nil where the fact is none.
func eventOf(f *pb.Fact) (e named, topic string) {
	switch b := f.Body.(type) {
	case *pb.Fact_Order:
		return b.Order, "orders"
	case *pb.Fact_Invoice:
		return b.Invoice, "invoices"
	case *pb.Fact_Payment:
		return b.Payment, "payments"
	case *pb.Fact_Profile:
		return b.Profile, "profiles"
	case *pb.Fact_Engagement:
		return b.Engagement, "engagements"
	}
	return nil, ""
}

// OccurredAt is the time of the event in a fact; false: it has none.
func OccurredAt(f *pb.Fact) (civil.Instant, bool) {
	e, _ := eventOf(f)
	if e == nil {
		return 0, false
	}
	return civil.FromTime(e.GetOccurredAt().AsTime()), true
}

// customerOf is whom a fact is about; empty: nobody.
func customerOf(f *pb.Fact) string {
	switch b := f.Body.(type) {
	case *pb.Fact_Override:
		return b.Override.CustomerId
	case *pb.Fact_Erasure:
		return b.Erasure.CustomerId
	}
	if e, _ := eventOf(f); e != nil && feedOf(f) == nil { // what a feed says is of nobody, whomever it names
		return e.GetCustomerId()
	}
	return ""
}

// triggerOf is good until the next record.
func (b *scorerBatch) triggerOf(f *pb.Fact) *pb.Trigger {
	e, topic := eventOf(f)
	b.trigger.Kind, b.trigger.EventId, b.trigger.Topic = pb.Trigger_EVENT, e.GetEventId(), topic
	return &b.trigger
}

// forward is a fact as scores carries it.
func forward(f *pb.Fact) *pb.Score {
	switch b := f.Body.(type) {
	case *pb.Fact_Init:
		return &pb.Score{Body: &pb.Score_Init{Init: b.Init}}
	case *pb.Fact_Tick:
		return &pb.Score{Body: &pb.Score_Tick{Tick: b.Tick}}
	case *pb.Fact_Policy:
		return &pb.Score{Body: &pb.Score_Policy{Policy: b.Policy}}
	case *pb.Fact_Cutoffs:
		return &pb.Score{Body: &pb.Score_Cutoffs{Cutoffs: b.Cutoffs}}
	case *pb.Fact_Logic:
		return &pb.Score{Body: &pb.Score_Logic{Logic: b.Logic}}
	case *pb.Fact_ClockLive:
		return &pb.Score{Body: &pb.Score_ClockLive{ClockLive: b.ClockLive}}
	case *pb.Fact_Override:
		return &pb.Score{Body: &pb.Score_Override{Override: b.Override}}
	case *pb.Fact_Erasure:
		return &pb.Score{Body: &pb.Score_Erasure{Erasure: b.Erasure}}
	}
	return &pb.Score{}
}

// backward is a forwarded control record as facts has it.
func backward(s *pb.Score) *pb.Fact {
	switch b := s.Body.(type) {
	case *pb.Score_Policy:
		return &pb.Fact{Body: &pb.Fact_Policy{Policy: b.Policy}}
	case *pb.Score_Cutoffs:
		return &pb.Fact{Body: &pb.Fact_Cutoffs{Cutoffs: b.Cutoffs}}
	case *pb.Score_Logic:
		return &pb.Fact{Body: &pb.Fact_Logic{Logic: b.Logic}}
	case *pb.Score_ClockLive:
		return &pb.Fact{Body: &pb.Fact_ClockLive{ClockLive: b.ClockLive}}
	}
	return &pb.Fact{}
}

// unchanged names an event that changed nothing, for metrics: one that came before, or one of a kind whose effect on
// figures waits in facts.
func unchanged(f *pb.Fact) string {
	switch b := f.Body.(type) {
	case *pb.Fact_Order:
		if b.Order.GetFulfilled() == nil {
			return "duplicates"
		}
	case *pb.Fact_Invoice:
		if hasEffect(b.Invoice) {
			return "duplicates"
		}
	case *pb.Fact_Profile:
		return "profiles"
	case *pb.Fact_Engagement:
		return "engagements without effect"
	case *pb.Fact_Payment:
		if b.Payment.GetReceived() != nil || b.Payment.GetReversed() != nil || b.Payment.GetRefunded() != nil || b.Payment.GetFailed() != nil {
			return "duplicates"
		}
	}
	return "without effect yet"
}
