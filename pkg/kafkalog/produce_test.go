package kafkalog_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
)

// produced notes the requests to produce, with the acknowledgements that each asked for. answer, if it isn't 0, is the
// code that the broker answers with, having taken nothing.
func (b broker) produced(answer int16) (acks func() []int16) {
	var mu sync.Mutex
	var all []int16
	b.cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		mu.Lock()
		all = append(all, req.Acks)
		mu.Unlock()
		if answer == 0 {
			return nil, nil, false
		}
		resp := r.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = topic.Topic, topic.TopicID
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.ErrorCode = answer
			rt.Partitions = append(rt.Partitions, rp)
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	return func() []int16 {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// Rules 7 and 8: an emission is one request, however large, that every replica must have before it counts, and one that
// fails is the engine's to send again, whole.
func TestEmissionIsOneRequest(t *testing.T) {
	const allReplicas, notEnoughReplicas = -1, 19
	for _, answer := range []int16{0, notEnoughReplicas} {
		b := start(t)
		for _, topic := range []string{"in", "out"} {
			b.topic(t, b.prefix+topic, 1)
		}
		claims, _ := b.member(t, "g", b.prefix+"in")
		log := b.client.PartitionLog(next(t, claims), kafkalog.Topics{Prefix: b.prefix, Facts: "facts"})
		acks := b.produced(answer)
		e := processor.Emission{Topic: "out"}
		for range 2000 {
			e.Messages = append(e.Messages, processor.Message{Key: "k", Value: []byte(strings.Repeat("v", 250))})
		}
		err := log.Produce(t.Context(), e)
		if (err == nil) != (answer == 0) {
			t.Errorf("answered %d: %v", answer, err)
		}
		if got := acks(); !slices.Equal(got, []int16{allReplicas}) {
			t.Errorf("answered %d: requests with acks %v, want one that waits for all replicas", answer, got)
		}
	}
}

// Rule 12: a Tick is stamped by the clock that its writer goes by, and a record's append time is the one that it was
// stamped with, whenever it is read.
func TestAppendTimes(t *testing.T) {
	b := start(t)
	for _, topic := range []string{"in", "facts"} {
		b.topic(t, b.prefix+topic, 1)
	}
	at := civil.FromTime(time.Date(2031, 2, 3, 4, 5, 6, 7e6, time.UTC)) // Kafka keeps milliseconds
	claims, _ := b.member(t, "g", b.prefix+"facts")
	log := b.client.PartitionLog(next(t, claims), kafkalog.Topics{Prefix: b.prefix, Facts: "facts", Clock: func() civil.Instant { return at }})
	if _, err := log.Append(t.Context(), processor.Message{Value: []byte("tick")}); err != nil {
		t.Fatal(err)
	}
	f, err := log.Fetch(t.Context(), 0, 10, civil.Second)
	if err != nil || len(f.Records) != 1 || f.Records[0].Appended != at {
		t.Errorf("appended at %s: %+v, %v", at, f.Records, err)
	}
}

// Rule 10: who reads a range gets all of it, or an error.
func TestRangeBelowTheStart(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	b.put(t, "in", []processor.Message{{Value: []byte("a")}, {Value: []byte("b")}, {Value: []byte("c")}})
	b.trim(t, "in", 2)
	var got []int64
	read := func(from int64) error {
		got = nil
		return b.client.ReadRange(t.Context(), "in", 0, from, 3, func(m kafkalog.Message) error {
			got = append(got, m.Offset)
			return nil
		})
	}
	if err := read(0); err == nil || !strings.Contains(err.Error(), "starts at 2, above 0") || len(got) != 0 {
		t.Errorf("from 0 it read %v: %v", got, err)
	}
	if err := read(2); err != nil || !slices.Equal(got, []int64{2}) {
		t.Errorf("from 2 it read %v: %v", got, err)
	}
	stop := errors.New("enough")
	if err := b.client.ReadRange(t.Context(), "in", 0, 2, 3, func(kafkalog.Message) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the visitor's error became %v", err)
	}
}

// A value that is empty is none that is absent: an absent one deletes, in topics that are compacted. It is so wherever it comes in a fetch.
func TestEmptyIsNotAbsent(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	want := []kafkalog.Message{{Value: []byte{}}, {Key: []byte{}}, {Key: []byte("k"), Value: []byte("v")}, {Key: []byte{}, Value: []byte{}}, {Key: []byte("k")}}
	if _, err := b.client.Produce(t.Context(), "in", 0, want); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := b.client.ReadRange(t.Context(), "in", 0, 0, int64(len(want)), func(m kafkalog.Message) error {
		if w := want[n]; (m.Key == nil) != (w.Key == nil) || (m.Value == nil) != (w.Value == nil) || string(m.Key) != string(w.Key) || string(m.Value) != string(w.Value) {
			t.Errorf("record %d is %q, %q (absent: %t, %t), want %q, %q (%t, %t)", n, m.Key, m.Value, m.Key == nil, m.Value == nil, w.Key, w.Value, w.Key == nil, w.Value == nil)
		}
		n++
		return nil
	})
	if err != nil || n != len(want) {
		t.Fatalf("%d of %d records: %v", n, len(want), err)
	}
}
