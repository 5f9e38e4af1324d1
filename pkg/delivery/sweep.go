package delivery

import (
	"context"
	"errors"
	"slices"

	"github.com/tierstream/tierstream/pkg/processor"
)

// sweepMost is how many deliveries one Apply takes to the dead.
const sweepMost = 200

// sweep takes what is pending for an endpoint that gets nothing to the dead, a piece at a time.
func (o *Owner) sweep(ctx context.Context) error {
	for endpoint, n := range o.pending {
		reason := o.cfg.Endpoints.off(endpoint)
		for more := n > 0 && reason != ""; more; {
			var err error
			if more, err = o.sweepPiece(ctx, endpoint, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepPiece leaves what is under way: its result comes.
func (o *Owner) sweepPiece(ctx context.Context, endpoint, reason string) (more bool, err error) {
	ask, some := processor.Query{}, map[string][]int64{}
	n := 0
	for id, c := range o.customers {
		q := queue(c, endpoint)
		if q == nil || o.flying[flight{id, endpoint}] {
			continue
		}
		some[id] = slices.Clone(q.Seqs[:min(len(q.Seqs), sweepMost-n)])
		ask.Registers = append(ask.Registers, fieldsOf(id, some[id]))
		if n += len(some[id]); n >= sweepMost {
			break
		}
	}
	if n == 0 {
		return false, nil
	}
	r, err := o.read(ctx, ask)
	if err != nil {
		return false, err
	}
	e := newEdit()
	for id, seqs := range some {
		c := o.customers[id]
		q := queue(c, endpoint)
		e.customers[id] = c
		attempts, what := q.Attempts, q.Error
		for _, seq := range seqs {
			dequeue(c, endpoint, seq, o.cfg.Clock())
			o.pending[endpoint]--
			e.left(id, seq)
			err = errors.Join(err, o.die(e, id, endpoint, seq, r.Registers[id][register(seq)], attempts, Decision{Dead, 0, reason}, what))
			attempts, what = 0, ""
		}
	}
	if err != nil {
		return false, err
	}
	return true, o.apply(ctx, e, o.next)
}
