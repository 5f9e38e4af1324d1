// Package kafkalog keeps the processor's logs in Kafka. It is the only importer of kafka-go, whose traps are handled
// here: fenced commits by generation, every partition shared out whatever a broker shows, one produce request in flight
// per partition with the whole call in one batch, no silent jump over expired offsets, short waits.
package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/tierstream/tierstream/pkg/secure"
)

// Config says where Kafka is.
type Config struct {
	Brokers        []string
	ClientID       string
	SessionTimeout time.Duration // of the consumer groups; default 6 s
	TLS            secure.TLS
	Login          secure.Login
	// Compressed are the topics whose batches are sent compressed: Snappy, which every client reads but for some that need a
	// package for it, so only those that nobody else reads.
	Compressed []string
	// Dial is for tests without a network; nil: the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client is a connection to Kafka. It is safe for concurrent use.
type Client struct {
	cfg       Config
	kafka     *kafka.Client
	transport *kafka.Transport
}

// Timings, set here because kafka-go's defaults are made for other uses.
const (
	dialTimeout    = 3 * time.Second
	requestTimeout = 30 * time.Second
	metadataTTL    = 5 * time.Second
	backoff        = 200 * time.Millisecond
)

// Open prepares a client; nothing is dialled before the first request.
func Open(cfg Config) (*Client, error) {
	if len(cfg.Brokers) == 0 {
		return nil, errors.New("connecting to Kafka: no --brokers are given")
	}
	if cfg.SessionTimeout == 0 {
		cfg.SessionTimeout = 6 * time.Second
	}
	c := &Client{cfg: cfg}
	c.transport = c.newTransport()
	c.kafka = &kafka.Client{Addr: kafka.TCP(cfg.Brokers...), Timeout: requestTimeout, Transport: c.transport}
	return c, nil
}

// Close ends the idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Partitions is how many partitions a topic has; 0: there is no such topic.
func (c *Client) Partitions(ctx context.Context, topic string) (int, error) {
	n, err := c.seen(ctx, topic)
	if n == 0 && err == nil {
		err = c.advise(c.denied(ctx, topic), access{"Describe", topic, ""})
	}
	if err != nil {
		return 0, fmt.Errorf("asking Kafka at %s for topic %s: %w", strings.Join(c.cfg.Brokers, ","), topic, err)
	}
	return n, nil
}

// seen is Partitions as the latest metadata has it.
func (c *Client) seen(ctx context.Context, topic string) (int, error) {
	m, err := c.kafka.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return 0, c.advise(err, access{"Describe", topic, ""})
	}
	for _, t := range m.Topics {
		if t.Name == topic && t.Error == nil {
			return len(t.Partitions), nil
		}
	}
	return 0, nil
}

// AwaitTopic waits until a topic is there and gives its partition count. Each time that it isn't, waiting is told, with
// the error if Kafka gave no answer or refused one.
func (c *Client) AwaitTopic(ctx context.Context, topic string, waiting func(error)) (int, error) {
	for {
		n, err := c.Partitions(ctx, topic)
		switch {
		case n > 0:
			return n, nil
		case waiting != nil && ctx.Err() == nil:
			waiting(err)
		}
		if err := sleep(ctx, backoff); err != nil {
			return 0, err
		}
	}
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Bounds are the offsets of one partition: the first that it still has, and the next to be written.
type Bounds struct{ Start, End int64 }

// Offsets gives the bounds of every partition of a topic.
func (c *Client) Offsets(ctx context.Context, topic string) ([]Bounds, error) {
	n, err := c.Partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("topic %s is not there, or was made a moment ago: if it wasn't, run tierctl init", topic)
	}
	var ask []kafka.OffsetRequest
	for p := range n {
		ask = append(ask, kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p))
	}
	r, err := c.kafka.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: ask}})
	if err != nil {
		return nil, fmt.Errorf("asking for the offsets of %s: %w", topic, c.advise(err, access{"Describe", topic, ""}))
	}
	out := make([]Bounds, n)
	for _, p := range r.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("asking for the offsets of %s partition %d: %w", topic, p.Partition, c.advise(p.Error, access{"Describe", topic, ""}))
		}
		out[p.Partition] = Bounds{p.FirstOffset, p.LastOffset}
	}
	return out, nil
}

// Behind is the first partition of which a group has not committed all that it holds; -1: there is none.
func Behind(bounds []Bounds, committed []int64) int {
	for p, b := range bounds {
		if b.End > b.Start && committed[p] < b.End {
			return p
		}
	}
	return -1
}

// Committed gives a consumer group's offset in every partition of a topic; -1: none.
func (c *Client) Committed(ctx context.Context, group, topic string, partitions int) ([]int64, error) {
	out := make([]int64, partitions)
	for p := range out {
		out[p] = -1
	}
	err := c.commits(ctx, group, topic, partitions, func(p kafka.OffsetFetchPartition) { out[p.Partition] = p.CommittedOffset })
	return out, err
}

// Notes gives what a consumer group's last commit in every partition of a topic said beside the offset: see Claim.Note.
func (c *Client) Notes(ctx context.Context, group, topic string, partitions int) ([]string, error) {
	out := make([]string, partitions)
	err := c.commits(ctx, group, topic, partitions, func(p kafka.OffsetFetchPartition) { out[p.Partition] = p.Metadata })
	return out, err
}

// commits visits what a group has committed in the partitions of a topic.
func (c *Client) commits(ctx context.Context, group, topic string, partitions int, visit func(kafka.OffsetFetchPartition)) error {
	ask := make([]int, partitions)
	for p := range ask {
		ask[p] = p
	}
	r, err := c.kafka.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: ask}})
	if err == nil && !errors.Is(r.Error, kafka.GroupIdNotFound) { // a group that never was has committed nothing
		err = r.Error
	}
	if err != nil {
		return fmt.Errorf("asking for the offsets of group %s: %w", group, c.advise(err, access{"Describe", topic, group}))
	}
	for _, p := range r.Topics[topic] {
		switch {
		case p.Error == nil:
			visit(p)
		case errors.Is(p.Error, kafka.TopicAuthorizationFailed): // not 'none': that would be waited for for ever
			return fmt.Errorf("asking for the offsets of group %s: %w", group, c.advise(p.Error, access{"Describe", topic, group}))
		}
	}
	return nil
}
