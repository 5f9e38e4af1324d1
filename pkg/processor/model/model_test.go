package model

import (
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
)

// TestMain gives the garbage collector less to do: a run is short and small.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

func env(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

// shards runs seeds side by side: a run is one thread.
func shards(t *testing.T, n int, run func(t *testing.T, seed uint64)) {
	const side = 2
	from := env("FROM", 1)
	for shard := range side {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			for s := from + shard; s < from+n; s += side {
				run(t, uint64(s))
			}
		})
	}
}

// TestModel runs seeds of faults: SEEDS=20000 FROM=5001 go test -run TestModel -v .
func TestModel(t *testing.T) {
	shards(t, env("SEEDS", 1000), func(t *testing.T, seed uint64) {
		start := time.Now()
		w := sim(seed, config{})
		if w.nbad > 0 {
			t.Errorf("seed %d: %d violations: %.1500s", seed, w.nbad, strings.Join(w.probs, "\n"))
		}
		if testing.Verbose() && seed%100 < 2 {
			t.Log(seed, w.stats, len(w.facts[0])+len(w.facts[1]), "facts", w.incarn, "owners", time.Since(start))
		}
	})
}

// stopped: a partition waits for its operator, so its outputs end early.
func (w *world) stopped() bool { return w.stats["stopped"] > 0 }

// firsts is the first occurrences of every output of a partition.
func (w *world) firsts(p int) outputs {
	out := outputs{}
	for _, topic := range edges {
		out[topic] = w.consume(p, topic)
	}
	return out
}

// TestDeterministic: the same seed is the same run.
func TestDeterministic(t *testing.T) {
	for s := range 10 {
		a, b := sim(uint64(s), config{}), sim(uint64(s), config{})
		if !reflect.DeepEqual(a.facts, b.facts) || !reflect.DeepEqual(a.scores, b.scores) || !reflect.DeepEqual(a.sent, b.sent) {
			t.Errorf("seed %d: two runs differ", s)
		}
	}
}

// TestSameFacts: other owners, crashes, batch cuts and failovers over the same facts give the same outputs, in the
// same order.
func TestSameFacts(t *testing.T) {
	shards(t, env("SEEDS", 1000)/20, func(t *testing.T, seed uint64) {
		a := sim(seed, config{})
		if a.stopped() || a.fixes[1] != [nparts]int{} {
			return
		}
		for k := range uint64(2) {
			b := sim(1000000*(k+1)+seed, config{frozen: &a.facts})
			if b.nbad > 0 {
				t.Errorf("seed %d again: %.1000s", seed, strings.Join(b.probs, "\n"))
			}
			for p := range nparts {
				if !b.stopped() && !reflect.DeepEqual(a.firsts(p), b.firsts(p)) {
					t.Errorf("seed %d partition %d: the same facts, other outputs", seed, p)
				}
			}
		}
	})
}

// TestSameEvents: under the event clock the same events give every customer the same changes, although the facts
// differ (duplicates, owners' own Ticks).
func TestSameEvents(t *testing.T) {
	shards(t, env("SEEDS", 1000)/20, func(t *testing.T, seed uint64) {
		var first *world
		for k := range uint64(3) {
			w := sim(1000000*k+seed, config{event: seed})
			if w.nbad > 0 {
				t.Errorf("events %d run %d: %.1000s", seed, k, strings.Join(w.probs, "\n"))
			}
			switch {
			case w.stopped():
			case first == nil:
				first = w
			default:
				compareRuns(t, fmt.Sprint("events ", seed, " run ", k), first, w)
			}
		}
	})
}

func compareRuns(t *testing.T, what string, a, b *world) {
	for p := range nparts {
		x, y := a.firsts(p), b.firsts(p)
		for _, topic := range edges {
			if !reflect.DeepEqual(a.byKey(topic, x[topic]), b.byKey(topic, y[topic])) {
				t.Errorf("%s partition %d: other %s", what, p, topic)
			}
		}
	}
}

// TestFastClock: an owner's clock is ahead by more than the skew, so that each of its Ticks is clamped below the due
// moment. It rests between them.
func TestFastClock(t *testing.T) {
	if w := fastClock(); w.nbad > 0 {
		t.Error(w.probs)
	}
}

