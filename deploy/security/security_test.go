package security_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/deploy/security"
	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

func TestKafka(t *testing.T) {
	grants, err := security.Kafka("p.")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []security.Grant{
		{User: "ts-ingest", Operation: "Read", Kind: "topic", Name: "p.orders"},
		{User: "ts-ingest", Operation: "Read", Kind: "group", Name: "p.tierstream-ingest-", Prefixed: true},
		{User: "ts-tierctl", Operation: "Create", Kind: "topic", Name: "p.facts"},
	} {
		if !slices.Contains(grants, want) {
			t.Errorf("there is no %+v", want)
		}
	}
	made := map[string]bool{}
	for _, g := range grants {
		if !strings.HasPrefix(g.Name, "p.") || g.User == "" {
			t.Errorf("%+v is of another deployment, or nobody's", g)
		}
		made[g.Name] = made[g.Name] || g.Operation == "Create"
	}
	for _, topic := range topics.All(0) { // tierctl init makes them all
		if !made["p."+topic.Name] {
			t.Errorf("nobody may make %s", topic.Name)
		}
	}
}

func TestRedis(t *testing.T) {
	keys := map[string][]string{}
	for _, u := range security.Redis("p.") {
		for _, r := range u.Rules {
			if strings.Contains(r, "~") {
				keys[u.Name] = append(keys[u.Name], r)
			}
		}
	}
	want := map[string][]string{
		"ts-scorer": {"~{p.scorer:*"}, "ts-tierchange": {"~{p.tierchange:*"}, "ts-notifier": {"~{p.notifier-*"},
		"ts-tierctl": {"%R~{p.scorer:*", "%R~{p.tierchange:*", "~{p.notifier-*"},
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("keys -want +got:\n%s", diff)
	}
}

// Whoever reads customers also reads the days that are in fields of their own: a small trade has none.
func TestReadersMayReadPages(t *testing.T) {
	for _, u := range security.Redis("") {
		if u.Name != "ts-tierchange" && !slices.Contains(u.Rules, "+hmget") {
			t.Errorf("%s may not read fields", u.Name)
		}
	}
}

// What doctor says that a service needs is granted: a stage whose Tick is refused reads no further.
func TestGrantsAreEnough(t *testing.T) {
	grants, err := security.Kafka("")
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{topics.Ingest, topics.Scorer, topics.TierChange, topics.Notifier} {
		needs, check := doctor.RightsOf(service), func(op kafkalog.Operation, kind, name string) {
			if !slices.ContainsFunc(grants, func(g security.Grant) bool {
				return g.User == "ts-"+service && g.Operation == op.String() && g.Kind == kind && (g.Name == name || g.Prefixed && strings.HasPrefix(name, g.Name))
			}) {
				t.Errorf("%s may not %s %s %s", service, op, kind, name)
			}
		}
		for op, names := range needs.Topics {
			for _, name := range names {
				if op != kafkalog.Describe || !slices.Contains(needs.Topics[kafkalog.Read], name) {
					check(op, "topic", name)
				}
			}
		}
		for op, groups := range needs.Groups {
			for _, g := range groups {
				check(op, "group", topics.Group("", g[0], g[1]))
			}
		}
	}
}
