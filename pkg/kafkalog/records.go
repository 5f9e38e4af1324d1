package kafkalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
)

// Message is a record with its place.
type Message struct {
	Partition int
	Offset    int64
	Time      time.Time // zero: when it is sent
	Key       []byte
	Value     []byte
	Headers   []Header
}

// Header is one header of a record.
type Header = kafka.Header

// Sizes of a fetch. The broker sends at least one whole batch whatever its size, and all that it sends is read, whether it
// is wanted or not: who asks for fewer records than that pays for them each time.
const (
	fetchMin  = 1
	fetchMax  = 1 << 20
	fetchMost = 10_000 // records
)

// Produce sends records to one partition, in one request and one batch, and waits until every replica has them. It
// gives the offset of the first. An error never means that they are not written.
func (c *Client) Produce(ctx context.Context, topic string, partition int, ms []Message) (int64, error) {
	records, readers := make([]kafka.Record, len(ms)), make([]textReader, 0, 2*len(ms))
	now := time.Now()
	for i, m := range ms {
		records[i] = kafka.Record{Time: m.Time, Key: bytesOf(m.Key, &readers), Value: bytesOf(m.Value, &readers), Headers: m.Headers}
		if m.Time.IsZero() {
			records[i].Time = now
		}
	}
	r, err := c.kafka.Produce(ctx, &kafka.ProduceRequest{
		Topic: topic, Partition: partition, RequiredAcks: kafka.RequireAll, Compression: c.compression(topic, ms),
		Records: kafka.NewRecordReader(records...),
	})
	if err == nil {
		err = errors.Join(r.Error, recordErrors(r.RecordErrors))
	}
	if err != nil {
		return 0, fmt.Errorf("sending %d records to %s partition %d: %w", len(ms), topic, partition, c.refused(ctx, err, access{"Write", topic, ""}))
	}
	return r.BaseOffset, nil
}

// compressFrom is where compressing begins to be worth its while, in bytes.
const compressFrom = 4 << 10

// compression is how records are sent to a topic. Few are sent as they are.
func (c *Client) compression(topic string, ms []Message) kafka.Compression {
	if !slices.Contains(c.cfg.Compressed, topic) {
		return 0
	}
	size := 0
	for i := range ms {
		if size += len(ms[i].Key) + len(ms[i].Value); size >= compressFrom {
			return kafka.Snappy
		}
	}
	return 0
}

// Permanent says that Kafka has refused something for good: asking again would only get the same answer. What isn't
// permanent may pass: a leader that moves, a broker that is restarted (it says Unknown of what it can't look up yet), a
// connection that was cut.
func Permanent(err error) bool {
	var code kafka.Error
	return errors.As(err, &code) && code != kafka.Unknown && !code.Temporary()
}

