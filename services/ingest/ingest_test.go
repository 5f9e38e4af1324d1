package ingest_test

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/embedded"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/services/ingest"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const (
	partitions = 2
	patience   = time.Minute // of a test that waits for the service
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// rig is an ingest on an embedded broker.
type rig struct {
	t      *testing.T
	broker string
	client *kafkalog.Client
	log    syncBuffer
	deps   process.Deps
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start makes the topics and starts the service. The deployment isn't initialised yet.
func start(t *testing.T) *rig {
	t.Helper()
	r := prepare(t)
	r.run()
	return r
}

func prepare(t *testing.T) *rig {
	t.Helper()
	kafka, err := embedded.StartKafka("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kafka.Close)
	r := &rig{t: t, broker: kafka.Broker}
	if r.client, err = kafkalog.Open(kafkalog.Config{Brokers: []string{kafka.Broker}, ClientID: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	var all []kafkalog.Topic
	for _, s := range topics.All((100 * 365 * 24 * time.Hour).Milliseconds()) {
		all = append(all, kafkalog.Topic{Name: s.Name, Partitions: partitions, Config: s.Config})
	}
	if err := r.client.EnsureTopics(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	log, err := process.Logger(&r.log, "ingest", "debug")
	if err != nil {
		t.Fatal(err)
	}
	r.deps = process.Deps{
		Log: log, Registry: prometheus.NewRegistry(), Ready: &process.Readiness{}, Clock: func() civil.Instant { return civil.FromTime(now) },
	}
	return r
}

// run starts the service; it ends with stop, or with the test.
func (r *rig) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- ingest.Run(ctx, process.Config{Brokers: []string{r.broker}, SessionTimeout: 6 * time.Second}, r.deps)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("ended with %v when it was stopped", err)
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// initialise writes record 0 of every partition, as tierctl init does, under the wall clock.
func (r *rig) initialise() { r.initialiseUnder(pb.PartitionInit_WALL) }

func (r *rig) initialiseUnder(clock pb.PartitionInit_Clock) {
	r.t.Helper()
	for p := range partitions {
		r.put(topics.Facts, p, kafkalog.Message{Value: r.encode(&pb.Fact{Body: &pb.Fact_Init{Init: &pb.PartitionInit{
			Partitions: partitions, Partition: int32(p), Clock: clock, TimeZone: "UTC", Currency: "CNY", Policy: []byte(`version: "1"`),
		}}})})
	}
}

func (r *rig) encode(m proto.Message) []byte {
	r.t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *rig) put(topic string, partition int, ms ...kafkalog.Message) {
	r.t.Helper()
	if _, err := r.client.Produce(r.t.Context(), topic, partition, ms); err != nil {
		r.t.Fatal(err)
	}
}

// await reads a topic until it holds n records, all partitions together.
func (r *rig) await(topic string, n int) (out []kafkalog.Message) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for ; ; time.Sleep(5 * time.Millisecond) { // between two looks
		bounds, err := r.client.Offsets(ctx, topic)
		if err != nil {
			r.t.Fatalf("waiting for %d records on %s, there are %d: %v\n%s", n, topic, len(out), err, r.log.String())
		}
		out = nil
		for p, b := range bounds {
			if err := r.client.ReadRange(ctx, topic, p, b.Start, b.End, func(m kafkalog.Message) error {
				out = append(out, m)
				return nil
			}); err != nil {
				r.t.Fatal(err)
			}
		}
		if len(out) >= n {
			return out
		}
	}
}

// facts are the n events on facts, by their ids; each must lie in its customer's partition, keyed by the customer.
func (r *rig) facts(n int) map[string]*pb.OrderEvent {
	r.t.Helper()
	got := map[string]*pb.OrderEvent{}
	for _, m := range r.await(topics.Facts, partitions+n) {
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err != nil {
			r.t.Fatal(err)
		}
		e := f.GetOrder()
		if e == nil {
			continue
		}
		if string(m.Key) != e.CustomerId || m.Partition != kafkalog.Partition(e.CustomerId, partitions) {
			r.t.Errorf("event %s lies in partition %d under the key %q", e.EventId, m.Partition, m.Key)
		}
		if f.At != now.UnixMicro() {
			r.t.Errorf("event %s was taken in at %d, want the service's clock", e.EventId, f.At)
		}
		got[e.EventId] = e
	}
	return got
}

const order = `{"event_id":"E-json","occurred_at":"2026-03-01T10:00:00Z","customer_id":"Secret-1","order_id":"O1","placed":{"amount_minor":"100","currency":"CNY"}}`

// An event in each of the four shapes becomes the same fact.
func TestFourShapes(t *testing.T) {
	r := start(t)
	r.initialise()
	binary := &pb.OrderEvent{EventId: "E-proto", OccurredAt: timestamppb.New(now.Add(-2 * time.Hour)), CustomerId: "Secret-1", OrderId: "O1",
		Kind: &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{AmountMinor: 100, Currency: "CNY"}}}
	framed := append([]byte{0, 0, 0, 0, 7, 0}, bytes.Replace(r.encode(binary), []byte("E-proto"), []byte("E-frame"), 1)...) // Confluent's
	structured := `{"specversion":"1.0","id":"E-structured","source":"/shop","type":"io.tierstream.orders","time":"2026-03-01T10:00:00Z",` +
		`"datacontenttype":"application/json","data":` + strings.Replace(order, `"event_id":"E-json",`, "", 1) + `}`
	r.put(topics.Orders, 0, kafkalog.Message{Value: r.encode(binary)})
	r.put(topics.Orders, 1, kafkalog.Message{Value: []byte(order)})
	r.put(topics.Orders, 1, kafkalog.Message{Value: framed})
	r.put(topics.Events, 0, kafkalog.Message{Value: []byte(structured)})
	got := r.facts(4)
	for _, id := range []string{"E-proto", "E-json", "E-frame", "E-structured"} {
		e := got[id]
		if e == nil {
			t.Errorf("%s is missing", id)
			continue
		}
		if o := e.GetPlaced(); e.CustomerId != "Secret-1" || o.GetAmountMinor() != 100 {
			t.Errorf("%s came out as %v", id, e)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d events, want 4; the log: %s", len(got), r.log.String())
	}
}

// What can't be used goes to dead-letters as it came, with the reason, and the next is taken in; the log says nothing of
// whose it was.
func TestDeadLetters(t *testing.T) {
	r := start(t)
	r.initialise()
	bad := strings.Replace(order, `"100"`, `"-100"`, 1)
	r.put(topics.Orders, 1, kafkalog.Message{Key: []byte("k"), Value: []byte(bad), Headers: []kafkalog.Header{{Key: "trace", Value: []byte("t1")}}},
		kafkalog.Message{Value: []byte(order)})
	r.facts(1)
	dead := r.await(topics.DeadLetters, 1)
	if len(dead) != 1 {
		t.Fatalf("%d dead letters, want 1", len(dead))
	}
	if string(dead[0].Value) != bad || string(dead[0].Key) != "k" {
		t.Errorf("the dead letter is %s under %q", dead[0].Value, dead[0].Key)
	}
	got := map[string]string{}
	for _, h := range dead[0].Headers {
		got[h.Key] = string(h.Value)
	}
	for name, want := range map[string]string{
		"trace": "t1", "ts_reason": "BAD_AMOUNT", "ts_topic": "orders", "ts_partition": "1", "ts_offset": "0", "ts_service": "ingest",
	} {
		if got[name] != want {
			t.Errorf("header %s is %q, want %q", name, got[name], want)
		}
	}
	if !strings.Contains(got["ts_detail"], "placed.amount_minor") {
		t.Errorf("ts_detail is %q, want the path of the field", got["ts_detail"])
	}
	for _, secret := range []string{"Secret-1", "O1", "-100"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, r.log.String())
		}
	}
	if n := r.counter("tierstream_ingest_rejected_total"); n != 1 {
		t.Errorf("%v rejected are counted, want 1", n)
	}
	if n := r.counter("tierstream_ingest_accepted_total"); n != 1 {
		t.Errorf("%v accepted are counted, want 1", n)
	}
}

// A parent's payment becomes one payment per customer, each in its customer's partition; one that can't be split is a dead
// letter.
func TestAParentPays(t *testing.T) {
	r := start(t)
	r.initialise()
	pays := func(id, allocations string) kafkalog.Message {
		return kafkalog.Message{Value: []byte(`{"event_id":"` + id + `","occurred_at":"2026-03-01T10:00:00Z","customer_id":"parent","payment_id":"P1",` +
			`"received":{"amount_minor":"100","currency":"CNY","allocations":[` + allocations + `]}}`)}
	}
	r.put(topics.Payments, 0, pays("e1", `{"order_id":"O1","customer_id":"anna","amount_minor":"60"},{"order_id":"O2","customer_id":"bert","amount_minor":30}`),
		pays("e2", `{"order_id":"O1","customer_id":"anna"}`))
	got := map[string]int64{}
	for _, m := range r.await(topics.Facts, partitions+3) {
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err != nil {
			t.Fatal(err)
		}
		if e := f.GetPayment(); e != nil {
			got[e.CustomerId] = e.GetReceived().AmountMinor
			if string(m.Key) != e.CustomerId || m.Partition != kafkalog.Partition(e.CustomerId, partitions) || f.At != now.UnixMicro() {
				t.Errorf("%v lies in partition %d under the key %q", e, m.Partition, m.Key)
			}
		}
	}
	if got["parent"] != 10 || got["anna"] != 60 || got["bert"] != 30 || len(got) != 3 {
		t.Errorf("the shares are %v", got)
	}
	if got := strings.Join(r.reasons(1), " "); got != "MISSING_FIELD" {
		t.Errorf("the dead letters are %s", got)
	}
}

// Before tierctl init nothing is appended and readiness says what to do; after it, all that had come is taken in.
func TestBeforeInit(t *testing.T) {
	r := start(t)
	const many = 500
	var all []kafkalog.Message
	for n := range many {
		all = append(all, kafkalog.Message{Value: []byte(strings.Replace(order, "E-json", "E-"+strconv.Itoa(n), 1))})
	}
	r.put(topics.Orders, 0, all...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !strings.Contains(r.log.String(), "run tierctl init") {
		if err := ctx.Err(); err != nil {
			t.Fatalf("nobody was told to run tierctl init: %s", r.log.String())
		}
		time.Sleep(5 * time.Millisecond) // between two looks
	}
	if n := len(r.await(topics.Facts, 0)); n != 0 {
		t.Fatalf("%d records on facts before init", n)
	}
	r.initialise()
	if got := r.facts(many); len(got) != many {
		t.Errorf("%d events after init, want %d", len(got), many)
	}
}

// The metrics read as Prometheus wants them.
func TestMetricsLint(t *testing.T) {
	r := start(t)
	r.initialise()
	r.put(topics.Orders, 0, kafkalog.Message{Value: []byte(order)}, kafkalog.Message{Value: []byte("{")})
	r.facts(1)
	r.await(topics.DeadLetters, 1)
	families, err := r.deps.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if len(families) < 3 {
		t.Errorf("%d metrics, want all three", len(families))
	}
}

// counter is the sum of a counter over its labels.
func (r *rig) counter(name string) (sum float64) {
	r.t.Helper()
	families, err := r.deps.Registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}
