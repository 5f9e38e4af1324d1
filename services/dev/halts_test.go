package dev_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/topics"
)

var tradingDay = time.Date(2024, 3, 3, 9, 0, 0, 0, time.UTC)

// orders lets the first customer of each partition buy once more.
func (w *world) orders(n int) {
	w.t.Helper()
	for p, id := range customers() {
		w.append(topics.Orders, p, order(id, n, tradingDay))
	}
}

// begin brings every service up and every partition to its first tier change.
func (w *world) begin() {
	w.startAll()
	w.orders(1)
	for _, id := range customers() {
		w.until(id+" is silver", func() error { return w.hasChanges(id, 1) })
	}
	w.until("everything is drained", w.allDrained)
}

// ends are the next offsets of a topic's partitions.
func (w *world) ends(topic string) (out [partitions]int64) {
	w.t.Helper()
	bounds, err := w.client.Offsets(w.t.Context(), prefix+topic)
	must(w.t, err)
	for p, b := range bounds {
		out[p] = b.End
	}
	return out
}

// outputs are the ends of everything that the stages write.
func (w *world) outputs() (out [][partitions]int64) {
	w.t.Helper()
	for _, topic := range []string{topics.Scores, topics.Portfolio, topics.TierChanges, topics.CustomerTiers} {
		out = append(out, w.ends(topic))
	}
	return out
}

// halted says nil when an instance's readiness is 503 and says of just these partitions that they have stopped, with
// all the words.
func (w *world) halted(name string, which []int, words ...string) error {
	service, _, _ := strings.Cut(name, "-")
	code, text := w.instances[name].readyz()
	for p := range partitions {
		line := lineOf(text, fmt.Sprintf("%s/%d ", service, p))
		if slices.Contains(which, p) != strings.Contains(line, fmt.Sprintf("halted: partition %d has stopped", p)) {
			return fmt.Errorf("partition %d: %q in %d %q", p, line, code, text)
		}
		for _, word := range words {
			if slices.Contains(which, p) && !strings.Contains(line, word) {
				return fmt.Errorf("partition %d doesn't say %q: %q", p, word, line)
			}
		}
	}
	if code != http.StatusServiceUnavailable {
		return fmt.Errorf("the readiness is %d", code)
	}
	return nil
}

func lineOf(text, subject string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, " "+subject) {
			return line
		}
	}
	return ""
}

// Redis loses the state of one partition, then all of it: what lost its state stops, says what to do and publishes
// nothing; the others go on. The remedy that it names is one: rebuilt, everything is as if nothing had happened.
func TestRedisLostMidRun(t *testing.T) {
	bubble(t, dayPolicy, tradingDay, func(w *world) {
		const lost = 1
		w.begin()
		w.orders(2) // on its way
		w.wipe(slotKeys(topics.Scorer, lost))
		words := []string{"its state is missing although the consumer group has committed offset", "restore the backup of Redis, or rebuild the partition"}
		w.until("the scorer's partition halts", func() error { return w.halted("scorer-0", []int{lost}, words...) })
		halted := w.outputs()
		w.orders(3)
		w.until("the other partitions go on", func() error {
			return notNil(w.drained(topics.Ingest, topics.Orders), w.drained(topics.Scorer, topics.Facts, lost), w.drained(topics.TierChange, topics.Scores))
		})
		for p := range partitions {
			if grown := w.ends(topics.Scores)[p] > halted[0][p]; grown != (p != lost) {
				t.Errorf("scores partition %d has grown: %v, with partition %d lost", p, grown, lost)
			}
			w.auditOutputs(p, p != lost)
		}
		if code, text := w.instances["tierchange-0"].readyz(); code != http.StatusOK {
			t.Errorf("tierchange isn't ready, and nothing of its own is lost: %s", text)
		}

		w.orders(4)
		w.redis.FlushAll()
		all := []int{0, 1, 2, 3}
		for _, name := range []string{"scorer-0", "tierchange-0"} {
			w.until(name+" halts", func() error { return w.halted(name, all, words...) })
		}
		w.haltsForGood("scorer-0", "tierchange-0")

		w.rebuild = true
		for _, name := range []string{"scorer-0", "tierchange-0"} {
			w.stop(name)
			w.start(name, 0)
		}
		w.settle()
		w.audit()
	})
}

