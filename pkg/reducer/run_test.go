package reducer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// atMost is a state that is written for no more customers at once than it should be.
type atMost struct {
	*memory.Slot
	t    fataler
	most int
}

func (m atMost) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	if len(w.Customers) > m.most {
		m.t.Fatalf("a batch writes %d customers, more than %d", len(w.Customers), m.most)
	}
	return m.Slot.Apply(ctx, w)
}

// take has an owner take in records whole, and gives its state and what it sent.
func take(t fataler, stage processor.Stage, first bool, records []processor.Record, limits processor.Limits, tickMost int) (*memory.Slot, map[string][]processor.Message) {
	t.Helper()
	slot := memory.NewSlot()
	sent, err := memory.TakeIn(background, processor.Config{State: atMost{slot, t, max(limits.Customers, tickMost)}, Stage: stage, First: first,
		Limits: limits, Clock: func() civil.Instant { return 0 }}, records)
	if err != nil {
		t.Fatal(err)
	}
	return slot, sent
}

// Whose records come first in a run can't be seen: an owner, who takes those of a customer together, comes to the states and sends what
// a fold does that takes one record after the other.
func TestRunsCantBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := paged(t, reducer.Options{TickMost: rapid.IntRange(1, 3).Draw(t, "tick most"), MomentsMost: rapid.IntRange(1, 5).Draw(t, "moments most")})
		facts := history(t)
		if rapid.Bool().Draw(t, "crowded") {
			for _, f := range facts { // runs end with the day
				f.At = int64(start) + (f.At-int64(start))/48
			}
		}
		facts = facts[:rapid.IntRange(1, len(facts)).Draw(t, "facts")]
		plain := newLine(t, opts)
		plain.put(facts...)
		var records []processor.Record
		for i, f := range facts {
			records = append(records, record(int64(i), f, civil.Instant(f.At)))
		}
		limits := processor.Limits{Customers: rapid.IntRange(1, 4).Draw(t, "customers"), Records: rapid.SampledFrom([]int{2, 7, 50}).Draw(t, "records"),
			Bytes: rapid.SampledFrom([]int{1000, 3000, 1 << 20, 1 << 20}).Draw(t, "bytes")}
		first, scores := take(t, weighed{reducer.NewScorer(opts), t}, true, records, limits, opts.TickMost)
		second, told := take(t, weighed{reducer.NewTierChange(opts), t}, false, plain.records, limits, opts.TickMost)
		for _, slots := range [][2]*memory.Slot{{plain.first, first}, {plain.second, second}} {
			if a, b := state(t, slots[0]), state(t, slots[1]); a != b {
				t.Fatalf("states differ:\n%s\n%s", a, b)
			}
		}
		same := func(topic string, a []string, b []processor.Message) {
			if is := valuesOf(b); !slices.Equal(a, is) {
				t.Fatalf("%s: %d and %d messages differ:\n%q\n%q", topic, len(a), len(is), a, is)
			}
		}
		same(reducer.TopicScores, bytesOf(plain.records), scores[reducer.TopicScores])
		same(reducer.TopicTierChanges, valuesOf(plain.published), told[reducer.TopicTierChanges])
		same(reducer.TopicCustomerTiers, valuesOf(plain.latest), told[reducer.TopicCustomerTiers])
		for _, topic := range []string{reducer.TopicCreditAlerts, reducer.TopicSignals} {
			same(topic, valuesOf(plain.told[topic]), told[topic])
		}
		var days []string
		for _, d := range plain.portfolio {
			days = append(days, string(marshal(d)))
		}
		same(reducer.TopicPortfolio, days, scores[reducer.TopicPortfolio])
	})
}

func valuesOf(ms []processor.Message) (out []string) {
	for _, m := range ms {
		out = append(out, string(m.Value))
	}
	return out
}

// Nothing is put in another order across a gap: levels before it are taken, and the partition stops there.
func TestRunsEndAtAGap(t *testing.T) {
	l := wall(t, ladder("1", 10, 1000, 500, 0))
	l.put(bought("o1", "anna", start, 100), bought("o2", "bert", start, 100), bought("o3", "anna", start, 100))
	records := slices.Delete(slices.Clone(l.records), 2, 3)
	records[2].Offset--
	slot := memory.NewSlot()
	_, err := memory.TakeIn(background, processor.Config{State: slot, Stage: reducer.NewTierChange(reducer.Options{}),
		Clock: func() civil.Instant { return 0 }}, records)
	if h := (*processor.Halt)(nil); !errors.As(err, &h) || !strings.Contains(h.Why, "offset 2") || !strings.Contains(h.Why, reducer.ErrGap.Error()) {
		t.Fatalf("ended with %v", err)
	}
	if slot.Blob("anna") == nil || slot.Blob("bert") != nil {
		t.Error("what comes before the gap was not taken, or something behind it was")
	}
}

// A level that names nobody is of a customer like any other.
func TestLevelOfNobody(t *testing.T) {
	l := wall(t, ladder("1", 10, 1000, 500, 0))
	nobody := marshal(&pb.Score{Number: 2, Fact: 1, At: int64(start), Body: &pb.Score_Level{Level: &pb.Level{Version: 1, Rule: 1}}})
	slot, _ := take(t, reducer.NewTierChange(reducer.Options{}), false, append(l.records, processor.Record{Offset: 1, Value: nobody}), processor.Limits{}, 1)
	if slot.Blob("") == nil {
		t.Error("nobody has no state")
	}
}
