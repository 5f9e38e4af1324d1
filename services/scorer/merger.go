package scorer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// world is what the merger needs of the logs.
type world interface {
	// Partitions waits until the topic portfolio is there, and says how many it has.
	Partitions(ctx context.Context) (int, error)
	// Read gives the records of one partition of portfolio from an offset on, and the offset behind them. It waits a little
	// where there are none.
	Read(ctx context.Context, partition int, from int64) (days []*pb.PortfolioDay, next int64, err error)
	// End is the offset behind the last record of partition 0 of portfolio.
	End(ctx context.Context) (int64, error)
	// Publish appends a record to one partition of facts.
	Publish(ctx context.Context, partition int, f *pb.Fact) error
	// Done appends a merged day to partition 0 of portfolio.
	Done(ctx context.Context, d *pb.PortfolioDay) error
}

// merger makes the cut-offs of each day end, once all partitions have told it. It remembers nothing that isn't in the logs,
// and what it appends is a function of what it has read: two of them, or one that begins again in the middle of its
// appends, put the same records there, and of a sequence only the first counts. See docs/adr/0012.
//
//	portfolio 0..n ──▶ gathering ──▶ reducer.Merge ──▶ facts 0..n, then portfolio 0: the day is done
type merger struct {
	world  world
	log    zerolog.Logger
	shown  *gauges
	clock  func() civil.Instant
	gather gathering

	waiting civil.Instant // the day end that is waited for
	since   civil.Instant
	warned  bool
}

// gauges are what the merger shows.
type gauges struct{ merged, waiting prometheus.Gauge }

func newGauges(reg prometheus.Registerer) *gauges {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tierstream", Subsystem: "portfolio", Name: name, Help: help})
		reg.MustRegister(g)
		return g
	}
	return &gauges{
		merged:  gauge("merged_day", "The last day end that has its cut-offs: the day that begins then, in days since 1970-01-01."),
		waiting: gauge("waiting", "Partitions that keep the next day's cut-offs waiting."),
	}
}

// arrival is what was read of a partition.
type arrival struct {
	partition int
	days      []*pb.PortfolioDay
}

// restAfter is the rest after an error; waitMost is after how long a partition that others wait for is news.
const (
	restAfter = 200 * time.Millisecond
	lookEvery = 10 * time.Second
	waitMost  = civil.Minute
)

// run merges until ctx ends.
func (m *merger) run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	n, err := m.world.Partitions(ctx)
	if err != nil { // ctx has ended
		stop()
		return
	}
	m.gather.partitions = make([]told, n)
	defer m.shown.waiting.Set(0) // whoever merges next shows it
	from := make([]int64, n)
	m.persist(ctx, "reading what is done", func() (err error) {
		from[0], err = m.begin(ctx)
		return err
	})
	arrivals := make(chan arrival)
	var followers sync.WaitGroup
	defer followers.Wait()
	defer stop()
	for p := range n {
		followers.Go(func() { m.follow(ctx, p, from[p], arrivals) })
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			at, _, waits := m.gather.next()
			m.wait(at, waits)
		case a := <-arrivals:
			for _, d := range a.days {
				m.gather.take(a.partition, d)
			}
			m.persist(ctx, "merging", func() error { return m.merge(ctx) })
		}
	}
}

// begin reads partition 0 to its end, where it stands which days are done: what the others tell of them is passed over.
func (m *merger) begin(ctx context.Context) (next int64, err error) {
	end, err := m.world.End(ctx)
	if err != nil {
		return 0, err
	}
	m.gather.partitions[0] = told{}
	for next < end {
		var days []*pb.PortfolioDay
		if days, next, err = m.world.Read(ctx, 0, next); err != nil {
			return 0, err
		}
		for _, d := range days {
			m.gather.take(0, d)
		}
	}
	return next, nil
}

// follow hands on what a partition tells.
func (m *merger) follow(ctx context.Context, partition int, from int64, to chan<- arrival) {
	for ctx.Err() == nil {
		var days []*pb.PortfolioDay
		m.persist(ctx, "reading", func() (err error) {
			days, from, err = m.world.Read(ctx, partition, from)
			return err
		})
		if len(days) == 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case to <- arrival{partition, days}:
		}
	}
}

