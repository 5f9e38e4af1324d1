package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/delivery"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// An endpoint that always fails: ten attempts at the moments of the spec, under one number, then dead; what comes behind it
// waits for that, and has a schedule of its own.
func TestTimelineOfFailure(t *testing.T) {
	bubble(t, func(w *world) {
		fails := true
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			return delivery.Result{OK: m.Seq == 2 || !fails, What: "answered 500"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("C1's second notice is there", 110*time.Hour, func() bool { return slices.Equal(w.receivers.got("a", "C1"), []int64{2}) })
		calls := w.receivers.all()
		if len(calls) != 11 {
			t.Fatalf("%d calls, want 10 of the first and one of the second", len(calls))
		}
		for i, rest := range delivery.StandardSchedule().Delays[:10] {
			if calls[i].Seq != 1 || calls[i].Attempt != i+1 {
				t.Errorf("call %d is attempt %d of seq %d", i, calls[i].Attempt, calls[i].Seq)
			}
			if i > 0 {
				if is := calls[i].at.Sub(calls[i-1].at); is < rest || is > rest*12/10+time.Millisecond {
					t.Errorf("attempt %d came after %v, want %v to %v", i+1, is, rest, rest*12/10)
				}
			}
		}
		if last := calls[10]; last.Attempt != 1 || last.at.Sub(calls[9].at) > time.Second {
			t.Errorf("the second began with attempt %d, %v after the first was given up", last.Attempt, last.at.Sub(calls[9].at))
		}
		want := []string{"a C1 1 given up (10 attempts: answered 500)"}
		if got := w.dead(); !slices.Equal(got, want) {
			t.Errorf("dead: %v, want %v", got, want)
		}
		// Sent again by the operator: the owner, which sleeps, notices.
		fails = false
		n, err := delivery.Retry(t.Context(), w.slot, clock, w.nonce, all)
		if n != 1 || err != nil {
			t.Errorf("retry: %d %v", n, err)
		}
		w.until("the first is there too", time.Minute, func() bool { return len(w.receivers.got("a", "C1")) == 2 })
		r.end(t)
		if o := w.overview(); len(o) != 0 || len(w.dead()) != 0 {
			t.Errorf("left over: %v %v", o, w.dead())
		}
	})
}

// Who is slow or down holds up nobody else: neither other endpoints nor the reading.
func TestSlowEndpoint(t *testing.T) {
	bubble(t, func(w *world) {
		w.names = map[string]int{"a": 3, "b": 5}
		w.receivers.both = func(m delivery.Message) { t.Errorf("two at once for %s and %s", m.Endpoint, m.Customer) }
		w.receivers.do = func(ctx context.Context, m delivery.Message) delivery.Result {
			hang := time.Second / 10
			if m.Endpoint == "a" {
				hang = 15 * time.Second
			}
			select {
			case <-time.After(hang):
			case <-ctx.Done():
			}
			return delivery.Result{OK: m.Endpoint == "b", What: "timed out"}
		}
		r := w.start()
		began := time.Now()
		for seq := 1; seq <= 5; seq++ {
			for c := range 40 {
				w.log.put(notice(fmt.Sprintf("C%d", c), seq, "a,b"))
			}
		}
		w.until("b has all", time.Minute, func() bool { return w.seen.count("b attempts") == 200 })
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("b had all after %v, want about 4s", took)
		}
		for c := range 40 {
			if got := w.receivers.got("b", fmt.Sprintf("C%d", c)); !slices.Equal(got, []int64{1, 2, 3, 4, 5}) {
				t.Errorf("C%d at b: %v", c, got)
			}
		}
		if w.receivers.most["a"] != 3 || w.receivers.most["b"] != 5 {
			t.Errorf("at once: %v, want 3 and 5", w.receivers.most)
		}
		w.until("all is read and committed", time.Minute, func() bool { return w.log.at() == 200 })
		if o := w.overview(); o["a"].Pending != 200 || o["b"].Pending != 0 {
			t.Errorf("pending: %v", o)
		}
		if w.seen.pending["a"] != 200 {
			t.Errorf("told of %v pending", w.seen.pending)
		}
		r.end(t)
		if w.seen.pending["a"] != 0 {
			t.Errorf("an owner that has gone still claims %v pending", w.seen.pending)
		}
	})
}

