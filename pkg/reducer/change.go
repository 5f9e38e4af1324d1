package reducer

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// publish sends a change, to those who follow changes and to those who want the latest alone. Nothing in it depends on the host, the
// clock or the batch.
func (b *tierBatch) publish(m *member, f *tier.Figures, is tier.State, change *tier.Change, r rule, trigger codec.Trigger) {
	c := codec.Changed{
		Change: change, ID: deriveID(TopicTierChanges, m.id, change.Seq), CustomerID: m.id, Ladder: "tiers", Mode: b.part.mode(change.DecidedAt, trigger.Kind),
		Trigger: trigger, PolicyVersion: r.policy.Version, PolicyHash: r.policy.Hash, CutoffVersion: r.cutoffVersion(),
		ValueScore: f.Value.Score, Grade: r.policy.Credit.Scoring.GradeName(f.Credit.Grade), CreditScore: f.Credit.Score,
		AccountManager: m.text(pb.NamedField_ACCOUNT_MANAGER), CustomerName: m.text(pb.NamedField_NAME), Segment: f.Segment,
	}
	c.Climb, c.Stay = Advice(r.policy, is, f, m.nextAfter(change.DecidedAt))
	msg := processor.Message{Key: m.id, Value: b.blobs.keep(codec.AppendChange(b.blobs.room(changeMost), &c)),
		Headers: b.cloudEvent(b.labels.change, c.ID, change.DecidedAt)}
	b.changes.add(b.at, msg)
	b.latest.add(b.at, msg)
	b.counts.add("change "+pb.TierChange_Direction(change.Direction).String(), 1)
}

// changeMost is what few changes are longer than.
const changeMost = 1 << 11

// mode is LIVE under the wall clock, but for what time alone had brought by the end of a backfill: that a moment of the
// history fires only now, under the wall clock, doesn't make it news.
func (p *partition) mode(decided civil.Instant, trigger pb.Trigger_Kind) pb.Mode {
	byItself := trigger == pb.Trigger_TIME || trigger == pb.Trigger_PORTFOLIO
	old := byItself && int64(decided) <= p.LiveSince
	if p.Wall && !old {
		return pb.Mode_LIVE
	}
	return pb.Mode_BACKFILL
}

// deriveID names a message by what it is, so that whoever sends it again sends the same.
func deriveID(topic, customer string, seq int64) string {
	name := make([]byte, 0, 192) // few are longer
	name = append(append(append(append(name, topic...), 0), customer...), 0)
	sum := sha256.Sum256(strconv.AppendInt(name, seq, 10))
	return string(hex.AppendEncode(make([]byte, 0, 32), sum[:16]))
}

// Advice is what it takes to climb (nil: there is nothing above) and to stay, and when time alone can change that: at the end of a
// waiting time, else at next, the next moment after f's at which a figure moves by itself (0: none).
func Advice(p *policy.Policy, s tier.State, f *tier.Figures, next civil.Instant) (climb *tier.Advice, stay tier.Advice) {
	ladder := p.LadderOf(f.Kind)
	if a, ok := ladder.ToNext(s, f); ok {
		climb = &a
	}
	return climb, ladder.ToKeep(s, f, next)
}

// labels are what the headers of many messages say. Nobody writes into them.
type labels struct{ version, source, content, change, alert, signal []byte }

func newLabels() *labels {
	return &labels{
		version: []byte("1.0"), source: []byte("tierstream/tierchange"), content: []byte("application/protobuf"),
		change: []byte("tierstream.v1.TierChange"), alert: []byte("tierstream.v1.CreditAlert"), signal: []byte("tierstream.v1.CustomerSignal"),
	}
}

// cloudEvent is the headers of a message in the binary mode of the CloudEvents Kafka binding.
func (b *tierBatch) cloudEvent(kind []byte, id string, at civil.Instant) []processor.Header {
	text := at.Time().AppendFormat(append(b.blobs.room(len(id)+len(time.RFC3339Nano)), id...), time.RFC3339Nano)
	text = b.blobs.keep(text)
	return append(b.headers.room(6),
		processor.Header{Key: "ce_specversion", Value: b.labels.version},
		processor.Header{Key: "ce_id", Value: text[:len(id):len(id)]},
		processor.Header{Key: "ce_source", Value: b.labels.source},
		processor.Header{Key: "ce_type", Value: kind},
		processor.Header{Key: "ce_time", Value: text[len(id):]},
		processor.Header{Key: "content-type", Value: b.labels.content})
}
