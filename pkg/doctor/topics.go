package doctor

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// TopicSettings are the settings of topics that the checks look at.
func TopicSettings() []string {
	return []string{
		"retention.ms", "retention.bytes", "cleanup.policy", "max.message.bytes", "min.insync.replicas",
		"unclean.leader.election.enable", "message.timestamp.after.max.ms",
	}
}

// topicsThere: every topic, with as many partitions as facts.
func topicsThere(f Facts) (all []Finding) {
	if f.Topics == nil {
		return nil
	}
	want := 0
	var absent []string
	for i, t := range f.Topics {
		if f.Wanted[i].Name == topics.Facts {
			want = len(t.Partitions)
		}
	}
	for _, t := range f.Topics {
		n := len(t.Partitions)
		switch {
		case errors.Is(t.Err, kafkalog.ErrDenied):
			all = append(all, found(Unknown, "topics", grant(f, "Describe", t.Name), "topic %s: this user may not look at it", t.Name))
		case t.Err != nil:
			all = append(all, found(Fail, "topics", fmt.Sprintf("kafka-topics.sh --bootstrap-server %s --describe --topic %s", f.Bootstrap, t.Name), "topic %s: %v", t.Name, t.Err))
		case n == 0:
			absent = append(absent, t.Name)
		case want > 0 && n != want:
			all = append(all, found(Fail, "topics", "tierctl init --policy FILE --topic-prefix NEW. (partitions can't be changed in place)", "topic %s has %d partitions, facts has %d: customers would be looked for in the wrong one", t.Name, n, want))
		}
	}
	if len(absent) > 0 {
		all = append(all, found(Fail, "topics", "tierctl init --policy FILE"+partitions(want), "%d of %d topics are not there: %s", len(absent), len(f.Topics), list(absent)))
	}
	return orOK(all, "topics", "all %d are there, with %d partitions each", len(f.Topics), want)
}

// partitions is the flag of tierctl init, where the number is known.
func partitions(n int) string {
	if n == 0 {
		return ""
	}
	return " --partitions " + strconv.Itoa(n)
}

// there calls visit with each topic that is there, beside what is wanted of it.
func there(f Facts, visit func(topics.Setting, kafkalog.TopicState)) {
	for i, t := range f.Topics {
		if t.Err == nil && len(t.Partitions) > 0 {
			visit(f.Wanted[i], t)
		}
	}
}

// partitionsLead: each partition has a leader, and its copies are complete.
func partitionsLead(f Facts) (all []Finding) {
	describe := func(what string) string {
		return fmt.Sprintf("kafka-topics.sh --bootstrap-server %s --describe --%s", f.Bootstrap, what)
	}
	n := 0
	there(f, func(_ topics.Setting, t kafkalog.TopicState) {
		least, _ := strconv.Atoi(t.Config.Values["min.insync.replicas"])
		for p, at := range t.Partitions {
			n++
			switch {
			case at.Leader < 0:
				all = append(all, found(Fail, "leaders", describe("unavailable-partitions"), "%s partition %d has no leader: start a broker that has it", t.Name, p))
			case at.InSync < least && at.InSync < at.Replicas:
				all = append(all, found(Fail, "leaders", describe("under-min-isr-partitions"), "%s partition %d has %d of %d copies in sync, fewer than min.insync.replicas=%d: writes are refused", t.Name, p, at.InSync, at.Replicas, least))
			case at.InSync < at.Replicas:
				all = append(all, found(Warn, "leaders", describe("under-replicated-partitions"), "%s partition %d has %d of %d copies in sync", t.Name, p, at.InSync, at.Replicas))
			}
		}
	})
	if n == 0 {
		return nil
	}
	return orOK(all, "leaders", "%d partitions have leaders, and all their copies are in sync", n)
}

// replication: copies enough that a broker may be lost, and none that lags may lead.
func replication(f Facts) (all []Finding) {
	if f.Cluster == nil {
		return nil
	}
	var few, unclean []string
	n := 0
	there(f, func(w topics.Setting, t kafkalog.TopicState) {
		n++
		replicas := t.Partitions[0].Replicas
		for _, p := range t.Partitions {
			replicas = min(replicas, p.Replicas)
		}
		if t.Config.Values["unclean.leader.election.enable"] == "true" {
			unclean = append(unclean, w.Name)
		}
		insync, err := strconv.Atoi(t.Config.Values["min.insync.replicas"])
		switch {
		case replicas < production:
			few = append(few, t.Name)
		case err != nil:
		case insync < 2:
			all = append(all, found(Warn, "replication", f.alter(w.Name, "min.insync.replicas=2"), "topic %s has min.insync.replicas=%d: a record is acknowledged that one lost broker takes along", t.Name, insync))
		case insync >= replicas:
			all = append(all, found(Warn, "replication", f.alter(w.Name, "min.insync.replicas=2"), "topic %s has min.insync.replicas=%d of %d copies: one broker that is down stops writes", t.Name, insync, replicas))
		}
	})
	if len(few) > 0 {
		fix := "default.replication.factor=3 (server.properties) before tierctl init"
		if len(f.Cluster.Brokers) >= production {
			fix = fmt.Sprintf("kafka-reassign-partitions.sh --bootstrap-server %s --reassignment-json-file three-replicas.json --execute", f.Bootstrap)
		}
		all = append(all, found(Warn, "replication", fix, "%d topic(s) have fewer than %d copies (%s): a lost broker takes records along", len(few), production, list(few)))
	}
	for _, name := range unclean {
		all = append(all, found(Fail, "replication", f.alter(name, "unclean.leader.election.enable=false"), "topic %s lets a copy lead that lags: acknowledged records are lost, and the partition stops", f.topic(name)))
	}
	if n == 0 {
		return nil
	}
	return orOK(all, "replication", "%d topics have %d copies or more, of which 2 must have a record", n, production)
}

