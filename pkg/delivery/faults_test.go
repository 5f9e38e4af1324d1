package delivery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Crashes, two owners at once, lost requests and answers, endpoints that fail half the time: every notice arrives, in order
// per customer and endpoint, and nobody is called twice at once by one owner.
func TestFaults(t *testing.T) {
	const customers, seqs = 12, 8
	for seed := range uint64(25) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.dice, w.odds = rand.New(rand.NewPCG(seed, 7)), 0.1
				w.limits.Records = 1 + int(seed%9)
				w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
					time.Sleep(time.Duration(w.chance() * float64(time.Second)))
					return delivery.Result{OK: w.chance() < 0.6 || m.Attempt > 4, What: "answered 503"}
				}
				owners := []*running{w.start()}
				for seq := 1; seq <= seqs; seq++ {
					for c := range customers {
						w.log.put(notice(fmt.Sprintf("C%d", c), seq, []string{"a", "b", "a,b"}[c%3]))
					}
					time.Sleep(time.Duration(w.chance() * float64(4*time.Second)))
					switch i := int(w.chance() * 5); {
					case i == 0:
						owners[0].crash()
						owners = append(owners[1:], w.start())
					case i == 1:
						owners[0].end(t)
						owners = append(owners[1:], w.start())
					case i == 2 && len(owners) < 3: // it believes that the partition is its own
						owners = append(owners, w.start())
					case len(owners) > 1:
						owners[0].crash()
						owners = owners[1:]
					}
				}
				w.until("all is there", 100*time.Hour, func() bool { return w.log.at() == customers*seqs && len(w.overview()) == 0 })
				for _, r := range owners {
					r.end(t)
				}
				w.auditOrder(customers, seqs)
			})
		})
	}
}

// auditOrder holds what the receivers got against what they should have.
func (w *world) auditOrder(customers, seqs int) {
	w.t.Helper()
	want := make([]int64, seqs)
	for i := range want {
		want[i] = int64(i + 1)
	}
	repeated := 0
	for c := range customers {
		id := fmt.Sprintf("C%d", c)
		for _, endpoint := range [][]string{{"a"}, {"b"}, {"a", "b"}}[c%3] {
			if got := w.receivers.got(endpoint, id); !slices.Equal(got, want) {
				w.t.Errorf("%s got of %s: %v, want %v", endpoint, id, got, want)
			}
		}
	}
	for _, c := range w.receivers.all() {
		if c.ok {
			repeated++
		}
	}
	if w.seen.count("gap") > 0 {
		w.t.Errorf("told of %d gaps", w.seen.count("gap"))
	}
	if len(w.dead()) > 0 {
		w.t.Errorf("dead: %v", w.dead())
	}
	w.t.Logf("%d calls, %d successful for %d deliveries", len(w.receivers.all()), repeated, customers*seqs*4/3)
}

// Between the success of an attempt and the Apply that notes it everything is lost: the next owner sends it again, under the
// same number, before anything else of the customer.
func TestCrashAfterSend(t *testing.T) {
	bubble(t, func(w *world) {
		var r *running
		w.receivers.do = func(context.Context, delivery.Message) delivery.Result {
			if len(w.receivers.calls) == 0 {
				r.state.cut.Store(true)
			}
			return delivery.Result{OK: true}
		}
		r = w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("the first is sent", time.Minute, func() bool { return len(w.receivers.all()) == 1 })
		r.crash()
		w.start().endAfter(t, w, func() bool { return len(w.receivers.all()) == 3 })
		var seqs []int64
		for _, c := range w.receivers.all() {
			seqs = append(seqs, c.Seq)
		}
		if !slices.Equal(seqs, []int64{1, 1, 2}) {
			t.Errorf("sent %v, want 1 again and then 2", seqs)
		}
	})
}