// haltsForGood restarts instances, lets more come in, and sees that they publish nothing.
func (w *world) haltsForGood(names ...string) {
	w.t.Helper()
	published := w.outputs()
	for _, name := range names {
		w.stop(name)
		w.start(name, 0)
	}
	w.orders(5)
	w.until("ingest takes in", func() error { return w.drained(topics.Ingest, topics.Orders) })
	time.Sleep(30 * time.Second) // the bubble's: a stage that went on would have by now
	if got := w.outputs(); !slices.Equal(got, published) {
		w.t.Errorf("halted stages went on from %v to %v", published, got)
	}
	for _, name := range names {
		if code, text := w.instances[name].readyz(); code != http.StatusServiceUnavailable || strings.Count(text, "halted: ") != partitions {
			w.t.Errorf("restarted, %s isn't halted: %d %s", name, code, text)
		}
	}
}

// notNil is the first error.
func notNil(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Facts are trimmed beyond where a partition stands: it stops and says so, and never jumps. Trimmed just up to where it
// stands, it goes on.
func TestFactsTrimmed(t *testing.T) {
	bubble(t, dayPolicy, tradingDay, func(w *world) {
		const beyond, upTo = 1, 2
		w.begin()
		w.stop("scorer-0")
		w.orders(2)
		w.orders(3)
		w.until("ingest takes in", func() error { return w.drained(topics.Ingest, topics.Orders) })
		at := w.cursors(topics.Scorer)
		if end := w.ends(topics.Facts)[beyond]; end < at[beyond]+2 {
			t.Fatalf("facts partition %d ends at %d, the cursor is %d: nothing waits", beyond, end, at[beyond])
		}
		must(t, w.kafka.DeleteRecords(prefix+topics.Facts, beyond, at[beyond]+1))
		must(t, w.kafka.DeleteRecords(prefix+topics.Facts, upTo, at[upTo]))
		was := w.outputs()
		w.start("scorer-0", 0)
		w.until("the trimmed partition halts", func() error {
			return w.halted("scorer-0", []int{beyond}, fmt.Sprintf("the log starts at %d, above its cursor %d", at[beyond]+1, at[beyond]),
				"restore a backup of Redis that is not older than the log's start")
		})
		w.until("the other partitions go on", func() error {
			return notNil(w.drained(topics.Scorer, topics.Facts, beyond), w.drained(topics.TierChange, topics.Scores))
		})
		time.Sleep(30 * time.Second) // the bubble's: a stage that jumped would have by now
		for i, now := range w.outputs() {
			if now[beyond] != was[i][beyond] {
				t.Errorf("partition %d went on: %v", beyond, now)
			}
		}
		if now := w.cursors(topics.Scorer); now[beyond] != at[beyond] || now[upTo] < at[upTo]+2 {
			t.Errorf("the cursors went from %v to %v, with %d trimmed beyond and %d up to it", at, now, beyond, upTo)
		}
		for _, p := range []int{0, 3} {
			w.auditOutputs(p, true)
		}
	})
}

// cursors is where a stage's state stands.
func (w *world) cursors(stage string) (out [partitions]int64) {
	w.t.Helper()
	for p := range partitions {
		r, err := w.store.Slot(prefix, stage, p).Read(w.t.Context(), processor.Query{})
		must(w.t, err)
		out[p] = r.Token.Offset
	}
	return out
}

// The customers of these tests are where they should be.
func TestCustomersOfPartitions(t *testing.T) {
	for p, id := range customers() {
		if got := kafkalog.Partition(id, partitions); got != p {
			t.Errorf("%s is in partition %d, not %d", id, got, p)
		}
	}
}
