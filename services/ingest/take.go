package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// take appends a batch of input records to facts and dead-letters. It returns when all is acknowledged.
func (s *service) take(ctx context.Context, topic string, clock *clock, ms []kafkalog.Message) error {
	init, partitions, err := s.deployment(ctx)
	if err != nil {
		return err
	}
	wall, err := clock.wall(ctx, init)
	if err != nil {
		return err
	}
	now := s.deps.Clock()
	out := &outbox{now: now, wall: wall, partitions: partitions, facts: map[int][]kafkalog.Message{}, dead: map[int][]kafkalog.Message{}}
	decoder := codec.Decoder{Currency: init.Currency}
	for _, m := range ms {
		if err := s.sort(decoder, topic, m, out); err != nil {
			return err
		}
	}
	s.metrics.accepted.WithLabelValues(topic).Add(float64(out.accepted))
	s.metrics.unknown.Add(float64(out.unknown))
	if err := s.send(ctx, topics.Facts, out.facts); err != nil {
		return err
	}
	if err := s.send(ctx, topics.DeadLetters, out.dead); err != nil {
		return err // and the same again, under the clock that it began with
	}
	clock.live = out.wall
	return nil
}

// outbox is what a batch sends, by partition.
type outbox struct {
	now        civil.Instant
	wall       bool // the clock that the next record comes under
	partitions int
	facts      map[int][]kafkalog.Message
	dead       map[int][]kafkalog.Message
	accepted   int
	unknown    int // fields
}

// sort decodes one record into the outbox.
func (s *service) sort(d codec.Decoder, topic string, m kafkalog.Message, out *outbox) error {
	if f, ok := replayControl(topic, m); ok {
		if out.wall {
			return nil // the Ticks of a replay say nothing under the wall clock
		}
		out.wall = f.GetClockLive() != nil
		return out.fact(m.Partition%out.partitions, "", f, int64(f.At))
	}
	in := codec.Input{Topic: topic, Headers: headers(m.Headers), Value: m.Value}
	judged := civil.Instant(0)
	if out.wall {
		judged = out.now
	}
	a, reject := d.Decode(in, judged)
	if reject != nil {
		s.metrics.rejected.WithLabelValues(topic, string(reject.Code)).Inc()
		value, hs := codec.DeadLetter(in, *reject, "ingest", m.Partition, m.Offset)
		p := m.Partition % out.partitions
		out.dead[p] = append(out.dead[p], kafkalog.Message{Key: m.Key, Value: value, Headers: kafkaHeaders(hs)})
		return nil
	}
	out.accepted++
	out.unknown += a.UnknownFields
	p := 0
	if a.CustomerID != "" {
		p = kafkalog.Partition(a.CustomerID, out.partitions)
	}
	return out.fact(p, a.CustomerID, a.Fact, int64(out.now))
}

func (o *outbox) fact(partition int, key string, f *pb.Fact, at int64) error {
	f.At = at
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding a fact: %w", err)
	}
	m := kafkalog.Message{Value: value, Time: o.now.Time()}
	if key != "" {
		m.Key = []byte(key)
	}
	o.facts[partition] = append(o.facts[partition], m)
	return nil
}

// replayControl is a Tick or the end of a backfill that tierctl put between the events of a replay.
func replayControl(topic string, m kafkalog.Message) (*pb.Fact, bool) {
	if topic != topics.Events {
		return nil, false
	}
	for _, h := range m.Headers {
		if h.Key != topics.ControlHeader {
			continue
		}
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err == nil && (f.GetTick() != nil || f.GetClockLive() != nil) {
			return f, true
		}
	}
	return nil, false
}

func headers(in []kafkalog.Header) []codec.Header {
	out := make([]codec.Header, len(in))
	for i, h := range in {
		out[i] = codec.Header{Key: h.Key, Value: h.Value}
	}
	return out
}

func kafkaHeaders(in []codec.Header) []kafkalog.Header {
	out := make([]kafkalog.Header, len(in))
	for i, h := range in {
		out[i] = kafkalog.Header{Key: h.Key, Value: h.Value}
	}
	return out
}

// requestBytes bounds one produce request.
const requestBytes = 512 << 10

// send produces each partition's records in order, partitions side by side. It stops at the first error: what comes
// after it must not land before it.
func (s *service) send(ctx context.Context, topic string, by map[int][]kafkalog.Message) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range slices.Sorted(maps.Keys(by)) {
		group.Go(func() error {
			turn := s.turn(topic, p)
			if err := turn.Acquire(ctx, 1); err != nil {
				return err
			}
			defer turn.Release(1)
			for _, chunk := range kafkalog.Chunks(by[p], requestBytes) {
				if _, err := s.client.Produce(ctx, s.process.TopicPrefix+topic, p, chunk); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// turn is held by whoever has a request under way to a partition.
func (s *service) turn(topic string, p int) *semaphore.Weighted {
	if topic != topics.Facts {
		p = -1 - p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[p] == nil {
		s.busy[p] = semaphore.NewWeighted(1)
	}
	return s.busy[p]
}

// deployment is what record 0 of facts says. Nothing is appended to a partition without it.
func (s *service) deployment(ctx context.Context) (*pb.PartitionInit, int, error) {
	s.mu.Lock()
	known := s.init
	s.mu.Unlock()
	if known != nil {
		return known, int(known.Partitions), nil
	}
	init, err := worker.ReadInit(ctx, s.client, s.process.TopicPrefix)
	if err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	s.init = init
	s.mu.Unlock()
	return init, int(init.Partitions), nil
}
