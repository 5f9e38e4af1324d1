package redisstate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// ErrMoved says that a partition changed while it was being read as a whole: read it again.
var ErrMoved = errors.New("the partition changed while it was read")

// snapshotPage is how many customers one answer of Snapshot has.
const snapshotPage = 500

// Snapshot reads a whole partition, as the Apply that would make it from nothing, but of the registers only those that
// named names of a customer's blob; nil: none. Every page comes with the token; ErrMoved: it wasn't the same for all.
func (s *Slot) Snapshot(ctx context.Context, named func(blob []byte) ([]string, error)) (w processor.Write, err error) {
	head, err := s.Read(ctx, processor.Query{Part: true, Last: true})
	if err != nil {
		return w, err
	}
	w.Next, w.Part, w.Last = head.Token, head.Part, head.Last
	if head.Missing {
		return w, nil
	}
	for from := int64(0); ; from += snapshotPage {
		n, err := s.page(ctx, from, &w)
		if err == nil && named != nil {
			err = s.registers(ctx, w.Next, w.Customers[from:], named)
		}
		if err != nil {
			return w, err
		}
		if n < snapshotPage {
			slices.SortFunc(w.Customers, func(a, b processor.CustomerWrite) int { return strings.Compare(a.ID, b.ID) })
			return w, nil
		}
	}
}

func (s *Slot) page(ctx context.Context, from int64, w *processor.Write) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ids, err := s.store.client.ZRange(ctx, s.key("idx"), from, from+snapshotPage-1).Result()
	if err != nil {
		return 0, s.failed("reading the customers of", err)
	}
	pipe := s.store.client.TxPipeline()
	r := s.queue(ctx, pipe, processor.Query{Customers: ids})
	dues, waits := make([]*redis.FloatCmd, len(ids)), make([]*redis.FloatCmd, len(ids))
	for i, id := range ids {
		dues[i], waits[i] = pipe.ZScore(ctx, s.key("due"), id), pipe.ZScore(ctx, s.key("due"), processor.WaitMember(id))
	}
	if err := s.exec(ctx, pipe, "reading the customers of"); err != nil {
		return 0, err
	}
	reply, err := r.reply(processor.Query{Customers: ids})
	if err != nil {
		return 0, err
	}
	if reply.Token != w.Next {
		return 0, ErrMoved
	}
	for i, id := range ids {
		due := processor.NoDue
		if dues[i].Err() == nil {
			due = civil.Instant(dues[i].Val())
		}
		w.Customers = append(w.Customers, processor.CustomerWrite{ID: id, Blob: reply.Blobs[id], Due: due, Wait: civil.Instant(waits[i].Val())})
	}
	return len(ids), nil
}

// registers adds the registers that named names to customers.
func (s *Slot) registers(ctx context.Context, token processor.Token, customers []processor.CustomerWrite, named func(blob []byte) ([]string, error)) error {
	q := processor.Query{}
	for _, c := range customers {
		names, err := named(c.Blob)
		if err != nil {
			return err
		}
		if len(names) > 0 {
			q.Registers = append(q.Registers, processor.Fields{Customer: c.ID, Names: names})
		}
	}
	if len(q.Registers) == 0 {
		return nil
	}
	reply, err := s.Read(ctx, q)
	switch {
	case err != nil:
		return err
	case reply.Token != token:
		return ErrMoved
	}
	for i := range customers {
		for name, value := range reply.Registers[customers[i].ID] {
			customers[i].Set = append(customers[i].Set, processor.Register{Name: name, Value: value})
		}
		slices.SortFunc(customers[i].Set, func(a, b processor.Register) int { return strings.Compare(a.Name, b.Name) })
	}
	return nil
}
