package dev_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// stages are the two stages with what they read.
func stages() map[string]string {
	return map[string]string{topics.Scorer: topics.Facts, topics.TierChange: topics.Scores}
}

// settle waits until nothing is due and nothing is under way, and stops the clock, so that it stays so.
func (w *world) settle() {
	w.t.Helper()
	w.until("every due moment has fired", w.nothingDue)
	w.clock.frozen.Store(int64(w.clock.now()))
	w.until("everything is drained", func() error { return errors.Join(w.allDrained(), w.allEmitted()) })
}

func (w *world) nothingDue() error {
	if err := w.allDrained(); err != nil {
		return err
	}
	for stage := range stages() {
		for p := range partitions {
			r, err := w.store.Slot(prefix, stage, p).Read(w.t.Context(), processor.Query{})
			if err != nil || r.NextDue <= w.clock.now() {
				return fmt.Errorf("%s partition %d is due at %d: %w", stage, p, r.NextDue, err)
			}
		}
	}
	return nil
}

// allEmitted says nil when every stage has sent what it has applied.
func (w *world) allEmitted() error {
	for stage, input := range stages() {
		at, err := w.committed(stage, input)
		if err != nil {
			return err
		}
		for p := range partitions {
			r, err := w.store.Slot(prefix, stage, p).Read(w.t.Context(), processor.Query{})
			if err != nil || r.Token.Offset != at[p] {
				return fmt.Errorf("%s partition %d has applied %d and emitted %d: %w", stage, p, r.Token.Offset, at[p], err)
			}
		}
	}
	return nil
}

// findings is what an audit has seen.
type findings struct{ changes, downgrades, repeated int }

func (f *findings) add(g findings) {
	f.changes, f.downgrades, f.repeated = f.changes+g.changes, f.downgrades+g.downgrades, f.repeated+g.repeated
}

// audit holds what was published and what is stored against what facts alone give: every number once and in order,
// every repetition the same bytes, every state the same bytes.
func (w *world) audit() (seen findings) {
	w.t.Helper()
	for p := range partitions {
		scorer, tiers, found := w.auditOutputs(p, true)
		w.sameState(topics.Scorer, p, scorer)
		w.sameState(topics.TierChange, p, tiers)
		seen.add(found)
	}
	return seen
}

// auditOutputs compares the topics of a partition, and gives the states that belong to them. whole: nothing that facts
// give may still be to come.
func (w *world) auditOutputs(p int, whole bool) (scorer, tiers *memory.Slot, seen findings) {
	w.t.Helper()
	scorer, tiers = memory.NewSlot(), memory.NewSlot()
	given := w.fold(reducer.NewScorer(reducer.Options{}), scorer, records(w.read(topics.Facts, p)))
	scores := w.read(topics.Scores, p)
	seen.repeated += w.sameNumbers(fmt.Sprintf("scores partition %d", p), given[topics.Scores], scores, scoreNumber, whole)
	w.sameSet(fmt.Sprintf("portfolio partition %d", p), given[topics.Portfolio], w.read(topics.Portfolio, p), whole)
	decided := w.fold(reducer.NewTierChange(reducer.Options{}), tiers, records(scores))
	changes := w.read(topics.TierChanges, p)
	seen.repeated += w.sameNumbers(fmt.Sprintf("tier-changes partition %d", p), decided[topics.TierChanges], changes, changeNumber, whole)
	w.sameSet(fmt.Sprintf("customer-tiers partition %d", p), decided[topics.CustomerTiers], w.read(topics.CustomerTiers, p), whole)
	seen.changes = len(decided[topics.TierChanges])
	for _, m := range decided[topics.TierChanges] {
		c := &pb.TierChange{}
		must(w.t, proto.Unmarshal(m.Value, c))
		if c.Direction == pb.TierChange_DOWNGRADE {
			seen.downgrades++
		}
	}
	return scorer, tiers, seen
}

func records(ms []kafkalog.Message) (out []processor.Record) {
	for _, m := range ms {
		out = append(out, processor.Record{Offset: m.Offset, Appended: civil.FromTime(m.Time), Key: string(m.Key), Value: m.Value})
	}
	return out
}

// fold runs a stage without engine, one record at a time, and gives what it emits by topic.
func (w *world) fold(stage processor.Stage, slot *memory.Slot, in []processor.Record) map[string][]processor.Message {
	w.t.Helper()
	f, err := memory.NewFold(stage, slot)
	must(w.t, err)
	out := map[string][]processor.Message{}
	for _, r := range in {
		emitted, err := f.Put(r)
		must(w.t, err)
		for _, e := range emitted {
			out[e.Topic] = append(out[e.Topic], e.Messages...)
		}
	}
	return out
}

// numbered is whose sequence a message is in, and its number there.
type numbered func(value []byte) (whose string, n int64, err error)

func scoreNumber(value []byte) (string, int64, error) {
	s := &pb.Score{}
	err := proto.Unmarshal(value, s)
	return "", s.Number, err
}

func changeNumber(value []byte) (string, int64, error) {
	c := &pb.TierChange{}
	err := proto.Unmarshal(value, c)
	return c.CustomerId, c.Seq, err
}

