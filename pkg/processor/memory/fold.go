package memory

import (
	"context"
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Fold runs a stage over a state record by record, without engine, log or faults: nothing can fail half way in memory.
// It is what simulate and export run, and the reference that tests hold the engine against. It isn't safe for
// concurrent use.
type Fold struct {
	stage   processor.Stage
	state   processor.State
	status  processor.Status
	nextDue civil.Instant
	kept    *processor.Keeper
}

// NewFold goes on from what a state (a Slot, as a rule) has. Nobody else writes to it.
func NewFold(stage processor.Stage, state processor.State) (*Fold, error) {
	r, err := state.Read(context.Background(), processor.Query{Part: true})
	if err != nil {
		return nil, err
	}
	b, err := stage.Begin(r.Part)
	if err != nil {
		return nil, err
	}
	return &Fold{stage: stage, state: state, status: b.Status(), nextDue: r.NextDue}, nil
}

// Keep lets batches keep up to so many bytes of customers between them, as the engine does. Without it, or with 0, every batch
// starts from what the state has, which is simpler and slower.
func (f *Fold) Keep(most int) {
	if f.kept = nil; most > 0 {
		f.kept = processor.NewKeeper(most)
	}
}

// Status is where the fold stands.
func (f *Fold) Status() processor.Status { return f.status }

// Tick is the record that tells the stage the time.
func (f *Fold) Tick(at civil.Instant) processor.Message { return f.stage.Tick(at) }

// NextDue is the earliest due moment, or processor.NoDue.
func (f *Fold) NextDue() civil.Instant { return f.nextDue }

// Put applies records in as few batches as the rules allow (a Tick begins one) and gives what they emit: per batch
// one emission for each topic that has something.
func (f *Fold) Put(records ...processor.Record) ([]processor.Emission, error) {
	var out []processor.Emission
	for len(records) > 0 {
		n, emissions, err := f.batch(records)
		if err != nil {
			return nil, err
		}
		records, out = records[n:], append(out, emissions...)
	}
	return out, nil
}

// batch applies the records up to the next Tick.
func (f *Fold) batch(records []processor.Record) (n int, _ []processor.Emission, err error) {
	head, err := f.state.Read(context.Background(), processor.Query{Part: true})
	if err != nil {
		return 0, nil, err
	}
	b, err := f.stage.Begin(head.Part)
	if err != nil {
		return 0, nil, err
	}
	for ; n < len(records); n++ {
		info, err := b.Inspect(records[n])
		if err != nil {
			return 0, nil, err
		}
		if info.Tick && n > 0 {
			break
		}
		if err := f.reduce(b, records[n], info); err != nil {
			return 0, nil, err
		}
	}
	emissions, err := f.finish(b, head.Token, records[n-1].Offset+1)
	return n, emissions, err
}

func (f *Fold) reduce(b processor.Batch, r processor.Record, info processor.Info) error {
	ctx := context.Background()
	var due []string
	if info.Tick {
		reply, err := f.state.Read(ctx, processor.Query{Due: true, DueTo: info.DueTo, DueMost: info.DueMost})
		if err != nil {
			return err
		}
		due = reply.Due
	}
	if info.AlsoMost > 0 {
		reply, err := f.state.Read(ctx, processor.Query{Due: true, DueFrom: info.AlsoFrom, DueTo: info.AlsoTo, DueMost: info.AlsoMost})
		if err != nil {
			return err
		}
		due = append(due, reply.Due...)
	}
	for n := b.Needs(r, due); !n.Empty(); n = b.Needs(r, due) {
		if lent, err := f.kept.Lend(b, n); lent || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		reply, err := f.state.Read(ctx, processor.Query{Customers: n.Customers, Registers: n.Registers})
		if err != nil {
			return err
		}
		if err := b.Load(n, reply); err != nil {
			return err
		}
	}
	return b.Reduce(r, due)
}

func (f *Fold) finish(b processor.Batch, was processor.Token, next int64) ([]processor.Emission, error) {
	res, err := b.Finish()
	if err != nil {
		return nil, err
	}
	status := b.Status()
	reply, err := f.state.Apply(context.Background(), processor.Write{
		Expect: was, Part: res.Part, Last: res.Emissions, Customers: res.Customers,
		Next: processor.Token{Offset: next, Epoch: was.Epoch, Logic: status.Logic, Nonce: was.Nonce + 1},
	})
	if err != nil {
		return nil, err
	}
	if reply.Conflict {
		return nil, fmt.Errorf("somebody else has written to the state of a fold")
	}
	f.status, f.nextDue = status, reply.NextDue
	for _, k := range res.Kept {
		f.kept.Put(k)
	}
	return res.Emissions, nil
}
