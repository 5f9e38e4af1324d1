package tierctl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/deadletter"
	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// figureFacts are those of what the deployment counts by. Without a record 0 there is no deployment to speak of, and other checks say
// what is wrong.
func (r *remote) figureFacts(ctx context.Context, f *doctor.Facts) {
	i := slices.IndexFunc(f.Inits, func(i doctor.Init) bool { return i.Record != nil && i.Err == nil })
	if i < 0 {
		return
	}
	r.init = f.Inits[i].Record
	calendar, err := civil.NewCalendar(r.init.TimeZone)
	if err != nil {
		return
	}
	line, silent := r.silence(ctx)
	f.Silence = silenceFact(line, silent, calendar)
	today := calendar.DayOf(r.now())
	if r.init.Clock == pb.PartitionInit_EVENT {
		if today = 0; silent == nil && line.AsOf != 0 {
			today = calendar.DayOf(civil.Instant(line.AsOf))
		}
	}
	f.Rates = &doctor.Rates{Base: r.init.Currency, Today: today}
	f.Rates.Err = r.rateFacts(ctx, f.Rates)
}

// silenceFact is nil while the services haven't begun: the groups say so.
func silenceFact(line silenceLine, err error, c civil.Calendar) *doctor.Silence {
	switch {
	case errors.As(err, new(notBegun)):
		return nil
	case err != nil:
		return &doctor.Silence{Err: err}
	}
	s := &doctor.Silence{JudgedTo: line.JudgedTo, By: line.By}
	if line.HeldSince == nil {
		return s
	}
	s.HeldSince = *line.HeldSince
	for _, x := range line.Feeds {
		if x.State != feedHolds {
			continue
		}
		s.Until = c.Local(civil.Instant(x.Until)).Format("2006-01-02 15:04")
		if x.Name != everybody {
			s.Holding = append(s.Holding, doctor.Feed{Source: plain(x.Source), Name: plain(x.Name)})
		}
	}
	return s
}

// refusedMost bounds how many dead letters are counted.
const refusedMost = 10_000

func (r *remote) rateFacts(ctx context.Context, into *doctor.Rates) error {
	p, err := policy.Parse(r.init.PolicyFile, r.init.Policy)
	if err != nil {
		return fmt.Errorf("the policy that the deployment was started with: %w", err)
	}
	into.MaxAge = p.RateAge
	var known fx.Table
	d := codec.Decoder{Currency: r.init.Currency}
	err = r.readAll(ctx, topics.FxRates, func(m kafkalog.Message) error {
		in := codec.Input{Topic: topics.FxRates, Value: m.Value}
		for _, h := range m.Headers {
			in.Headers = append(in.Headers, codec.Header{Key: h.Key, Value: h.Value})
		}
		if a, reject := d.Decode(in, 0); reject == nil {
			known.Take(codec.Quotes(a.Fact.GetFxRates()))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, code := range known.Codes() {
		day, _ := known.NewestOf(code)
		into.Newest = append(into.Newest, doctor.RateDay{Currency: code.String(), Day: day})
	}
	box := deadletter.Box{Client: r.client, Prefix: r.TopicPrefix}
	letters, err := box.List(ctx, deadletter.Filter{Reason: codec.NoRate, Since: r.now().Time().Add(-doctor.RefusedHours * time.Hour)}, refusedMost)
	if err != nil {
		return err
	}
	n := map[string]int{}
	for _, l := range letters {
		n[cmp.Or(plain(l.Currency), "an unknown currency")]++ // a letter of before the header was has none
	}
	for _, code := range slices.Sorted(maps.Keys(n)) {
		into.Refused = append(into.Refused, doctor.Refused{Currency: code, Letters: n[code]})
	}
	return nil
}
