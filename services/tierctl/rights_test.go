package tierctl_test

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// limited is a deployment whose Kafka lets everybody do what doctor says that tierctl needs, but for what without says.
func limited(t *testing.T, without func(kafkalog.Operation, string) bool) *deployment {
	t.Helper()
	var acls []kfake.ACL
	add := func(kind kmsg.ACLResourceType, name string, op kafkalog.Operation) {
		if !without(op, name) {
			acls = append(acls, kfake.ACL{Resource: kind, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: kmsg.ACLOperation(op), Allow: true})
		}
	}
	r := doctor.RightsOf("tierctl")
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
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableACLs(), kfake.User("PLAIN", "ANONYMOUS", "", acls...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d := &deployment{t: t, dir: t.TempDir(), args: []string{"--brokers", c.ListenAddrs()[0], "--redis", "redis://" + miniredis.RunT(t).Addr()}}
	d.write("policy.yaml", testPolicy)
	d.write("events.jsonl", nobodys+"\n")
	return d
}

// What doctor calls tierctl's rights is enough for its commands, and what is missing is named.
func TestRightsOfTierctl(t *testing.T) {
	d := limited(t, func(kafkalog.Operation, string) bool { return false })
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("dlq", "list")
	_, stdout, _ := d.run("doctor", "--as", "tierctl", "-o", "csv")
	for _, f := range []string{"ok,kafka access,", "ok,topics,", "ok,sizes,", "ok,broker limits,", "ok,deployment,"} {
		if !strings.Contains(stdout, f) {
			t.Errorf("doctor doesn't say %q:\n%s", f, stdout)
		}
	}
	for _, f := range []string{"unknown,topic", "unknown,broker limits", "unknown,groups", "fail,kafka access"} {
		if strings.Contains(stdout, f) {
			t.Errorf("doctor says %q:\n%s", f, stdout)
		}
	}
}

func TestMissingRightIsNamed(t *testing.T) {
	d := limited(t, func(op kafkalog.Operation, name string) bool { return op == kafkalog.Write && name == topics.Payments })
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	_, stdout, _ := d.run("doctor", "--as", "tierctl", "-o", "csv")
	if !strings.Contains(stdout, "Write on topic payments") || !strings.Contains(stdout, "--operation Write --topic payments") {
		t.Errorf("%s", stdout)
	}
}
