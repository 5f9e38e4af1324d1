package processor_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Under the wall clock a Tick waits until the inputs have been taken in beyond the moment, and then says that time;
// under the event clock nobody asks.
func TestTicksDontOvertakeTheInputs(t *testing.T) {
	for _, c := range []struct {
		name    string
		wall    bool
		takenIn civil.Instant
		want    []civil.Instant
	}{
		{"all is in facts", true, 5000, []civil.Instant{5000}},
		{"the moment is passed", true, 4000, []civil.Instant{4000}},
		{"something that was sent before the moment isn't", true, 2999, nil},
		{"events drive time", false, 5000, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.stage.wall, r.clock = c.wall, 5000
			r.cfg.TakenIn = func(_ context.Context, clock civil.Instant) civil.Instant {
				if !c.wall || clock != 5000 {
					t.Errorf("asked at %d", clock)
				}
				return c.takenIn
			}
			r.put(order{Kind: "add", Cust: "c", Due: 3000, N: 1})
			r.idles = 3
			r.mustRun(-1)
			if len(r.ticks) != len(c.want) || len(c.want) > 0 && r.ticks[0] != c.want[0] {
				t.Errorf("Ticks at %v, want %v", r.ticks, c.want)
			}
		})
	}
}

// passes lets a tenth of a second pass with every fetch.
func (r *rig) passes() { r.clock += civil.Second / 10 }

func (r *rig) wantTicks(want ...civil.Instant) {
	r.t.Helper()
	if !slices.Equal(r.ticks, want) {
		r.t.Errorf("Ticks at %v, want %v", r.ticks, want)
	}
}

// A moment of the wall clock that doesn't fire (the append time is behind this owner's clock) is tried again after a
// second, by default, and no sooner; nor does a clock that is set back prolong it.
func TestTicksInVainRest(t *testing.T) {
	r := newRig(t)
	r.stage.wall, r.stage.vain, r.clock = true, true, 1000*civil.Second
	r.put(order{Kind: "add", Cust: "c", Due: 500 * civil.Second, N: 1})
	r.onFetch, r.idles = r.passes, 28
	r.mustRun(-1)
	r.wantRests(r.ticks)
	n := 0
	r.onFetch = func() {
		if n++; n == 2 {
			r.clock -= 100 * civil.Second
		}
	}
	r.ticks, r.idles = nil, 4
	r.mustRun(4)
	r.wantTicks(r.clock+100*civil.Second, r.clock)
}

// wantRests says that there were several Ticks, a second apart.
func (r *rig) wantRests(at []civil.Instant) {
	r.t.Helper()
	for i := 1; i < len(at); i++ {
		if at[i] != at[i-1]+civil.Second {
			r.t.Errorf("Ticks at %v, want one a second", at)
			return
		}
	}
	if len(at) < 3 {
		r.t.Errorf("Ticks at %v, want one a second", at)
	}
}

// One own Tick is under way at a time: until it has been read, none follows it, however much is due; once it has, on a
// quiet log too, the next moment has its own.
func TestOneTickUnderWay(t *testing.T) {
	r := newRig(t) // under the event clock nothing rests
	r.cfg.Limits = processor.Limits{Records: 1}
	r.put(order{Kind: "tick", At: 100}, order{Kind: "add", Cust: "c", Due: 50, N: 1})
	r.put(adds(5, func(int) string { return "d" }, 0)...)
	r.idles = 3
	r.mustRun(-1)
	r.wantTicks(100)

	r = newRig(t)
	r.stage.wall, r.clock = true, 1000*civil.Second
	r.put(order{Kind: "add", Cust: "c", Due: 1001 * civil.Second, N: 1}, order{Kind: "add", Cust: "d", Due: 1004 * civil.Second, N: 1})
	r.onFetch, r.idles = r.passes, 60
	r.mustRun(-1)
	r.wantTicks(1001*civil.Second, 1004*civil.Second)
}

