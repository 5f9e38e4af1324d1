package codec

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Changed is a tier change as it is published.
type Changed struct {
	*tier.Change
	ID, CustomerID, Ladder       string
	Mode                         pb.Mode
	Trigger                      Trigger
	PolicyVersion, PolicyHash    string
	CutoffVersion                string
	ValueScore                   figure.Micro
	Grade                        string // empty: the policy has no grades
	CreditScore                  figure.Micro
	Climb                        *tier.Advice // nil: there is nothing above
	Stay                         tier.Advice
	AccountManager, CustomerName string
	Segment                      string
}

// AppendChange appends a TierChange.
func AppendChange(b []byte, c *Changed) []byte {
	w := pen(b)
	w.text(1, c.ID)
	w.text(2, c.CustomerID)
	w.int(3, c.Seq)
	w.text(4, c.Ladder)
	w.text(5, c.From)
	w.text(6, c.To)
	w.int(7, int64(c.Direction))
	w.int(8, int64(c.Mode))
	w.moment(9, c.DecidedAt)
	w.moment(10, c.EffectiveAt)
	w.trigger(11, &c.Trigger)
	w.policy(12, c.PolicyVersion, c.PolicyHash)
	w.text(13, c.CutoffVersion)
	w.reasons(14, c.Reasons)
	w.points(15, c.ValueScore)
	w.standing(16, c.Grade, c.CreditScore)
	w.climb(17, c.Climb)
	w.stay(18, &c.Stay)
	w.text(21, c.AccountManager)
	w.text(22, c.CustomerName)
	w.text(23, c.Segment)
	return w
}

// trigger writes what the level said of it, in whatever form.
func (w *pen) trigger(n protowire.Number, t *Trigger) {
	if t.none {
		return
	}
	from := w.begin(n)
	if t.read != nil {
		*w, _ = proto.MarshalOptions{Deterministic: true}.MarshalAppend(*w, t.read) // as it was read
	} else {
		w.int(1, int64(t.Kind))
		w.bytes(2, t.EventID)
		w.bytes(3, t.Topic)
	}
	w.end(from)
}

// bytes is a text that is left out where it is empty.
func (w *pen) bytes(n protowire.Number, v []byte) {
	if len(v) > 0 {
		w.presentBytes(n, v)
	}
}

// points is what Points makes.
func (w *pen) points(n protowire.Number, m figure.Micro) {
	if m.Known {
		w.double(n, m.Float())
	}
}

// standing is a CreditStanding; without a grade there is none.
func (w *pen) standing(n protowire.Number, grade string, score figure.Micro) {
	if grade == "" {
		return
	}
	from := w.begin(n)
	w.text(1, grade)
	w.points(2, score)
	w.end(from)
}

// climb is what NextTier makes.
func (w *pen) climb(n protowire.Number, a *tier.Advice) {
	if a == nil {
		return
	}
	from := w.begin(n)
	w.text(1, a.Tier)
	w.reasons(2, a.Needs)
	w.end(from)
}

// stay is what KeepTier makes.
func (w *pen) stay(n protowire.Number, a *tier.Advice) {
	from := w.begin(n)
	w.reasons(1, a.Needs)
	if a.ReviewAt != 0 {
		w.moment(2, a.ReviewAt)
	}
	w.end(from)
}

// NextTier is what it takes to climb.
func NextTier(a *tier.Advice) *pb.NextTier {
	if a == nil {
		return nil
	}
	return &pb.NextTier{Tier: a.Tier, Needs: Reasons(a.Needs)}
}

// KeepTier is what it takes to stay.
func KeepTier(a *tier.Advice) *pb.KeepTier {
	k := &pb.KeepTier{Needs: Reasons(a.Needs)}
	if a.ReviewAt != 0 {
		k.ReviewAt = timestamppb.New(a.ReviewAt.Time())
	}
	return k
}
