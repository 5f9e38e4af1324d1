package delivery

import (
	"context"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// settleMost is how many results one Apply takes.
const settleMost = 500

// settle takes the results that have come into the state.
func (o *Owner) settle(ctx context.Context) error {
	o.drain()
	for len(o.finished) > 0 {
		some := o.finished[:min(len(o.finished), settleMost)]
		e := newEdit()
		for _, l := range some {
			if err := o.settleOne(e, l); err != nil {
				return err
			}
		}
		if !e.empty() {
			if err := o.apply(ctx, e, o.next); err != nil {
				return err // they are settled against what the state then holds
			}
		}
		for _, l := range some {
			o.replan(l.message)
		}
		o.finished = o.finished[len(some):]
	}
	return nil
}

// drain takes what has landed without waiting.
func (o *Owner) drain() {
	for {
		select {
		case l := <-o.results:
			o.land(l)
		default:
			return
		}
	}
}

// land notes that an attempt is no longer under way. Its endpoint hears of the result first, so that a delivery to one
// that has just gone off finds it so.
func (o *Owner) land(l landing) {
	m := l.message
	delete(o.flying, flight{m.Customer, m.Endpoint})
	o.aloft[m.Endpoint]--
	l.result.What = line(l.result.What)
	o.finished = append(o.finished, l)
	if l.aborted || l.lost {
		return
	}
	o.cfg.Observer.Attempted(m.Endpoint, l.result, l.took)
	ctx, stop := context.WithTimeout(o.sendCtx, heardWithin)
	defer stop()
	if err := o.cfg.Endpoints.heard(ctx, m.Endpoint, l.result); err != nil {
		o.cfg.Observer.Failed(err)
	}
}

// whatMost is how many bytes of an error are kept.
const whatMost = 300

// line is an error as it can be kept: it may have come from anywhere.
func line(what string) string {
	what = strings.Join(strings.Fields(strings.ToValidUTF8(what, "?")), " ")
	return strings.ToValidUTF8(what[:min(len(what), whatMost)], "")
}

// settleOne takes one result in, if it still means what is pending.
func (o *Owner) settleOne(e *edit, l landing) error {
	m, now := l.message, o.cfg.Clock()
	c := o.customers[m.Customer]
	q := queue(c, m.Endpoint)
	if l.aborted || q == nil {
		return nil
	}
	d := o.cfg.Schedule.Decide(m.Attempt-1, l.result, now, o.cfg.Chance())
	if l.lost {
		d = Decision{Verdict: Dead, Reason: RecordGone}
	}
	first := q.Seqs[0] == m.Seq && int(q.Attempts) == m.Attempt-1
	switch {
	case d.Verdict == Done, d.Verdict == Dead && first:
		if !dequeue(c, m.Endpoint, m.Seq, now) {
			return nil
		}
		o.pending[m.Endpoint]--
		e.left(m.Customer, m.Seq)
	case !first: // another owner has settled it, or something was put before it
		return nil
	}
	e.customers[m.Customer] = c
	switch d.Verdict {
	case Again:
		q.Attempts, q.Due, q.Error = int32(m.Attempt), int64(d.Due), l.result.What
	case Dead:
		return o.die(e, m.Customer, m.Endpoint, m.Seq, m.Value, int32(m.Attempt), d, l.result.What)
	}
	return nil
}

// replan puts what is left of a queue back on the agenda, once nothing of it is under way.
func (o *Owner) replan(m Message) {
	if q := queue(o.customers[m.Customer], m.Endpoint); q != nil {
		o.plan(m.Endpoint, m.Customer, civil.Instant(q.Due))
	}
}
