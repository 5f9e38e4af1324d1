package tierctl

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// changesOf is the changes that the states have made, each once: of each customer with a line those up to the state's own
// number, though more may have been published since the states were read. What the last batch gave may not have been sent yet,
// and all before it has (rule 6): with the states read first, nothing is missing.
func (r *remote) changesOf(ctx context.Context, pairs []pair, lines []codec.CustomerLine) ([]*pb.TierChange, error) {
	all := make([]int, len(pairs))
	for p := range all {
		all[p] = p
	}
	return r.changesIn(ctx, all, pairs, lines)
}

// changesIn is changesOf of some partitions.
func (r *remote) changesIn(ctx context.Context, partitions []int, pairs []pair, lines []codec.CustomerLine) ([]*pb.TierChange, error) {
	made := map[string]int64{}
	var sent []*pb.TierChange
	for _, p := range partitions {
		if err := pairs[p].made(made); err != nil {
			return nil, err
		}
	}
	shown := map[string]bool{}
	for _, l := range lines {
		shown[l.CustomerID] = true
	}
	take := func(value []byte) error {
		c := &pb.TierChange{}
		if err := proto.Unmarshal(value, c); err != nil {
			return fmt.Errorf("reading a tier change: %w", err)
		}
		if shown[c.CustomerId] && c.Seq <= made[c.CustomerId] {
			sent = append(sent, c)
		}
		return nil
	}
	if err := r.read(ctx, topics.TierChanges, partitions, func(m kafkalog.Message) error { return take(m.Value) }); err != nil {
		return nil, err
	}
	for _, p := range partitions {
		for m := range pairs[p].lastChanges() {
			if err := take(m.Value); err != nil {
				return nil, err
			}
		}
	}
	return firstOf(sent), nil
}

// made notes the number of the last change of each customer.
func (p pair) made(into map[string]int64) error {
	return p.tiers.ForEach(func(id string, blob []byte) error {
		c := &pb.TierCustomer{}
		if err := proto.Unmarshal(blob, c); err != nil {
			return fmt.Errorf("reading a customer's blob in tierchange: %w", err)
		}
		into[id] = c.Seq
		return nil
	})
}

// lastChanges is the changes of the last batch.
func (p pair) lastChanges() iter.Seq[processor.Message] {
	return func(yield func(processor.Message) bool) {
		for _, e := range p.last {
			for _, m := range e.Messages {
				if e.Topic == topics.TierChanges && !yield(m) {
					return
				}
			}
		}
	}
}

// firstOf keeps the first occurrence of each (customer, seq).
func firstOf(changes []*pb.TierChange) []*pb.TierChange {
	type key struct {
		customer string
		seq      int64
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(changes, func(c *pb.TierChange) bool {
		k := key{c.CustomerId, c.Seq}
		again := seen[k]
		seen[k] = true
		return again
	})
}
