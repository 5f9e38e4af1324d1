package kafkalog_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

func TestInspectBrokers(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	got, err := connect(t, kafkalog.Config{Brokers: c.ListenAddrs()}, "").client.Inspect(t.Context(), []string{"message.max.bytes"})
	if err != nil || len(got.Brokers) != 3 {
		t.Fatalf("%+v %v", got, err)
	}
	if !got.Operations.May(kafkalog.Create) {
		t.Errorf("without ACLs, topics can't be made: %b", got.Operations)
	}
	for _, b := range got.Brokers {
		if b.Err != nil || b.Versions["Fetch"] < 4 || b.Answer <= 0 || b.Answer > time.Minute || b.Config.Err != nil || b.Config.Values["message.max.bytes"] == "" {
			t.Errorf("%+v", b)
		}
	}
}

func TestInspectTopics(t *testing.T) {
	b := startAny(t)
	b.topic(t, b.prefix+"there", 3)
	got, err := b.client.InspectTopics(t.Context(), []string{b.prefix + "nowhere", b.prefix + "there"}, []string{"retention.ms", "cleanup.policy"})
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if got[0].Name != b.prefix+"nowhere" || got[0].Err != nil || len(got[0].Partitions) != 0 {
		t.Errorf("a topic that isn't there: %+v", got[0])
	}
	there := got[1]
	if len(there.Partitions) != 3 || there.Config.Err != nil || there.Config.Values["cleanup.policy"] != "delete" || len(there.Config.Values) != 2 || !there.Operations.May(kafkalog.Write) {
		t.Errorf("%+v", there)
	}
	for _, p := range there.Partitions {
		if p.Leader < 0 || p.Replicas < 1 || p.InSync != p.Replicas {
			t.Errorf("%+v", p)
		}
	}
}

func TestInspectGroups(t *testing.T) {
	b := startAny(t)
	topic, group := b.prefix+"in", b.prefix+"group"
	b.topic(t, topic, 2)
	claims, stop := b.member(t, group, topic)
	<-claims
	<-claims
	got, err := b.client.InspectGroups(t.Context(), []string{b.prefix + "nobody", group})
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if got[0].Members != 0 || got[0].Name != b.prefix+"nobody" {
		t.Errorf("a group that isn't there: %+v", got[0])
	}
	if g := got[1]; g.Members != 1 || !g.Owned[0] || !g.Owned[1] || g.State != "Stable" || !g.Operations.May(kafkalog.Read) {
		t.Errorf("%+v", g)
	}
	stop()
}

// Who may not describe a topic or a group is told so, and nothing is taken for missing.
func TestInspectDenied(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableACLs(), kfake.SeedTopics(1, "there"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	client := connect(t, kafkalog.Config{Brokers: c.ListenAddrs()}, "").client
	topics, err := client.InspectTopics(t.Context(), []string{"there"}, nil)
	if err != nil || !errors.Is(topics[0].Err, kafkalog.ErrDenied) {
		t.Errorf("%+v %v", topics, err)
	}
	groups, err := client.InspectGroups(t.Context(), []string{"g"})
	if err != nil || !errors.Is(groups[0].Err, kafkalog.ErrDenied) {
		t.Errorf("%+v %v", groups, err)
	}
	cluster, err := client.Inspect(t.Context(), []string{"message.max.bytes"})
	if err != nil || cluster.Operations.May(kafkalog.Create) || !errors.Is(cluster.Brokers[0].Config.Err, kafkalog.ErrDenied) {
		t.Errorf("%+v %v", cluster, err)
	}
}