// A zombie that comes back can't take anything back, nor go on from where it was.
func TestZombie(t *testing.T) {
	bubble(t, func(w *world) {
		zombie := w.start()
		w.log.put(notice("C1", 1, "a"))
		w.until("the first is there", time.Minute, func() bool { return len(w.overview()) == 0 && w.log.at() == 1 })
		zombie.state.cut.Store(true) // paused
		other := w.start()
		w.log.put(notice("C1", 2, "a"), notice("C1", 3, "b"))
		w.until("the rest is there", time.Minute, func() bool { return len(w.overview()) == 0 && w.log.at() == 3 })
		zombie.state.cut.Store(false)
		time.Sleep(time.Minute)
		w.log.put(notice("C1", 4, "a"))
		w.until("both go on", time.Minute, func() bool { return slices.Equal(w.receivers.got("a", "C1"), []int64{1, 2, 4}) })
		zombie.end(t)
		other.end(t)
		if n := len(w.receivers.all()); n > 6 {
			t.Errorf("%d calls for 4 deliveries: the zombie sent what was done", n)
		}
	})
}

// A failure that lands after another owner has settled the matter changes nothing: what comes behind keeps its own count.
func TestLateFailure(t *testing.T) {
	bubble(t, func(w *world) {
		var called atomic.Bool
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			if !called.Swap(true) {
				time.Sleep(time.Minute)
				return delivery.Result{What: "no answer"}
			}
			return delivery.Result{OK: m.Seq == 1 || m.Attempt == 4, What: "answered 500"}
		}
		zombie := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("it is under way", time.Minute, func() bool { return called.Load() })
		other := w.start()
		w.until("all is there", time.Hour, func() bool { return len(w.receivers.got("a", "C1")) == 2 })
		zombie.end(t)
		other.end(t)
		seen := map[int]time.Time{}
		for _, c := range w.receivers.all() {
			if before, ok := seen[c.Attempt]; c.Seq == 2 && ok && c.at.Sub(before) > 30*time.Second {
				t.Errorf("attempt %d of the second was made at %v and at %v", c.Attempt, before, c.at)
			}
			if c.Seq == 2 {
				seen[c.Attempt] = c.at
			}
		}
		if len(seen) != 4 {
			t.Errorf("the second took attempts %v, want 1 to 4", seen)
		}
	})
}

// Redis lost everything: the group's offset is where it goes on, and it says so. Nothing old is sent, nothing unread is left out.
func TestStateLost(t *testing.T) {
	bubble(t, func(w *world) {
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("both are there", time.Minute, func() bool { return w.log.at() == 2 && len(w.receivers.all()) == 2 })
		r.end(t)
		*w.slot = *newSlot()
		w.log.put(notice("C1", 3, "a"))
		w.start().endAfter(t, w, func() bool { return len(w.receivers.all()) == 3 })
		if got := w.receivers.got("a", "C1"); !slices.Equal(got, []int64{1, 2, 3}) || w.seen.count("lost at 2") != 1 || w.seen.count("gap") != 0 {
			t.Errorf("got %v, %v", got, w.seen)
		}
	})
}

// Redis lost its tail: the partition is taken again from there, and the receiver may get something twice, under one number.
func TestStateRolledBack(t *testing.T) {
	bubble(t, func(w *world) {
		r := w.start()
		w.log.put(notice("C1", 1, "a"))
		w.until("one is there", time.Minute, func() bool { return w.log.at() == 1 && len(w.overview()) == 0 })
		before := w.slot.Clone()
		w.log.put(notice("C1", 2, "a"), notice("C2", 1, "a"))
		w.until("all are there", time.Minute, func() bool { return w.log.at() == 3 && len(w.overview()) == 0 })
		r.end(t)
		*w.slot = *before.Clone() //nolint:govet // nobody uses it
		w.start().endAfter(t, w, func() bool { return len(w.receivers.all()) == 5 })
		if got := w.receivers.got("a", "C1"); !slices.Equal(got, []int64{1, 2}) || w.seen.count("gap") != 0 {
			t.Errorf("got %v, %v", got, w.seen)
		}
	})
}

