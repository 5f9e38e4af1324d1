package scorer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/portfolio"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// logs are facts and portfolio in memory. Each append that is counted down to fails: the record is written or not, and the
// writer doesn't know.
type logs struct {
	mu        sync.Mutex
	cond      *sync.Cond
	portfolio [][]*pb.PortfolioDay
	facts     [][]*pb.Fact
	fail      map[int]bool // the nth append from now on; true: it is written all the same
	appends   int
	finished  civil.Instant
}

func newLogs(partitions int) *logs {
	l := &logs{portfolio: make([][]*pb.PortfolioDay, partitions), facts: make([][]*pb.Fact, partitions)}
	l.cond = sync.NewCond(&l.mu)
	return l
}

var errLost = errors.New("no answer")

func (l *logs) append(write func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.cond.Broadcast()
	l.appends++
	written, fails := l.fail[l.appends]
	if !fails || written {
		write()
	}
	if fails {
		return errLost
	}
	return nil
}

func (l *logs) Partitions(context.Context) (int, error) { return len(l.portfolio), nil }

func (l *logs) Read(ctx context.Context, partition int, from int64) ([]*pb.PortfolioDay, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for int64(len(l.portfolio[partition])) <= from {
		if ctx.Err() != nil {
			return nil, from, ctx.Err()
		}
		l.cond.Wait()
	}
	days := slices.Clone(l.portfolio[partition][from:])
	return days, from + int64(len(days)), nil
}

func (l *logs) End(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.portfolio[0])), nil
}

func (l *logs) Publish(_ context.Context, partition int, f *pb.Fact) error {
	return l.append(func() { l.facts[partition] = append(l.facts[partition], f) })
}

func (l *logs) Done(_ context.Context, d *pb.PortfolioDay) error {
	return l.append(func() {
		l.portfolio[0] = append(l.portfolio[0], d)
		l.finished = max(l.finished, civil.Instant(d.AsOf))
	})
}

// tell puts a day end of one partition into portfolio; ranked is nil where it comes without histograms.
func (l *logs) tell(partition, day int, nets ...int64) {
	d := &pb.PortfolioDay{Partition: int32(partition), AsOf: int64(at(day)), Day: int32(day), Totals: &pb.PortfolioTotals{}}
	if nets != nil {
		var h portfolio.Histogram
		for _, net := range nets {
			h.Add(net, 1)
		}
		d.Ranked, d.Ranks = true, []*pb.Histogram{{Figure: "net", Index: h.Index, Count: h.Count, Sum: h.Sum}}
		d.Plan = &pb.CutoffPlan{Wanted: []string{"net_p50"}}
	}
	_ = l.append(func() { l.portfolio[partition] = append(l.portfolio[partition], d) })
}

func at(day int) civil.Instant { return civil.Instant(day) * civil.FullDay }

// until waits until a day end is done.
func (l *logs) until(day int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.finished < at(day) {
		l.cond.Wait()
	}
}

// start runs a merger and gives what ends it.
func (l *logs) start(t *testing.T) (m *merger, end func()) {
	t.Helper()
	m = &merger{world: l, log: zerolog.Nop(), shown: newGauges(prometheus.NewRegistry()), clock: func() civil.Instant { return 0 }}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.run(ctx)
	}()
	return m, func() {
		stop()
		l.cond.Broadcast()
		for {
			select {
			case <-done:
				return
			default:
				l.cond.Broadcast() // whoever waits looks at ctx
			}
		}
	}
}

