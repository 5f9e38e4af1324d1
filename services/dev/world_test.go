package dev_test

import (
	"fmt"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kfake"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The services of these tests are the Runs of production over Kafka and Redis in the process, in a bubble of
// testing/synctest: its time passes only while everybody waits, and it doesn't end before every goroutine has.

func TestMain(m *testing.M) {
	_, _ = net.LookupHost("localhost") // what the resolver keeps must not be made inside a bubble
	os.Exit(m.Run())
}

const (
	partitions     = 4
	prefix         = "t."
	sessionTimeout = 2 * time.Second
	patience       = 5 * time.Minute // of whoever asks again, in virtual time
	askEvery       = 20 * time.Millisecond
)

// world is two brokers, a Redis, a clock, and instances of the services.
type world struct {
	t         *testing.T
	net       kfake.VirtualNetwork
	wire      *wire
	kafka     *kfake.Cluster
	redis     *miniredis.Miniredis
	redisWire *redisWire
	direct    *redis.Client // the operator's
	client    *kafkalog.Client
	store     *redisstate.Store
	clock     clock
	log       logBuffer
	rebuild   bool // what the next instances are told
	instances map[string]*instance
}

// clock is what the services go by: the bubble's, put ahead by hand, since hours in which nothing happens cost real
// time too.
type clock struct {
	ahead  atomic.Int64 // microseconds
	frozen atomic.Int64 // where it was stopped; 0: it runs
}

func (c *clock) now() civil.Instant {
	if at := c.frozen.Load(); at != 0 {
		return civil.Instant(at)
	}
	return civil.FromTime(time.Now()) + civil.Instant(c.ahead.Load())
}

func (c *clock) set(to time.Time) {
	c.ahead.Store(int64(civil.FromTime(to) - civil.FromTime(time.Now())))
}

// bubble runs a test in virtual time, on a deployment whose clock starts at from. No service runs yet.
func bubble(t *testing.T, policyText string, from time.Time, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, instances: map[string]*instance{}}
		defer func() {
			if t.Failed() {
				t.Logf("the services' last words:\n%s", w.log.tail(60))
			}
		}()
		w.clock.set(from)
		defer w.servers()()
		defer w.stopAll()
		w.initialise(policyText)
		test(w)
	})
}

// servers starts brokers, Redis and the test's own clients.
func (w *world) servers() (stop func()) {
	w.wire = newWire(&w.net)
	var err error
	w.kafka, err = kfake.NewCluster(
		kfake.NumBrokers(2), kfake.Ports(9092, 9093), kfake.GroupMinSessionTimeout(sessionTimeout), kfake.ListenFn(w.wire.listen),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))
	must(w.t, err)
	w.redis = miniredis.NewMiniRedis()
	w.redisWire = &redisWire{server: w.redis, conns: map[*redisConn]bool{}}
	w.direct = redis.NewClient(&redis.Options{Dialer: w.redisWire.dial, DisableIdentity: true})
	w.client, err = kafkalog.Open(kafkalog.Config{Brokers: w.brokers(), ClientID: "test", Dial: w.net.DialContext})
	must(w.t, err)
	w.store, err = redisstate.Open(w.t.Context(), redisstate.Config{URL: redisURL, Dialer: w.redisWire.dial})
	must(w.t, err)
	return func() {
		_ = w.store.Close()
		_ = w.direct.Close()
		w.client.Close()
		w.redis.Close()
		w.kafka.Close()
		w.wire.cut()
	}
}

const redisURL = "redis://localhost:6379"

func (w *world) brokers() []string { return []string{"localhost:9092", "localhost:9093"} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// initialise makes the topics and writes record 0, as tierctl init does.
func (w *world) initialise(policyText string) {
	w.t.Helper()
	p, err := policy.Parse("test.yaml", []byte(policyText))
	must(w.t, err)
	var all []kafkalog.Topic
	for _, t := range topics.All((100 * 365 * 24 * time.Hour).Milliseconds()) {
		all = append(all, kafkalog.Topic{Name: prefix + t.Name, Partitions: partitions, Config: t.Config})
	}
	must(w.t, w.client.EnsureTopics(w.t.Context(), all))
	for n := range partitions {
		value, err := proto.Marshal(&pb.Fact{At: int64(w.clock.now()), Body: &pb.Fact_Init{Init: &pb.PartitionInit{
			Deployment: prefix + "tierstream", Partitions: partitions, Partition: int32(n), Clock: pb.PartitionInit_WALL,
			TimeZone: p.TimeZone, Currency: p.Currency, Policy: p.Source, PolicyFile: "test.yaml",
		}}})
		must(w.t, err)
		w.append(topics.Facts, n, kafkalog.Message{Value: value, Time: w.clock.now().Time()})
	}
}

// append puts records into a partition, again and again until the broker has acknowledged them: some may land twice.
func (w *world) append(topic string, partition int, ms ...kafkalog.Message) {
	w.t.Helper()
	w.until(fmt.Sprintf("%s partition %d takes %d records", topic, partition, len(ms)), func() error {
		_, err := w.client.Produce(w.t.Context(), prefix+topic, partition, ms)
		return err
	})
}

// until asks again until done says nil.
func (w *world) until(what string, done func() error) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(askEvery) { // the bubble's: it passes when nobody works
		err := done()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			w.t.Logf("who waits for what:\n%s", stacks[:runtime.Stack(stacks, true)])
			w.t.Fatalf("waited %v until %s: %v", patience, what, err)
		}
	}
}

// read is all that a partition of a topic holds.
func (w *world) read(topic string, partition int) (out []kafkalog.Message) {
	w.t.Helper()
	w.until("reading "+topic, func() error {
		ends, err := w.client.Offsets(w.t.Context(), prefix+topic)
		if err != nil {
			return err
		}
		out = nil
		return w.client.ReadRange(w.t.Context(), prefix+topic, partition, ends[partition].Start, ends[partition].End, func(m kafkalog.Message) error {
			out = append(out, m)
			return nil
		})
	})
	return out
}

// committed is a service's offset in every partition of a topic.
func (w *world) committed(service, topic string) ([]int64, error) {
	return w.client.Committed(w.t.Context(), topics.Group(prefix, service, topic), prefix+topic, partitions)
}

// drained says nil when a service has emitted all that a topic holds, but for the partitions that are named.
func (w *world) drained(service, topic string, but ...int) error {
	ends, err := w.client.Offsets(w.t.Context(), prefix+topic)
	if err != nil {
		return err
	}
	at, err := w.committed(service, topic)
	if err != nil {
		return err
	}
	for p := range ends {
		if !slices.Contains(but, p) && ends[p].End > max(0, at[p]) {
			return fmt.Errorf("%s has read %s partition %d up to %d of %d", service, topic, p, at[p], ends[p].End)
		}
	}
	return nil
}

// allDrained says nil when every service has.
func (w *world) allDrained() error {
	for _, topic := range topics.Inputs() {
		if err := w.drained(topics.Ingest, topic); err != nil {
			return err
		}
	}
	if err := w.drained(topics.Scorer, topics.Facts); err != nil {
		return err
	}
	return w.drained(topics.TierChange, topics.Scores)
}

// customers are ids of which each lies in its partition: the first in 0, the next in 1 ...
func customers() (ids [partitions]string) {
	for n := 0; slices.Contains(ids[:], ""); n++ {
		id := fmt.Sprintf("C%d", n)
		ids[kafkalog.Partition(id, partitions)] = id
	}
	return ids
}

func (w *world) stopAll() {
	for _, name := range slices.Sorted(maps.Keys(w.instances)) {
		w.stop(name)
	}
}