func TestLogThatEndsBelow(t *testing.T) {
	bubble(t, func(w *world) {
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("both are there", time.Minute, func() bool { return w.log.at() == 2 })
		w.log.mu.Lock()
		kept := w.log.records
		w.log.records = nil
		w.log.mu.Unlock()
		stuck := func() bool { w.seen.mu.Lock(); defer w.seen.mu.Unlock(); return w.seen.stuck != "" }
		w.until("it says so", time.Minute, stuck)
		w.log.put(string(kept[0].Value), string(kept[1].Value), notice("C1", 3, "a"))
		w.until("it goes on", time.Minute, func() bool { return len(w.receivers.got("a", "C1")) == 3 && !stuck() })
		r.end(t)
	})
}

func TestRecordsThatExpired(t *testing.T) {
	bubble(t, func(w *world) {
		w.log.start = 10
		w.log.put(notice("C1", 4, "a"))
		r := w.start()
		w.until("it goes on from the log's start", time.Minute, func() bool { return w.log.at() == 11 && len(w.receivers.got("a", "C1")) == 1 })
		r.end(t)
		if w.seen.count("expired 0 to 10") == 0 {
			t.Errorf("not told: %v", w.seen)
		}
	})
}

// An error in bytes that are no text, and endless, is kept as a line; it stops nothing.
func TestErrorOfNoText(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			return delivery.Result{OK: m.Attempt > 1, What: "broken \xff\xfe\n" + strings.Repeat("文", 1000)}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"))
		w.until("it has failed", time.Minute, func() bool { return w.healthOf("a").FailingSince != 0 })
		if text := w.healthOf("a").Error; len(text) > 300 || !strings.HasPrefix(text, "broken ? 文") || !utf8.ValidString(text) {
			t.Errorf("kept %d bytes: %q", len(text), text)
		}
		w.until("it is there", time.Minute, func() bool { return len(w.receivers.got("a", "C1")) == 1 && len(w.overview()) == 0 })
		r.end(t)
	})
}

// A record that the state has lost is no fault of its endpoint, and holds up nobody.
func TestRecordLost(t *testing.T) {
	bubble(t, func(w *world) {
		first := true
		w.receivers.do = func(context.Context, delivery.Message) delivery.Result {
			was := first
			first = false
			return delivery.Result{OK: !was, What: "answered 500"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("it has failed", time.Minute, func() bool { return w.seen.count("a attempts") == 1 })
		r.end(t)
		h, err := w.slot.Read(t.Context(), processor.Query{Customers: []string{"C1"}})
		must(t, err)
		next := h.Token
		next.Nonce++
		_, err = w.slot.Apply(t.Context(), processor.Write{Expect: h.Token, Next: next, Customers: []processor.CustomerWrite{
			{ID: "C1", Blob: h.Blobs["C1"], Due: clock(), Del: []string{"1"}},
		}})
		must(t, err)
		w.start().endAfter(t, w, func() bool { return len(w.receivers.got("a", "C1")) == 1 && len(w.overview()) == 1 })
		if o := w.overview()["a"]; o.Dead != 1 || o.Pending != 0 || w.seen.count("a "+delivery.RecordGone) != 1 {
			t.Errorf("%+v, %v", o, w.seen)
		}
	})
}

// A batch that fails half way leaves nothing behind in memory: it is taken again as a whole.
func TestBatchThatFailsHalfWay(t *testing.T) {
	bubble(t, func(w *world) {
		failed := false
		w.read = func(r processor.Record) (delivery.Notice, error) {
			if r.Offset == 1 && !failed {
				failed = true
				return delivery.Notice{}, errLost
			}
			return read(r)
		}
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"), notice("C2", 1, "a"))
		w.start().endAfter(t, w, func() bool { return w.log.at() == 3 && len(w.overview()) == 0 })
		if got := w.receivers.got("a", "C1"); !slices.Equal(got, []int64{1, 2}) || w.seen.count(delivery.Repeated) > 0 || !failed {
			t.Errorf("got %v, %v", got, w.seen)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
