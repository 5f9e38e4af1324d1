package reducer_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// fataler is what *testing.T and *rapid.T share.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// line is both stages of one partition, one behind the other, without engine and faults: what the scorer gives is put
// into tierchange at once.
type line struct {
	t             fataler
	scorer, tiers *memory.Fold
	first, second *memory.Slot // of the scorer and of tierchange
	facts, scored int64        // next offsets

	records   []processor.Record // of scores, as tierchange got them
	scores    []*pb.Score
	changes   []*pb.TierChange
	published []processor.Message // of tier-changes
	latest    []processor.Message // of customer-tiers
	alerts    []*pb.CreditAlert
	signals   []*pb.CustomerSignal
	told      map[string][]processor.Message // of credit-alerts and signals
	portfolio []*pb.PortfolioDay
}

// newLine is a partition without a record.
func newLine(t fataler, opts reducer.Options) *line {
	t.Helper()
	l := &line{t: t, first: memory.NewSlot(), second: memory.NewSlot(), told: map[string][]processor.Message{}}
	var err error
	if l.scorer, err = memory.NewFold(weighed{reducer.NewScorer(opts), t}, l.first); err != nil {
		t.Fatal(err)
	}
	if l.tiers, err = memory.NewFold(weighed{reducer.NewTierChange(opts), t}, l.second); err != nil {
		t.Fatal(err)
	}
	return l
}

// started is a partition under a policy.
func started(t fataler, opts reducer.Options, clock pb.PartitionInit_Clock, policy string) *line {
	t.Helper()
	l := newLine(t, opts)
	l.put(initial(clock, policy))
	return l
}

// wall is a partition under the wall clock with the defaults.
func wall(t fataler, policy string) *line {
	t.Helper()
	return started(t, reducer.Options{}, pb.PartitionInit_WALL, policy)
}

// put appends facts when their own time says, one batch for all, and gives what is new in scores.
func (l *line) put(facts ...*pb.Fact) []*pb.Score {
	l.t.Helper()
	var records []processor.Record
	for _, f := range facts {
		records = append(records, record(l.facts, f, civil.Instant(f.At)))
		l.facts++
	}
	n := len(l.scores)
	l.fold(records)
	return l.scores[n:]
}

// appended puts one fact whose append time isn't its own.
func (l *line) appended(at civil.Instant, f *pb.Fact) []*pb.Score {
	l.t.Helper()
	n := len(l.scores)
	l.fold([]processor.Record{record(l.facts, f, at)})
	l.facts++
	return l.scores[n:]
}

func (l *line) fold(records []processor.Record) {
	l.t.Helper()
	out, err := l.scorer.Put(records...)
	if err != nil {
		l.t.Fatal(err)
	}
	var scores []processor.Record
	for _, e := range out {
		if len(e.Messages) == 0 {
			l.t.Fatalf("an emission to %s has nothing in it", e.Topic)
		}
		for _, m := range e.Messages {
			if e.Topic == reducer.TopicPortfolio {
				l.portfolio = append(l.portfolio, read(l.t, m.Value, &pb.PortfolioDay{}))
				continue
			}
			l.scores = append(l.scores, read(l.t, m.Value, &pb.Score{}))
			scores = append(scores, processor.Record{Offset: l.scored, Appended: 1, Key: m.Key, Value: m.Value}) // whose time says nothing
			l.scored++
		}
	}
	l.records = append(l.records, scores...)
	l.grade(scores)
}

// grade puts records into tierchange.
func (l *line) grade(scores []processor.Record) {
	l.t.Helper()
	out, err := l.tiers.Put(scores...)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, e := range out {
		if e.Topic == reducer.TopicCustomerTiers {
			l.latest = append(l.latest, e.Messages...)
			continue
		}
		if len(e.Messages) == 0 {
			l.t.Fatalf("an emission to %s has nothing in it", e.Topic)
		}
		switch e.Topic {
		case reducer.TopicCreditAlerts:
			l.told[e.Topic] = append(l.told[e.Topic], e.Messages...)
			for _, m := range e.Messages {
				l.alerts = append(l.alerts, read(l.t, m.Value, &pb.CreditAlert{}))
			}
			continue
		case reducer.TopicSignals:
			l.told[e.Topic] = append(l.told[e.Topic], e.Messages...)
			for _, m := range e.Messages {
				l.signals = append(l.signals, read(l.t, m.Value, &pb.CustomerSignal{}))
			}
			continue
		case reducer.TopicTierChanges:
		default:
			l.t.Fatalf("an emission of %d messages to %s", len(e.Messages), e.Topic)
		}
		l.published = append(l.published, e.Messages...)
		for _, m := range e.Messages {
			l.changes = append(l.changes, read(l.t, m.Value, &pb.TierChange{}))
		}
	}
}

