package doctor_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const (
	partitions = 2
	every      = kafkalog.Operations(0xfff8) // all operations
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// healthy is a deployment with which all is well.
func healthy() doctor.Facts {
	f := doctor.Facts{
		Bootstrap: "kafka:9092", Prefix: "p.", Session: 6 * time.Second, Now: now, Logic: 1, Wanted: topics.All(time.Hour.Milliseconds()),
		Cluster: &kafkalog.Cluster{Controller: 1, Operations: every},
		Rates:   &doctor.Rates{Base: "CNY", Today: 20513, MaxAge: 7, Newest: []doctor.RateDay{{"EUR", 20510}, {"JPY", 20513}}}, // 2026-03-01
		Silence: &doctor.Silence{JudgedTo: "2026-02-28", By: "booking lag"},
		Redis: &doctor.Redis{Access: redisstate.Access{User: "app"}, Nodes: []redisstate.Node{{
			Address: "redis:6379", Ping: time.Millisecond, Ahead: time.Millisecond, Bound: time.Millisecond,
			Info: map[string]string{
				"redis_version": "7.2.4", "role": "master", "loading": "0", "maxmemory_policy": "noeviction", "maxmemory": "1000", "used_memory": "100",
				"aof_enabled": "1", "aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok", "rdb_last_bgsave_status": "ok",
				"connected_slaves": "1", "cluster_enabled": "0", "db0": "keys=9,expires=0,avg_ttl=0",
			},
			Config: map[string]string{"appendfsync": "everysec", "save": "", "repl-diskless-load": "disabled", "cluster-require-full-coverage": "no"},
		}}},
	}
	for id := range 3 {
		f.Cluster.Brokers = append(f.Cluster.Brokers, kafkalog.Broker{ID: id, Address: "kafka:9092", Answer: time.Millisecond,
			Versions: map[string]int{"Produce": 11, "Fetch": 16, "ListOffsets": 8, "Metadata": 12, "OffsetCommit": 8, "OffsetFetch": 8, "JoinGroup": 9, "SyncGroup": 5, "Heartbeat": 4},
			Config: kafkalog.Settings{Values: map[string]string{
				"offsets.retention.minutes": "10080", "socket.request.max.bytes": "104857600", "auto.create.topics.enable": "false",
				"offsets.topic.replication.factor": "3", "group.min.session.timeout.ms": "6000", "group.max.session.timeout.ms": "1800000",
			}}})
	}
	for _, w := range f.Wanted {
		t := kafkalog.TopicState{Name: "p." + w.Name, Operations: every, Config: kafkalog.Settings{Values: map[string]string{
			"retention.ms": "604800000", "retention.bytes": "-1", "cleanup.policy": "delete", "max.message.bytes": "1048588", "min.insync.replicas": "2",
			"unclean.leader.election.enable": "false", "message.timestamp.after.max.ms": "9223372036854775807",
		}}}
		for k, v := range w.Config {
			t.Config.Values[k] = v
		}
		for range partitions {
			t.Partitions = append(t.Partitions, kafkalog.PartitionState{Leader: 1, Replicas: 3, InSync: 3})
		}
		f.Topics = append(f.Topics, t)
	}
	reads := func(service, topic string) {
		f.Groups = append(f.Groups, doctor.Group{Service: service, Topic: topic, Committed: []int64{9, -1}, Log: []kafkalog.Bounds{{Start: 0, End: 10}, {Start: 0, End: 0}},
			State: kafkalog.GroupState{Name: "p.tierstream-" + service + "-" + topic, State: "Stable", Members: 1, Operations: every, Owned: map[int]bool{0: true, 1: true}}})
	}
	for _, t := range topics.Inputs() {
		reads(topics.Ingest, t)
	}
	reads(topics.Scorer, topics.Facts)
	reads(topics.TierChange, topics.Scores)
	reads("notifier", topics.TierChanges)
	for p := range partitions {
		f.Inits = append(f.Inits, doctor.Init{Newest: now, Record: &pb.PartitionInit{
			Deployment: "p.tierstream", Partitions: partitions, Partition: int32(p), Clock: pb.PartitionInit_WALL, TimeZone: "UTC", Currency: "CNY", Policy: []byte("x"), PolicyFile: "x.yaml"}})
		for _, stage := range []string{topics.Scorer, topics.TierChange} {
			f.Slots = append(f.Slots, doctor.Slot{Stage: stage, Partition: p, Token: processor.Token{Offset: 9, Logic: 1, Nonce: 1}, Log: kafkalog.Bounds{Start: 0, End: 10}, Committed: 9})
		}
	}
	return f
}

func TestHealthy(t *testing.T) {
	all := doctor.Check(healthy())
	unknown := 0
	for _, f := range all {
		switch f.State {
		case doctor.OK:
			if f.Fix != "" {
				t.Errorf("it is well and has a fix: %+v", f)
			}
		case doctor.Unknown: // the brokers' clock
			unknown++
		default:
			t.Errorf("%+v", f)
		}
	}
	if unknown != 1 || len(all) < 25 {
		t.Errorf("%d findings, %d of them unknown: %+v", len(all), unknown, all)
	}
}

// topic is the state of a topic, to be spoilt.
func topic(f *doctor.Facts, name string) *kafkalog.TopicState {
	for i, w := range f.Wanted {
		if w.Name == name {
			return &f.Topics[i]
		}
	}
	return nil
}

func set(name, key, value string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { topic(f, name).Config.Values[key] = value }
}

func broker(key, value string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Cluster.Brokers[1].Config.Values[key] = value }
}

