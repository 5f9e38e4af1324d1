package kafkalog

import (
	"context"
	"fmt"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Topics are the topics of a stage.
type Topics struct {
	Prefix string // stands before the names that the stage gives
	Facts  string // without prefix
	// Clock stamps what is appended to facts, so that it can be told from a clock that runs ahead.
	Clock func() civil.Instant
}

// PartitionLog is the logs of one claimed partition, as the processor wants them.
func (c *Client) PartitionLog(claim Claim, t Topics) processor.Log {
	return &partitionLog{client: c, claim: claim, topics: t}
}

type partitionLog struct {
	client *Client
	claim  Claim
	topics Topics
}

// Fetch reads the claimed partition.
func (l *partitionLog) Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (out processor.Fetched, err error) {
	take := func(m Message) {
		out.Records = double(out.Records, processor.Record{Offset: m.Offset, Appended: civil.FromTime(m.Time), Key: string(m.Key), Value: m.Value})
	}
	bounds, err := l.client.visit(ctx, l.claim.Topic, l.claim.Partition, offset, most, fetchMax, max(time.Millisecond, time.Duration(wait)*time.Microsecond), take)
	if err != nil {
		return processor.Fetched{}, err
	}
	out.Start, out.End = bounds.Start, bounds.End
	return out, nil
}

// Produce sends one emission to the partition of the same number.
func (l *partitionLog) Produce(ctx context.Context, e processor.Emission) error {
	ms := make([]Message, len(e.Messages))
	for i, m := range e.Messages {
		ms[i] = out(m)
	}
	_, err := l.client.Produce(ctx, l.topics.Prefix+e.Topic, l.claim.Partition, ms)
	return err
}

// Append puts one record into facts.
func (l *partitionLog) Append(ctx context.Context, m processor.Message) (int64, error) {
	record := out(m)
	record.Time = l.topics.Clock().Time()
	return l.client.Produce(ctx, l.topics.Prefix+l.topics.Facts, l.claim.Partition, []Message{record})
}

func out(m processor.Message) Message {
	r := Message{Value: m.Value}
	if m.Key != "" {
		r.Key = []byte(m.Key)
	}
	if len(m.Headers) > 0 {
		r.Headers = make([]Header, 0, len(m.Headers))
	}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, Header{Key: h.Key, Value: h.Value})
	}
	return r
}

// Commit is the group's offset.
func (l *partitionLog) Commit(_ context.Context, offset int64) error {
	if err := l.claim.Commit(offset); err != nil {
		return fmt.Errorf("partition %d: %w", l.claim.Partition, err)
	}
	return nil
}
