package model

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Sizes are small so that every bound bites. The world counts time in units.
const (
	unit     = 2 * civil.Hour
	nparts   = 2
	ncust    = 4
	tickMost = 2  // customers that one Tick may fire
	skew     = 2  // units that `at` may lie beyond the append time
	rest     = 6  // units that an owner rests after a Tick that may have been in vain
	fetchMax = 16 // records that one fetch gives
	dayLen   = 12
)

var epoch = func() civil.Instant { d, _ := civil.ParseDay("2026-01-05"); return civil.Calendar{}.Start(d) }()

func instant(units int64) civil.Instant { return epoch + civil.Instant(units)*unit }

// limits of the owners. A batch may send a bit more than Bytes: what its last record gives.
var limits = processor.Limits{Records: 8, Customers: 3, Bytes: 400, Cache: 6000, Rest: rest * unit, Commit: unit}

// emissionMost is what the model's broker takes in one request; applyMost what its script takes in one call.
const (
	emissionMost = 9000
	applyMost    = 3
)

// kind tells the records of facts apart.
type kind uint8

const (
	kindInit kind = iota
	kindEvent
	kindTick
	kindPolicy
	kindCutoff
	kindLogic
	kindOverride
	kindErase
)

// fact is a record of facts before it is encoded.
type fact struct {
	kind              kind
	cust              string
	at                int64 // the writer's clock
	num               int64 // events: number in the partition's stream of events, from 1
	id, rev, amt, occ int64
	seq, val          int64 // control records
}

// trade makes the records and reads the outputs of the product's two stages.
type trade struct{ event bool }

// policyText is the ladder that a number stands for.
func policyText(n int64) []byte {
	return fmt.Appendf(nil, `version: "%d"
value: {window_days: 2}
credit: {window_days: 2, promptness_days: 2, dso_days: 2, booking_lag: 0d, thin_file: 0, score: {factors: {overdue: 1}}}
alerts:
  credit_hold: off
  grade_changed: off
  overdue: {info: credit.max_days_overdue_judged >= 1, warning: credit.max_days_overdue_judged >= 2}
signals: {reorder_overdue: off, lifecycle_changed: off} # the moments that tiers and overdue items bring are enough
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= %d", keep: "value.net >= %d", grace: %dh}
  - {name: gold, enter: "(value.class == 'A' || value.net >= %d) && credit.max_days_overdue <= 1", keep: "(value.class == 'A' || value.net >= %d) && credit.max_days_overdue <= 1", hold: %dh}
`, n, 14+n%3*2, 10+n%3, 20+n%3*6, 30-n%3*3, 22, 24+n%2*9)
}