func info(key, value string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Redis.Nodes[0].Info[key] = value }
}

func config(key, value string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Redis.Nodes[0].Config[key] = value }
}

func slot(change func(*doctor.Slot)) func(*doctor.Facts) {
	return func(f *doctor.Facts) { change(&f.Slots[1]) }
}

func group(service string, change func(*doctor.Group)) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		for i := range f.Groups {
			if f.Groups[i].Service == service {
				change(&f.Groups[i])
			}
		}
	}
}

// ills is every single thing that can be wrong, and what is said of it.
func ills() []ill {
	const warn, fail, unknown = doctor.Warn, doctor.Fail, doctor.Unknown
	return []ill{
		{"no Kafka", func(f *doctor.Facts) { f.Cluster, f.ClusterErr = nil, errors.New("refused") }, fail, "brokers", "refused", "--brokers"},
		{"a broker is down", func(f *doctor.Facts) { f.Cluster.Brokers[2].Err = errors.New("i/o timeout") }, fail, "brokers", "broker 2 at kafka:9092 doesn't answer", "nc -vz kafka 9092"},
		{"a broker is old", func(f *doctor.Facts) { f.Cluster.Brokers[2].Versions["Produce"] = 2 }, fail, "brokers", "too old", "2.3"},
		{"no controller", func(f *doctor.Facts) { f.Cluster.Controller = -1 }, fail, "brokers", "no broker is the controller", "controller"},
		{"few brokers", func(f *doctor.Facts) { f.Cluster.Brokers = f.Cluster.Brokers[:2] }, warn, "brokers", "2 broker(s)", "replication.factor=3"},
		{"brokers are silent", func(f *doctor.Facts) { f.Cluster.Brokers[1].Config = kafkalog.Settings{Err: kafkalog.ErrDenied} }, unknown, "broker limits", "don't tell", "--operation DescribeConfigs --cluster"},
		{"offsets are short-lived", broker("offsets.retention.minutes", "1440"), warn, "broker limits", "forgets how far it was", "offsets.retention.minutes=10080"},
		{"requests are small", broker("socket.request.max.bytes", "1000000"), fail, "broker limits", "refuses requests", "socket.request.max.bytes=104857600"},
		{"topics make themselves", broker("auto.create.topics.enable", "true"), warn, "broker limits", "settings of its own", "auto.create.topics.enable=false"},
		{"offsets have one copy", broker("offsets.topic.replication.factor", "1"), warn, "broker limits", "lost with a broker", "offsets.topic.replication.factor=3"},
		{"short sessions", func(f *doctor.Facts) { f.Session = time.Second }, fail, "broker limits", "below its group.min.session.timeout.ms", "--session-timeout 6000ms"},
		{"long sessions", func(f *doctor.Facts) { f.Session = time.Hour }, fail, "broker limits", "above its group.max.session.timeout.ms", "--session-timeout 1800000ms"},

		{"a topic is missing", func(f *doctor.Facts) { topic(f, topics.Signals).Partitions = nil }, fail, "topics", "1 of 15 topics are not there: p.signals", "tierctl init --policy FILE --partitions 2"},
		{"a topic is hidden", func(f *doctor.Facts) {
			*topic(f, topics.Signals) = kafkalog.TopicState{Name: "p.signals", Err: kafkalog.ErrDenied}
		}, unknown, "topics", "may not look", "--operation Describe --topic p.signals"},
		{"a topic is broken", func(f *doctor.Facts) { topic(f, topics.Signals).Err = errors.New("invalid") }, fail, "topics", "p.signals: invalid", "--describe --topic p.signals"},
		{"partitions differ", func(f *doctor.Facts) {
			x := topic(f, topics.Orders)
			x.Partitions = append(x.Partitions, x.Partitions[0])
		}, fail, "topics", "p.orders has 3 partitions, facts has 2", "--topic-prefix"},
		{"no leader", func(f *doctor.Facts) { topic(f, topics.Facts).Partitions[1].Leader = -1 }, fail, "leaders", "p.facts partition 1 has no leader", "--unavailable-partitions"},
		{"a copy lags", func(f *doctor.Facts) { topic(f, topics.Facts).Partitions[1].InSync = 2 }, warn, "leaders", "2 of 3 copies in sync", "--under-replicated-partitions"},
		{"copies lag", func(f *doctor.Facts) { topic(f, topics.Facts).Partitions[1].InSync = 1 }, fail, "leaders", "writes are refused", "--under-min-isr-partitions"},
		{"few copies", func(f *doctor.Facts) {
			topic(f, topics.Facts).Partitions[1] = kafkalog.PartitionState{Leader: 1, Replicas: 1, InSync: 1}
			topic(f, topics.Facts).Config.Values["min.insync.replicas"] = "1"
		}, warn, "replication", "fewer than 3 copies (p.facts)", "kafka-reassign-partitions.sh"},
		{"one copy is enough", set(topics.Scores, "min.insync.replicas", "1"), warn, "replication", "one lost broker takes along", "--entity-name p.scores --add-config min.insync.replicas=2"},
		{"all copies are needed", set(topics.Scores, "min.insync.replicas", "3"), warn, "replication", "one broker that is down stops writes", "min.insync.replicas=2"},
		{"whoever lags leads", set(topics.Scores, "unclean.leader.election.enable", "true"), fail, "replication", "acknowledged records are lost", "unclean.leader.election.enable=false"},
		{"facts expire", set(topics.Facts, "retention.ms", "604800000"), fail, "retention", "p.facts keeps records for 7 days, not ever", "--entity-name p.facts --add-config retention.ms=-1"},
		{"facts are cut", set(topics.Facts, "retention.bytes", "1000"), fail, "retention", "at most 1000 bytes", "retention.bytes=-1"},
		{"inputs expire early", set(topics.Orders, "retention.ms", "3600000"), warn, "retention", "p.orders keeps records for 1h0m0s, not 30 days", "retention.ms=2592000000"},
		{"facts are compacted", set(topics.Facts, "cleanup.policy", "compact"), fail, "cleanup", "p.facts has cleanup.policy=compact, not delete", "cleanup.policy=delete"},
		{"tiers aren't", set(topics.CustomerTiers, "cleanup.policy", "delete"), fail, "cleanup", "not compact", "cleanup.policy=compact"},
		{"batches are small", set(topics.Scores, "max.message.bytes", "1048588"), fail, "sizes", "stops its partition", "max.message.bytes=4194304"},
		{"messages are small", set(topics.Orders, "max.message.bytes", "65536"), fail, "sizes", "512 KiB", "--entity-name p.orders"},
		{"any stamp is taken", set(topics.Facts, "message.timestamp.after.max.ms", "9223372036854775807"), warn, "stamps", "moves time for good", "message.timestamp.after.max.ms=3600000"},
		{"no stamp is taken", set(topics.Facts, "message.timestamp.after.max.ms", "10"), fail, "stamps", "stop ingest", "message.timestamp.after.max.ms=3600000"},
		{"stamps aren't looked at", func(f *doctor.Facts) { delete(topic(f, topics.Facts).Config.Values, "message.timestamp.after.max.ms") }, unknown, "stamps", "runs ahead", "3.6"},
		{"a topic is silent", func(f *doctor.Facts) { topic(f, topics.Orders).Config = kafkalog.Settings{Err: kafkalog.ErrDenied} }, unknown, "topic settings", "p.orders", "--operation DescribeConfigs --topic p.orders"},

		{"no right to write", func(f *doctor.Facts) { topic(f, topics.DeadLetters).Operations &^= 1 << kafkalog.Write }, warn, "kafka access", "all that ingest does: Write on topic p.dead-letters", "--operation Write --topic p.dead-letters"},
		{"not even as the service", func(f *doctor.Facts) {
			topic(f, topics.DeadLetters).Operations &^= 1 << kafkalog.Write
			f.Service = topics.Ingest
		}, fail, "kafka access", "ingest", "--operation Write --topic p.dead-letters"},
		{"no right to a group", group(topics.Scorer, func(g *doctor.Group) { g.State.Operations = 1 << kafkalog.Describe }), warn, "kafka access", "all that scorer does: Read on group p.tierstream-scorer-facts", "--operation Read --group p.tierstream-scorer-facts"},
		{"no right to make topics", func(f *doctor.Facts) { f.Cluster.Operations = 0 }, warn, "kafka access", "all that tierctl does: Create and DescribeConfigs on cluster", "--operation Create --operation DescribeConfigs --cluster"},
		{"rights aren't told", func(f *doctor.Facts) { topic(f, topics.Scores).Operations = kafkalog.NotTold }, unknown, "kafka access", "don't tell", "2.3"},

		{"record 0 is gone", func(f *doctor.Facts) { f.Inits[1] = doctor.Init{Err: errors.New("record 0 has been trimmed")} }, fail, "deployment", "has been trimmed", "--topic-prefix"},
		{"not started", func(f *doctor.Facts) { f.Inits[1] = doctor.Init{} }, fail, "deployment", "partition(s) 1 are empty", "tierctl init --policy FILE --partitions 2"},
		{"another deployment", func(f *doctor.Facts) { f.Inits[1].Record.Currency = "EUR" }, fail, "deployment", "partition(s) 1 were started as something else", "--topic-prefix"},
		{"another partition", func(f *doctor.Facts) { f.Inits[0].Record.Partition = 1 }, fail, "deployment", "partition(s) 0 were", "--topic-prefix"},

		{"nobody reads", group(topics.Scorer, func(g *doctor.Group) { g.State.Members, g.State.Owned = 0, nil }), fail, "groups", "scorer: nobody reads facts; 1 records wait", "bin/scorer"},
		{"nobody need read", group("notifier", func(g *doctor.Group) { g.State.Members, g.Committed = 0, []int64{10, -1} }), warn, "groups", "notifier: nobody reads tier-changes; 0 records wait", "bin/notifier"},
		{"not started yet", group(topics.Scorer, func(g *doctor.Group) {
			g.State.Members, g.Committed, g.Log = 0, []int64{-1, -1}, []kafkalog.Bounds{{End: 1}, {End: 1}}
		}), warn, "groups", "scorer: nobody reads facts; 2 records wait", "bin/scorer"},
		{"never started", group(topics.Ingest, func(g *doctor.Group) {
			g.State.Members, g.Committed, g.Log = 0, []int64{-1, -1}, []kafkalog.Bounds{{End: 9}, {End: 1}}
		}), fail, "groups", "ingest: nobody reads orders, invoices, payments, profiles, engagements and 2 more; 70 records wait", "bin/ingest"},
		{"a rebalance", group(topics.Scorer, func(g *doctor.Group) { g.State.State = "PreparingRebalance" }), warn, "groups", "handing partitions out", "again"},
		{"a partition without owner", group(topics.Scorer, func(g *doctor.Group) { delete(g.State.Owned, 1) }), fail, "groups", "nobody has partition(s) 1 of facts", "kafka-consumer-groups.sh"},
		{"a hidden group", group(topics.Scorer, func(g *doctor.Group) { g.State.Err = kafkalog.ErrDenied }), unknown, "groups", "may not look", "--operation Describe --group"},
		{"a broken group", group(topics.Scorer, func(g *doctor.Group) { g.Err = errors.New("no coordinator") }), unknown, "groups", "no coordinator", "kafka-consumer-groups.sh"},

		{"the state is gone", slot(func(s *doctor.Slot) { s.Missing, s.Token = true, processor.Token{} }), fail, "state", "tierchange partition 0: its state is missing although the consumer group has committed offset 9", "restore the backup"},
		{"the log was trimmed", slot(func(s *doctor.Slot) { s.Log.Start = 10 }), fail, "state", "the log starts at 10, above its cursor 9", "not older than the log's start"},
		{"the log was lost", slot(func(s *doctor.Slot) { s.Log.End = 5 }), fail, "state", "the log ends at 5, below its cursor 9", "rebuild"},
		{"newer logic", slot(func(s *doctor.Slot) { s.Token.Logic = 2 }), fail, "state", "logic 2, newer than this program's 1", "upgrade"},
		{"newer format", slot(func(s *doctor.Slot) { s.Unread = errors.New("a newer program has written it") }), fail, "state", "can't be read: a newer program has written it", "upgrade"},
		{"damage", slot(func(s *doctor.Slot) { s.Err = processor.ErrDamaged }), fail, "state", "damaged", "restore the backup"},
		{"no answer", slot(func(s *doctor.Slot) { s.Err = errors.New("timeout") }), unknown, "state", "timeout", "again"},
		{"the tail is gone", slot(func(s *doctor.Slot) { s.Token.Offset = 4 }), warn, "state", "lost its tail: it stands at 4, the consumer group has committed 9", "appendfsync"},

		{"no Redis", func(f *doctor.Facts) { f.Redis, f.RedisErr = nil, errors.New("connecting to Redis") }, fail, "redis", "connecting to Redis", "--redis"},
		{"no master", func(f *doctor.Facts) { f.Redis.Nodes = nil }, fail, "redis", "no master", "CLUSTER INFO"},
		{"a slow Redis", func(f *doctor.Facts) { f.Redis.Nodes[0].Ping = 20 * time.Millisecond }, warn, "redis", "PING in 20ms", "latency"},
		{"an old Redis", info("redis_version", "6.2.1"), fail, "redis", "6.2.1", "Redis 7"},
		{"a silent Redis", func(f *doctor.Facts) { f.Redis.Nodes[0].Info, f.Redis.Nodes[0].Config = nil, nil }, unknown, "redis", "doesn't tell its version, its maxmemory-policy, its memory, how it persists, its replicas, whether it is part of a cluster", "+info"},
		{"Redis is loading", info("loading", "1"), warn, "redis", "loading", "again"},
		{"a replica", info("role", "slave"), fail, "redis", "takes no writes", "MASTER"},
		{"eviction", info("maxmemory_policy", "allkeys-lru"), fail, "redis", "drops state", "redis-cli -h redis -p 6379 CONFIG SET maxmemory-policy noeviction"},
		{"no bound on memory", info("maxmemory", "0"), warn, "redis", "no maxmemory", "CONFIG SET maxmemory"},
		{"little memory", info("used_memory", "850"), warn, "redis", "850 of 1000", "CONFIG SET maxmemory"},
		{"no memory", info("used_memory", "990"), fail, "redis", "refuses writes", "CONFIG SET maxmemory"},
		{"keys that expire", info("db0", "keys=9,expires=3,avg_ttl=1"), warn, "redis", "TTL", "of its own"},
		{"nothing on disk", info("aof_enabled", "0"), fail, "redis", "keeps nothing on disk", "CONFIG SET appendonly yes"},
		{"snapshots only", func(f *doctor.Facts) { info("aof_enabled", "0")(f); config("save", "3600 1")(f) }, warn, "redis", "snapshots only (save 3600 1)", "CONFIG SET appendonly yes"},
		{"no fsync", config("appendfsync", "no"), warn, "redis", "appendfsync no", "CONFIG SET appendfsync everysec"},
		{"the file can't be written", info("aof_last_write_status", "err"), fail, "redis", "aof_last_write_status err", "df -h"},
		{"snapshots fail", info("rdb_last_bgsave_status", "err"), fail, "redis", "rdb_last_bgsave_status err", "BGSAVE"},
		{"no replica", info("connected_slaves", "0"), warn, "redis", "no replica", "REPLICAOF redis 6379"},
		{"diskless load", config("repl-diskless-load", "swapdb"), warn, "redis", "repl-diskless-load swapdb", "CONFIG SET repl-diskless-load disabled"},
		{"a cluster that isn't said", info("cluster_enabled", "1"), fail, "redis", "--redis doesn't say so", "?cluster=true"},
		{"all or nothing", func(f *doctor.Facts) {
			info("cluster_enabled", "1")(f)
			config("cluster-require-full-coverage", "yes")(f)
			f.Redis.Clustered = true
		}, warn, "redis", "one dead master stops every partition", "CONFIG SET cluster-require-full-coverage no"},
		{"commands are refused", func(f *doctor.Facts) { f.Redis.Access.Refused = []string{"SET {p.scorer:p0}:*"} }, fail, "redis access", "app may not do what the services do: SET {p.scorer:p0}:*", "ACL SETUSER app '~{p.scorer:p*'"},
		{"rights can't be asked", func(f *doctor.Facts) { f.Redis.Access.Unsure = []string{"SET"} }, unknown, "redis access", "can't be asked: SET", "acl|dryrun"},

		{"a clock ahead", func(f *doctor.Facts) { f.Redis.Nodes[0].Ahead = 3 * time.Second }, warn, "clocks", "redis:6379 is 3s ahead of", "chronyc"},
		{"a clock far behind", func(f *doctor.Facts) { f.Redis.Nodes[0].Ahead = -time.Hour }, fail, "clocks", "1h0m0s behind", "chronyc"},
		{"no clock", func(f *doctor.Facts) { f.Redis.Nodes[0].ClockErr = errors.New("NOPERM") }, unknown, "clocks", "NOPERM", "redis-cli TIME"},
		{"no rate for days", func(f *doctor.Facts) { f.Rates.Newest = []doctor.RateDay{{"EUR", 20503}, {"JPY", 20505}} }, fail, "rates", "older than the 7 days that it may be for a document of today, 2026-03-01: EUR of 2026-02-19, JPY of 2026-02-21; documents in them become", "tierctl send RATES.jsonl"},
		{"a currency that nobody publishes", func(f *doctor.Facts) { f.Rates.Newest[0].Day = 20505 }, warn, "rates", "EUR of 2026-02-21; documents in it become dead letters", "fx-rates"},
		{"a rate of some days ago", func(f *doctor.Facts) { f.Rates.Newest[0].Day = 20509 }, warn, "rates", "EUR of 2026-02-25; documents in it are taken until 2026-03-04, later", "dlq retry --reason NO_RATE"},
		{"a rate on its last day", func(f *doctor.Facts) { f.Rates.Newest[0].Day = 20506 }, warn, "rates", "EUR of 2026-02-22; documents in it are taken until 2026-03-01, later", "fx-rates"},
		{"a rate that counts for its own day", func(f *doctor.Facts) { f.Rates.MaxAge, f.Rates.Newest[0].Day = 0, 20513; f.Rates.Newest[1].Day-- }, warn, "rates", "JPY of 2026-02-28; documents in it become", "fx-rates"},
		{"rates, and no today", func(f *doctor.Facts) { f.Rates.Today = 0 }, unknown, "rates", "rates of EUR, JPY", "tierctl wait"},
		{"documents without a rate", func(f *doctor.Facts) { f.Rates.Newest, f.Rates.Refused = nil, []doctor.Refused{{"USD", 1}} }, warn, "rates", "1 document in USD became", "dlq retry"},
		{"more documents without a rate", func(f *doctor.Facts) { f.Rates.Refused = []doctor.Refused{{"USD", 12}} }, warn, "rates", "12 documents in USD became", "dlq retry"},
		{"no right to rates", func(f *doctor.Facts) { f.Rates = &doctor.Rates{Err: errors.New("TOPIC_AUTHORIZATION_FAILED")} }, unknown, "rates", "TOPIC_AUTH", "dlq list"},
		{"a feed that is silent", func(f *doctor.Facts) {
			f.Silence = &doctor.Silence{By: "feeds", HeldSince: "2026-02-20", Until: "2026-02-18 00:00", Holding: []doctor.Feed{{"bank", "acme"}}}
		}, warn, "silence", "acme of bank has said nothing since it was complete through 2026-02-18 00:00: nobody has got worse for not paying since 2026-02-20", "tierctl feed release 'acme' --source 'bank'"},
		{"feeds that are silent", func(f *doctor.Facts) {
			f.Silence = &doctor.Silence{By: "feeds", HeldSince: "2026-02-20", Until: "2026-02-18 00:00", Holding: []doctor.Feed{{"", "acme"}, {"bank", "post"}}}
		}, warn, "silence", "feeds acme, post of bank have said nothing", "without them: tierctl feed release"},
		{"payments that stopped", func(f *doctor.Facts) { f.Silence = &doctor.Silence{HeldSince: "2026-02-20", Until: "2026-02-18 00:00"} }, warn, "silence", "no payment of anybody has come since 2026-02-18", "mend what sends payments"},
		{"no state of silence", func(f *doctor.Facts) { f.Silence = &doctor.Silence{Err: errors.New("no")} }, unknown, "silence", "can't be told: no", "tierctl feed status"},
		{"a service ahead", func(f *doctor.Facts) { f.Inits[1].Newest = now.Add(time.Minute) }, warn, "clocks", "newest record of facts is 1m0s ahead", "chronyc"},
	}
}

