package dev_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const faultPolicy = `version: "1"
time_zone: UTC
value: {window_days: 20}
credit: {window_days: 30, promptness_days: 40, dso_days: 25}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= 3000", keep: "value.net >= 2000", grace: 3d}
  - {name: gold, enter: "value.net >= 20000 && credit.max_days_overdue <= 20"}
`

const (
	tradeDays  = 40
	quietJumps = 10 // of several days each, after the trade
)

// Two instances of each stage and one of ingest take a trade of some weeks in, while instances stop and start, brokers
// refuse, do what they say that they haven't done, lose answers and connections, move leaders and fall silent, and Redis
// is away, loses answers, or falls back to what it was days ago. In the end facts alone explain every byte.
func TestFaults(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			bubble(t, faultPolicy, from, func(w *world) {
				c := newChaos(w, seed)
				sent := w.faultyWeeks(c, trade(t, seed, from), from)
				c.end()
				w.settle()
				seen := w.audit()
				w.nothingLost(sent)
				c.report(seen)
			})
		})
	}
}

// trade is generated lines by the day on which they arrive.
func trade(t *testing.T, seed uint64, from time.Time) (days [tradeDays][]loadgen.Line) {
	t.Helper()
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Seed, cfg.Start = 450, tradeDays, seed+1, from
	must(t, loadgen.Generate(cfg, func(l loadgen.Line) error {
		l.Value = bytes.Clone(l.Value)
		day := min(tradeDays-1, int(l.At.Sub(from)/(24*time.Hour)))
		days[day] = append(days[day], l)
		return nil
	}))
	return days
}

// faultyWeeks sends each day's lines at its end, just before midnight, with a mishap, and then lets quiet weeks pass.
func (w *world) faultyWeeks(c *chaos, days [tradeDays][]loadgen.Line, from time.Time) (sent []loadgen.Line) {
	w.start("ingest-0", 0)
	for _, name := range c.twins {
		w.start(name, c.skew())
	}
	midnight := from
	for day, lines := range days {
		midnight = midnight.AddDate(0, 0, 1)
		w.clock.set(midnight.Add(-time.Second))
		if day > 0 {
			c.mishap()
		}
		w.send(lines)
		sent = append(sent, lines...)
		time.Sleep(time.Duration(c.r.IntN(4000)) * time.Millisecond) // the bubble's: the services work
		if day == 0 {
			w.until("every partition has begun", w.allEmittedSomething)
		}
	}
	for range quietJumps {
		midnight = midnight.AddDate(0, 0, 1+c.r.IntN(6))
		w.clock.set(midnight.Add(-time.Second))
		c.mishap()
		time.Sleep(time.Duration(c.r.IntN(6000)) * time.Millisecond) // the bubble's
	}
	return sent
}

// send puts lines on their topics as their producers do.
func (w *world) send(lines []loadgen.Line) {
	w.t.Helper()
	type place struct {
		topic     string
		partition int
	}
	out := map[place][]kafkalog.Message{}
	for _, l := range lines {
		p := place{l.Topic, kafkalog.Partition(l.Customer, partitions)}
		out[p] = append(out[p], kafkalog.Message{Key: []byte(l.Customer), Value: l.Value})
	}
	order := slices.SortedFunc(maps.Keys(out), func(a, b place) int {
		return bytes.Compare(fmt.Appendf(nil, "%s/%d", a.topic, a.partition), fmt.Appendf(nil, "%s/%d", b.topic, b.partition))
	})
	for _, p := range order {
		w.append(p.topic, p.partition, out[p]...)
	}
}

// allEmittedSomething says nil when every stage has committed in every partition: from then on lost state is noticed.
func (w *world) allEmittedSomething() error {
	for stage, input := range stages() {
		at, err := w.committed(stage, input)
		if err != nil || slices.Min(at) < 1 {
			return fmt.Errorf("%s has committed %v: %w", stage, at, err)
		}
	}
	return nil
}

