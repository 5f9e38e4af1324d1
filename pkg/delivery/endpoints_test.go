package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func newSlot() *memory.Slot { return memory.NewSlot() }

func (w *world) healthOf(name string) delivery.Health {
	w.t.Helper()
	h, err := delivery.HealthOf(w.t.Context(), w.health, []string{name})
	if err != nil {
		w.t.Fatal(err)
	}
	return h[name]
}

// 410: the endpoint gets nothing more, by no instance; all of it is kept, and the operator takes it back.
func TestGone(t *testing.T) {
	bubble(t, func(w *world) {
		gone := true
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			bad := gone && m.Endpoint == "a"
			return delivery.Result{OK: !bad, Gone: bad, What: "answered 410"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a,b"), notice("C1", 2, "a,b"), notice("C1", 3, "a,b"))
		w.until("all of a is dead", time.Minute, func() bool { return w.log.at() == 3 && w.overview()["a"].Dead == 3 })
		w.log.put(notice("C1", 4, "a,b"))
		w.until("the next too", time.Minute, func() bool { return w.overview()["a"].Dead == 4 && len(w.receivers.got("b", "C1")) == 4 })
		if h := w.healthOf("a"); h.Off != delivery.Disabled || h.Error != "answered 410" || h.Since == 0 {
			t.Errorf("health %+v", h)
		}
		r.end(t)
		r = w.start() // another instance knows
		w.log.put(notice("C1", 5, "a,b"))
		w.until("the last too", time.Minute, func() bool { return w.overview()["a"].Dead == 5 })
		want := []string{
			"a C1 1 disabled (1 attempts: answered 410)", "a C1 2 disabled (0 attempts: )", "a C1 3 disabled (0 attempts: )",
			"a C1 4 disabled (0 attempts: )", "a C1 5 disabled (0 attempts: )",
		}
		if got := w.dead(); !slices.Equal(got, want) {
			t.Errorf("dead:\n%s", strings.Join(got, "\n"))
		}
		if n := w.seen.count("a attempts"); n != 1 {
			t.Errorf("a was called %d times", n)
		}
		gone = false
		if err := delivery.Enable(t.Context(), w.health, w.nonce, "a"); err != nil {
			t.Fatal(err)
		}
		w.until("the owner knows", time.Minute, func() bool {
			w.seen.mu.Lock()
			defer w.seen.mu.Unlock()
			return slices.Contains(w.seen.changes, "a : ")
		})
		if n, err := delivery.Retry(t.Context(), w.slot, clock, w.nonce, func(d *pb.DeadDelivery) bool { return d.Endpoint == "a" }); n != 5 || err != nil {
			t.Errorf("retry: %d %v", n, err)
		}
		w.until("all are there, in order", time.Minute, func() bool { return slices.Equal(w.receivers.got("a", "C1"), []int64{1, 2, 3, 4, 5}) })
		r.end(t)
	})
}

// What is under way when the endpoint goes off, and is taken after all, is delivered and not dead; and the endpoint stays off.
func TestUnderWayWhenGone(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			if m.Customer == "C1" {
				time.Sleep(10 * time.Second)
				return delivery.Result{OK: true}
			}
			return delivery.Result{Gone: true, What: "answered 410"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"), notice("C2", 1, "a"))
		w.until("nothing is pending", time.Minute, func() bool { return w.log.at() == 3 && w.overview()["a"].Pending == 0 })
		time.Sleep(time.Minute)
		want := []string{"a C2 1 disabled (1 attempts: answered 410)", "a C1 2 disabled (0 attempts: )"}
		if got := w.dead(); !slices.Equal(got, want) || !slices.Equal(w.receivers.got("a", "C1"), []int64{1}) {
			t.Errorf("dead: %v, want %v", got, want)
		}
		if h := w.healthOf("a"); h.Off != delivery.Disabled {
			t.Errorf("health %+v", h)
		}
		r.end(t)
	})
}

