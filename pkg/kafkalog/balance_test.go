package kafkalog_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Whoever shares the partitions out asks a broker for them. One that shows some of them, or doesn't know the topic, leaves
// none without an owner: nobody would look again.
func TestJoiningWhereTheBrokerShowsTooFew(t *testing.T) {
	for name, shown := range map[string][]int32{"no topic": nil, "one partition": {1}} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			b.topic(t, "in", 3)
			asked := b.showsAtJoin(shown)
			claims, _ := b.member(t, "g", "in")
			got := []int{next(t, claims).Partition, next(t, claims).Partition, next(t, claims).Partition}
			slices.Sort(got)
			if !slices.Equal(got, []int{0, 1, 2}) || !asked.Load() {
				t.Errorf("partitions %v are claimed, the broker was asked for them: %v", got, asked.Load())
			}
		})
	}
}

// showsAtJoin lets the broker show these partitions, or no topic, from the first join on. asked: somebody has seen it.
func (b broker) showsAtJoin(partitions []int32) (asked *atomic.Bool) {
	joined, asked := false, &atomic.Bool{}
	b.cluster.ControlKey(int16(kmsg.JoinGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
		joined = true // on the cluster's goroutine, as what follows
		return nil, nil, false
	})
	b.cluster.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if !joined {
			return nil, nil, false
		}
		b.cluster.KeepControl()
		asked.Store(true)
		return showing(r.(*kmsg.MetadataRequest), partitions), nil, true
	})
	return asked
}

func showing(r *kmsg.MetadataRequest, partitions []int32) *kmsg.MetadataResponse {
	out := r.ResponseKind().(*kmsg.MetadataResponse)
	for _, t := range r.Topics {
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = t.Topic
		if partitions == nil {
			topic.ErrorCode = kerr.UnknownTopicOrPartition.Code
		}
		for _, id := range partitions {
			p := kmsg.NewMetadataResponseTopicPartition()
			p.Partition = id
			topic.Partitions = append(topic.Partitions, p)
		}
		out.Topics = append(out.Topics, topic)
	}
	return out
}

// While programs are replaced one by one, those of before, which have kafka-go's own balancers, are in the same group.
func TestJoiningThoseOfBefore(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 2)
	before, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: "g", Topics: []string{"in"}, Brokers: b.addrs, HeartbeatInterval: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = before.Close() }()
	if all := awaitGeneration(t, before); len(all) != 2 {
		t.Fatalf("the first member has %v", all)
	}
	claims, _ := b.member(t, "g", "in")
	theirs := awaitGeneration(t, before)
	if ours := next(t, claims); len(theirs) != 1 || theirs[0].ID == ours.Partition || len(claims) > 0 {
		t.Errorf("they have %v, we partition %d and %d more", theirs, ours.Partition, len(claims))
	}
}

func awaitGeneration(t *testing.T, g *kafka.ConsumerGroup) []kafka.PartitionAssignment {
	t.Helper()
	gen, err := g.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return gen.Assignments["in"]
}