func fastClock() *world {
	w := newWorld(1, config{})
	w.calm = true
	defer w.stopAll()
	w.put(0, fact{kind: kindInit}, fact{kind: kindEvent, cust: customerID(0, 1), num: 1, id: 1, amt: 20})
	w.spawn(1, 0)
	w.actors[0].skew = 40
	for w.steps = 0; w.steps < 40000; w.steps++ {
		if w.steps%1000 == 0 {
			w.clock++
		}
		w.pick()
	}
	if n := w.stats["tick"]; n > 12 || n == 0 {
		w.bad("STORM %d ticks for one due moment", n)
	}
	return w
}

// TestHeldBack: under the event clock a Tick is not passed on in full, since one customer is left; the next record
// fires that one. Now the scorer has nothing due, and the second stage, which has, would never hear of the time.
func TestHeldBack(t *testing.T) {
	for seed := range uint64(20) {
		if w := heldBack(seed); w.nbad > 0 {
			t.Errorf("seed %d: %s", seed, w.probs)
		}
	}
}

func heldBack(seed uint64) *world {
	w := newWorld(seed, config{event: 1})
	w.calm = true
	defer w.stopAll()
	w.clock = 100
	w.limits.Customers = 10 // the Tick and what follows it may be one batch
	w.put(0, fact{kind: kindInit})
	for c := range int64(3) {
		w.put(0, fact{kind: kindEvent, cust: customerID(0, c), num: c + 1, id: 10 * c, amt: 20, occ: 1})
	}
	w.put(0, fact{kind: kindTick, at: 60}, fact{kind: kindEvent, cust: customerID(0, 2), num: 4, id: 20, amt: 20, occ: 1})
	w.spawn(1, 0)
	w.spawn(2, 0)
	for w.steps = 0; w.steps < 3000; w.steps++ {
		w.pick()
	}
	if h := head(w.redis[2][0].now); h.NextDue <= civil.MaxInstant || h.Missing { // whoever waits for cut-offs stands beyond
		w.bad("DUE s2 %s never fired", h.NextDue)
	}
	return w
}

// TestOverload: more comes due in the scorer than Ticks fire. Every Tick is passed on, lowered to just before what is
// left, so that the second stage's time goes on.
func TestOverload(t *testing.T) {
	if w := overload(); w.nbad > 0 {
		t.Error(w.probs)
	}
}

func overload() *world {
	w := newWorld(1, config{event: 1})
	w.put(0, fact{kind: kindInit})
	n := int64(0)
	for day := int64(0); day < 30; day++ { // three customers a day, and one Tick, which fires two
		for range tickMost + 1 {
			n++
			w.put(0, fact{kind: kindEvent, cust: customerID(0, n), num: n, id: 5 * n, amt: 20, occ: day * dayLen})
		}
		w.put(0, fact{kind: kindTick, at: (day + 1) * dayLen})
	}
	_, now, err := w.pipeline(0, false)
	must(err)
	if now < instant(15*dayLen) {
		w.bad("BEHIND the second stage's time stands at %s", now)
	}
	return w
}

// TestBacklog: however much waits, a batch is cut before the broker would refuse it for ever.
func TestBacklog(t *testing.T) {
	if w := backlog(); w.nbad > 0 {
		t.Error(w.probs)
	}
}

func backlog() *world {
	w := newWorld(1, config{})
	w.calm = true
	w.fetchMax, w.emissionMost = 100, w.limits.Bytes+400 // what one record gives
	defer w.stopAll()
	w.put(0, fact{kind: kindInit})
	for n := int64(1); n <= 40; n++ {
		w.put(0, fact{kind: kindEvent, cust: customerID(0, 1), num: n, id: 5 * n, amt: 20})
	}
	for range 40 { // sends nothing
		w.facts[0] = append(w.facts[0], w.facts[0][1])
	}
	w.spawn(1, 0)
	for w.steps = 0; w.steps < 2000; w.steps++ {
		w.pick()
	}
	if cur := head(w.redis[1][0].now).Token.Offset; cur < 81 || w.commit[1][0] < cur {
		w.bad("STUCK s1 p0 cursor %d commit %d of 81", cur, w.commit[1][0])
	}
	return w
}