// nothingLost finds every event that was sent in facts, and every other line among the dead letters.
func (w *world) nothingLost(sent []loadgen.Line) {
	w.t.Helper()
	facts, dead := map[string]bool{}, map[string]bool{}
	for p := range partitions {
		for _, m := range w.read(topics.Facts, p) {
			f := &pb.Fact{}
			must(w.t, proto.Unmarshal(m.Value, f))
			for _, e := range []interface{ GetEventId() string }{f.GetOrder(), f.GetInvoice(), f.GetPayment(), f.GetProfile(), f.GetEngagement()} {
				facts[e.GetEventId()] = true
			}
		}
		for _, m := range w.read(topics.DeadLetters, p) {
			dead[string(m.Value)] = true
		}
	}
	for _, l := range sent {
		var e struct {
			ID string `json:"event_id"`
		}
		switch {
		case l.Reason != "":
			if !dead[string(l.Value)] {
				w.t.Errorf("a malformed line (%s) is no dead letter", l.Reason)
			}
		case json.Unmarshal(l.Value, &e) != nil || !facts[e.ID]:
			w.t.Errorf("event %q of %s isn't in facts", e.ID, l.Topic)
		}
	}
}

// chaos is what goes wrong, from a seed.
type chaos struct {
	w       *world
	r       *rand.Rand
	twins   []string
	down    []string // stopped, to be started with the next mishap
	saved   int      // copies of Redis, in databases 1 ...
	brokers *kfake.FaultHandle
	done    map[string]int
}

func newChaos(w *world, seed uint64) *chaos {
	c := &chaos{w: w, r: rand.New(rand.NewPCG(seed, 1)), done: map[string]int{}, twins: []string{"scorer-0", "scorer-1", "tierchange-0", "tierchange-1"}}
	dice := rand.New(rand.NewPCG(seed, 2)) // of the cluster's goroutine
	now := func(perMille int) func(kmsg.Request) bool {
		return func(kmsg.Request) bool { return dice.IntN(1000) < perMille }
	}
	always := func(err *kerr.Error, perMille int, keys ...kmsg.Key) kfake.Fault {
		return kfake.Fault{Keys: keys, Err: err, Count: -1, When: now(perMille)}
	}
	c.brokers = w.kafka.Fault(
		always(kerr.NotEnoughReplicas, 15, kmsg.Produce),
		always(kerr.NotEnoughReplicasAfterAppend, 20, kmsg.Produce), // it has them, and says no
		always(kerr.RequestTimedOut, 20, kmsg.Produce),              // so here
		always(kerr.NotLeaderForPartition, 10, kmsg.Fetch),
		always(kerr.NotCoordinator, 20, kmsg.OffsetCommit),
		always(kerr.RequestTimedOut, 20, kmsg.OffsetCommit),
		always(kerr.RebalanceInProgress, 3, kmsg.Heartbeat),
		always(kerr.UnknownMemberID, 2, kmsg.Heartbeat),
		always(kerr.CoordinatorNotAvailable, 30, kmsg.JoinGroup, kmsg.SyncGroup),
		always(kerr.LeaderNotAvailable, 10, kmsg.ListOffsets),
	)
	return c
}

// skew is how far an instance's clock is off.
func (c *chaos) skew() civil.Instant { return civil.Instant(c.r.IntN(2001)-1000) * civil.Second / 1000 }

