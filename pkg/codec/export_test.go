package codec

import pb "github.com/tierstream/tierstream/proto/tierstream/v1"

// MaxFields is how many fields a message of an event may have.
const MaxFields = maxFields

// Message is the trigger as changes have it; nil: the level had none.
func (t Trigger) Message() *pb.Trigger {
	if t.none || t.read != nil {
		return t.read
	}
	return &pb.Trigger{Kind: t.Kind, EventId: string(t.EventID), Topic: string(t.Topic)}
}
