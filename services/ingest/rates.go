package ingest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// rates are those on the topic fx-rates, as far as it has been read. See docs/adr/0016-currencies.md.
type rates struct {
	service *service
	known   atomic.Pointer[fx.Desk] // never changed once it is here
	mu      sync.Mutex
	next    []int64 // offset per partition
}

// upToDate are the rates with all that is on the topic now: whatever was published before an event that has been read.
func (r *rates) upToDate(ctx context.Context, init *pb.PartitionInit) (*fx.Desk, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	desk := r.known.Load()
	if desk == nil {
		var err error
		if desk, err = newDesk(init); err != nil {
			return nil, err
		}
	}
	topic := r.service.process.TopicPrefix + topics.FxRates
	bounds, err := r.service.client.Offsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	if len(r.next) < len(bounds) {
		r.next = append(r.next, make([]int64, len(bounds)-len(r.next))...)
	}
	d := codec.Decoder{Currency: init.Currency}
	var quotes []fx.Quote
	for p, b := range bounds {
		err := r.service.client.ReadRange(ctx, topic, p, max(r.next[p], b.Start), b.End, func(m kafkalog.Message) error {
			if a, reject := d.Decode(codec.Input{Topic: topics.FxRates, Headers: headers(&m), Value: m.Value}, 0); reject == nil {
				quotes = append(quotes, codec.Quotes(a.Fact.GetFxRates())...)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading the rates: %w", err)
		}
	}
	for p, b := range bounds {
		r.next[p] = b.End
	}
	if len(quotes) > 0 || r.known.Load() == nil {
		desk = &fx.Desk{Table: desk.Clone(), Calendar: desk.Calendar, MaxAge: desk.MaxAge}
		desk.Take(quotes)
		r.known.Store(desk)
		r.show(desk)
	}
	return desk, nil
}

// newDesk is a desk without rates, by the policy that the deployment was started with.
func newDesk(init *pb.PartitionInit) (*fx.Desk, error) {
	calendar, err := civil.NewCalendar(init.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the deployment's time zone: %w", err)
	}
	p, err := policy.Parse(init.PolicyFile, init.Policy)
	if err != nil {
		return nil, fmt.Errorf("the policy that the deployment was started with: %w", err)
	}
	return &fx.Desk{Calendar: calendar, MaxAge: p.RateAge}, nil
}

// show tells the age of the newest rates.
func (r *rates) show(d *fx.Desk) {
	if day, ok := d.Newest(); ok {
		r.service.metrics.rates.Set(float64(d.Calendar.Start(day).Time().Unix()))
	}
}

// looksForRates is the rest between two looks at the rates while no document asks for them.
const looksForRates = time.Minute

// follow reads the rates before the first document needs them, and looks now and then what is new, for the metric. What goes
// wrong here is told where a document needs a rate.
func (r *rates) follow(ctx context.Context) error {
	tick := time.NewTicker(looksForRates)
	defer tick.Stop()
	for {
		if init, _, err := r.service.deployment(ctx); err == nil {
			if _, err := r.upToDate(ctx, init); err != nil && ctx.Err() == nil {
				r.service.deps.Log.Debug().Err(err).Msg("looking for rates failed: trying again")
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// decode reads a record. One in another currency is read with all the rates that are there now; once a batch that is enough,
// since they were there when its records were read.
func (s *service) decode(ctx context.Context, d *codec.Decoder, init *pb.PartitionInit, in codec.Input, judged civil.Instant, out *outbox) (codec.Accepted, *codec.Reject, error) {
	a, reject := d.Decode(in, judged)
	foreign := reject != nil && reject.Code == codec.NoRate || reject == nil && a.Fact.GetRate() != nil
	if !foreign || out.rated {
		return a, reject, nil
	}
	desk, err := s.rates.upToDate(ctx, init)
	if err != nil {
		return a, nil, err
	}
	out.rated, d.Rates = true, desk
	a, reject = d.Decode(in, judged)
	return a, reject, nil
}

// publish puts rates that came among events onto their own topic, where every instance finds them.
func (s *service) publish(ctx context.Context, r *pb.FxRates, partition int, out *outbox) error {
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding rates: %w", err)
	}
	out.rated = false // what comes after may need them
	_, err = s.client.Produce(ctx, s.process.TopicPrefix+topics.FxRates, partition, []kafkalog.Message{{Value: value, Time: out.now.Time()}})
	return err
}

func headers(m *kafkalog.Message) (out []codec.Header) {
	for _, h := range m.Headers {
		out = append(out, codec.Header{Key: h.Key, Value: h.Value})
	}
	return out
}
