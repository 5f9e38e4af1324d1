package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What an operator does with the state of the notifier while it runs: its owners notice that the token is another one,
// and read again.

// Backlog is what a partition has for an endpoint.
type Backlog struct {
	Pending, Dead int
	NextDue       civil.Instant // of what is pending; processor.NoDue: nothing is
	Error         string        // of the delivery that is due next, where it has failed before
}

// Overview is what a partition has, by endpoint.
func Overview(ctx context.Context, state processor.State) (map[string]Backlog, error) {
	var out map[string]Backlog
	err := snapshot(ctx, state, func(r processor.Reply, read reading) error {
		out = map[string]Backlog{}
		at := func(endpoint string) Backlog {
			if b, ok := out[endpoint]; ok {
				return b
			}
			return Backlog{NextDue: processor.NoDue}
		}
		index := &pb.DeadIndex{}
		if err := unmarshal(r.Blobs[deadID], index); err != nil {
			return err
		}
		for _, d := range index.Entries {
			b := at(d.Endpoint)
			b.Dead++
			out[d.Endpoint] = b
		}
		for page := range slices.Chunk(r.Due, loadPage) {
			r, err := read(processor.Query{Customers: page})
			if err != nil {
				return err
			}
			for _, id := range page {
				c := &pb.DeliveryCustomer{}
				if err := unmarshal(r.Blobs[id], c); err != nil {
					return err
				}
				for _, q := range c.Queues {
					b := at(q.Endpoint)
					b.Pending += len(q.Seqs)
					if due := civil.Instant(q.Due); due < b.NextDue {
						b.NextDue, b.Error = due, q.Error
					}
					out[q.Endpoint] = b
				}
			}
		}
		return nil
	})
	return out, err
}

// DeadDeliveries are the dead deliveries of a partition, oldest first.
func DeadDeliveries(ctx context.Context, state processor.State) (out []*pb.DeadDelivery, err error) {
	err = snapshot(ctx, state, func(r processor.Reply, read reading) error {
		_, out, err = theDead(r, read)
		return err
	})
	return out, err
}

func theDead(r processor.Reply, read reading) (*pb.DeadIndex, []*pb.DeadDelivery, error) {
	index := &pb.DeadIndex{}
	if err := unmarshal(r.Blobs[deadID], index); err != nil {
		return nil, nil, err
	}
	if len(index.Entries) == 0 {
		return index, nil, nil
	}
	r, err := read(processor.Query{Registers: []processor.Fields{{Customer: deadID, All: true}}})
	if err != nil {
		return nil, nil, err
	}
	var out []*pb.DeadDelivery
	for _, e := range index.Entries {
		d := &pb.DeadDelivery{}
		if err := unmarshal(r.Registers[deadID][e.Register], d); err != nil {
			return nil, nil, err
		}
		out = append(out, d)
	}
	return index, out, nil
}

// retryMost is how many deliveries one Apply takes back.
const retryMost = 200

// Retry takes the dead deliveries that want says back into their queues, and gives how many. They go out in the order of
// their seq, and before what is pending where they come before it.
func Retry(ctx context.Context, state processor.State, clock func() civil.Instant, nonce func() uint64, want func(*pb.DeadDelivery) bool) (int, error) {
	all := 0
	for {
		n, more, err := retry(ctx, state, clock(), nonce, want)
		all += n
		if err != nil || !more {
			return all, err
		}
	}
}

