package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// errWaited ends a fetch that found nothing.
var errWaited = errors.New("no records within the wait")

// Broker keeps topics of one partition in memory, for tests and tools. It is safe for concurrent use.
type Broker struct {
	clock func() civil.Instant // append times

	mu      sync.Mutex
	grown   chan struct{} // closed when something was appended
	topics  map[string]*topic
	commits map[string]commit
}

type topic struct {
	start    int64
	messages []processor.Message // from start on
	appended []civil.Instant
}

type commit struct {
	offset     int64
	generation int
}

// NewBroker has no records yet. clock gives the append times.
func NewBroker(clock func() civil.Instant) *Broker {
	return &Broker{clock: clock, grown: make(chan struct{}), topics: map[string]*topic{}, commits: map[string]commit{}}
}

func (b *Broker) topic(name string) *topic {
	if b.topics[name] == nil {
		b.topics[name] = &topic{}
	}
	return b.topics[name]
}

// Put appends to a topic and gives the offset of the first message.
func (b *Broker) Put(name string, ms ...processor.Message) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topic(name)
	offset := t.end()
	for _, m := range ms {
		t.messages, t.appended = append(t.messages, m), append(t.appended, b.clock())
	}
	close(b.grown)
	b.grown = make(chan struct{})
	return offset
}

func (t *topic) end() int64 { return t.start + int64(len(t.messages)) }

// Messages is what a topic has, from its start on.
func (b *Broker) Messages(name string) []processor.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topic(name)
	return t.messages[:len(t.messages):len(t.messages)]
}

// Trim deletes the records of a topic below offset.
func (b *Broker) Trim(name string, offset int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topic(name)
	if n := min(offset, t.end()) - t.start; n > 0 {
		t.start, t.messages, t.appended = t.start+n, t.messages[n:], t.appended[n:]
	}
}

// Committed is the offset of a group; -1: none.
func (b *Broker) Committed(group string) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.commits[group]; ok {
		return c.offset
	}
	return -1
}

// Log is the partition as the next owner of a group sees it; the logs of former owners are fenced.
func (b *Broker) Log(group, input, facts string) *Log {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.commits[group]
	if !ok {
		c.offset = -1
	}
	c.generation++
	b.commits[group] = c
	return &Log{broker: b, group: group, input: input, facts: facts, generation: c.generation}
}

// Log is a processor.Log over a Broker.
type Log struct {
	broker              *Broker
	group, input, facts string
	generation          int
}

// Fetch gives the records from offset on; where there are none it waits for some, at most wait.
func (l *Log) Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (processor.Fetched, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(wait)*time.Microsecond, errWaited)
	defer cancel()
	for {
		f, grown := l.records(offset, most)
		if len(f.Records) > 0 || offset != f.End {
			return f, nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			if err := context.Cause(ctx); !errors.Is(err, errWaited) {
				return processor.Fetched{}, err
			}
			return f, nil
		}
	}
}

func (l *Log) records(offset int64, most int) (processor.Fetched, <-chan struct{}) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topic(l.input)
	f := processor.Fetched{Start: t.start, End: t.end()}
	if offset < t.start {
		return f, b.grown
	}
	for o := offset; o < f.End && len(f.Records) < most; o++ {
		m := t.messages[o-t.start]
		f.Records = append(f.Records, processor.Record{Offset: o, Appended: t.appended[o-t.start], Key: m.Key, Value: m.Value})
	}
	return f, b.grown
}

// Produce appends an emission.
func (l *Log) Produce(ctx context.Context, e processor.Emission) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.broker.Put(e.Topic, e.Messages...)
	return nil
}

// Append puts a record into facts.
func (l *Log) Append(ctx context.Context, m processor.Message) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return l.broker.Put(l.facts, m), nil
}

// Commit keeps the group's offset.
func (l *Log) Commit(_ context.Context, offset int64) error {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.commits[l.group]
	if c.generation != l.generation {
		return processor.ErrFenced
	}
	c.offset = offset
	b.commits[l.group] = c
	return nil
}
