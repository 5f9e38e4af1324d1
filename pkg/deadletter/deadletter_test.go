package deadletter_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/deadletter"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 2

// post is a Kafka with inputs and dead letters.
type post struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	ctx     context.Context
	cluster *kfake.Cluster
	client  *kafkalog.Client
	box     deadletter.Box
}

func start(t *testing.T) *post {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	client, err := kafkalog.Open(kafkalog.Config{Brokers: c.ListenAddrs(), ClientID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p := &post{t: t, ctx: t.Context(), cluster: c, client: client, box: deadletter.Box{Client: client, Prefix: "p."}}
	p.topics("p.")
	return p
}

func (p *post) topics(prefix string) {
	p.t.Helper()
	var all []kafkalog.Topic
	for _, name := range []string{topics.Orders, topics.Events, topics.DeadLetters} {
		all = append(all, kafkalog.Topic{Name: prefix + name, Partitions: partitions})
	}
	if err := p.client.EnsureTopics(p.ctx, all); err != nil {
		p.t.Fatal(err)
	}
}

// arrive puts a record onto an input.
func (p *post) arrive(topic string, partition int, value string, headers ...kafkalog.Header) kafkalog.Message {
	p.t.Helper()
	m := kafkalog.Message{Partition: partition, Key: []byte("C1"), Value: []byte(value), Headers: headers}
	var err error
	if m.Offset, err = p.client.Produce(p.ctx, p.box.Prefix+topic, partition, []kafkalog.Message{m}); err != nil {
		p.t.Fatal(err)
	}
	return m
}

// reject writes the dead letter of a record, as ingest does.
func (p *post) reject(topic string, m kafkalog.Message, code codec.Code) deadletter.ID {
	p.t.Helper()
	in := codec.Input{Topic: topic, Value: m.Value}
	for _, h := range m.Headers {
		in.Headers = append(in.Headers, codec.Header{Key: h.Key, Value: h.Value})
	}
	value, headers := codec.DeadLetter(in, codec.Reject{Code: code, Detail: "placed.currency: no rate"}, "ingest", m.Partition, m.Offset)
	dead := kafkalog.Message{Key: m.Key, Value: value}
	for _, h := range headers {
		dead.Headers = append(dead.Headers, kafkalog.Header{Key: h.Key, Value: h.Value})
	}
	offset, err := p.client.Produce(p.ctx, p.box.Prefix+topics.DeadLetters, m.Partition, []kafkalog.Message{dead})
	if err != nil {
		p.t.Fatal(err)
	}
	return deadletter.ID{Partition: m.Partition, Offset: offset}
}

// input is what a partition of an input holds.
func (p *post) input(topic string, partition int) (all []kafkalog.Message) {
	p.t.Helper()
	bounds, err := p.client.Offsets(p.ctx, p.box.Prefix+topic)
	if err != nil {
		p.t.Fatal(err)
	}
	err = p.client.ReadRange(p.ctx, p.box.Prefix+topic, partition, bounds[partition].Start, bounds[partition].End, func(m kafkalog.Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

func (p *post) retry(w deadletter.Wish) deadletter.Result {
	p.t.Helper()
	r, err := p.box.Retry(p.ctx, w)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// counts is a result in one line: sent, before, refused, left.
func counts(r deadletter.Result) string {
	return fmt.Sprint(len(r.Sent), len(r.Before), len(r.Refused), r.Left)
}

func TestRetryPutsTheOriginalBackOnce(t *testing.T) {
	p := start(t)
	trace := kafkalog.Header{Key: "trace", Value: []byte("t1")}
	m := p.arrive(topics.Orders, 1, "one", trace)
	id := p.reject(topics.Orders, m, codec.NoRate)
	twin := p.reject(topics.Orders, m, codec.NoRate) // ingest had to take the record again
	if got := counts(p.retry(deadletter.Wish{IDs: []deadletter.ID{id}, DryRun: true})); got != "1 0 0 0" || len(p.input(topics.Orders, 1)) != 1 {
		t.Fatalf("a dry run gives %s, and the input has %d records", got, len(p.input(topics.Orders, 1)))
	}
	r := p.retry(deadletter.Wish{IDs: []deadletter.ID{id, twin}})
	if counts(r) != "1 0 0 0" || r.Sent[0].Again != 1 {
		t.Fatalf("the first retry gives %s %+v", counts(r), r)
	}
	for _, w := range []deadletter.Wish{{IDs: []deadletter.ID{id}}, {IDs: []deadletter.ID{twin}}, {}, {Filter: deadletter.Filter{Reason: codec.NoRate}}} {
		if r := p.retry(w); counts(r) != "0 1 0 0" || r.Before[0].Again != 1 {
			t.Errorf("a later retry gives %s %+v", counts(r), r)
		}
	}
	got := p.input(topics.Orders, 1)
	if len(got) != 2 {
		t.Fatalf("the input has %d records, want 2", len(got))
	}
	got[1].Time = time.Time{}
	want := kafkalog.Message{Partition: 1, Offset: 1, Key: []byte("C1"), Value: []byte("one"), Headers: []kafkalog.Header{
		trace, {Key: codec.HeaderRetry, Value: []byte(id.String())}, {Key: codec.HeaderRetryOffset, Value: []byte("0")},
	}}
	if d := cmp.Diff(want, got[1]); d != "" {
		t.Errorf("what was put back (-want +got):\n%s", d)
	}
}

// One that fails again is a new dead letter, which names the former and can be put back in its turn.
func TestRetryOfARetry(t *testing.T) {
	p := start(t)
	first := p.reject(topics.Orders, p.arrive(topics.Orders, 0, "one"), codec.NoRate)
	p.retry(deadletter.Wish{})
	second := p.reject(topics.Orders, p.input(topics.Orders, 0)[1], codec.Future)
	l, err := p.box.Get(t.Context(), second)
	if err != nil || l.Former != first.String() {
		t.Errorf("the new dead letter names %q, want %s (%v)", l.Former, first, err)
	}
	if r := p.retry(deadletter.Wish{}); counts(r) != "1 1 0 0" || r.Sent[0].ID != second {
		t.Errorf("the retry of both gives %s", counts(r))
	}
	all := p.input(topics.Orders, 0)
	if h := all[len(all)-1].Headers; len(all) != 3 || len(h) != 2 || string(h[0].Value) != second.String() || string(h[1].Value) != "1" {
		t.Errorf("%d records, the last with the headers %v", len(all), h)
	}
}

func TestRetryRefuses(t *testing.T) {
	p := start(t)
	large := p.arrive(topics.Orders, 0, strings.Repeat("x", 600_000))
	cut := p.reject(topics.Orders, large, codec.TooLarge)
	foreign := p.reject("nobodys", p.arrive(topics.Orders, 0, "b"), codec.Empty)
	r := p.retry(deadletter.Wish{})
	if counts(r) != "0 0 2 0" {
		t.Fatalf("%s", counts(r))
	}
	for i, want := range []string{"only its start is kept", "which input"} {
		if got := (deadletter.Wish{}).Refusal(r.Refused[i]); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", r.Refused[i].ID, got, want)
		}
	}
	if r.Refused[0].ID != cut || r.Refused[1].ID != foreign {
		t.Errorf("refused %v", r.Refused)
	}
	for _, id := range []deadletter.ID{{Partition: 0, Offset: 99}, {Partition: 9, Offset: 0}, {Partition: -1, Offset: 0}} {
		if _, err := p.box.Retry(t.Context(), deadletter.Wish{IDs: []deadletter.ID{id}}); err == nil || !strings.Contains(err.Error(), "no dead letter") {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Where the input has been trimmed behind the letter's origin, a mark may be gone: then it takes --force.
func TestRetryOfWhatTheLogNoLongerTells(t *testing.T) {
	p := start(t)
	p.reject(topics.Orders, p.arrive(topics.Orders, 0, "one"), codec.NoRate)
	p.arrive(topics.Orders, 0, "other")
	p.arrive(topics.Orders, 0, "another")
	p.trim(t, "p."+topics.Orders, 0, 2)
	r := p.retry(deadletter.Wish{})
	if counts(r) != "0 0 1 0" || !strings.Contains((deadletter.Wish{}).Refusal(r.Refused[0]), "--force") {
		t.Fatalf("%s %+v", counts(r), r.Refused)
	}
	if r := p.retry(deadletter.Wish{Force: true}); counts(r) != "1 0 0 0" {
		t.Errorf("with --force: %s", counts(r))
	}
	if r := p.retry(deadletter.Wish{Force: true}); counts(r) != "0 1 0 0" {
		t.Errorf("with --force, once more: %s", counts(r))
	}
}

func (p *post) trim(t *testing.T, topic string, partition int32, to int64) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(p.cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	req := kmsg.NewPtrDeleteRecordsRequest()
	at := kmsg.NewDeleteRecordsRequestTopic()
	at.Topic = topic
	at.Partitions = []kmsg.DeleteRecordsRequestTopicPartition{{Partition: partition, Offset: to}}
	req.Topics = append(req.Topics, at)
	if _, err := req.RequestWith(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// A request that is written, but whose answer is lost, is found by looking; one that isn't is an error, and the next try
// sends it.
func TestRetryWithoutAnAnswer(t *testing.T) {
	for _, c := range []struct {
		err     *kerr.Error
		first   string // result of the first try; empty: an error
		records int    // on the input after it
	}{
		{kerr.RequestTimedOut, "1 0 0 0", 2},
		{kerr.NotLeaderForPartition, "", 1},
	} {
		p := start(t)
		p.reject(topics.Orders, p.arrive(topics.Orders, 0, "one"), codec.NoRate)
		p.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: c.err, Count: 1})
		r, err := p.box.Retry(t.Context(), deadletter.Wish{})
		if c.first == "" && err == nil || c.first != "" && (err != nil || counts(r) != c.first) {
			t.Errorf("%v: %s %v", c.err, counts(r), err)
		}
		if n := len(p.input(topics.Orders, 0)); n != c.records {
			t.Errorf("%v: %d records after the first try, want %d", c.err, n, c.records)
		}
		p.retry(deadletter.Wish{})
		if n := len(p.input(topics.Orders, 0)); n != 2 {
			t.Errorf("%v: %d records in the end, want 2", c.err, n)
		}
	}
}

// Whatever is rejected, doubled, retried in parts and cut off by faults: in the end each record has been put back once.
func TestRetryOnceWhateverHappens(t *testing.T) {
	p := start(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		p.box.Prefix = fmt.Sprintf("r%d.", round)
		p.topics(p.box.Prefix)
		want := map[string]int{}
		for i := range rapid.IntRange(1, 8).Draw(rt, "records") {
			topic := rapid.SampledFrom([]string{topics.Orders, topics.Events}).Draw(rt, "topic")
			m := p.arrive(topic, rapid.IntRange(0, partitions-1).Draw(rt, "partition"), fmt.Sprintf("%s %d", topic, i))
			for range rapid.IntRange(0, 2).Draw(rt, "letters") {
				p.reject(topic, m, rapid.SampledFrom([]codec.Code{codec.NoRate, codec.Future}).Draw(rt, "reason"))
				want[string(m.Value)] = 2
			}
		}
		for range rapid.IntRange(0, 3).Draw(rt, "tries") {
			w := deadletter.Wish{Most: rapid.IntRange(0, 2).Draw(rt, "most")}
			w.Filter.Reason = rapid.SampledFrom([]codec.Code{"", codec.NoRate}).Draw(rt, "which")
			var f *kfake.FaultHandle
			if rapid.Bool().Draw(rt, "fault") {
				f = p.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut, Count: 1})
			}
			if _, err := p.box.Retry(p.ctx, w); err != nil {
				rt.Fatal(err)
			}
			if f != nil {
				f.Remove()
			}
		}
		if _, err := p.box.Retry(p.ctx, deadletter.Wish{}); err != nil {
			rt.Fatal(err)
		}
		got := map[string]int{}
		for _, topic := range []string{topics.Orders, topics.Events} {
			for n := range partitions {
				for _, m := range p.input(topic, n) {
					if got[string(m.Value)]++; got[string(m.Value)] > 2 {
						rt.Fatalf("%s was put back twice", m.Value)
					}
				}
			}
		}
		for value, n := range want {
			if got[value] != n {
				rt.Fatalf("%s is there %d times, want %d", value, got[value], n)
			}
		}
	})
}

func TestList(t *testing.T) {
	p := start(t)
	for i := range 2500 {
		code := codec.NoRate
		if i%100 == 0 {
			code = codec.Future
		}
		p.dead(i, code)
	}
	all, err := p.box.List(t.Context(), deadletter.Filter{}, 10)
	if err != nil || len(all) != 10 || all[0].Offset != 2499 || all[9].Offset != 2490 {
		t.Errorf("the newest ten: %v %v", all, err)
	}
	future, err := p.box.List(t.Context(), deadletter.Filter{Reason: codec.Future}, 100)
	if err != nil || len(future) != 25 || future[0].Offset != 2400 || future[24].Offset != 0 {
		t.Errorf("of one reason: %d %v", len(future), err)
	}
	read := int64(0)
	p.box.Progress = func(_ string, done, _ int64) { read = done }
	late, err := p.box.List(t.Context(), deadletter.Filter{Since: base.Add(2400 * time.Second)}, 1000)
	if err != nil || len(late) != 100 || read > 2000 {
		t.Errorf("since a time: %d, having read %d (%v)", len(late), read, err)
	}
	if elsewhere, err := p.box.List(t.Context(), deadletter.Filter{Topic: topics.Events}, 5); err != nil || len(elsewhere) != 0 {
		t.Errorf("of another topic: %d %v", len(elsewhere), err)
	}
}

var base = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// dead writes the dead letter of a record that is not there any more.
func (p *post) dead(i int, code codec.Code) {
	p.t.Helper()
	value, headers := codec.DeadLetter(codec.Input{Topic: topics.Orders, Value: bytes.Repeat([]byte("x"), 10)}, codec.Reject{Code: code}, "ingest", 0, int64(i))
	m := kafkalog.Message{Value: value, Time: base.Add(time.Duration(i) * time.Second)}
	for _, h := range headers {
		m.Headers = append(m.Headers, kafkalog.Header{Key: h.Key, Value: h.Value})
	}
	if _, err := p.client.Produce(p.ctx, "p."+topics.DeadLetters, 0, []kafkalog.Message{m}); err != nil {
		p.t.Fatal(err)
	}
}

func TestParseID(t *testing.T) {
	if id, err := deadletter.ParseID("3-41"); err != nil || id.Partition != 3 || id.Offset != 41 || id.String() != "3-41" {
		t.Errorf("%v %v", id, err)
	}
	for _, bad := range []string{"", "3", "3-", "-3-4", "3-4-5", "03-4", "a-b", "3--4", "3-4 "} {
		if id, err := deadletter.ParseID(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, id)
		}
	}
}
