package memory

import (
	"context"
	"errors"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// TakeIn has an owner take in records whole, the first of which is offset 0, and gives what it sent by topic. cfg is of the owner, but for
// its log and its nonce. What the owner appends to facts comes to nothing. The error is what the owner ends with.
func TakeIn(ctx context.Context, cfg processor.Config, records []processor.Record) (map[string][]processor.Message, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	log, nonce := &ended{records, map[string][]processor.Message{}, stop}, uint64(0)
	cfg.Log, cfg.Nonce = log, func() uint64 { nonce++; return nonce }
	err := processor.New(cfg).Run(ctx, -1)
	return log.sent, err
}

// ended is a log that has all its records, and stops its owner at its end.
type ended struct {
	records []processor.Record
	sent    map[string][]processor.Message
	stop    func()
}

var errEnded = errors.New("the end of the log")

func (l *ended) Fetch(_ context.Context, offset int64, most int, _ civil.Instant) (processor.Fetched, error) {
	end := int64(len(l.records))
	if offset == end {
		l.stop()
		return processor.Fetched{}, errEnded
	}
	return processor.Fetched{Records: l.records[offset:min(end, offset+int64(most))], End: end}, nil
}

func (l *ended) Produce(_ context.Context, e processor.Emission) error {
	l.sent[e.Topic] = append(l.sent[e.Topic], e.Messages...)
	return nil
}

func (l *ended) Append(context.Context, processor.Message) (int64, error) {
	return int64(len(l.records)), nil
}

func (l *ended) Commit(context.Context, int64) error { return nil }
