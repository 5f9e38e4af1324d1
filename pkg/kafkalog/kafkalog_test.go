package kafkalog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
)

// TestMain looks for goroutines left behind. On a real broker one may wait in kafka-go for the answer to a join that
// was given up: only the broker ends it, and the embedded one is closed by then.
func TestMain(m *testing.M) {
	if os.Getenv("TIERSTREAM_TEST_BROKERS") != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// broker is a Kafka and a client of it. prefix begins the names of topics and groups.
type broker struct {
	cluster *kfake.Cluster // nil: a real one
	addrs   []string
	prefix  string
	client  *kafkalog.Client
	config  kafkalog.Config
}

func start(t testing.TB) broker {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	b := connect(t, kafkalog.Config{Brokers: c.ListenAddrs()}, "p.")
	b.cluster = c
	return b
}

func connect(t testing.TB, cfg kafkalog.Config, prefix string) broker {
	t.Helper()
	cfg.ClientID = "test"
	client, err := kafkalog.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return broker{addrs: cfg.Brokers, prefix: prefix, client: client, config: cfg}
}

// startAny is the Kafka that TIERSTREAM_TEST_BROKERS names, with the environment's settings of how to get in (make
// test-servers), else the embedded one.
func startAny(t testing.TB) broker {
	t.Helper()
	addrs := os.Getenv("TIERSTREAM_TEST_BROKERS")
	if addrs == "" {
		return start(t)
	}
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	process.Flags(fs)
	c, err := process.Load(fs, os.Environ)
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, kafkalog.Config{Brokers: strings.Split(addrs, ","), TLS: c.KafkaTLS, Login: c.KafkaLogin}, fmt.Sprintf("port%x.", rand.Uint64()))
}

func (b broker) topic(t testing.TB, name string, partitions int) {
	t.Helper()
	if err := b.client.EnsureTopics(t.Context(), []kafkalog.Topic{{Name: name, Partitions: partitions}}); err != nil {
		t.Fatal(err)
	}
}

