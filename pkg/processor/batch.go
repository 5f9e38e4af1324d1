package processor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

const (
	// beyondMost is how often in a row the log must end below the cursor before that is believed: a new leader of
	// the partition may show an old end for a moment.
	beyondMost = 10
	// heldWait is the longest wait for records while a due moment has passed and its Tick is held back.
	heldWait = civil.Second / 4
	// fetchBatches is how many batches are asked for at once: a log has read more than one by then, and would again.
	fetchBatches = 5
)

// batch fetches, reduces, applies and emits (the protocol's steps 1 to 5).
func (o *Owner) batch(ctx context.Context) error {
	records, err := o.fetch(ctx)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return o.idle(ctx)
	}
	b, err := o.open(ctx)
	if err != nil {
		return err
	}
	records, infos, err := o.cut(b, records)
	if err != nil {
		return err
	}
	next := o.token.Offset
	o.asked = next
	for len(records) > 0 && !o.full(b.Size()) {
		n, err := o.run(ctx, b, records, infos)
		if err != nil || n == 0 {
			return err
		}
		next = records[n-1].Offset + 1
		records, infos = records[n:], infos[n:]
	}
	return o.apply(ctx, b, next)
}

// run reduces records that come next and belong together, and gives how many: 0 if the batch is given up.
func (o *Owner) run(ctx context.Context, b Batch, next []Record, infos []Info) (int, error) {
	size := b.Size()
	order := b.Run(next[:min(len(next), o.room(size))], o.cfg.Limits.Customers-size.Customers)
	if err := o.prefetch(ctx, b, next, infos, order); err != nil {
		return 0, o.upTo(next[0].Offset, err)
	}
	for n, i := range order {
		if err := o.reduce(ctx, b, next[i], infos[i]); err != nil {
			return 0, o.upTo(next[i].Offset, err)
		}
		if bytes := b.Size().Bytes; len(order) > 1 && bytes > o.cfg.Limits.Bytes*3/2 {
			o.runMost = max(1, n/2)
			o.learn(bytes-size.Bytes, n+1)
			o.cfg.Observer.GivenUp(n + 1)
			return 0, nil
		}
	}
	o.learn(b.Size().Bytes-size.Bytes, len(order))
	return len(order), nil
}

// learn takes how many bytes records have come to. What was known before weighs as much as an eighth of a batch: a record by itself says
// little of those that are next.
func (o *Owner) learn(bytes, records int) {
	known := o.cfg.Limits.Records / 8
	o.each = (o.each*known + bytes) / (known + records)
}

// room is how many records may be reduced in a run, so that a batch doesn't become much larger than it may be: each comes to about as much
// as those of former runs.
func (o *Owner) room(s Size) int {
	n := max(1, (o.cfg.Limits.Bytes-s.Bytes)/(o.each+1))
	if o.runMost > 0 {
		n = min(n, o.runMost)
	}
	return n
}

// upTo lets a batch end before a record that can't be applied, so that the partition stops exactly there.
func (o *Owner) upTo(offset int64, err error) error {
	if offset > o.token.Offset && errors.As(err, new(*Halt)) {
		o.until = offset
		return nil
	}
	return err
}

// fetch gives the records from the cursor on, and stops where the log doesn't reach it (rule 10).
func (o *Owner) fetch(ctx context.Context) ([]Record, error) {
	if len(o.ahead) > 0 {
		if i := o.token.Offset - o.ahead[0].Offset; i >= 0 && i < int64(len(o.ahead)) {
			return o.topUp(ctx, o.ahead[i:]), nil
		}
	}
	o.ahead = nil
	f, err := o.cfg.Log.Fetch(ctx, o.token.Offset, fetchBatches*o.cfg.Limits.Records, o.wait())
	if err != nil {
		return nil, err
	}
	if err := o.reaches(f); err != nil {
		return nil, err
	}
	o.saw(f)
	return o.topUp(ctx, f.Records), nil
}

// saw keeps what a fetch has brought.
func (o *Owner) saw(f Fetched) {
	o.ahead, o.end = f.Records, f.End
	o.cfg.Observer.Lag(f.End - o.token.Offset)
}

// topUp gets more where records don't fill a batch and the log is known to have them: what is left of a fetch would
// write nearly as many customers as a whole batch does. Nobody waits for it. Where it doesn't succeed, the batch is of
// what there is: what is wrong with the log is for the fetch at the cursor to find.
func (o *Owner) topUp(ctx context.Context, records []Record) []Record {
	if len(records) == 0 || len(records) >= o.cfg.Limits.Records {
		return records
	}
	next := records[len(records)-1].Offset + 1
	if next >= o.end {
		return records
	}
	f, err := o.cfg.Log.Fetch(ctx, next, fetchBatches*o.cfg.Limits.Records, 0)
	if err != nil || len(f.Records) == 0 || f.Records[0].Offset != next {
		return records
	}
	f.Records = slices.Concat(records, f.Records)
	o.saw(f)
	return f.Records
}

