package codec_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func points(m figure.Micro) *float64 {
	if !m.Known {
		return nil
	}
	return proto.Float64(m.Float())
}

func changeOf(c *codec.Changed) *pb.TierChange {
	p := &pb.TierChange{
		ChangeId: c.ID, CustomerId: c.CustomerID, Seq: c.Seq, Ladder: c.Ladder, From: c.From, To: c.To,
		Direction: pb.TierChange_Direction(c.Direction), Mode: c.Mode,
		DecidedAt: timestamppb.New(c.DecidedAt.Time()), EffectiveAt: timestamppb.New(c.EffectiveAt.Time()),
		Trigger: c.Trigger.Message(), Policy: &pb.PolicyRef{Version: c.PolicyVersion, Hash: c.PolicyHash},
		CutoffVersion: c.CutoffVersion, Reasons: codec.Reasons(c.Reasons), ValueScore: points(c.ValueScore),
		ToNext: codec.NextTier(c.Climb), ToKeep: codec.KeepTier(&c.Stay),
		AccountManager: c.AccountManager, CustomerName: c.CustomerName, Segment: c.Segment,
	}
	if c.Grade != "" {
		p.Credit = &pb.CreditStanding{Grade: c.Grade, Score: points(c.CreditScore)}
	}
	return p
}

// triggerDrawn is one as a level has it: of the usual form, in two parts, with a field that is new, or none.
func triggerDrawn(t *rapid.T) codec.Trigger {
	trigger, err := proto.Marshal(&pb.Score{Body: &pb.Score_Level{Level: &pb.Level{Trigger: &pb.Trigger{
		Kind: pb.Trigger_Kind(rapid.IntRange(0, 6).Draw(t, "kind")), EventId: rapid.SampledFrom([]string{"", "e1"}).Draw(t, "event"),
		Topic: rapid.SampledFrom([]string{"", "orders"}).Draw(t, "topic"),
	}}}})
	none, other := proto.Marshal(&pb.Score{Body: &pb.Score_Level{Level: &pb.Level{}}})
	if err != nil || other != nil {
		t.Fatal(err, other)
	}
	newer := []byte{4<<3 | 2, 5, 4<<3 | 2, 3, 9 << 3, 0x81, 1}
	s, err := codec.ReadScore(rapid.SampledFrom([][]byte{trigger, slices.Concat(trigger, trigger), slices.Concat(trigger, newer), none}).Draw(t, "level"))
	if err != nil {
		t.Fatal(err)
	}
	return s.Trigger
}

// A change is written by hand in the bytes of the message.
func TestAppendChange(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "x", "gold"})
	at := rapid.Custom(func(t *rapid.T) civil.Instant {
		return civil.Instant(rapid.SampledFrom([]int64{0, -1, 1, 1772357400_000000, 1772357400_000001}).Draw(t, "at"))
	})
	score := rapid.Custom(func(t *rapid.T) figure.Micro {
		return rapid.SampledFrom([]figure.Micro{{}, {Known: true}, {Known: true, Millionths: 61_234567}}).Draw(t, "score")
	})
	rapid.Check(t, func(t *rapid.T) {
		c := codec.Changed{
			Change: &tier.Change{From: word.Draw(t, "from"), To: word.Draw(t, "to"), Direction: tier.Direction(rapid.IntRange(0, 6).Draw(t, "direction")),
				Seq: rapid.Int64Range(0, 300).Draw(t, "seq"), DecidedAt: at.Draw(t, "decided"), EffectiveAt: at.Draw(t, "effective"), Reasons: reasonsDrawn(t)},
			ID: word.Draw(t, "id"), CustomerID: word.Draw(t, "customer"), Ladder: word.Draw(t, "ladder"), Mode: pb.Mode(rapid.IntRange(0, 3).Draw(t, "mode")),
			Trigger: triggerDrawn(t), PolicyVersion: word.Draw(t, "version"), PolicyHash: word.Draw(t, "hash"), CutoffVersion: word.Draw(t, "cut-offs"),
			ValueScore: score.Draw(t, "value"), Grade: word.Draw(t, "grade"), CreditScore: score.Draw(t, "credit"),
			Stay:           tier.Advice{Tier: "gold", Needs: reasonsDrawn(t), ReviewAt: at.Draw(t, "review")},
			AccountManager: word.Draw(t, "manager"), CustomerName: word.Draw(t, "name"), Segment: word.Draw(t, "segment"),
		}
		if rapid.Bool().Draw(t, "climbs") {
			c.Climb = &tier.Advice{Tier: word.Draw(t, "next"), Needs: reasonsDrawn(t)}
		}
		before := []byte("before")
		same(t, codec.AppendChange(before, &c), before, changeOf(&c))
	})
}

// A field that changes get later is written by hand too: every field that anything is said in is set here.
func TestAppendChangeKnowsEveryField(t *testing.T) {
	level, err := proto.Marshal(&pb.Score{Body: &pb.Score_Level{Level: &pb.Level{Trigger: &pb.Trigger{Kind: 1, EventId: "e", Topic: "t"}}}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := codec.ReadScore(level)
	if err != nil {
		t.Fatal(err)
	}
	reasons := []tier.Reason{{
		Code: "C", Margin: 1, Text: "t", Params: []tier.Param{{Name: "n", Value: "v"}}, Test: tier.Test{Factor: "f", Op: ">", Known: true, Value: 1, Threshold: 2},
	}}
	known, moment := figure.Micro{Known: true, Millionths: 1}, civil.Instant(1_000_001)
	b := codec.AppendChange(nil, &codec.Changed{
		Change: &tier.Change{From: "a", To: "b", Direction: 1, Seq: 1, DecidedAt: moment, EffectiveAt: moment, Reasons: reasons},
		ID:     "i", CustomerID: "c", Ladder: "l", Mode: 1, Trigger: s.Trigger, PolicyVersion: "v", PolicyHash: "h", CutoffVersion: "d",
		ValueScore: known, Grade: "A", CreditScore: known, Climb: &tier.Advice{Tier: "c", Needs: reasons}, Stay: tier.Advice{Needs: reasons, ReviewAt: moment},
		AccountManager: "m", CustomerName: "n", Segment: "s",
	})
	m := &pb.TierChange{}
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	m.Plan, m.Supersedes = "none has one yet", "none has one yet"
	eachUnset(m.ProtoReflect(), func(name string) { t.Errorf("%s is not written", name) })
}