func (k trade) encode(p int, f fact) []byte {
	m := &pb.Fact{At: int64(instant(f.at))}
	switch f.kind {
	case kindInit:
		clock := pb.PartitionInit_WALL
		if k.event {
			clock = pb.PartitionInit_EVENT
		}
		m.Body = &pb.Fact_Init{Init: &pb.PartitionInit{Deployment: "model", Partitions: nparts, Partition: int32(p), Clock: clock,
			TimeZone: "UTC", Currency: "CNY", PolicyFile: "model.yaml", Policy: policyText(1)}}
	case kindTick:
		m.Body = &pb.Fact_Tick{Tick: &pb.Tick{}}
	case kindPolicy:
		m.Body = &pb.Fact_Policy{Policy: &pb.PolicyActivated{Sequence: f.seq, PolicyFile: "model.yaml", Policy: policyText(f.val)}}
	case kindCutoff:
		m.Body = &pb.Fact_Cutoffs{Cutoffs: &pb.CutoffsPublished{Sequence: f.seq, Day: fmt.Sprint("c", f.seq),
			Cutoffs: []*pb.Cutoff{{Name: "net_a", Value: 100 * (12 + f.seq%4*6)}, {Name: "net_b", Value: 100 * (8 + f.seq%2*4)}}}}
	case kindLogic:
		m.Body = &pb.Fact_Logic{Logic: &pb.LogicActivated{Sequence: f.seq, Version: f.val}}
	case kindOverride:
		m.Body = &pb.Fact_Override{Override: &pb.Override{Sequence: f.seq, CustomerId: f.cust, Kind: pb.Override_SET, Reason: fmt.Sprint(f.val)}}
	case kindErase:
		m.Body = &pb.Fact_Erasure{Erasure: &pb.Erasure{Sequence: f.seq, CustomerId: f.cust}}
	default:
		k.trade(f, m)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// trade makes an event: a cash order, an order with terms, a payment for an order or a return of one, each a register
// that may come again with a higher revision. One partition has a feed of payments that says how far it is complete.
func (k trade) trade(f fact, m *pb.Fact) {
	occurred := timestamppb.New(instant(f.occ).Time())
	event := "e" + strconv.FormatInt(f.num, 10)
	if f.id%9 == 8 && strings.HasPrefix(f.cust, "p1") {
		m.Body = &pb.Fact_Payment{Payment: &pb.PaymentEvent{EventId: event, OccurredAt: occurred, Kind: &pb.PaymentEvent_CompleteThrough{
			CompleteThrough: &pb.PaymentsComplete{Until: timestamppb.New(instant(f.occ - f.amt).Time())}}}}
		return
	}
	amount := 100 * max(1, f.amt)
	switch f.id % 5 {
	case 3:
		m.Body = &pb.Fact_Payment{Payment: &pb.PaymentEvent{EventId: event, OccurredAt: occurred, Revision: f.rev, CustomerId: f.cust,
			PaymentId: fmt.Sprint("p", f.id), Kind: &pb.PaymentEvent_Received{Received: &pb.PaymentReceived{AmountMinor: amount, Currency: "CNY",
				Allocations: []*pb.Allocation{{InvoiceId: fmt.Sprint("o", f.id-1), AmountMinor: amount}}}}}}
	case 4:
		m.Body = &pb.Fact_Order{Order: &pb.OrderEvent{EventId: event, OccurredAt: occurred, Revision: f.rev, CustomerId: f.cust,
			OrderId: fmt.Sprint("o", f.id-2), Kind: &pb.OrderEvent_Returned{Returned: &pb.OrderReturned{
				ReturnId: fmt.Sprint("r", f.id), AmountMinor: amount / 2, Currency: "CNY"}}}}
	default:
		placed := &pb.OrderPlaced{AmountMinor: amount, Currency: "CNY"}
		if f.id%5 == 2 {
			placed.TermsDays = proto.Int32(1)
		}
		m.Body = &pb.Fact_Order{Order: &pb.OrderEvent{EventId: event, OccurredAt: occurred, Revision: f.rev, CustomerId: f.cust,
			OrderId: fmt.Sprint("o", f.id), Kind: &pb.OrderEvent_Placed{Placed: placed}}}
	}
}

// stages are shared by all runs: they are pure. [bounded][stage-1]
var stages = sync.OnceValue(func() [2][2]processor.Stage {
	opts := reducer.Options{Skew: skew * unit, TickMost: tickMost, RankedMost: 1 << 20}
	free := reducer.Options{Skew: skew * unit, TickMost: 1 << 20, MomentsMost: 1 << 40, RankedMost: 1 << 20}
	return [2][2]processor.Stage{
		{reducer.NewScorer(free), reducer.NewTierChange(free)},
		{reducer.NewScorer(opts), reducer.NewTierChange(opts)},
	}
})

// unbounded is a stage whose Ticks fire all that is due.
func unbounded(stage int) processor.Stage { return stages()[0][stage-1] }

// bounded is a stage as a program of a logic version has it.
func bounded(stage int, logic int64) processor.Stage { return program{stages()[1][stage-1], logic} }

// program is a stage of a logic version. The product has one version, so its own has no effect; what must hold is
// that a program never reduces under a logic that it doesn't have.
type program struct {
	processor.Stage
	logic int64
}

func (p program) Logic() int64 { return p.logic }

func (p program) Begin(part []byte) (processor.Batch, error) {
	b, err := p.Stage.Begin(part)
	return programBatch{b, p.logic}, err
}

type programBatch struct {
	processor.Batch
	logic int64
}

func (b programBatch) Reduce(r processor.Record, due []string) error {
	if err := b.Batch.Reduce(r, due); err != nil {
		return err
	}
	if l := b.Status().Logic; l > b.logic {
		return fmt.Errorf("a program of logic %d reduces under %d", b.logic, l)
	}
	return nil
}

// name says of an output what its number is: dense per key within its topic.
func (k trade) name(topic string, m processor.Message) (key string, seq int64) {
	switch topic {
	case reducer.TopicScores:
		s := &pb.Score{}
		must(proto.Unmarshal(m.Value, s))
		return "", s.Number
	case reducer.TopicPortfolio:
		return m.Key, 1
	case reducer.TopicCreditAlerts:
		a := &pb.CreditAlert{}
		must(proto.Unmarshal(m.Value, a))
		return a.CustomerId, a.Seq
	case reducer.TopicSignals:
		s := &pb.CustomerSignal{}
		must(proto.Unmarshal(m.Value, s))
		return s.CustomerId, s.Seq
	}
	c := &pb.TierChange{}
	must(proto.Unmarshal(m.Value, c))
	return c.CustomerId, c.Seq
}

// control reads back a forwarded control record.
func (k trade) control(m processor.Message) (key string, seq int64, ok bool) {
	s := &pb.Score{}
	must(proto.Unmarshal(m.Value, s))
	switch b := s.Body.(type) {
	case *pb.Score_Policy:
		return controlKey(kindPolicy, ""), b.Policy.Sequence, true
	case *pb.Score_Cutoffs:
		return controlKey(kindCutoff, ""), b.Cutoffs.Sequence, true
	case *pb.Score_Logic:
		return controlKey(kindLogic, ""), b.Logic.Sequence, true
	case *pb.Score_Override:
		return controlKey(kindOverride, b.Override.CustomerId), b.Override.Sequence, true
	case *pb.Score_Erasure:
		return controlKey(kindOverride, b.Erasure.CustomerId), b.Erasure.Sequence, true
	}
	return "", 0, false
}

// controlKey names a sequence: one per kind, and one per customer for overrides and erasures.
func controlKey(k kind, cust string) string {
	if k == kindErase {
		k = kindOverride
	}
	return fmt.Sprint(k, cust)
}

// fix is what another writer does to a customer's blob in the scorer.
func (k trade) fix(blob []byte) []byte {
	c := &pb.ScorerCustomer{}
	must(proto.Unmarshal(blob, c))
	c.LastOrderAt += 7
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(c)
	must(err)
	return b
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// text is a message with everything that a consumer sees, to compare and look up by.
func text(topic string, m processor.Message) string {
	b := make([]byte, 0, len(m.Value)+128)
	add := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	add(topic)
	add(m.Key)
	add(string(m.Value))
	for _, h := range m.Headers {
		add(h.Key)
		add(string(h.Value))
	}
	return string(b)
}
