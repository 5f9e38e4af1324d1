package dev_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/services/ingest"
	"github.com/tierstream/tierstream/services/notifier"
	"github.com/tierstream/tierstream/services/scorer"
	"github.com/tierstream/tierstream/services/tierchange"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// grant lets whoever comes without a name do what doctor calls a service's rights, and nothing else.
func grant(t *testing.T, addrs []string, service string) {
	t.Helper()
	k, err := kgo.NewClient(kgo.SeedBrokers(addrs...))
	must(t, err)
	defer k.Close()
	former := kmsg.NewPtrDeleteACLsRequest()
	all := kmsg.NewDeleteACLsRequestFilter()
	all.ResourceType, all.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
	all.Operation, all.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	former.Filters = append(former.Filters, all)
	_, err = former.RequestWith(t.Context(), k)
	must(t, err)
	request := kmsg.NewPtrCreateACLsRequest()
	add := func(kind kmsg.ACLResourceType, name string, op kafkalog.Operation) {
		c := kmsg.NewCreateACLsRequestCreation()
		c.ResourceType, c.ResourceName, c.ResourcePatternType = kind, name, kmsg.ACLResourcePatternTypeLiteral
		c.Principal, c.Host, c.Operation, c.PermissionType = "User:ANONYMOUS", "*", kmsg.ACLOperation(op), kmsg.ACLPermissionTypeAllow
		request.Creations = append(request.Creations, c)
	}
	r := doctor.RightsOf(service)
	for op, names := range r.Topics {
		for _, name := range names {
			add(kmsg.ACLResourceTypeTopic, name, op)
		}
	}
	for op, groups := range r.Groups {
		for _, g := range groups {
			add(kmsg.ACLResourceTypeGroup, topics.Group("", g[0], g[1]), op)
		}
	}
	for _, op := range r.Cluster {
		add(kmsg.ACLResourceTypeCluster, "kafka-cluster", op)
	}
	answer, err := request.RequestWith(t.Context(), k)
	must(t, err)
	for _, r := range answer.Results {
		must(t, kerr.ErrorForCode(r.ErrorCode))
	}
}

// onKafka runs work on a broker that keeps its logs in folder.
func onKafka(t *testing.T, folder string, work func(addrs []string, c *kafkalog.Client), opts ...kfake.Opt) {
	t.Helper()
	opts = append(opts, kfake.NumBrokers(1), kfake.DataDir(folder), kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))
	cluster, err := kfake.NewCluster(opts...)
	must(t, err)
	defer cluster.Close()
	c, err := kafkalog.Open(kafkalog.Config{Brokers: cluster.ListenAddrs(), ClientID: "test"})
	must(t, err)
	defer c.Close()
	work(cluster.ListenAddrs(), c)
}

// What doctor calls a service's rights is enough for that service: each does its work with those alone.
func TestRightsAreEnough(t *testing.T) {
	folder, redis := t.TempDir(), miniredis.RunT(t)
	onKafka(t, folder, func(_ []string, c *kafkalog.Client) { prepareRights(t, c) })
	for _, s := range []struct {
		name, input, output string
		run                 process.RunFunc
		offset              time.Duration // the scorer runs when the orders have left the window: it has to tick
	}{
		{topics.Ingest, topics.Orders, topics.Facts, ingest.Run, 0}, {topics.Scorer, topics.Facts, topics.Scores, scorer.Run, 2 * 24 * time.Hour},
		{topics.TierChange, topics.Scores, topics.TierChanges, tierchange.Run, 0}, {"notifier", topics.TierChanges, "", notifier.Run, 0},
	} {
		onKafka(t, folder, func(addrs []string, _ *kafkalog.Client) { grant(t, addrs, s.name) })
		onKafka(t, folder, func(addrs []string, c *kafkalog.Client) {
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			log, err := process.Logger(io.Discard, s.name, "error")
			must(t, err)
			d := process.NewDeps(log, s.offset)
			d.Registry = prometheus.NewRegistry()
			go func() {
				done <- s.run(ctx, process.Config{Brokers: addrs, Redis: "redis://" + redis.Addr(), SessionTimeout: 6 * time.Second}, d)
			}()
			least := int64(3)
			if s.offset > 0 {
				least = 2 + 4 + 1 // PartitionInits, orders, a Tick
			}
			drained(t, c, topics.Group("", s.name, s.input), s.input, least)
			stop()
			must(t, <-done)
		}, kfake.EnableACLs())
		if s.output == "" {
			continue
		}
		onKafka(t, folder, func(_ []string, c *kafkalog.Client) {
			bounds, err := c.Offsets(t.Context(), s.output)
			must(t, err)
			if n := bounds[0].End + bounds[1].End; n < 3 {
				t.Errorf("%s has written %d records to %s", s.name, n, s.output)
			}
		})
	}
}

// prepareRights makes the topics, starts the deployment and sends a few orders, one of them bad.
func prepareRights(t *testing.T, c *kafkalog.Client) {
	t.Helper()
	var all []kafkalog.Topic
	for _, s := range topics.All((10 * 24 * time.Hour).Milliseconds()) {
		all = append(all, kafkalog.Topic{Name: s.Name, Partitions: 2, Config: s.Config})
	}
	must(t, c.EnsureTopics(t.Context(), all))
	for p := range 2 {
		value, err := proto.Marshal(&pb.Fact{At: time.Now().UnixMicro(), Body: &pb.Fact_Init{Init: &pb.PartitionInit{
			Partitions: 2, Partition: int32(p), Clock: pb.PartitionInit_WALL, TimeZone: "UTC", Currency: "CNY", Policy: []byte(dayPolicy),
		}}})
		must(t, err)
		_, err = c.Produce(t.Context(), topics.Facts, p, []kafkalog.Message{{Value: value}})
		must(t, err)
	}
	for i := range 4 {
		_, err := c.Produce(t.Context(), topics.Orders, i%2, []kafkalog.Message{order(fmt.Sprintf("C%d", i), 1, time.Now()), {Value: []byte("{")}})
		must(t, err)
	}
}

// drained waits until a topic has at least so many records and a group has committed them all.
func drained(t *testing.T, c *kafkalog.Client, group, topic string, least int64) {
	t.Helper()
	said := error(nil)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // between two looks
		bounds, err := c.Offsets(t.Context(), topic)
		if err == nil {
			var at []int64
			if at, err = c.Committed(t.Context(), group, topic, len(bounds)); err == nil && kafkalog.Behind(bounds, at) < 0 && bounds[0].End+bounds[1].End >= least {
				return
			}
		}
		if said = err; time.Now().After(deadline) {
			t.Fatalf("%s doesn't get through %s: %v", group, topic, said)
		}
	}
}
