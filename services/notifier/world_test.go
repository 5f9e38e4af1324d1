package notifier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/embedded"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
	"github.com/tierstream/tierstream/services/notifier"
)

// The service as it is, on embedded Kafka and Redis, with receivers on loopback.

const (
	partitions = 3
	prefix     = "n."
	secret     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	patience   = 90 * time.Second
)

type world struct {
	t      *testing.T
	kafka  *embedded.Kafka
	redis  *embedded.Redis
	client *kafkalog.Client
	routes string       // the routing file
	ahead  atomic.Int64 // of the services' clock, microseconds
	log    logBuffer
}

func newWorld(t *testing.T, routes string, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, routes: filepath.Join(t.TempDir(), "routes.yaml")}
	files["routes.yaml"], files["crm-secret"] = routes, secret
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(w.routes), name), []byte(text), 0o600))
	}
	var err error
	w.kafka, err = embedded.StartKafka("127.0.0.1:0", "")
	must(t, err)
	t.Cleanup(w.kafka.Close)
	w.redis, err = embedded.StartRedis("127.0.0.1:0")
	must(t, err)
	t.Cleanup(w.redis.Close)
	w.client, err = kafkalog.Open(kafkalog.Config{Brokers: []string{w.kafka.Broker}})
	must(t, err)
	t.Cleanup(w.client.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the service's log:\n%s", w.log.text())
		}
	})
	w.initialise()
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// initialise makes the topics and writes record 0, as tierctl init does.
func (w *world) initialise() {
	w.t.Helper()
	var all []kafkalog.Topic
	for _, name := range append([]string{topics.Facts}, topics.Notices()...) {
		all = append(all, kafkalog.Topic{Name: prefix + name, Partitions: partitions})
	}
	must(w.t, w.client.EnsureTopics(w.t.Context(), all))
	for p := range partitions {
		value, err := proto.Marshal(&pb.Fact{Body: &pb.Fact_Init{Init: &pb.PartitionInit{
			Deployment: "n", Partitions: partitions, Partition: int32(p), TimeZone: "UTC", Currency: "CNY", Policy: []byte(`version: "1"`), PolicyFile: "p.yaml",
		}}})
		must(w.t, err)
		_, err = w.client.Produce(w.t.Context(), prefix+topics.Facts, p, []kafkalog.Message{{Value: value}})
		must(w.t, err)
	}
}

func (w *world) now() civil.Instant {
	return civil.FromTime(time.Now()) + civil.Instant(w.ahead.Load())
}

// put appends a notice to the topic of its type.
func (w *world) put(customer string, m proto.Message) {
	w.t.Helper()
	topic := map[string]string{"TierChange": topics.TierChanges, "CreditAlert": topics.CreditAlerts, "CustomerSignal": topics.Signals}[string(m.ProtoReflect().Descriptor().Name())]
	value, err := proto.Marshal(m)
	must(w.t, err)
	_, err = w.client.Produce(w.t.Context(), prefix+topic, kafkalog.Partition(customer, partitions), []kafkalog.Message{{Key: []byte(customer), Value: value}})
	must(w.t, err)
}

func (w *world) change(customer string, seq int64, mode pb.Mode) *pb.TierChange {
	return &pb.TierChange{
		ChangeId: fmt.Sprintf("tier-changes/%s/%d", customer, seq), CustomerId: customer, Seq: seq, From: "silver", To: "gold", Direction: pb.TierChange_UPGRADE,
		Mode: mode, DecidedAt: timestamppb.New(w.now().Time()), CustomerName: "Name of " + customer,
	}
}

func (w *world) alert(customer string, seq int64) *pb.CreditAlert {
	return &pb.CreditAlert{
		AlertId: fmt.Sprintf("credit-alerts/%s/%d", customer, seq), CustomerId: customer, Seq: seq, Kind: pb.CreditAlert_OVERDUE, State: pb.CreditAlert_RAISED,
		Mode: pb.Mode_LIVE, DecidedAt: timestamppb.New(w.now().Time()),
	}
}

func (w *world) signal(customer string, seq int64) *pb.CustomerSignal {
	return &pb.CustomerSignal{
		SignalId: fmt.Sprintf("signals/%s/%d", customer, seq), CustomerId: customer, Seq: seq, Kind: pb.CustomerSignal_RISING_STAR,
		State: pb.CustomerSignal_RAISED, Mode: pb.Mode_LIVE, DecidedAt: timestamppb.New(w.now().Time()),
	}
}