// retry does one Apply; more: there may be others.
func retry(ctx context.Context, state processor.State, now civil.Instant, nonce func() uint64, want func(*pb.DeadDelivery) bool) (n int, more bool, err error) {
	err = snapshot(ctx, state, func(head processor.Reply, read reading) error {
		index, dead, err := theDead(head, read)
		if err != nil {
			return err
		}
		e, left := newEdit(), &pb.DeadIndex{Number: index.Number}
		var some []*pb.DeadDelivery
		more = false
		for i, d := range dead {
			switch chosen := want(d) && d.Value != nil; {
			case chosen && len(some) < retryMost:
				some = append(some, d)
				e.deadDel = append(e.deadDel, index.Entries[i].Register)
				continue
			case chosen:
				more = true
			}
			left.Entries = append(left.Entries, index.Entries[i])
		}
		if n = len(some); n == 0 {
			return nil
		}
		if e.index, err = left, e.revive(some, now, read); err != nil {
			return err
		}
		w, err := e.write(head.Token, processor.Token{Offset: head.Token.Offset, Epoch: head.Token.Epoch, Logic: logic, Nonce: nonce()})
		if err != nil {
			return err
		}
		r, err := state.Apply(ctx, w)
		switch {
		case err != nil:
			return fmt.Errorf("taking dead deliveries back: %w (some may have been taken: look at the list)", err)
		case r.Conflict:
			return errMoved
		}
		return nil
	})
	return n, more && err == nil, err
}

// revive puts dead deliveries into the queues of their customers.
func (e *edit) revive(some []*pb.DeadDelivery, now civil.Instant, read reading) error {
	ids := map[string]bool{}
	for _, d := range some {
		ids[d.CustomerId] = true
	}
	r, err := read(processor.Query{Customers: slices.Sorted(maps.Keys(ids))})
	if err != nil {
		return err
	}
	for _, d := range some {
		c := e.customers[d.CustomerId]
		if c == nil {
			c = &pb.DeliveryCustomer{}
			if err := unmarshal(r.Blobs[d.CustomerId], c); err != nil {
				return err
			}
			e.customers[d.CustomerId] = c
		}
		enqueue(c, d.Endpoint, d.Seq, now)
		e.keep(d.CustomerId, d.Seq, d.Value)
	}
	return nil
}

// Health is how an endpoint is.
type Health struct {
	Off          string        // why it gets nothing; empty: it does
	Since        civil.Instant // when it went off
	FailingSince civil.Instant // the first failure after the last success; 0: none
	Error        string        // of the last failure
	ErrorAt      civil.Instant
	SucceededAt  civil.Instant // about when the last success was; 0: never
}

// HealthOf is how endpoints are, by name.
func HealthOf(ctx context.Context, state processor.State, names []string) (map[string]Health, error) {
	r, err := state.Read(ctx, processor.Query{Customers: names})
	if err != nil {
		return nil, fmt.Errorf("looking how the endpoints are: %w", err)
	}
	out := map[string]Health{}
	for _, name := range names {
		h, err := readHealth(r.Blobs[name])
		if err != nil {
			return nil, err
		}
		out[name] = Health{
			Off: h.off(), Since: civil.Instant(h.Since), FailingSince: civil.Instant(h.FailingSince), Error: h.Error,
			ErrorAt: civil.Instant(h.ErrorAt), SucceededAt: civil.Instant(h.SucceededAt),
		}
	}
	return out, nil
}

// Enable takes an endpoint back into service, and forgets for how long it has failed.
func Enable(ctx context.Context, state processor.State, nonce func() uint64, name string) error {
	_, err := changeHealth(ctx, state, nonce, name, func(h health) (health, bool) {
		return health{&pb.EndpointState{Status: pb.EndpointState_ACTIVE, SucceededAt: h.GetSucceededAt()}}, h.off() != "" || h.GetFailingSince() != 0
	})
	return err
}

// reading asks for more of the state that a snapshot began with.
type reading func(processor.Query) (processor.Reply, error)

var errMoved = errors.New("the state changed while it was read")

// snapshot hands f the head of a state (the dead's index, and who has something pending) and a way to read more of the very
// same state; where it changes meanwhile, f runs again.
func snapshot(ctx context.Context, state processor.State, f func(processor.Reply, reading) error) error {
	for range casTries {
		head, err := state.Read(ctx, processor.Query{Due: true, DueTo: civil.MaxInstant, DueMost: 1 << 30, Customers: []string{deadID}})
		if err != nil {
			return err
		}
		err = f(head, func(q processor.Query) (processor.Reply, error) {
			r, err := state.Read(ctx, q)
			if err == nil && r.Token != head.Token {
				err = errMoved
			}
			return r, err
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("%w, again and again: try once more", errMoved)
}