// merge finishes every day end that all partitions have told or passed by.
func (m *merger) merge(ctx context.Context) error {
	for {
		at, days, waits := m.gather.next()
		if m.wait(at, waits); at == 0 || len(waits) > 0 {
			return nil
		}
		merged := &pb.PortfolioDay{AsOf: int64(at), Merged: true}
		if days != nil {
			var facts []*pb.Fact
			merged, facts = reducer.Merge(days)
			for _, fact := range facts {
				if err := m.publish(ctx, fact, len(days)); err != nil {
					return err
				}
			}
			m.shown.merged.Set(float64(merged.Day))
		}
		if err := m.world.Done(ctx, merged); err != nil {
			return err
		}
		m.gather.finish(at)
	}
}

// publish puts what a midnight brings into every partition of facts.
func (m *merger) publish(ctx context.Context, fact *pb.Fact, partitions int) error {
	for p := range partitions {
		if err := m.world.Publish(ctx, p, fact); err != nil {
			return err
		}
	}
	switch quiet := fact.GetPaymentsQuiet(); {
	case quiet == nil:
		m.log.Info().Str("day", fact.GetCutoffs().Day).Int("cutoffs", len(fact.GetCutoffs().Cutoffs)).Msg("cut-offs published")
	case quiet.Since == nil:
		m.log.Info().Msg("payments come again: silence is judged as far as it should be")
	default:
		m.log.Warn().Stringer("since", civil.Day(quiet.GetSince())).Msg("payments have stopped coming for everybody: nobody gets worse by silence (see tierctl feed status)")
	}
	return nil
}

// wait shows what the next day end waits for.
func (m *merger) wait(at civil.Instant, waits []int) {
	m.shown.waiting.Set(float64(len(waits)))
	if len(waits) == 0 || at != m.waiting {
		m.waiting, m.since, m.warned = at, m.clock(), false
	}
	if m.clock()-m.since > waitMost && !m.warned {
		m.warned = true
		m.log.Warn().Stringer("as_of", at).Ints("partitions", waits).Msg("cut-offs wait for partitions that haven't come as far as others: see their lag and readiness")
	}
}

// persist tries again until it succeeds or ctx ends.
func (m *merger) persist(ctx context.Context, what string, try func() error) {
	for failed := false; ctx.Err() == nil; failed = true {
		err := try()
		if err == nil {
			return
		}
		if ctx.Err() == nil && !failed {
			m.log.Warn().Err(err).Msg("cut-offs: " + what + " failed: trying again")
		}
		t := time.NewTimer(restAfter)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

// kafkaWorld is the logs in Kafka.
type kafkaWorld struct {
	client *kafkalog.Client
	prefix string
	clock  func() civil.Instant
}

func (w *kafkaWorld) Partitions(ctx context.Context) (int, error) {
	return w.client.AwaitTopic(ctx, w.prefix+topics.Portfolio, nil)
}

func (w *kafkaWorld) Read(ctx context.Context, partition int, from int64) (days []*pb.PortfolioDay, next int64, err error) {
	ms, next, err := w.client.Poll(ctx, w.prefix+topics.Portfolio, partition, from, kafkalog.IdleWait)
	for _, m := range ms {
		d := &pb.PortfolioDay{}
		if err := proto.Unmarshal(m.Value, d); err != nil {
			return nil, from, fmt.Errorf("portfolio partition %d offset %d is no day: %w", partition, m.Offset, err)
		}
		days = append(days, d)
	}
	return days, next, err
}

func (w *kafkaWorld) End(ctx context.Context) (int64, error) {
	bounds, err := w.client.Offsets(ctx, w.prefix+topics.Portfolio)
	if err != nil {
		return 0, err
	}
	return bounds[0].End, nil
}

func (w *kafkaWorld) Publish(ctx context.Context, partition int, f *pb.Fact) error {
	value, err := proto.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding cut-offs: %w", err)
	}
	m := kafkalog.Message{Time: w.clock().Time(), Value: value}
	_, err = w.client.Produce(ctx, w.prefix+topics.Facts, partition, []kafkalog.Message{m})
	return err
}

func (w *kafkaWorld) Done(ctx context.Context, d *pb.PortfolioDay) error {
	m := reducer.MergedMessage(d)
	_, err := w.client.Produce(ctx, w.prefix+topics.Portfolio, 0, []kafkalog.Message{{Key: []byte(m.Key), Value: m.Value}})
	return err
}
