// Package pipeline runs both stages one after the other in memory: facts in, tier changes and customers out. It is
// what simulate is, what export applies the last due moments with, and what the tests hold the services against.
package pipeline

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// batchMost bounds how many facts are folded at once.
const batchMost = 512

// Pipeline is one partition of both stages. It isn't safe for concurrent use.
type Pipeline struct {
	scorer, tiers *fold
	facts         []processor.Record // not folded yet
	next          int64              // offset in facts
	changes       []*pb.TierChange
}

// New starts an empty log.
func New(file string, p *policy.Policy, clock pb.PartitionInit_Clock) (*Pipeline, error) {
	pipe := Resume(memory.NewSlot(), memory.NewSlot())
	init := &pb.PartitionInit{
		Deployment: "memory", Partitions: 1, Clock: clock, TimeZone: p.TimeZone, Currency: p.Currency,
		Policy: p.Source, PolicyFile: file,
	}
	return pipe, pipe.Put(&pb.Fact{Body: &pb.Fact_Init{Init: init}})
}

// Resume goes on from the state of a partition, as the two slots have it.
func Resume(scorer, tiers *memory.Slot) *Pipeline {
	return &Pipeline{
		scorer: &fold{stage: reducer.NewScorer(reducer.Options{}), slot: scorer},
		tiers:  &fold{stage: reducer.NewTierChange(reducer.Options{}), slot: tiers},
	}
}

// Put takes the next fact.
func (p *Pipeline) Put(f *pb.Fact) error {
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

// Advance fires every moment due up to t.
func (p *Pipeline) Advance(t civil.Instant) error {
	if err := p.flush(); err != nil {
		return err
	}
	for {
		p.put(p.scorer.stage.Tick(t).Value)
		if err := p.flush(); err != nil {
			return err
		}
		if p.scorer.nextDue > t && p.tiers.nextDue > t && p.scorer.status.Owed == 0 {
			return nil
		}
	}
}

// Changes are the tier changes so far, in the order in which they were made.
func (p *Pipeline) Changes() []*pb.TierChange { return p.changes }

func (p *Pipeline) flush() error {
	facts := p.facts
	p.facts = nil
	emitted, err := p.scorer.apply(facts)
	if err != nil {
		return err
	}
	var scores []processor.Record
	for _, m := range emitted[reducer.TopicScores] {
		scores = append(scores, processor.Record{Offset: p.tiers.offset + int64(len(scores)), Value: m.Value})
	}
	emitted, err = p.tiers.apply(scores)
	if err != nil {
		return err
	}
	for _, m := range emitted[reducer.TopicTierChanges] {
		c := &pb.TierChange{}
		if err := proto.Unmarshal(m.Value, c); err != nil {
			return fmt.Errorf("reading back a tier change: %w", err)
		}
		p.changes = append(p.changes, c)
	}
	return nil
}

// fold is one stage over its slot, without an engine: nothing can fail half way in memory.
type fold struct {
	stage   processor.Stage
	slot    *memory.Slot
	offset  int64
	status  processor.Status
	nextDue civil.Instant
}

// apply folds records and gives what they emit by topic. A Tick begins a batch of its own.
func (f *fold) apply(records []processor.Record) (map[string][]processor.Message, error) {
	emitted := map[string][]processor.Message{}
	for len(records) > 0 {
		n, err := f.batch(records, emitted)
		if err != nil {
			return nil, err
		}
		records = records[n:]
	}
	return emitted, nil
}

func (f *fold) batch(records []processor.Record, emitted map[string][]processor.Message) (n int, err error) {
	ctx := context.Background()
	head, err := f.slot.Read(ctx, processor.Query{Part: true})
	if err != nil {
		return 0, err
	}
	b, err := f.stage.Begin(head.Part)
	if err != nil {
		return 0, err
	}
	for n = range records {
		info, err := b.Inspect(records[n])
		if err != nil {
			return 0, err
		}
		if info.Tick && n > 0 {
			return n, f.finish(b, head.Token, emitted)
		}
		if err := f.reduce(b, records[n], info); err != nil {
			return 0, err
		}
	}
	return len(records), f.finish(b, head.Token, emitted)
}

func (f *fold) reduce(b processor.Batch, r processor.Record, info processor.Info) error {
	ctx := context.Background()
	var due []string
	if info.Tick {
		reply, err := f.slot.Read(ctx, processor.Query{Due: true, DueTo: info.DueTo, DueMost: info.DueMost})
		if err != nil {
			return err
		}
		due = reply.Due
	}
	for needs := b.Needs(r, due); !needs.Empty(); needs = b.Needs(r, due) {
		reply, err := f.slot.Read(ctx, processor.Query{Customers: needs.Customers, Registers: needs.Registers})
		if err != nil {
			return err
		}
		if err := b.Load(needs, reply); err != nil {
			return err
		}
	}
	f.offset = r.Offset + 1
	return b.Reduce(r, due)
}

func (f *fold) finish(b processor.Batch, was processor.Token, emitted map[string][]processor.Message) error {
	res, err := b.Finish()
	if err != nil {
		return err
	}
	for _, e := range res.Emissions {
		emitted[e.Topic] = append(emitted[e.Topic], e.Messages...)
	}
	f.status = b.Status()
	next := processor.Token{Offset: f.offset, Epoch: was.Epoch, Logic: f.status.Logic, Nonce: was.Nonce + 1}
	reply, err := f.slot.Apply(context.Background(), processor.Write{Expect: was, Next: next, Part: res.Part, Customers: res.Customers})
	f.nextDue = reply.NextDue
	return err
}
