package tierctl

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// decisions are what tierchange has told, of some customers or all.
type decisions struct {
	changes []*pb.TierChange
	alerts  []*pb.CreditAlert
	signals []*pb.CustomerSignal
}

func decisionsOf(p *pipeline.Pipeline) decisions {
	return decisions{p.Changes(), p.Alerts(), p.Signals()}
}

func (d *decisions) add(more decisions) {
	d.changes, d.alerts, d.signals = append(d.changes, more.changes...), append(d.alerts, more.alerts...), append(d.signals, more.signals...)
}

// sort puts them in the order of their customers and numbers.
func (d *decisions) sort() {
	bySeq(d.changes)
	bySeq(d.alerts)
	bySeq(d.signals)
}

// sequenced is a record of an output topic: each has its own dense seq per customer.
type sequenced interface {
	proto.Message
	GetCustomerId() string
	GetSeq() int64
}

func bySeq[M sequenced](all []M) {
	slices.SortFunc(all, func(a, b M) int {
		return cmp.Or(cmp.Compare(a.GetCustomerId(), b.GetCustomerId()), cmp.Compare(a.GetSeq(), b.GetSeq()))
	})
}

// decided is what the states have told, each once: of each customer with a line what goes up to the state's own numbers,
// though more may have been published since the states were read. What the last batch gave may not have been sent yet, and
// all before it has (rule 6): with the states read first, nothing is missing.
func (r *remote) decided(ctx context.Context, pairs []pair, lines []codec.CustomerLine) (decisions, error) {
	all := make([]int, len(pairs))
	for p := range all {
		all[p] = p
	}
	return r.decidedIn(ctx, all, pairs, lines)
}

// decidedIn is decided of some partitions.
func (r *remote) decidedIn(ctx context.Context, partitions []int, pairs []pair, lines []codec.CustomerLine) (d decisions, err error) {
	shown := map[string]bool{}
	for _, l := range lines {
		shown[l.CustomerID] = true
	}
	made := map[string]numbers{}
	for _, p := range partitions {
		if err := pairs[p].made(shown, made); err != nil {
			return d, err
		}
	}
	of := reading{ctx, r, partitions, pairs}
	if d.changes, err = tell(of, topics.TierChanges, func(id string) int64 { return made[id].changes }, func() *pb.TierChange { return &pb.TierChange{} }); err != nil {
		return d, err
	}
	if d.alerts, err = tell(of, topics.CreditAlerts, func(id string) int64 { return made[id].alerts }, func() *pb.CreditAlert { return &pb.CreditAlert{} }); err != nil {
		return d, err
	}
	d.signals, err = tell(of, topics.Signals, func(id string) int64 { return made[id].signals }, func() *pb.CustomerSignal { return &pb.CustomerSignal{} })
	return d, err
}

// reading is where the records of an output topic are read.
type reading struct {
	ctx        context.Context
	remote     *remote
	partitions []int
	pairs      []pair
}

// tell reads a topic: of each customer the records up to the number that most gives, each once.
func tell[M sequenced](of reading, topic string, most func(customer string) int64, empty func() M) (sent []M, err error) {
	take := func(value []byte) error {
		m := empty()
		if err := proto.Unmarshal(value, m); err != nil {
			return fmt.Errorf("reading a record of %s: %w", topic, err)
		}
		if m.GetSeq() <= most(m.GetCustomerId()) {
			sent = append(sent, m)
		}
		return nil
	}
	if err := of.remote.read(of.ctx, topic, of.partitions, func(m kafkalog.Message) error { return take(m.Value) }); err != nil {
		return nil, err
	}
	for _, p := range of.partitions {
		for _, e := range of.pairs[p].last { // the last batch
			for _, m := range e.Messages {
				if e.Topic != topic {
					continue
				}
				if err := take(m.Value); err != nil {
					return nil, err
				}
			}
		}
	}
	return firstOf(sent), nil
}

// numbers are those of a customer's last records, topic by topic.
type numbers struct{ changes, alerts, signals int64 }

// made notes the numbers of the customers that are shown.
func (p pair) made(shown map[string]bool, into map[string]numbers) error {
	return p.tiers.ForEach(func(id string, blob []byte) error {
		if !shown[id] {
			return nil
		}
		c := &pb.TierCustomer{}
		if err := proto.Unmarshal(blob, c); err != nil {
			return fmt.Errorf("reading a customer's blob in tierchange: %w", err)
		}
		into[id] = numbers{c.Seq, c.Alerts.GetSeq(), c.Signals.GetSeq()}
		return nil
	})
}

// firstOf keeps the first occurrence of each (customer, seq).
func firstOf[M sequenced](all []M) []M {
	type key struct {
		customer string
		seq      int64
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(all, func(m M) bool {
		k := key{m.GetCustomerId(), m.GetSeq()}
		again := seen[k]
		seen[k] = true
		return again
	})
}

// String counts them.
func (d decisions) String() string {
	return fmt.Sprintf("%d tier changes, %d credit alerts, %d signals", len(d.changes), len(d.alerts), len(d.signals))
}