// Moving says that a partition's leader could not answer: it is being replaced, or its broker restarted. Of a Kafka that isn't
// there at all it says the same: ask for the metadata first.
func Moving(err error) bool {
	return errors.As(err, new(kafka.Error)) && !Permanent(err) || errors.As(err, new(net.Error)) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func recordErrors(by map[int]error) error {
	for _, err := range by {
		return err
	}
	return nil
}

// textReader is kafka.NewBytes', many of which are made at once.
type textReader struct{ bytes.Reader }

// Close does nothing.
func (*textReader) Close() error { return nil }

func bytesOf(b []byte, of *[]textReader) kafka.Bytes {
	if b == nil {
		return nil
	}
	*of = append(*of, textReader{}) // never beyond what it was made for: the others stay where they are
	r := &(*of)[len(*of)-1]
	r.Reset(b)
	return r
}

// fetched is an answer of fetch.
type fetched struct {
	messages []Message
	bounds   Bounds
}

// fetch asks one partition for records from offset on. Where the log no longer has the offset, or not yet, it gives
// the log's bounds and no records, instead of jumping.
func (c *Client) fetch(ctx context.Context, topic string, partition int, offset int64, most int, wait time.Duration) (fetched, error) {
	return c.fetchBytes(ctx, topic, partition, offset, most, fetchMax, wait)
}

// fetchBytes is fetch of another size.
func (c *Client) fetchBytes(ctx context.Context, topic string, partition int, offset int64, most int, size int64, wait time.Duration) (f fetched, err error) {
	f.bounds, err = c.visit(ctx, topic, partition, offset, most, size, wait, func(m Message) { f.messages = double(f.messages, m) })
	return f, err
}

// double appends to a list that grows to twice its length where it must: append would copy long ones more often.
func double[T any](list []T, x T) []T {
	if n := len(list); n == cap(list) {
		list = slices.Grow(list, max(64, n))
	}
	return append(list, x)
}

// visit is fetch for who makes something else of the records.
func (c *Client) visit(ctx context.Context, topic string, partition int, offset int64, most int, size int64, wait time.Duration, take func(Message)) (Bounds, error) {
	r, err := c.kafka.Fetch(ctx, &kafka.FetchRequest{
		Topic: topic, Partition: partition, Offset: offset, MinBytes: fetchMin, MaxBytes: size, MaxWait: wait,
	})
	if err == nil && r.Error != nil {
		err = r.Error
	}
	if errors.Is(err, kafka.OffsetOutOfRange) {
		return c.outOfRange(ctx, topic, partition)
	}
	if err != nil {
		return Bounds{}, fmt.Errorf("reading %s partition %d at %d: %w", topic, partition, offset, c.refused(ctx, err, access{"Read", topic, ""}))
	}
	bounds := Bounds{r.LogStartOffset, r.HighWatermark}
	var read texts
	for n := 0; n < most; {
		rec, err := r.Records.ReadRecord()
		if err != nil {
			if !errors.Is(err, io.EOF) && n == 0 {
				return bounds, fmt.Errorf("reading %s partition %d at %d: %w", topic, partition, offset, err)
			}
			break // the end, or a batch that was cut short: the next fetch gets the rest
		}
		if rec.Offset < offset {
			continue // a batch begins before what was asked for
		}
		m, err := read.message(partition, rec)
		if err != nil {
			return bounds, fmt.Errorf("reading %s partition %d at %d: %w", topic, partition, rec.Offset, err)
		}
		n++
		take(m)
	}
	return bounds, nil
}

func (c *Client) outOfRange(ctx context.Context, topic string, partition int) (Bounds, error) {
	all, err := c.Offsets(ctx, topic)
	if err != nil {
		return Bounds{}, err
	}
	return all[partition], nil
}

// texts is memory that the keys and values of a fetch share.
type texts struct{ free []byte }

const textsSize = 1 << 15

// read gives all of a text, and what it was in back to the client, which uses that again.
func (t *texts) read(b kafka.Bytes) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	n := b.Len()
	if t.free == nil || cap(t.free) < n { // an empty text is not nil
		t.free = make([]byte, max(textsSize, n))
	}
	out := t.free[:n:n]
	t.free = t.free[n:cap(t.free)]
	_, err := io.ReadFull(b, out)
	return out, errors.Join(err, b.Close())
}

func (t *texts) message(partition int, r *kafka.Record) (Message, error) {
	key, err := t.read(r.Key)
	if err != nil {
		return Message{}, err
	}
	value, err := t.read(r.Value)
	if err != nil {
		return Message{}, err
	}
	return Message{Partition: partition, Offset: r.Offset, Time: r.Time, Key: key, Value: value, Headers: r.Headers}, nil
}

// recordSize is what few records are longer than: nobody asks for a whole fetch to read one.
const recordSize = 1 << 10

// ReadRange visits the records of one partition from offset from up to, not including, to.
func (c *Client) ReadRange(ctx context.Context, topic string, partition int, from, to int64, visit func(Message) error) error {
	for from < to {
		f, err := c.fetchBytes(ctx, topic, partition, from, fetchMost, min(fetchMax, max(1, to-from)*recordSize), time.Second)
		if err != nil {
			return err
		}
		if from < f.bounds.Start {
			return fmt.Errorf("reading %s partition %d: it starts at %d, above %d", topic, partition, f.bounds.Start, from)
		}
		for _, m := range f.messages {
			if m.Offset >= to {
				return nil
			}
			if err := visit(m); err != nil {
				return err
			}
			from = m.Offset + 1
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Poll gives what one partition holds from an offset on, and waits a little where there is nothing. The offset behind what it
// gives is next. What has expired is left out: for readers that want what is there.
func (c *Client) Poll(ctx context.Context, topic string, partition int, from int64, wait time.Duration) (ms []Message, next int64, err error) {
	f, err := c.fetch(ctx, topic, partition, from, fetchMost, max(time.Millisecond, wait))
	if err != nil {
		return nil, from, err
	}
	if from < f.bounds.Start {
		return nil, f.bounds.Start, nil
	}
	if n := len(f.messages); n > 0 {
		from = f.messages[n-1].Offset + 1
	}
	return f.messages, from, nil
}

// Chunks cuts records into requests of about most bytes, in their order.
func Chunks(ms []Message, most int) (out [][]Message) {
	size, from := 0, 0
	for i, m := range ms {
		n := len(m.Key) + len(m.Value) + 100*(1+len(m.Headers))
		if size+n > most && i > from {
			out = append(out, ms[from:i])
			size, from = 0, i
		}
		size += n
	}
	if from < len(ms) {
		out = append(out, ms[from:])
	}
	return out
}
