package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// production is how many brokers and copies a deployment needs that must not stop when one is down.
const production = 3

// BrokerSettings are the settings of brokers that the checks look at.
func BrokerSettings() []string {
	return []string{
		"offsets.retention.minutes", "socket.request.max.bytes", "auto.create.topics.enable", "offsets.topic.replication.factor",
		"group.min.session.timeout.ms", "group.max.session.timeout.ms",
	}
}

// brokers: each must answer, speak the protocol, and there must be enough of them.
func brokers(f Facts) (all []Finding) {
	if f.ClusterErr != nil {
		return []Finding{found(Fail, "brokers", "tierctl doctor --brokers HOST:PORT,...", "%v (is it running, and are --brokers right?)", f.ClusterErr)}
	}
	if f.Cluster == nil {
		return nil
	}
	led := false
	for _, b := range f.Cluster.Brokers {
		led = led || b.ID == f.Cluster.Controller
		all = append(all, broker(b))
	}
	if !led {
		all = append(all, found(Fail, "brokers", "journalctl -u kafka -g controller (on each broker)", "no broker is the controller: topics can't be made and leaders can't move"))
	}
	n := len(f.Cluster.Brokers)
	if n < production {
		return append(all, found(Warn, "brokers", "add brokers, then default.replication.factor=3 and min.insync.replicas=2 before tierctl init", "%d broker(s): with fewer than %d, one that is down or lost takes records along or stops writes", n, production))
	}
	return append(all, ok("brokers", "%d brokers, the controller is %d", n, f.Cluster.Controller))
}

// needed are the requests that the services make, with the oldest version that does.
func needed() map[string]int {
	return map[string]int{"Produce": 3, "Fetch": 4, "ListOffsets": 1, "Metadata": 1, "OffsetCommit": 2, "OffsetFetch": 1, "JoinGroup": 1, "SyncGroup": 0, "Heartbeat": 0}
}

func broker(b kafkalog.Broker) Finding {
	if b.Err != nil {
		return found(Fail, "brokers", "nc -vz "+strings.Replace(b.Address, ":", " ", 1), "broker %d at %s doesn't answer: %v (is it running, and can its advertised.listeners be reached from here?)", b.ID, b.Address, b.Err)
	}
	least := needed()
	for _, name := range slices.Sorted(maps.Keys(least)) {
		if newest, there := b.Versions[name]; !there || newest < least[name] {
			return found(Fail, "brokers", "run Kafka 2.3 or newer", "broker %d at %s has no %s request of version %d: it is too old", b.ID, b.Address, name, least[name])
		}
	}
	return ok("brokers", "broker %d at %s answers in %s (Fetch up to version %d, %d kinds of request)", b.ID, b.Address, b.Answer.Round(10*time.Microsecond), b.Versions["Fetch"], len(b.Versions))
}

const (
	minutesOfWeek = 7 * 24 * 60
	largest       = 5 << 20 // bytes of a request: a batch of 4 MiB with all around it
)

// limits: what brokers cap for everybody.
func limits(f Facts) (all []Finding) {
	if f.Cluster == nil {
		return nil
	}
	var silent []string
	for _, b := range f.Cluster.Brokers {
		switch {
		case b.Err != nil:
		case b.Config.Err != nil:
			silent = append(silent, strconv.Itoa(b.ID))
		default:
			all = append(all, capped(f, b)...)
		}
	}
	if len(silent) > 0 {
		return append(all, found(Unknown, "broker limits",
			fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME --operation DescribeConfigs --cluster", f.Bootstrap), "broker(s) %s don't tell their settings to this user", list(silent)))
	}
	return orOK(all, "broker limits", "offsets are kept for %d days or more, requests may have %d MiB, sessions %s", 7, largest>>20, f.Session)
}

func capped(f Facts, b kafkalog.Broker) (all []Finding) {
	set := func(s State, setting, want, why string) {
		all = append(all, found(s, "broker limits", setting+"="+want+" (server.properties of broker "+strconv.Itoa(b.ID)+")", "broker %d has %s=%s: %s", b.ID, setting, b.Config.Values[setting], why))
	}
	number := func(setting string) (int64, bool) {
		n, err := strconv.ParseInt(b.Config.Values[setting], 10, 64)
		return n, err == nil
	}
	if n, known := number("offsets.retention.minutes"); known && n < minutesOfWeek {
		set(Warn, "offsets.retention.minutes", strconv.Itoa(minutesOfWeek), "a service that stands still for longer forgets how far it was, and ingest then takes all of its topics in again")
	}
	if n, known := number("socket.request.max.bytes"); known && n < largest {
		set(Fail, "socket.request.max.bytes", "104857600", "it refuses requests that the services may send, and the partition stops")
	}
	if b.Config.Values["auto.create.topics.enable"] == "true" {
		set(Warn, "auto.create.topics.enable", "false", "whoever sends before tierctl init makes a topic with settings of its own")
	}
	if n, known := number("offsets.topic.replication.factor"); known && len(f.Cluster.Brokers) >= production && n < production {
		set(Warn, "offsets.topic.replication.factor", strconv.Itoa(production), "the consumer groups' offsets are lost with a broker (the setting counts when __consumer_offsets is made)")
	}
	ms := f.Session.Milliseconds()
	if n, known := number("group.min.session.timeout.ms"); known && ms > 0 && ms < n {
		all = append(all, found(Fail, "broker limits", fmt.Sprintf("--session-timeout %dms", n), "broker %d refuses members with --session-timeout %s, below its group.min.session.timeout.ms of %d", b.ID, f.Session, n))
	}
	if n, known := number("group.max.session.timeout.ms"); known && ms > n {
		all = append(all, found(Fail, "broker limits", fmt.Sprintf("--session-timeout %dms", n), "broker %d refuses members with --session-timeout %s, above its group.max.session.timeout.ms of %d", b.ID, f.Session, n))
	}
	return all
}