// retention: no topic forgets before the contract lets it.
func retention(f Facts) (all []Finding) {
	n := settings(f, "retention.ms", &all, func(w topics.Setting, t kafkalog.TopicState, have int64) {
		want, err := strconv.ParseInt(w.Config["retention.ms"], 10, 64)
		if err != nil { // compacted: it keeps by key
			return
		}
		state := Warn
		if w.Name == topics.Facts {
			state = Fail
		}
		if have >= 0 && (want < 0 || have < want) {
			all = append(all, found(state, "retention", f.alter(w.Name, "retention.ms="+w.Config["retention.ms"]), "topic %s keeps records for %s, not %s", t.Name, days(have), days(want)))
		}
		if text := t.Config.Values["retention.bytes"]; text != "" && text != "-1" {
			all = append(all, found(state, "retention", f.alter(w.Name, "retention.bytes=-1"), "topic %s keeps at most %s bytes of a partition, whatever their age", t.Name, text))
		}
	})
	if n == 0 {
		return all
	}
	return orOK(all, "retention", "%d topics keep their records as long as they must, facts for ever", n)
}

func days(ms int64) string {
	if ms < 0 {
		return "ever"
	}
	if d := time.Duration(ms) * time.Millisecond; d < 48*time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%d days", ms/(24*time.Hour).Milliseconds())
}

// settings visits the topics that tell a numeric setting, and gives how many do.
func settings(f Facts, name string, all *[]Finding, visit func(topics.Setting, kafkalog.TopicState, int64)) (n int) {
	var silent []string
	there(f, func(w topics.Setting, t kafkalog.TopicState) {
		if t.Config.Err != nil {
			silent = append(silent, t.Name)
			return
		}
		if have, err := strconv.ParseInt(t.Config.Values[name], 10, 64); err == nil {
			n++
			visit(w, t, have)
		}
	})
	if len(silent) > 0 && name == "retention.ms" { // once for all settings
		*all = append(*all, found(Unknown, "topic settings", grant(f, "DescribeConfigs", silent...), "%d topic(s) don't tell their settings to this user: %s", len(silent), list(silent)))
	}
	return n
}

// cleanup: what is compacted loses records.
func cleanup(f Facts) (all []Finding) {
	n := 0
	there(f, func(w topics.Setting, t kafkalog.TopicState) {
		have, told := t.Config.Values["cleanup.policy"]
		want := w.Config["cleanup.policy"]
		if want == "" {
			want = "delete"
		}
		if !told {
			return
		}
		if n++; have != want {
			all = append(all, found(Fail, "cleanup", f.alter(w.Name, "cleanup.policy="+want), "topic %s has cleanup.policy=%s, not %s: it loses records that are needed", t.Name, have, want))
		}
	})
	if n == 0 {
		return all
	}
	return orOK(all, "cleanup", "customer-tiers is compacted, and nothing else")
}

// message is the room that one message of the contract's size takes, with key and headers.
const message = 640 << 10

// sizes: what the services send must be taken.
func sizes(f Facts) (all []Finding) {
	n := settings(f, "max.message.bytes", &all, func(w topics.Setting, t kafkalog.TopicState, have int64) {
		want, err := strconv.ParseInt(w.Config["max.message.bytes"], 10, 64)
		switch {
		case err == nil && have < want:
			all = append(all, found(Fail, "sizes", f.alter(w.Name, fmt.Sprint("max.message.bytes=", want)), "topic %s takes batches of %d bytes, not %d: one that is larger stops its partition", t.Name, have, want))
		case have < message:
			all = append(all, found(Fail, "sizes", f.alter(w.Name, "max.message.bytes=1048588"), "topic %s takes batches of %d bytes: a message may have 512 KiB and its headers", t.Name, have))
		}
	})
	if n == 0 {
		return all
	}
	return orOK(all, "sizes", "%d topics take the largest batches that are sent", n)
}

// stamps: a clock that runs ahead must not get into facts.
func stamps(f Facts) (all []Finding) {
	n := 0
	there(f, func(w topics.Setting, t kafkalog.TopicState) {
		if w.Name != topics.Facts || t.Config.Err != nil {
			return
		}
		n++
		want, _ := strconv.ParseInt(w.Config["message.timestamp.after.max.ms"], 10, 64)
		have, err := strconv.ParseInt(t.Config.Values["message.timestamp.after.max.ms"], 10, 64)
		fix := f.alter(w.Name, fmt.Sprint("message.timestamp.after.max.ms=", want))
		switch {
		case err != nil:
			all = append(all, found(Unknown, "stamps", "run Kafka 3.6 or newer", "topic %s has no message.timestamp.after.max.ms: nothing keeps a clock that runs ahead out", t.Name))
		case have > want:
			all = append(all, found(Warn, "stamps", fix, "topic %s takes records stamped %s ahead, not %s: a service whose clock is wrong moves time for good", t.Name, days(have), days(want)))
		case have < time.Minute.Milliseconds():
			all = append(all, found(Fail, "stamps", fix, "topic %s refuses records stamped %s ahead of the broker: small differences of clocks stop ingest", t.Name, days(have)))
		}
	})
	if n == 0 {
		return all
	}
	return orOK(all, "stamps", "facts refuses records stamped more than the limit ahead of the brokers' clock")
}