// What is not live, too old, not newer or unreadable is not delivered; a gap is told of and passed.
func TestWhatIsTaken(t *testing.T) {
	bubble(t, func(w *world) {
		time.Sleep(400 * 24 * time.Hour)
		old := civil.FromTime(time.Now().Add(-73 * time.Hour))
		for seq := 1; seq <= 1200; seq++ {
			w.log.put(fmt.Sprintf("C1 %d live %d a", seq, old))
		}
		w.log.put(
			fmt.Sprintf("C2 1 backfill %d a", clock()), fmt.Sprintf("C2 2 rebuild %d a", clock()), notice("C2", 3, "a"), notice("C2", 3, "a"), notice("C2", 2, "a"),
			"nonsense", notice("C2", 6, "b"), notice("C2", 7, "b"), notice("C3", 57, "nobody"), notice("C1", 1201, "a"), notice("C4", 1, "b"), notice("C4", 2, "a,b"),
		)
		r := w.start()
		w.until("all is committed", time.Minute, func() bool { return w.log.at() == 1212 })
		w.until("all is delivered", time.Minute, func() bool { return len(w.receivers.all()) == 7 })
		for what, n := range map[string]int{
			delivery.TooOld: 1200, "old": 1200, "old lines": 1, delivery.NotLive: 2, delivery.Repeated: 2, delivery.Unreadable: 1, delivery.Unrouted: 1,
			delivery.Accepted: 6, "gap": 1,
		} {
			if got := w.seen.count(what); got != n {
				t.Errorf("%s: %d, want %d", what, got, n)
			}
		}
		for key, want := range map[string][]int64{"a C1": {1201}, "a C2": {3}, "b C2": {6, 7}, "b C4": {1, 2}, "a C4": {2}} {
			endpoint, customer, _ := strings.Cut(key, " ")
			if got := w.receivers.got(endpoint, customer); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", key, got, want)
			}
		}
		r.end(t)
	})
}

// An owner that is told to stop lets what is under way come to its end: nothing is sent twice.
func TestStop(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(ctx context.Context, _ delivery.Message) delivery.Result {
			select {
			case <-time.After(time.Second):
				return delivery.Result{OK: true}
			case <-ctx.Done():
				return delivery.Result{What: "cut off"}
			}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("the first is under way", time.Minute, func() bool { w.receivers.mu.Lock(); defer w.receivers.mu.Unlock(); return w.receivers.now["a"] == 1 })
		r.end(t)
		w.start().endAfter(t, w, func() bool { return len(w.receivers.got("a", "C1")) == 2 })
		if n := len(w.receivers.all()); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func (r *running) endAfter(t *testing.T, w *world, holds func() bool) {
	t.Helper()
	w.until("it is done", 200*time.Hour, holds)
	r.end(t)
}

// An endpoint that hangs for longer is cut off; that is no failure, and the next owner sends it at once.
func TestStopWhileItHangs(t *testing.T) {
	bubble(t, func(w *world) {
		hang := true
		w.receivers.do = func(ctx context.Context, _ delivery.Message) delivery.Result {
			if hang {
				<-ctx.Done()
			}
			return delivery.Result{OK: !hang, What: "cut off"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"))
		w.until("it is under way", time.Minute, func() bool { w.receivers.mu.Lock(); defer w.receivers.mu.Unlock(); return w.receivers.now["a"] == 1 })
		began := time.Now()
		r.end(t)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("stopping took %v", took)
		}
		hang = false
		w.start().endAfter(t, w, func() bool { return len(w.receivers.got("a", "C1")) == 1 })
		if c := w.receivers.all(); len(c) != 1 || c[0].Attempt != 1 {
			t.Errorf("calls %v, want one first attempt", c)
		}
	})
}

func all(*pb.DeadDelivery) bool { return true }