// advance puts Ticks at t until neither stage has anything due up to t.
func (l *line) advance(t civil.Instant) {
	l.t.Helper()
	for range 10_000 {
		l.put(tick(t))
		if l.scorer.NextDue() > t && l.tiers.NextDue() > t && l.scorer.Status().Owed == 0 && l.tiers.Status().Owed == 0 {
			return
		}
	}
	l.t.Fatalf("10,000 Ticks don't get the partition to %s", t)
}

// parts are the partition blobs of both stages.
func (l *line) parts() (scorer, tiers *pb.PartState) {
	return read(l.t, l.first.Part(), &pb.PartState{}), read(l.t, l.second.Part(), &pb.PartState{})
}

func (l *line) customer(id string) *pb.ScorerCustomer {
	return read(l.t, l.first.Blob(id), &pb.ScorerCustomer{})
}

func (l *line) tiered(id string) *pb.TierCustomer {
	return read(l.t, l.second.Blob(id), &pb.TierCustomer{})
}

// state is all bytes that a slot holds.
func state(t fataler, s *memory.Slot) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "part %x\n", s.Part())
	err := s.ForEach(func(id string, blob []byte) error {
		r, err := s.Read(background, processor.Query{Registers: []processor.Fields{{Customer: id, All: true}}})
		fmt.Fprintf(&b, "%s due %d wait %d %x\n%x\n", id, s.Due(id), s.Wait(id), blob, r.Registers[id])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read[M proto.Message](t fataler, b []byte, m M) M {
	t.Helper()
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	return m
}

func record(offset int64, f *pb.Fact, appended civil.Instant) processor.Record {
	return processor.Record{Offset: offset, Appended: appended, Value: marshal(f)}
}

func marshal(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// levels are the levels among scores, as 'customer version at net'.
func levels(scores []*pb.Score) (out []string) {
	for _, s := range scores {
		if l := s.GetLevel(); l != nil {
			out = append(out, fmt.Sprintf("%s v%d %s net %d", l.CustomerId, l.Version, clock(s.At), l.Value.NetMinor))
		}
	}
	return out
}

// moves are tier changes, as 'customer seq from>to decided-at policy-version'.
func moves(changes []*pb.TierChange) (out []string) {
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s %d %s>%s %s %s", c.CustomerId, c.Seq, c.From, c.To, clock(c.DecidedAt.AsTime().UnixMicro()), c.Policy.Version))
	}
	return out
}

func clock(at int64) string { return civil.Instant(at).Time().Format("2006-01-02T15:04:05") }

func checkLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// weighed is a stage whose batches must say of themselves no less than what they come to: the engine ends a batch by it.
type weighed struct {
	processor.Stage
	t fataler
}

func (w weighed) Begin(part []byte) (processor.Batch, error) {
	b, err := w.Stage.Begin(part)
	return weighedBatch{b, w.t}, err
}

type weighedBatch struct {
	processor.Batch
	t fataler
}

func (b weighedBatch) Finish() (processor.Result, error) {
	said := b.Size()
	res, err := b.Batch.Finish()
	if said.Customers != len(res.Customers) {
		b.t.Fatalf("a batch of %d customers said %d", len(res.Customers), said.Customers)
	}
	for _, e := range res.Emissions {
		size := 0
		for _, m := range e.Messages {
			size += len(m.Key) + len(m.Value)
			for _, h := range m.Headers {
				size += len(h.Key) + len(h.Value)
			}
		}
		if size > said.Bytes {
			b.t.Fatalf("a batch of %d bytes for %s said %d", size, e.Topic, said.Bytes)
		}
	}
	return res, err
}
