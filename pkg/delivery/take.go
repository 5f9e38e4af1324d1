package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// fetchAnswer is what a fetch from an offset has brought.
type fetchAnswer struct {
	from int64
	processor.Fetched
	err error
}

// stuckRest is between two looks at a log that ends below where its reader stands.
const stuckRest = time.Second

// fetchApplies is for how many Applies one fetch may bring records: what the broker sends is megabytes anyhow.
const fetchApplies = 10

// fetch asks for the next records, unless some are at hand or asked for.
func (o *Owner) fetch(ctx context.Context) {
	if o.fetching || len(o.batch) > 0 {
		return
	}
	o.fetching = true
	from, most, wait := o.next, fetchApplies*o.cfg.Limits.Records, micros(o.cfg.Limits.Wait)
	o.running.Go(func() {
		f, err := o.cfg.Log.Fetch(ctx, from, most, wait)
		if (err != nil || from > f.End) && ctx.Err() == nil {
			if err != nil {
				o.cfg.Observer.Failed(err)
			}
			rest(ctx, min(o.cfg.Limits.Rest, stuckRest))
		}
		o.fetched <- fetchAnswer{from, f, err}
	})
}

// arrived takes a fetch's answer in.
func (o *Owner) arrived(a fetchAnswer) {
	o.fetching = false
	if a.err != nil || a.from != o.next {
		return
	}
	o.end = a.End
	o.cfg.Observer.Lag(max(0, a.End-o.next))
	why := ""
	switch {
	case a.from < a.Start: // it would be too old to be delivered anyhow
		o.cfg.Observer.Expired(a.from, a.Start)
		o.next = a.Start
	case a.from > a.End:
		why = fmt.Sprintf("the topic ends at %d, below offset %d that the state stands at: it was made anew or has lost its tail; if that is meant, delete the partition's keys in Redis and set the group's offsets back", a.End, a.from)
	default:
		o.batch = a.Records
	}
	o.cfg.Observer.Stuck(why)
	if len(o.batch) == 0 {
		o.tellOld()
	}
}

// tellOld says once, at the end of them, how many were too old.
func (o *Owner) tellOld() {
	if o.old > 0 {
		o.cfg.Observer.Old(o.old)
		o.old = 0
	}
}

// taken is a record with what it says.
type taken struct {
	record processor.Record
	notice Notice
	err    error
}

// take moves a batch of records from the topic into the state.
func (o *Owner) take(ctx context.Context) error {
	if len(o.batch) == 0 {
		return nil
	}
	if o.batch[0].Offset != o.next { // the state stands elsewhere by now
		o.batch = nil
		return nil
	}
	batch := o.cut()
	if o.blocked = len(batch) == 0; o.blocked {
		return nil
	}
	if err := o.meet(ctx, batch); err != nil {
		return err
	}
	e := newEdit()
	for _, t := range batch {
		if err := o.takeOne(e, t); err != nil {
			return err
		}
	}
	last := batch[len(batch)-1].record.Offset + 1
	if err := o.apply(ctx, e, last); err != nil {
		return err
	}
	o.batch = o.batch[len(batch):]
	for id, c := range e.customers {
		for _, q := range c.Queues {
			o.plan(q.Endpoint, id, civil.Instant(q.Due))
		}
	}
	if len(o.batch) == 0 && last >= o.end {
		o.tellOld()
	}
	return nil
}

// cut is as much of what was fetched as one Apply may take, and as the backlogs have room for: an endpoint that works sets
// the pace where it has too much already. One that fails doesn't: what comes for it then is dead at once.
func (o *Owner) cut() (out []taken) {
	size, more := 0, map[string]int{}
	for _, r := range o.batch {
		if size += len(r.Value); len(out) > 0 && (size > o.cfg.Limits.Bytes || len(out) >= o.cfg.Limits.Records) {
			break
		}
		n, err := o.cfg.Read(r)
		for _, to := range n.To {
			if o.pending[to.Endpoint]+more[to.Endpoint] >= o.cfg.Limits.Backlog && o.cfg.Endpoints.works(to.Endpoint) {
				return out
			}
			more[to.Endpoint]++
		}
		out = append(out, taken{r, n, err})
	}
	return out
}