// instance is a running notifier.
type instance struct {
	stop     context.CancelFunc
	done     chan error
	registry *prometheus.Registry
	ready    *process.Readiness
	network  *network
}

func (w *world) start() *instance {
	w.t.Helper()
	logger, err := process.Logger(&w.log, "notifier", "debug")
	must(w.t, err)
	ctx, stop := context.WithCancel(context.Background())
	i := &instance{stop: stop, done: make(chan error, 1), registry: prometheus.NewRegistry(), ready: &process.Readiness{}, network: &network{}}
	cfg := process.Config{Brokers: []string{w.kafka.Broker}, Redis: w.redis.URL, TopicPrefix: prefix, SessionTimeout: 6 * time.Second, Routes: w.routes}
	deps := process.Deps{Log: logger, Registry: i.registry, Ready: i.ready, Clock: w.now, DialKafka: i.network.dial, DialRedis: i.network.dial}
	go func() { i.done <- notifier.Run(ctx, cfg, deps) }()
	w.t.Cleanup(stop)
	return i
}

func (i *instance) end(t *testing.T) {
	t.Helper()
	i.stop()
	if err := <-i.done; err != nil {
		t.Errorf("the notifier ended with %v", err)
	}
}

// crash takes the network away first: nothing that the instance knows gets anywhere.
func (i *instance) crash() {
	i.network.cut()
	i.stop()
	<-i.done
}

func (i *instance) readyz() string {
	r := httptest.NewRecorder()
	i.ready.ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/readyz?verbose", nil))
	return r.Body.String()
}

// works says whether the instance has a partition of every topic.
func (i *instance) works() bool {
	text := i.readyz()
	for _, topic := range topics.Notices() {
		if !strings.Contains(text, "notifier/"+topic+"/") {
			return false
		}
	}
	return true
}

// network is an instance's way to Kafka and Redis.
type network struct {
	mu    sync.Mutex
	gone  bool
	conns []net.Conn
}

var errCut = errors.New("the network is gone")

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, kind, address)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil && n.gone {
		_ = c.Close()
		return nil, errCut
	}
	n.conns = append(n.conns, c)
	return c, err
}

func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gone = true
	for _, c := range n.conns {
		if c != nil {
			_ = c.Close()
		}
	}
}

// until waits for a condition. Each look puts the services' clock ahead, so that retries come soon.
func (w *world) until(what string, ahead time.Duration, holds func() bool) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !holds(); <-tick.C {
		w.ahead.Add(ahead.Microseconds())
		if time.Since(began) > patience {
			w.t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// receiver is a webhook's server: it verifies with the public library, keeps what it took, and answers as it is told.
type receiver struct {
	*httptest.Server
	t      *testing.T
	answer func(id string, n int) int // of the nth call with this id

	mu    sync.Mutex
	calls map[string]int
	taken []taken
	body  map[string]string
}

type taken struct{ id, body string }

func newReceiver(t *testing.T, answer func(id string, n int) int) *receiver {
	r := &receiver{t: t, answer: answer, calls: map[string]int{}, body: map[string]string{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the caller was stopped
	}
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		r.t.Error(err)
	}
	if err := wh.Verify(body, req.Header); err != nil {
		r.t.Errorf("a call doesn't verify: %v", err)
	}
	id := req.Header.Get(standardwebhooks.HeaderWebhookID)
	r.mu.Lock()
	defer r.mu.Unlock()
	if was, ok := r.body[id]; ok && was != string(body) {
		r.t.Errorf("other bytes under one id: %s, then %s", was, body)
	}
	r.body[id] = string(body)
	r.calls[id]++
	code := r.answer(id, r.calls[id])
	if code < 300 {
		r.taken = append(r.taken, taken{id, string(body)})
	}
	w.WriteHeader(code)
}

func (r *receiver) all() []taken {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]taken{}, r.taken...)
}

// called is how many calls there were.
func (r *receiver) called() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.calls {
		n += m
	}
	return n
}

// logBuffer keeps what the services say.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.TrimSpace(b.buf.String())
}