type ill struct {
	name  string
	spoil func(*doctor.Facts)
	state doctor.State
	check string
	says  string
	fix   string
}

// Each ill shows as what it is, with its fix, and no fact but the spoilt one is complained of.
func TestIlls(t *testing.T) {
	well := map[string]bool{}
	for _, f := range doctor.Check(healthy()) {
		well[f.Says] = true
	}
	for _, c := range ills() {
		t.Run(c.name, func(t *testing.T) {
			f := healthy()
			c.spoil(&f)
			hit := false
			for _, got := range doctor.Check(f) {
				hit = hit || got.State == c.state && got.Check == c.check && strings.Contains(got.Says, c.says) && strings.Contains(got.Fix, c.fix)
				if got.State != doctor.OK && !well[got.Says] && (got.Fix == "" || rank(got.State) > rank(c.state)) {
					t.Errorf("also found: %+v", got)
				}
			}
			if !hit {
				t.Errorf("not found; instead:")
				for _, got := range doctor.Check(f) {
					if !well[got.Says] {
						t.Errorf("  %+v", got)
					}
				}
			}
		})
	}
}

func rank(s doctor.State) int {
	return map[doctor.State]int{doctor.OK: 0, doctor.Unknown: 1, doctor.Warn: 1, doctor.Fail: 2}[s]
}