// mishap lets one thing go wrong.
func (c *chaos) mishap() {
	w := c.w
	for _, name := range c.down {
		w.start(name, c.skew())
	}
	c.down = nil
	all := []struct {
		name string
		do   func()
	}{
		{"restart", func() { c.restart(c.twins[c.r.IntN(len(c.twins))]) }},
		{"restart of ingest", func() { c.restart("ingest-0") }},
		{"instance down", func() {
			c.down = []string{c.twins[c.r.IntN(len(c.twins))]}
			w.stop(c.down[0])
		}},
		{"answers to produce lost", func() { w.wire.loseReply(kmsg.Produce, 1+c.r.IntN(8)) }},
		{"answers to commits lost", func() { w.wire.loseReply(kmsg.OffsetCommit, 1+c.r.IntN(8)) }},
		{"answers to joins lost", func() { w.wire.loseReply(kmsg.JoinGroup, 1); w.kafka.RehashCoordinators() }},
		{"connections cut", w.wire.cut},
		{"silence", func() { w.wire.mute(time.Duration(c.r.IntN(4000)) * time.Millisecond) }},
		{"leaders moved", w.kafka.ShufflePartitionLeaders},
		{"Redis away", func() { c.redisAway("LOADING Redis is loading the dataset in memory") }},
		{"Redis gone", func() { c.redisAway("") }},
		{"answers of Redis lost", func() { w.redisWire.loseAnswers(1 + c.r.IntN(8)) }},
		{"copy of Redis", c.save},
		{"Redis rolled back", func() { c.rollBack(allKeys) }},
		{"partition rolled back", func() {
			c.rollBack(slotKeys([]string{topics.Scorer, topics.TierChange}[c.r.IntN(2)], c.r.IntN(partitions)))
		}},
	}
	if c.saved == 0 {
		c.save()
	}
	for range 1 + c.r.IntN(2) {
		m := all[c.r.IntN(len(all))]
		m.do()
		c.done[m.name]++
	}
}

func (c *chaos) restart(name string) {
	c.w.stop(name)
	c.w.start(name, c.skew())
	c.down = slices.DeleteFunc(c.down, func(n string) bool { return n == name })
}

// redisAway lets Redis answer everything with an error for a while, or nothing at all. It comes back on fresh connections:
// a server that only says that it is loading takes a MULTI all the same, which this one refuses, and go-redis would
// put a connection back whose remaining answers belong to nobody.
func (c *chaos) redisAway(says string) {
	w := c.w
	w.redis.SetError(says)
	if says == "" {
		w.redisWire.refuse(true)
		w.redisWire.cut()
	}
	time.Sleep(time.Duration(c.r.IntN(8000)) * time.Millisecond) // the bubble's
	w.redisWire.refuse(true)
	w.redisWire.cut()
	w.redis.SetError("")
	w.redisWire.refuse(false)
}

const copies = 8

func (c *chaos) save() {
	c.saved++
	c.w.save(1 + c.saved%copies)
}

func (c *chaos) rollBack(keys string) {
	c.w.rollBack(keys, 1+(c.saved-c.r.IntN(min(c.saved, copies)))%copies)
}

// end lets everything go well from now on.
func (c *chaos) end() {
	c.brokers.Remove()
	c.w.wire.heal()
	c.w.redisWire.loseAnswers(0)
	for _, name := range c.down {
		c.w.start(name, c.skew())
	}
}

// report says what the run has gone through, and fails where that is too little to show anything.
func (c *chaos) report(seen findings) {
	back, resent := 0, 0
	for _, l := range c.w.log.lines() {
		var said struct {
			Message  string
			From, To int64
		}
		if json.Unmarshal([]byte(l), &said) == nil && said.Message == "cursor adopted from the state" && said.To < said.From {
			back++
		}
		if said.Message == "last batch sent again" {
			resent++
		}
	}
	c.w.t.Logf("%d tier changes, %d of them down; %d records came again; %d cursors fell back, %d batches were sent again, %d faults of brokers, %d lost answers; %v",
		seen.changes, seen.downgrades, seen.repeated, back, resent, c.brokers.Hits(), c.w.wire.lost, c.done)
	if seen.changes < 200 || seen.downgrades < 50 || seen.repeated == 0 || back == 0 || resent == 0 || c.brokers.Hits() == 0 {
		c.w.t.Error("the run shows too little")
	}
}