// meet reads the customers of a batch that have nothing pending.
func (o *Owner) meet(ctx context.Context, batch []taken) error {
	var ids []string
	asked := map[string]bool{}
	for _, t := range batch {
		if id := t.notice.Customer; t.err == nil && o.customers[id] == nil && !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	r, err := o.read(ctx, processor.Query{Customers: ids})
	if err != nil {
		return err
	}
	for _, id := range ids {
		c := &pb.DeliveryCustomer{}
		if err := unmarshal(r.Blobs[id], c); err != nil {
			return o.halt(remedy, "%v", err)
		}
		o.customers[id] = c
	}
	return nil
}

// takeOne takes one record: the customer's next seq goes where it shall go, what is not newer nowhere.
func (o *Owner) takeOne(e *edit, t taken) error {
	tell := func(outcome string) { e.tell(func() { o.cfg.Observer.Taken(outcome, 1) }) }
	if t.err != nil {
		if !errors.Is(t.err, ErrUnreadable) {
			return fmt.Errorf("reading the record at offset %d: %w", t.record.Offset, t.err)
		}
		tell(Unreadable)
		return nil
	}
	n := t.notice
	c := o.customers[n.Customer]
	e.customers[n.Customer] = c
	if n.Seq <= c.Last {
		tell(Repeated)
		return nil
	}
	if last := c.Last; last > 0 && n.Seq != last+1 {
		e.tell(func() { o.cfg.Observer.Gap(n.Customer, last, n.Seq) })
	}
	c.Last = n.Seq
	outcome, err := o.address(e, c, n, t.record.Value)
	tell(outcome)
	return err
}

// address puts a notice into the queue of each endpoint that it goes to.
func (o *Owner) address(e *edit, c *pb.DeliveryCustomer, n Notice, value []byte) (outcome string, err error) {
	now := o.cfg.Clock()
	switch {
	case !n.Live:
		return NotLive, nil
	case len(n.To) == 0:
		return Unrouted, nil
	}
	outcome = TooOld
	for _, to := range n.To {
		if to.MaxAge > 0 && n.DecidedAt < now-to.MaxAge {
			continue
		}
		outcome = Accepted
		reason := o.cfg.Endpoints.off(to.Endpoint)
		if reason == "" && o.pending[to.Endpoint] >= o.cfg.Limits.Backlog {
			reason = Overflow
		}
		if reason != "" {
			err = errors.Join(err, o.die(e, n.Customer, to.Endpoint, n.Seq, value, 0, Decision{Dead, 0, reason}, ""))
			continue
		}
		enqueue(c, to.Endpoint, n.Seq, now)
		e.keep(n.Customer, n.Seq, value)
		o.pending[to.Endpoint]++
	}
	if outcome == TooOld {
		o.old++
	}
	return outcome, err
}

// die takes a delivery to the dead.
func (o *Owner) die(e *edit, customer, endpoint string, seq int64, value []byte, attempts int32, d Decision, what string) error {
	dead := &pb.DeadDelivery{
		Id: o.cfg.ID(customer, seq), Endpoint: endpoint, CustomerId: customer, Seq: seq, Attempts: attempts,
		At: int64(o.cfg.Clock()), Reason: d.Reason, Error: what, Value: value,
	}
	e.tell(func() { o.cfg.Observer.Died(endpoint, d.Reason, 1) })
	return e.die(o.index, dead, o.cfg.Limits.Dead, func(endpoint string) {
		e.tell(func() { o.cfg.Observer.Dropped(endpoint, 1) })
	})
}

func unmarshal(blob []byte, m proto.Message) error {
	if err := proto.Unmarshal(blob, m); err != nil {
		return fmt.Errorf("its state can't be read: %w", err)
	}
	return nil
}