// What nobody has asked for is not complained of.
func TestNothingKnown(t *testing.T) {
	if all := doctor.Check(doctor.Facts{}); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// The table in docs/operations.md has a row for every check, and none for what isn't checked.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]bool{}
	for _, f := range doctor.Check(healthy()) {
		checks[f.Check] = true
	}
	for _, c := range ills() {
		checks[c.check] = true
	}
	_, section, found := strings.Cut(string(b), "\n## Is it well? `tierctl doctor`\n")
	if !found {
		t.Fatal("docs/operations.md has no section on doctor")
	}
	section, _, _ = strings.Cut(section, "\n## ") // the next one has tables of its own
	for line := range strings.SplitSeq(section, "\n") {
		name, is := strings.CutPrefix(line, "| `")
		name, _, closed := strings.Cut(name, "` |")
		if !is || !closed {
			continue
		}
		if !checks[name] {
			t.Errorf("docs/operations.md has a row for %q, which isn't checked", name)
		}
		checks[name] = false
	}
	for name, missing := range checks {
		if missing {
			t.Errorf("docs/operations.md has no row for the check %q", name)
		}
	}
}

// Of several currencies the one whose rates end first is spoken of.
func TestRatesThatEndFirst(t *testing.T) {
	for _, f := range doctor.Check(doctor.Facts{Rates: healthy().Rates}) {
		if f.Says != "EUR, JPY can be taken: documents in them until 2026-03-05 at least" {
			t.Errorf("%+v", f)
		}
	}
}