// reaches says that the log has the cursor: nothing is ever skipped.
func (o *Owner) reaches(f Fetched) error {
	at := o.token.Offset
	if at <= f.End {
		o.beyond = 0
	}
	switch {
	case at < f.Start:
		return o.halt("restore a backup of Redis that is not older than the log's start, or rebuild the partition from one", "the log starts at %d, above its cursor %d", f.Start, at)
	case at > f.End:
		if o.beyond++; o.beyond < beyondMost {
			return fmt.Errorf("the log ends at %d, below the cursor %d: looking again", f.End, at)
		}
		return o.halt("the log was lost or replaced: rebuild the partition from the log that there is", "the log ends at %d, below its cursor %d", f.End, at)
	case len(f.Records) > 0 && f.Records[0].Offset != at:
		return fmt.Errorf("asked the log for offset %d and got %d", at, f.Records[0].Offset)
	}
	return nil
}

// wait is how long to wait for records: not beyond the next due moment of the wall clock. One that has passed is on
// its way as a Tick, or rests, or waits for what was sent before it.
func (o *Owner) wait() civil.Instant {
	most := o.cfg.Limits.Wait
	if left := o.untilCommit(); left > 0 {
		most = min(most, left, o.cfg.Limits.Quiet)
	}
	if !o.hasPart || !o.status.Wall || o.nextDue == NoDue {
		return most
	}
	if left := o.nextDue - o.cfg.Clock(); left > 0 {
		return min(most, left)
	}
	return min(most, heldWait)
}

// idle makes up for a commit that was put off or failed, and looks whether the state is still the one that the owner
// knows: on a quiet partition nothing else would notice that a failover has lost its tail.
func (o *Owner) idle(ctx context.Context) error {
	if err := o.commitNow(ctx); err != nil {
		return err
	}
	_, err := o.read(ctx, Query{})
	return err
}

// open begins a batch on the partition's blob.
func (o *Owner) open(ctx context.Context) (Batch, error) {
	if err := o.loadPart(ctx); err != nil {
		return nil, err
	}
	b, err := o.cfg.Stage.Begin(o.part)
	if err != nil {
		return nil, o.halt("upgrade the program, or rebuild the partition", "its state can't be read: %v", err)
	}
	return b, nil
}

// cut ends a batch before a second Tick, lets a Tick only be the first, and ends before a logic that the program
// doesn't have (rules 15, 16).
func (o *Owner) cut(b Batch, records []Record) ([]Record, []Info, error) {
	infos := o.infos[:0]
	defer func() { o.infos = infos }() // for the next batch
	for i, r := range records {
		if i > 0 && r.Offset == o.until || i == o.cfg.Limits.Records {
			return records[:i], infos, nil
		}
		info, err := b.Inspect(r)
		switch {
		case err != nil:
			err = o.halt("nothing was skipped: mend or rebuild the log", "offset %d: %v", r.Offset, err)
		case info.Logic > o.cfg.Stage.Logic():
			err = o.halt("upgrade the program", "offset %d switches to logic %d, newer than this program's %d", r.Offset, info.Logic, o.cfg.Stage.Logic())
		case info.Tick && i > 0:
			return records[:i], infos, nil
		}
		if err != nil && i > 0 {
			return records[:i], infos, nil // stop exactly there, with the next batch
		}
		if err != nil {
			return nil, nil, err
		}
		infos = append(infos, info)
	}
	return records, infos, nil
}

func (o *Owner) full(s Size) bool {
	return s.Customers >= o.cfg.Limits.Customers || s.Bytes >= o.cfg.Limits.Bytes
}

// apply writes the batch under the token that it started from, then emits it, then commits (rules 3, 6, 7).
func (o *Owner) apply(ctx context.Context, b Batch, next int64) error {
	res, err := b.Finish()
	if err != nil {
		return o.halt("nothing was skipped: report it", "the batch up to offset %d can't be finished: %v", next, err)
	}
	status := b.Status()
	w := Write{Expect: o.token, Part: res.Part, Last: res.Emissions, Customers: res.Customers,
		Next: Token{Offset: next, Epoch: o.token.Epoch, Logic: status.Logic, Nonce: o.cfg.Nonce()}}
	r, err := o.cfg.State.Apply(ctx, w)
	if err != nil {
		o.drop() // it may have been applied
		return o.damaged(err)
	}
	if r.Conflict {
		o.drop()
		return errAgain
	}
	records := next - o.token.Offset
	o.token, o.missing, o.nextDue = w.Next, false, r.NextDue
	o.part, o.status, o.hasPart = res.Part, status, true
	if o.runMost *= 2; o.runMost >= o.cfg.Limits.Records {
		o.runMost = 0
	}
	if res.Kept == nil {
		o.cache.write(res.Customers)
	} else {
		o.cache.keep(res.Kept)
	}
	o.cfg.Observer.Applied(records, status, res.Counts)
	if next > o.emitted {
		if err := o.emit(ctx, res.Emissions); err != nil {
			return err
		}
		o.emitted = next
	}
	return o.commit(ctx)
}