// sameNumbers reads a topic as a consumer that trusts nobody: the next number of a sequence only, what is not newer
// must be the same bytes, and in the end it is what was expected. It gives how many came again.
func (w *world) sameNumbers(what string, want []processor.Message, got []kafkalog.Message, number numbered, whole bool) (repeated int) {
	w.t.Helper()
	expected, last := map[string][]processor.Message{}, map[string]int{}
	for _, m := range want {
		whose, n, err := number(m.Value)
		if expected[whose] = append(expected[whose], m); err != nil || int(n) != len(expected[whose]) {
			w.t.Fatalf("%s: facts give number %d of %q after %d: %v", what, n, whose, len(expected[whose])-1, err)
		}
	}
	for _, m := range got {
		whose, n, err := number(m.Value)
		must(w.t, err)
		switch at := int(n); {
		case at > last[whose]+1:
			w.t.Errorf("%s offset %d: number %d of %q follows %d: a gap", what, m.Offset, n, whose, last[whose])
			return repeated
		case at < 1 || at > len(expected[whose]):
			w.t.Errorf("%s offset %d: number %d of %q, but facts give %d", what, m.Offset, n, whose, len(expected[whose]))
			return repeated
		case !same(expected[whose][at-1], m):
			w.t.Errorf("%s offset %d: number %d of %q has other bytes than facts give", what, m.Offset, n, whose)
			return repeated
		case at <= last[whose]:
			repeated++
		default:
			last[whose] = at
		}
	}
	for whose, all := range expected {
		if whole && last[whose] != len(all) {
			w.t.Errorf("%s: %d of %d numbers of %q were published", what, last[whose], len(all), whose)
		}
	}
	return repeated
}

func same(want processor.Message, got kafkalog.Message) bool {
	return text(want) == text(messageOf(got))
}

func messageOf(m kafkalog.Message) processor.Message {
	out := processor.Message{Key: string(m.Key), Value: m.Value}
	for _, h := range m.Headers {
		out.Headers = append(out.Headers, processor.Header{Key: h.Key, Value: h.Value})
	}
	return out
}

func text(m processor.Message) string { return fmt.Sprintf("%q %x %q", m.Key, m.Value, m.Headers) }

// sameSet compares what has no number of its own.
func (w *world) sameSet(what string, want []processor.Message, got []kafkalog.Message, whole bool) {
	w.t.Helper()
	missing, known := map[string]bool{}, map[string]bool{}
	for _, m := range want {
		missing[text(m)], known[text(m)] = true, true
	}
	for _, m := range got {
		if delete(missing, text(messageOf(m))); !known[text(messageOf(m))] {
			w.t.Errorf("%s offset %d: facts don't give it", what, m.Offset)
			return
		}
	}
	if whole && len(missing) > 0 {
		w.t.Errorf("%s: %d of %d were never published", what, len(missing), len(known))
	}
}

// sameState compares a partition in Redis with a slot, byte for byte, but for the nonce.
func (w *world) sameState(stage string, p int, want *memory.Slot) {
	w.t.Helper()
	var ids []string
	must(w.t, want.ForEach(func(id string, _ []byte) error { ids = append(ids, id); return nil }))
	q := processor.Query{Part: true, Customers: ids, Due: true, DueTo: civil.MaxInstant, DueMost: len(ids) + 1}
	for _, id := range ids {
		q.Registers = append(q.Registers, processor.Fields{Customer: id, All: true})
	}
	slot := w.store.Slot(prefix, stage, p)
	var is processor.Reply
	var stored processor.Write
	w.until("reading a whole partition", func() (err error) { // a connection in the pool may be one that was cut
		if is, err = slot.Read(w.t.Context(), q); err == nil {
			stored, err = slot.Snapshot(w.t.Context(), nil)
		}
		return err
	})
	should, err := want.Read(w.t.Context(), q)
	must(w.t, err)
	if len(stored.Customers) != len(ids) {
		w.t.Errorf("%s partition %d holds %d customers, facts give %d", stage, p, len(stored.Customers), len(ids))
	}
	is.Token.Nonce, should.Token.Nonce = 0, 0
	if is.Token != should.Token || is.NextDue != should.NextDue || !slices.Equal(is.Due, should.Due) || !bytes.Equal(is.Part, should.Part) {
		w.t.Errorf("%s partition %d stands at %v (next due %d), facts give %v (%d); due: %v; partition blob: %v", stage, p, is.Token, is.NextDue,
			should.Token, should.NextDue, slices.Equal(is.Due, should.Due), bytes.Equal(is.Part, should.Part))
	}
	for _, id := range ids {
		if !bytes.Equal(is.Blobs[id], should.Blobs[id]) {
			w.t.Errorf("%s partition %d: the blob of %s isn't what facts give", stage, p, id)
		}
		if !maps.EqualFunc(is.Registers[id], should.Registers[id], bytes.Equal) {
			w.t.Errorf("%s partition %d: the registers of %s aren't what facts give", stage, p, id)
		}
	}
}