// Five days of nothing but failures: the endpoint is set aside, what is pending is kept among the dead, and one success
// before that begins the count anew.
func TestSetAside(t *testing.T) {
	bubble(t, func(w *world) {
		fails := true
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			return delivery.Result{OK: !fails || m.Endpoint == "b", What: "answered 500"}
		}
		r := w.start()
		day := func(n int) { // a notice every few hours
			for range n * 6 {
				w.log.put(notice(fmt.Sprintf("C%d", w.seen.count(delivery.Accepted)), 1, "a,b"))
				time.Sleep(4 * time.Hour)
			}
		}
		day(4)
		if h := w.healthOf("a"); h.Off != "" || h.FailingSince == 0 {
			t.Errorf("after four days: %+v", h)
		}
		fails = false
		day(1)
		if h := w.healthOf("a"); h.Off != "" || h.FailingSince != 0 || h.SucceededAt == 0 {
			t.Errorf("after a success: %+v", h)
		}
		fails = true
		began := time.Now()
		day(4)
		if h := w.healthOf("a"); h.Off != "" {
			t.Errorf("four days later: %+v", h)
		}
		day(2)
		h := w.healthOf("a")
		if since := h.Since.Time().Sub(began); h.Off != delivery.SetAside || since < 5*24*time.Hour || since > 5*24*time.Hour+4*time.Hour+time.Minute {
			t.Errorf("after six days: %+v, off after %v", h, since)
		}
		w.until("nothing is pending", time.Minute, func() bool { return w.overview()["a"].Pending == 0 })
		if w.seen.count("a "+delivery.SetAside) == 0 || !strings.Contains(w.seen.String(), "a set aside: answered 500") {
			t.Errorf("not told: %v", w.seen)
		}
		if n := w.seen.count("b attempts"); n != w.seen.count(delivery.Accepted) {
			t.Errorf("b had %d attempts for %d notices", n, w.seen.count(delivery.Accepted))
		}
		r.end(t)
	})
}

// Retry-After holds for the whole endpoint, and for nobody else.
func TestRetryAfter(t *testing.T) {
	bubble(t, func(w *world) {
		busy := true
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			if m.Endpoint == "a" && busy {
				busy = false
				return delivery.Result{What: "answered 429", RetryAfter: 10 * time.Minute}
			}
			return delivery.Result{OK: true}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a,b"))
		w.until("a asks for a rest", time.Minute, func() bool { return w.seen.count("a attempts") == 1 && w.seen.count("b attempts") == 1 })
		asked := w.receivers.all()[0].at
		w.log.put(notice("C2", 1, "a,b"), notice("C1", 2, "a,b"))
		w.until("b has all", time.Minute, func() bool { return w.seen.count("b attempts") == 3 })
		w.until("a has all", time.Hour, func() bool { return w.seen.count("a attempts") == 4 })
		for _, c := range w.receivers.all() {
			if c.Endpoint == "a" && c.ok && c.at.Sub(asked) < 10*time.Minute-time.Second {
				t.Errorf("a was called %v after it asked for ten minutes", c.at.Sub(asked))
			}
		}
		r.end(t)
	})
}

// What a failure of the notice itself can't be cured by, isn't tried again; nor does it harm the others.
func TestRefused(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			return delivery.Result{OK: m.Seq != 1, Permanent: m.Seq == 1, What: "too long"}
		}
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C1", 2, "a"))
		w.until("the second is there", time.Minute, func() bool { return len(w.receivers.got("a", "C1")) == 1 })
		r.end(t)
		if got := w.dead(); !slices.Equal(got, []string{"a C1 1 refused (1 attempts: too long)"}) {
			t.Errorf("dead: %v", got)
		}
	})
}

// Bounds: beyond the backlog of an endpoint that fails, what comes is dead at once, and the oldest of its dead make room;
// reading never stops for it.
func TestBounds(t *testing.T) {
	bubble(t, func(w *world) {
		w.limits.Backlog, w.limits.Dead = 50, 100
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			return delivery.Result{OK: m.Endpoint == "b", What: "answered 500"}
		}
		r := w.start()
		for n := range 230 {
			w.log.put(notice(fmt.Sprintf("C%d", n), 1, "a,b"))
		}
		w.until("all is read", time.Minute, func() bool { return w.log.at() == 230 && w.seen.count("b attempts") == 230 })
		o := w.overview()["a"]
		if o.Pending != 50 || o.Dead != 100 || w.seen.count("a "+delivery.Overflow) != 180 || w.seen.count("a dropped") != 80 {
			t.Errorf("%+v, %v", o, w.seen)
		}
		if got := w.dead(); got[0] != "a C130 1 backlog full (0 attempts: )" || len(got) != 100 {
			t.Errorf("%d dead, the first: %s", len(got), got[0])
		}
		r.end(t)
	})
}

