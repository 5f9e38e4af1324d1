package ingest

import (
	"context"
	"fmt"
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
	out := newOutbox(ms, partitions)
	out.now, out.wall = s.deps.Clock(), wall
	decoder := codec.Decoder{Currency: init.Currency, Rates: s.rates.known.Load()}
	for i := range ms {
		if err := s.sort(ctx, init, &decoder, topic, &ms[i], out); err != nil {
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

// outbox is what a batch sends.
type outbox struct {
	now      civil.Instant
	wall     bool // the clock that the next record comes under
	facts    [][]kafkalog.Message
	dead     [][]kafkalog.Message // as facts, by partition
	accepted int
	unknown  int  // fields
	rated    bool // every rate that was there when the records were read is known

	written []byte         // the facts, one after the other: as a rule in one piece of memory
	share   int            // records that a partition of facts is likely to get
	headers []codec.Header // of the record being sorted
}

func newOutbox(ms []kafkalog.Message, partitions int) *outbox {
	const more = 64 // than its JSON no usual fact takes
	size := 0
	for i := range ms {
		size += len(ms[i].Value) + more
	}
	return &outbox{
		facts: make([][]kafkalog.Message, partitions), dead: make([][]kafkalog.Message, partitions),
		written: make([]byte, 0, size), share: 1 + len(ms)*5/4/partitions,
	}
}

// sort decodes one record into the outbox.
func (s *service) sort(ctx context.Context, init *pb.PartitionInit, d *codec.Decoder, topic string, m *kafkalog.Message, out *outbox) error {
	if f, ok := replayControl(topic, m); ok {
		if out.wall {
			return nil // the Ticks of a replay say nothing under the wall clock
		}
		out.wall = f.GetClockLive() != nil
		return out.encode(m.Partition%len(out.facts), nil, f)
	}
	in := codec.Input{Topic: topic, Headers: out.headersOf(m), Value: m.Value}
	judged := civil.Instant(0)
	if out.wall {
		judged = out.now
	}
	if all, customer, ok := d.AppendUsual(out.written, in, out.now, judged); ok {
		out.accepted++
		out.add(out.home(customer), customer, all)
		return nil
	}
	a, reject, err := s.decode(ctx, d, init, in, judged, out)
	if err != nil {
		return err
	}
	if reject != nil {
		s.metrics.rejected.WithLabelValues(topic, string(reject.Code)).Inc()
		value, hs := codec.DeadLetter(in, *reject, "ingest", m.Partition, m.Offset)
		p := m.Partition % len(out.dead)
		out.dead[p] = append(out.dead[p], kafkalog.Message{Key: m.Key, Value: value, Headers: kafkaHeaders(hs)})
		return nil
	}
	out.accepted++
	out.unknown += a.UnknownFields
	if r := a.Fact.GetFxRates(); r != nil {
		if topic == topics.Events {
			return s.publish(ctx, r, m.Partition%len(out.facts), out)
		}
		return nil // they are read where they are needed
	}
	apart := topic == topics.Events && hasHeader(m, topics.SharesHeader)
	if a.OfFeed() {
		return out.everywhere(a.Fact, apart, m.Partition)
	}
	for _, share := range a.Shares() {
		share.Fact.At = int64(out.now)
		customer := []byte(share.CustomerID)
		if apart && out.home(customer) != m.Partition%len(out.facts) {
			continue // another copy of the record is there for it
		}
		if err := out.encode(out.home(customer), customer, share.Fact); err != nil {
			return err
		}
	}
	return nil
}

// everywhere adds a fact to every partition, or, of a record with copies for the others, to that of its own.
func (o *outbox) everywhere(f *pb.Fact, apart bool, own int) error {
	f.At = int64(o.now)
	for p := range o.facts {
		if apart && p != own%len(o.facts) {
			continue
		}
		if err := o.encode(p, nil, f); err != nil {
			return err
		}
	}
	return nil
}

// home is a customer's partition of facts; of nobody's events the first.
func (o *outbox) home(customer []byte) int {
	if len(customer) == 0 {
		return 0
	}
	return kafkalog.Partition(string(customer), len(o.facts))
}

func (o *outbox) encode(partition int, key []byte, f *pb.Fact) error {
	all, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(o.written, f)
	if err != nil {
		return fmt.Errorf("encoding a fact: %w", err)
	}
	o.add(partition, key, all)
	return nil
}

// add adds the fact that was written last: what all has more than before.
func (o *outbox) add(partition int, key, all []byte) {
	m := kafkalog.Message{Value: all[len(o.written):len(all):len(all)], Time: o.now.Time()}
	if len(key) > 0 {
		m.Key = key
	}
	o.written = all
	if o.facts[partition] == nil {
		o.facts[partition] = make([]kafkalog.Message, 0, o.share)
	}
	o.facts[partition] = append(o.facts[partition], m)
}

// headersOf are those of a record until the next one's are asked for.
func (o *outbox) headersOf(m *kafkalog.Message) []codec.Header {
	o.headers = o.headers[:0]
	for _, h := range m.Headers {
		o.headers = append(o.headers, codec.Header{Key: h.Key, Value: h.Value})
	}
	return o.headers
}

func hasHeader(m *kafkalog.Message, name string) bool {
	return slices.ContainsFunc(m.Headers, func(h kafkalog.Header) bool { return h.Key == name })
}

// replayControl is a Tick, the end of a backfill or a release of feeds that tierctl put between the events of a replay.
func replayControl(topic string, m *kafkalog.Message) (*pb.Fact, bool) {
	if topic != topics.Events {
		return nil, false
	}
	for _, h := range m.Headers {
		if h.Key != topics.ControlHeader {
			continue
		}
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err == nil && (f.GetTick() != nil || f.GetClockLive() != nil || f.GetFeedsReleased() != nil) {
			return f, true
		}
	}
	return nil, false
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
func (s *service) send(ctx context.Context, topic string, by [][]kafkalog.Message) error {
	group, ctx := errgroup.WithContext(ctx)
	for p, ms := range by {
		if len(ms) == 0 {
			continue
		}
		group.Go(func() error {
			turn := s.turn(topic, p)
			if err := turn.Acquire(ctx, 1); err != nil {
				return err
			}
			defer turn.Release(1)
			for _, chunk := range kafkalog.Chunks(ms, requestBytes) {
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

// deployment is what record 0 of facts says. Nothing is appended to a partition without it. All want it at once: one reads it.
func (s *service) deployment(ctx context.Context) (*pb.PartitionInit, int, error) {
	if err := s.starting.Acquire(ctx, 1); err != nil {
		return nil, 0, err
	}
	defer s.starting.Release(1)
	if s.init == nil {
		init, err := worker.ReadInit(ctx, s.client, s.process.TopicPrefix)
		if err != nil {
			return nil, 0, err
		}
		s.init = init
	}
	return s.init, int(s.init.Partitions), nil
}
