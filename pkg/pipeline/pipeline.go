// Package pipeline runs both stages one after the other in memory: facts in, tier changes, alerts, signals and customers out. It is
// what simulate is, what export applies the last due moments with, and what the tests hold the services against.
package pipeline

import (
	"errors"
	"fmt"
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// keptMost bounds what each stage keeps of customers between batches, in bytes.
const keptMost = 64 << 20

// tickMost is how many customers a Tick fires: nobody waits behind it.
const tickMost = 5000

// batchMost bounds how many facts are folded at once.
const batchMost = 512

// Pipeline is one partition of both stages. It isn't safe for concurrent use.
type Pipeline struct {
	first, second *memory.Slot // of the scorer and of tierchange
	scorer, tiers *memory.Fold
	facts         []processor.Record // not folded yet
	next, scored  int64              // offsets in facts and scores
	changes       []*pb.TierChange
	alerts        []*pb.CreditAlert
	signals       []*pb.CustomerSignal
	days          []*pb.PortfolioDay // told since the last midnight, where the policy asks for ranks
	ranked, event bool
	midnight      civil.Instant // the next one that events may not pass without its cut-offs; 0: there is none
	calendar      civil.Calendar
	check         func() error
}

// New starts an empty log.
func New(file string, p *policy.Policy, clock pb.PartitionInit_Clock) (*Pipeline, error) {
	pipe, err := Resume(memory.NewSlot(), memory.NewSlot())
	if err != nil {
		return nil, err
	}
	init := &pb.PartitionInit{
		Deployment: "memory", Partitions: 1, Clock: clock, TimeZone: p.TimeZone, Currency: p.Currency,
		Policy: p.Source, PolicyFile: file,
	}
	pipe.calendar, pipe.ranked, pipe.event = p.Calendar, p.Midnights(), clock == pb.PartitionInit_EVENT
	return pipe, pipe.Put(&pb.Fact{Body: &pb.Fact_Init{Init: init}})
}

// Resume goes on from the state of a partition, as the two slots have it.
func Resume(scorer, tiers *memory.Slot) (*Pipeline, error) {
	first, err := memory.NewFold(reducer.NewScorer(reducer.Options{TickMost: tickMost}), scorer)
	if err != nil {
		return nil, err
	}
	second, err := memory.NewFold(reducer.NewTierChange(reducer.Options{TickMost: tickMost}), tiers)
	if err != nil {
		return nil, err
	}
	first.Keep(keptMost)
	second.Keep(keptMost)
	p := &Pipeline{first: scorer, second: tiers, scorer: first, tiers: second}
	if first.Status().Started {
		view, err := p.View()
		if err != nil {
			return nil, err
		}
		p.calendar, p.ranked = view.Calendar(), view.Midnights()
	}
	return p, nil
}

// EndWhen lets work end early: check is asked every few milliseconds, and its error ends what is under way.
func (p *Pipeline) EndWhen(check func() error) { p.check = check }

// Put takes the next fact. Under the event clock midnights come before what is after them, with their cut-offs.
func (p *Pipeline) Put(f *pb.Fact) error {
	if p.ranked && p.event {
		if err := p.pass(f); err != nil {
			return err
		}
	}
	value, err := proto.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding a fact: %w", err)
	}
	p.put(value)
	if len(p.facts) < batchMost {
		return nil
	}
	return p.flush()
}

// put appends a record to facts. Its append time is out of the way of the clamp: what is in memory was in a log before.
func (p *Pipeline) put(value []byte) {
	p.facts = append(p.facts, processor.Record{Offset: p.next, Appended: civil.MaxInstant, Value: value})
	p.next++
}

// Advance fires every moment due up to t, with the cut-offs of every midnight up to then.
func (p *Pipeline) Advance(t civil.Instant) error { return Together([]*Pipeline{p}, t) }

// fire fires every moment due up to t.
func (p *Pipeline) fire(t civil.Instant) error {
	if err := p.flush(); err != nil {
		return err
	}
	for {
		p.put(p.scorer.Tick(t).Value)
		if err := p.flush(); err != nil {
			return err
		}
		if p.scorer.NextDue() > t && p.tiers.NextDue() > t && p.scorer.Status().Owed == 0 && p.tiers.Status().Owed == 0 {
			return nil
		}
	}
}

// Changes are the tier changes so far, in the order in which they were made.
func (p *Pipeline) Changes() []*pb.TierChange { return p.changes }

// Alerts are the credit alerts so far, in the order in which they were made.
func (p *Pipeline) Alerts() []*pb.CreditAlert { return p.alerts }

// Signals are the signals so far, in the order in which they were made.
func (p *Pipeline) Signals() []*pb.CustomerSignal { return p.signals }

func (p *Pipeline) flush() error {
	if p.check != nil {
		if err := p.check(); err != nil {
			return err
		}
	}
	facts := p.facts
	p.facts = nil
	emitted, err := p.scorer.Put(facts...)
	if err != nil {
		return err
	}
	var scores []processor.Record
	for m := range of(emitted, reducer.TopicScores) {
		scores = append(scores, processor.Record{Offset: p.scored, Value: m.Value})
		p.scored++
	}
	if err := p.take(emitted); err != nil {
		return err
	}
	if emitted, err = p.tiers.Put(scores...); err != nil {
		return err
	}
	return errors.Join(
		collect(emitted, reducer.TopicTierChanges, &p.changes), collect(emitted, reducer.TopicCreditAlerts, &p.alerts),
		collect(emitted, reducer.TopicSignals, &p.signals),
	)
}

// collect reads back what was emitted to a topic.
func collect[T any, M interface {
	*T
	proto.Message
}](emitted []processor.Emission, topic string, into *[]M) error {
	for m := range of(emitted, topic) {
		x := M(new(T))
		if err := proto.Unmarshal(m.Value, x); err != nil {
			return fmt.Errorf("reading back a record of %s: %w", topic, err)
		}
		*into = append(*into, x)
	}
	return nil
}

// of is what was emitted to a topic.
func of(emitted []processor.Emission, topic string) iter.Seq[processor.Message] {
	return func(yield func(processor.Message) bool) {
		for _, e := range emitted {
			for _, m := range e.Messages {
				if e.Topic == topic && !yield(m) {
					return
				}
			}
		}
	}
}
