package delivery

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// freeAt is when an endpoint may take an attempt: not while as many as it bears are under way, nor while it rests.
func (o *Owner) freeAt(endpoint string) civil.Instant {
	if o.cfg.Endpoints.off(endpoint) != "" || o.aloft[endpoint] >= o.cfg.Endpoints.most(endpoint) {
		return processor.NoDue
	}
	return o.cfg.Endpoints.restsUntil(endpoint)
}

// departMost is how many attempts one round starts, so that records of theirs fit into one Read.
const departMost = 100

// depart starts the attempts whose time has come.
func (o *Owner) depart(ctx context.Context) error {
	now := o.cfg.Clock()
	var all []Message
	ask := processor.Query{}
	for _, endpoint := range slices.Sorted(maps.Keys(o.agenda)) {
		for len(all) < departMost && o.freeAt(endpoint) <= now {
			at, ok := o.first(endpoint)
			if !ok || at.due > now {
				break
			}
			q := queue(o.customers[at.customer], endpoint)
			m := Message{Endpoint: endpoint, Customer: at.customer, Seq: q.Seqs[0], Attempt: int(q.Attempts) + 1}
			all = append(all, m)
			ask.Registers = append(ask.Registers, fieldsOf(at.customer, q.Seqs[:1]))
			o.flying[flight{at.customer, endpoint}] = true
			o.aloft[endpoint]++
		}
	}
	if len(all) == 0 {
		return nil
	}
	r, err := o.read(ctx, ask)
	for _, m := range all {
		m.Value = r.Registers[m.Customer][register(m.Seq)]
		switch {
		case err != nil:
			o.land(landing{message: m, aborted: true})
		case m.Value == nil:
			o.land(landing{message: m, lost: true, result: Result{What: "the state has lost the record: it is in the topic"}})
		default:
			o.send(ctx, m)
		}
	}
	return err
}

// send makes one attempt beside the loop.
func (o *Owner) send(ctx context.Context, m Message) {
	o.running.Go(func() {
		l := landing{message: m, aborted: true}
		if o.cfg.Endpoints.acquire(ctx, m.Endpoint) == nil {
			began := time.Now()
			l.result = o.cfg.Send.Send(o.sendCtx, m)
			o.cfg.Endpoints.release(m.Endpoint)
			l.took = time.Since(began)
			l.aborted = !l.result.OK && o.sendCtx.Err() != nil
		}
		o.results <- l
	})
}

// heardWithin bounds the writing of an endpoint's state.
const heardWithin = 5 * time.Second

// wait waits until there is something to do.
func (o *Owner) wait(ctx context.Context) error {
	if len(o.finished) > 0 || len(o.batch) > 0 && !o.blocked {
		select {
		case <-o.poll.C:
			return o.look(ctx)
		default:
			return nil
		}
	}
	t := time.NewTimer(o.untilNext())
	defer t.Stop()
	select {
	case <-ctx.Done():
	case l := <-o.results:
		o.land(l)
	case a := <-o.fetched:
		o.arrived(a)
	case <-t.C:
	case <-o.poll.C:
		return o.look(ctx)
	}
	return nil
}

// untilNext is how long the loop may sleep if nothing comes.
func (o *Owner) untilNext() time.Duration {
	next := o.cfg.Clock() + micros(o.cfg.Limits.Poll)
	now := o.cfg.Clock()
	for endpoint := range o.agenda {
		if at, ok := o.first(endpoint); ok {
			next = min(next, max(at.due, o.freeAt(endpoint)))
		}
	}
	d := time.Duration(max(0, next-now)) * time.Microsecond
	if o.token.Offset > o.committed {
		d = min(d, max(0, o.cfg.Limits.Commit-time.Since(o.commitAt)))
	}
	return d
}

// look sees whether somebody else has changed the state: the operator, or another owner.
func (o *Owner) look(ctx context.Context) error {
	if err := o.cfg.Endpoints.Refresh(ctx); err != nil {
		return err
	}
	_, err := o.read(ctx, processor.Query{})
	return err
}

// commit tells the group how far the state is, now and then while records come.
func (o *Owner) commit(ctx context.Context) error {
	if o.token.Offset <= o.committed || time.Since(o.commitAt) < o.cfg.Limits.Commit {
		return nil
	}
	return o.commitNow(ctx)
}

func (o *Owner) commitNow(ctx context.Context) error {
	if o.token.Offset <= o.committed {
		return nil
	}
	switch err := o.cfg.Log.Commit(ctx, o.token.Offset); {
	case errors.Is(err, processor.ErrFenced):
		return err
	case err == nil:
		o.committed = o.token.Offset
	}
	o.commitAt = time.Now() // also after a failure: it is tried again, not at once
	return nil
}