// What the log itself has passed is due at once, in either stage and under either clock, though the owner's own clock is
// behind or rests; so is a Tick that was held back, with nothing else due.
func TestTicksByThePartitionsOwnTime(t *testing.T) {
	for name, add := range map[string]order{"a moment": {Kind: "add", Cust: "c", Due: 50 * civil.Second, N: 1}, "a Tick held back": {Kind: "add", Cust: "c", Owed: 50 * civil.Second, N: 1}} {
		for _, wall := range []bool{true, false} {
			for _, second := range []bool{true, false} {
				r := newRig(t)
				r.second, r.stage.wall, r.idles = second, wall, 3
				r.put(order{Kind: "tick", At: 100 * civil.Second}, add)
				r.broker.Put("in", order{Kind: "init"}.message(), order{Kind: "tick", At: 100 * civil.Second}.message(), add.message())
				r.mustRun(-1)
				if len(r.ticks) != 1 || !wall && r.ticks[0] != 100*civil.Second {
					t.Errorf("%s, wall %v, second stage %v: Ticks at %v", name, wall, second, r.ticks)
				}
			}
		}
	}
}

// The second stage's Tick goes into facts, and has come through when a record says so that comes from there or beyond.
func TestTheSecondStagesTick(t *testing.T) {
	r := newRig(t)
	r.second = true
	r.put(adds(8, one, 0)...) // facts has nine records now
	r.cfg.Limits = processor.Limits{Records: 1}
	in := []order{{Kind: "init"}, {Kind: "tick", At: 100, Fact: 1}, {Kind: "add", Cust: "c", Due: 50, N: 1, Fact: 2}}
	for fact := range int64(6) {
		in = append(in, order{Kind: "add", Cust: "c", Due: 50, N: 1, Fact: 3 + fact})
	}
	for _, o := range in {
		r.broker.Put("in", o.message())
	}
	r.idles = 3
	r.mustRun(-1)
	r.wantTicks(100) // at offset 9 of facts
	r.ticks = nil
	r.onFetch = func() {
		if r.onFetch = nil; len(r.ticks) == 1 {
			r.broker.Put("in", order{Kind: "add", Cust: "c", Due: 50, N: 1, Fact: 10}.message())
		}
	}
	r.mustRun(-1)
	r.wantTicks(100, 100) // a new owner's at offset 10, and after it has come through the next
}

// A Tick whose append got no answer counts as unread for a second only, also under the event clock: it may never come.
func TestTickWithoutAnswer(t *testing.T) {
	r := newRig(t)
	r.put(order{Kind: "tick", At: 100})
	r.mustRun(-1)
	r.put(order{Kind: "add", Cust: "c", Due: 50, N: 1})
	r.stage.vain, r.onFetch, r.idles = true, r.passes, 30
	var at []civil.Instant
	r.onAppend = func() error {
		at = append(at, r.clock)
		return errors.New("no answer")
	}
	r.mustRun(2)
	r.wantRests(at)
}

// With a heartbeat time goes on under the wall clock though nothing is due, once per beat; without one, and under the
// event clock, it doesn't.
func TestHeartbeat(t *testing.T) {
	const start = 1000*civil.Second + civil.Second/10 // of the first round that knows the partition
	for _, c := range []struct {
		name      string
		wall      bool
		heartbeat civil.Instant
		want      []civil.Instant
	}{
		{"with", true, 2 * civil.Second, []civil.Instant{start, start + 2*civil.Second, start + 4*civil.Second}},
		{"without", true, 0, nil},
		{"events drive time", false, 2 * civil.Second, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.stage.wall, r.clock, r.cfg.Heartbeat = c.wall, 1000*civil.Second, c.heartbeat
			r.onFetch, r.idles = r.passes, 50
			r.mustRun(-1)
			r.wantTicks(c.want...)
		})
	}
}