// member joins a group and hands out its claims until the test or stop ends it.
func (b broker) member(t testing.TB, group, topic string) (claims <-chan kafkalog.Claim, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out := make(chan kafkalog.Claim, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := b.client.Group(kafkalog.GroupConfig{Group: group, Topic: topic}).Run(ctx, func(_ context.Context, c kafkalog.Claim) { out <- c })
		if err != nil {
			t.Error(err)
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	t.Cleanup(stop)
	return out, stop
}

func next(t testing.TB, claims <-chan kafkalog.Claim) kafkalog.Claim {
	t.Helper()
	select {
	case c := <-claims:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("no claim came")
		return kafkalog.Claim{}
	}
}

func TestConformance(t *testing.T) { conforms(t, startAny) }

func conforms(t *testing.T, start func(testing.TB) broker) {
	t.Helper()
	porttest.Log(t, func(t *testing.T) porttest.Partition {
		b := start(t)
		for _, topic := range []string{"in", "facts", "out1", "out2"} {
			b.topic(t, b.prefix+topic, 1)
		}
		topics := kafkalog.Topics{Prefix: b.prefix, Facts: "facts", Clock: func() civil.Instant { return civil.FromTime(time.Now()) }}
		claims, stop := b.member(t, b.prefix+"g", b.prefix+"in")
		return porttest.Partition{
			Log:       b.client.PartitionLog(next(t, claims), topics),
			Put:       func(t *testing.T, ms ...processor.Message) { b.put(t, b.prefix+"in", ms) },
			Sent:      func(t *testing.T, topic string) []processor.Message { return b.sent(t, b.prefix+topic) },
			Outputs:   [2]string{"out1", "out2"},
			Committed: func(t *testing.T) int64 { return b.committed(t, b.prefix+"g", b.prefix+"in") },
			Trim:      func(t *testing.T, offset int64) { b.trim(t, b.prefix+"in", offset) },
			Takeover: func(t *testing.T) processor.Log {
				stop()
				fresh, _ := b.member(t, b.prefix+"g", b.prefix+"in")
				return b.client.PartitionLog(next(t, fresh), topics)
			},
		}
	})
}

func (b broker) put(t testing.TB, topic string, ms []processor.Message) {
	t.Helper()
	var out []kafkalog.Message
	for _, m := range ms {
		out = append(out, kafkalog.Message{Key: []byte(m.Key), Value: m.Value})
	}
	if _, err := b.client.Produce(t.Context(), topic, 0, out); err != nil {
		t.Fatal(err)
	}
}

func (b broker) sent(t testing.TB, topic string) (out []processor.Message) {
	t.Helper()
	bounds, err := b.client.Offsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	err = b.client.ReadRange(t.Context(), topic, 0, bounds[0].Start, bounds[0].End, func(m kafkalog.Message) error {
		x := processor.Message{Key: string(m.Key), Value: m.Value}
		for _, h := range m.Headers {
			x.Headers = append(x.Headers, processor.Header{Key: h.Key, Value: h.Value})
		}
		out = append(out, x)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b broker) committed(t testing.TB, group, topic string) int64 {
	t.Helper()
	at, err := b.client.Committed(t.Context(), group, topic, 1)
	if err != nil {
		t.Fatal(err)
	}
	return at[0]
}

// trim deletes records as an operator would: kafka-go has no call for it.
func (b broker) trim(t testing.TB, topic string, offset int64) {
	t.Helper()
	admin, err := kgo.NewClient(append(operator(b.config), kgo.SeedBrokers(b.addrs...))...)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Offset = offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	if _, err := req.RequestWith(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
}

// A customer must be on the same partition as every Java producer puts them. The hashes are those of Kafka's own
// tests of murmur2.
func TestPartitionIsJavas(t *testing.T) {
	for key, hash := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536} {
		for _, n := range []int{1, 3, 8, 16} {
			if got, want := kafkalog.Partition(key, n), int(hash&0x7fffffff)%n; got != want {
				t.Errorf("%s of %d: %d, want %d", key, n, got, want)
			}
		}
	}
}

func TestAnotherPartitionCountIsRefused(t *testing.T) {
	b := start(t)
	b.topic(t, "x", 3)
	b.topic(t, "x", 3)
	err := b.client.EnsureTopics(t.Context(), []kafkalog.Topic{{Name: "x", Partitions: 4}})
	if err == nil {
		t.Error("a topic with 3 partitions passed for one with 4")
	}
}

// From one member to three and back: in the end every partition is claimed, by exactly one, in the latest generation.
func TestRebalance(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 6)
	var mu sync.Mutex
	held := map[int]string{} // partition -> member
	join := func(name string) func() {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			err := b.client.Group(kafkalog.GroupConfig{Group: "g", Topic: "in"}).Run(ctx, func(ctx context.Context, c kafkalog.Claim) {
				mu.Lock()
				held[c.Partition] = name
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				if held[c.Partition] == name {
					delete(held, c.Partition)
				}
				mu.Unlock()
			})
			if err != nil {
				t.Error(err)
			}
		}()
		stop := sync.OnceFunc(func() { cancel(); <-done })
		t.Cleanup(stop)
		return stop
	}
	settled := func(members int) {
		t.Helper()
		deadline := time.Now().Add(40 * time.Second)
		for time.Now().Before(deadline) {
			mu.Lock()
			var names []string
			for _, n := range held {
				names = append(names, n)
			}
			mu.Unlock()
			slices.Sort(names)
			if len(names) == 6 && len(slices.Compact(names)) == members {
				return
			}
			time.Sleep(10 * time.Millisecond) // asking again, not waiting for an order of events
		}
		t.Fatalf("the group didn't settle on %d members: %v", members, held)
	}
	join("a")
	settled(1)
	stopB, stopC := join("b"), join("c")
	settled(3)
	stopB()
	stopC()
	settled(1)
}

// A producer's error is an error, and sending again works.
func TestProduceErrorsAreSeen(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	fail := true
	b.cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		if !fail {
			return nil, nil, false
		}
		fail = false
		resp := r.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range r.(*kmsg.ProduceRequest).Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = topic.Topic, topic.TopicID
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.ErrorCode = 19 // NOT_ENOUGH_REPLICAS
			rt.Partitions = append(rt.Partitions, rp)
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	m := []kafkalog.Message{{Value: []byte("v")}}
	if _, err := b.client.Produce(t.Context(), "in", 0, m); err == nil {
		t.Error("an error of the broker was not seen")
	}
	if at, err := b.client.Produce(t.Context(), "in", 0, m); err != nil || at != 0 {
		t.Error(at, err)
	}
}

func TestChunksKeepOrderAndSize(t *testing.T) {
	var ms []kafkalog.Message
	for i := range 100 {
		ms = append(ms, kafkalog.Message{Offset: int64(i), Value: make([]byte, 10*i)})
	}
	var back []kafkalog.Message
	for _, c := range kafkalog.Chunks(ms, 2000) {
		size := 0
		for _, m := range c {
			size += len(m.Value)
		}
		if size > 2000 && len(c) > 1 {
			t.Errorf("a request of %d bytes", size)
		}
		back = append(back, c...)
	}
	if fmt.Sprint(back) != fmt.Sprint(ms) {
		t.Error("order or content changed")
	}
}
