package tierctl

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/topics"
)

// sliceOf is the part of a second that a burst of generateLive stands for.
const sliceOf = 50 * time.Millisecond

// generateLive sends a trade that ends today onto the topics, rate events a second.
func generateLive(cmd *cobra.Command, cfg loadgen.Config, rate int) error {
	r, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer r.close()
	event, err := r.eventClock(cmd.Context())
	if err != nil {
		return err
	}
	cfg.Start = r.now().Time().Truncate(24*time.Hour).AddDate(0, 0, 1-cfg.Days)
	cfg.Currency = r.init.Currency
	ctx := cmd.Context()
	p := pace{remote: r, event: event, perSlice: max(1, rate*int(sliceOf)/int(time.Second)), next: time.Now(), waiting: map[place][]kafkalog.Message{}}
	bar := newProgress(cmd.ErrOrStderr(), "sending", -1)
	err = loadgen.Generate(cfg, func(l loadgen.Line) error {
		bar.add(1)
		return p.add(ctx, l)
	})
	if err == nil {
		err = p.flush(ctx)
	}
	bar.done()
	if err != nil {
		return interrupted(ctx, err, "%d lines were acknowledged", p.sent)
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d lines sent\n", p.sent)
	return err
}

// pace sends bursts at even times.
type pace struct {
	remote   *remote
	event    bool // clock
	perSlice int
	next     time.Time
	waiting  map[place][]kafkalog.Message
	n, sent  int
}

func (p *pace) add(ctx context.Context, l loadgen.Line) error {
	raw := fmt.Appendf(nil, `{"topic":%q,"value":%s}`, l.Topic, l.Value)
	line := numbered{Line: codec.ParseLine(raw)}
	topic, value := liveTopic(line)
	if p.event && topic != topics.FxRates {
		topic, value = topics.Events, raw
	}
	at := place{topic, partitionOf(line, p.remote.partitions())}
	p.waiting[at] = append(p.waiting[at], kafkalog.Message{Key: []byte(line.CustomerID), Value: value})
	if p.n++; p.n < p.perSlice {
		return nil
	}
	return p.flush(ctx)
}

func (p *pace) flush(ctx context.Context) error {
	t := time.NewTimer(time.Until(p.next))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	}
	for _, rates := range []bool{true, false} { // first, for what counts by them
		for at, ms := range p.waiting {
			if (at.topic == topics.FxRates) != rates {
				continue
			}
			if err := p.remote.produce(ctx, p.remote.topic(at.topic), at.partition, ms); err != nil {
				return err
			}
		}
	}
	clear(p.waiting)
	p.sent, p.n = p.sent+p.n, 0
	p.next = p.next.Add(sliceOf)
	return nil
}