// Beyond the backlog of an endpoint that works, reading waits for it: nothing is given up.
func TestPace(t *testing.T) {
	bubble(t, func(w *world) {
		w.limits.Backlog = 20
		var most atomic.Int64
		w.receivers.do = func(_ context.Context, m delivery.Message) delivery.Result {
			time.Sleep(time.Second)
			for is := int64(w.overview()[m.Endpoint].Pending); ; {
				if was := most.Load(); is <= was || most.CompareAndSwap(was, is) {
					break
				}
			}
			return delivery.Result{OK: true}
		}
		r := w.start()
		for n := range 200 {
			w.log.put(notice(fmt.Sprintf("C%d", n), 1, "a"))
		}
		w.until("all is there", time.Minute, func() bool { return w.log.at() == 200 && w.seen.count("a attempts") == 200 })
		if most.Load() > 20 || len(w.dead()) > 0 {
			t.Errorf("up to %d were pending; dead: %v", most.Load(), w.dead())
		}
		r.end(t)
	})
}

// An endpoint that the routes no longer have.
func TestRemovedEndpoint(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(context.Context, delivery.Message) delivery.Result { return delivery.Result{What: "answered 500"} }
		r := w.start()
		w.log.put(notice("C1", 1, "a"), notice("C2", 1, "a"))
		w.until("both have failed", time.Minute, func() bool { return w.seen.count("a attempts") >= 2 })
		r.end(t)
		delete(w.names, "a")
		w.start().endAfter(t, w, func() bool { return w.overview()["a"].Dead == 2 && w.overview()["a"].Pending == 0 })
		if w.seen.count("a "+delivery.NoEndpoint) != 2 {
			t.Errorf("%v", w.seen)
		}
	})
}

func TestNewerState(t *testing.T) {
	bubble(t, func(w *world) {
		if _, err := w.slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 3, Logic: 2, Nonce: 9}}); err != nil {
			t.Fatal(err)
		}
		err := <-w.start().done
		var halt *processor.Halt
		if !errors.As(err, &halt) || !strings.Contains(halt.Error(), "upgrade the program") {
			t.Errorf("got %v, want a halt that says what to do", err)
		}
	})
}

// disturbed is a state that somebody else changes just before the first Apply.
type disturbed struct {
	processor.State
	once bool
}

func (d *disturbed) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	if !d.once {
		d.once = true
		other := processor.Write{Expect: w.Expect, Next: w.Expect}
		other.Next.Nonce++
		if _, err := d.State.Apply(ctx, other); err != nil {
			return processor.Reply{}, err
		}
	}
	return d.State.Apply(ctx, w)
}

// The operator's change loses a race against an owner's, and is made again on what that left.
func TestOperatorLosesARace(t *testing.T) {
	bubble(t, func(w *world) {
		w.receivers.do = func(context.Context, delivery.Message) delivery.Result {
			return delivery.Result{Gone: true, What: "answered 410"}
		}
		w.log.put(notice("C1", 1, "a"))
		w.start().endAfter(t, w, func() bool { return w.overview()["a"].Dead == 1 })
		if err := delivery.Enable(t.Context(), &disturbed{State: w.health}, w.nonce, "a"); err != nil || w.healthOf("a").Off != "" {
			t.Errorf("enable: %v, %+v", err, w.healthOf("a"))
		}
		if n, err := delivery.Retry(t.Context(), &disturbed{State: w.slot}, clock, w.nonce, all); n != 1 || err != nil {
			t.Errorf("retry: %d %v", n, err)
		}
		if o := w.overview()["a"]; o.Pending != 1 || o.Dead != 0 {
			t.Errorf("after retry: %+v", o)
		}
	})
}