// published is what stands in facts, partition by partition; what came again of a sequence, which nobody takes, is left out.
func (l *logs) published(t *testing.T) (out []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, facts := range l.facts {
		by, line := map[int64]*pb.Fact{}, []string{}
		for _, f := range facts {
			c := f.GetCutoffs()
			if was := by[c.Sequence]; was != nil {
				if !proto.Equal(was, f) {
					t.Fatalf("two records of one sequence: %v, %v", was, f)
				}
				continue
			}
			by[c.Sequence] = f
			line = append(line, fmt.Sprintf("%d:%d", c.Sequence, c.Cutoffs[0].Value))
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

func want(t *testing.T, l *logs, line string) {
	t.Helper()
	for p, got := range l.published(t) {
		if got != line {
			t.Errorf("partition %d of facts has %q, want %q", p, got, line)
		}
	}
}

// A day end is merged once all partitions have told it, in the order of days; what one passes by has no cut-offs.
func TestMerges(t *testing.T) {
	l := newLogs(2)
	m, end := l.start(t)
	defer end()
	l.tell(0, 1, 10)
	l.tell(0, 2, 20)
	l.tell(1, 1, 10)
	l.until(1)
	want(t, l, "1:10")
	l.tell(1, 2) // without its histograms
	l.until(2)
	l.tell(1, 4, 40) // which sleeps over day 3
	l.tell(0, 3, 30)
	l.until(3)
	l.tell(0, 4, 40)
	l.until(4)
	want(t, l, "1:10 4:40")
	if got := testutil.ToFloat64(m.shown.merged); got != 4 {
		t.Errorf("day %v is shown as merged", got)
	}
}

// A merger that ends leaves nothing behind on its instance that looks as if a day were waited for.
func TestEndedMergerWaitsForNobody(t *testing.T) {
	l := newLogs(2)
	m, end := l.start(t)
	l.tell(0, 1, 10)
	l.tell(1, 1, 10)
	l.until(1)
	l.tell(0, 2, 20)
	for testutil.ToFloat64(m.shown.waiting) != 1 {
		runtime.Gosched()
	}
	end()
	if n := testutil.ToFloat64(m.shown.waiting); n != 0 {
		t.Errorf("%v partitions are still waited for", n)
	}
}

// What is told again, and a merger that begins anew, change nothing.
func TestMergesOnce(t *testing.T) {
	l := newLogs(2)
	_, end := l.start(t)
	for day := 1; day <= 3; day++ {
		for p := range 2 {
			l.tell(p, day, int64(10*day))
			l.tell(p, day, int64(10*day))
		}
	}
	l.until(3)
	end()
	before := l.appends
	_, end = l.start(t)
	defer end()
	l.tell(0, 1, 10)
	l.tell(0, 4, 40)
	l.tell(1, 4, 40)
	l.until(4)
	want(t, l, "1:10 2:20 3:30 4:40")
	if n := l.appends - before; n != 3+3 {
		t.Errorf("%d appends for one day of two partitions", n-3)
	}
}

// However many of its appends get no answer or are lost, whoever begins anew in between, and with a second merger beside it:
// every partition of facts gets the same cut-offs, each once as far as anybody takes them.
func TestMergerIsExactlyOnceInEffect(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := newLogs(3)
		l.fail = map[int]bool{}
		for range rapid.IntRange(0, 4).Draw(r, "failures") {
			l.fail[rapid.IntRange(1, 20).Draw(r, "append")] = rapid.Bool().Draw(r, "written")
		}
		l.portfolio = make([][]*pb.PortfolioDay, 3)
		line := []string{}
		for day := 1; day <= 3; day++ {
			line = append(line, fmt.Sprintf("%d:%d", day, 10*day))
			for p := range 3 {
				d := newLogs(3)
				d.tell(p, day, int64(10*day))
				l.portfolio[p] = append(l.portfolio[p], d.portfolio[p]...)
			}
		}
		for range rapid.IntRange(0, 3).Draw(r, "crashes") {
			m := &merger{world: crashing{l, rapid.IntRange(0, 12).Draw(r, "appends before")}, log: zerolog.Nop(), shown: newGauges(prometheus.NewRegistry()), clock: func() civil.Instant { return 0 }}
			m.once(t)
		}
		_, one := l.start(t)
		_, two := l.start(t)
		l.until(3)
		one()
		two()
		want(t, l, strings.Join(line, " "))
	})
}

// crashing is a world that ends after some appends.
type crashing struct {
	*logs
	after int
}

// once merges what is there, as far as it comes.
func (m *merger) once(t *testing.T) {
	t.Helper()
	l := m.world.(crashing)
	m.gather.partitions = make([]told, 3)
	if _, err := m.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for p, days := range l.portfolio {
		for _, d := range days {
			m.gather.take(p, d)
		}
	}
	m.world = &limited{logs: l.logs, left: l.after}
	_ = m.merge(t.Context())
}

// limited takes so many appends, and no more.
type limited struct {
	*logs
	left int
}

func (l *limited) spend() error {
	if l.left--; l.left < 0 {
		return errLost
	}
	return nil
}

func (l *limited) Publish(ctx context.Context, partition int, f *pb.Fact) error {
	if err := l.spend(); err != nil {
		return err
	}
	return l.logs.Publish(ctx, partition, f)
}

func (l *limited) Done(ctx context.Context, d *pb.PortfolioDay) error {
	if err := l.spend(); err != nil {
		return err
	}
	return l.logs.Done(ctx, d)
}

// The next day end and whom it waits for, however the partitions' records come in between each other.
func TestGatheringDependsOnNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var queues [2][]*pb.PortfolioDay
		for p := range queues {
			last := 0
			for range rapid.IntRange(0, 5).Draw(t, "days") {
				last += rapid.IntRange(0, 2).Draw(t, "later")
				queues[p] = append(queues[p], &pb.PortfolioDay{AsOf: int64(at(last + 1)), Ranked: rapid.Bool().Draw(t, "ranked"), Partition: int32(p)})
			}
		}
		straight, mixed := gathering{partitions: make([]told, 2)}, gathering{partitions: make([]told, 2)}
		for p, q := range queues {
			for _, d := range q {
				straight.take(p, d)
			}
		}
		for len(queues[0])+len(queues[1]) > 0 {
			p := rapid.IntRange(0, 1).Draw(t, "from")
			if len(queues[p]) == 0 {
				p = 1 - p
			}
			mixed.take(p, queues[p][0])
			queues[p] = queues[p][1:]
		}
		for {
			a, days, waits := straight.next()
			b, others, also := mixed.next()
			if a != b || len(days) != len(others) || !slices.Equal(waits, also) {
				t.Fatalf("%v %d %v, and %v %d %v", a, len(days), waits, b, len(others), also)
			}
			if a == 0 || len(waits) > 0 {
				return
			}
			straight.finish(a)
			mixed.finish(b)
		}
	})
}
