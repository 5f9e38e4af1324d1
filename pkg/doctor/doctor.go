// Package doctor tells from what the servers of a deployment say whether it will do what it promises. Each check is a
// function from facts to findings; whoever calls it has gathered the facts.
//
//	kafkalog.Inspect..., redisstate.Inspect, cursors ──▶ Facts ──▶ Check ──▶ findings, each with its fix
package doctor

import (
	"fmt"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// State says how a check went.
type State string

// The states. A warning is something that works until it matters; Unknown is what the servers don't tell.
const (
	OK      State = "ok"
	Warn    State = "warn"
	Fail    State = "fail"
	Unknown State = "unknown"
)

// Finding is what one check has found. Fix is a command or a setting to be pasted; it is empty where all is well.
type Finding struct {
	State State  `json:"state"`
	Check string `json:"check"`
	Says  string `json:"says"`
	Fix   string `json:"fix"`
}

// Facts are what is known of a deployment. Facts that weren't asked for are zero, and their checks say nothing.
type Facts struct {
	Bootstrap string // --brokers, for fixes
	Prefix    string // of topics, groups and keys
	Service   string // the service whose rights the user must have; empty: any of them may have another user
	Session   time.Duration
	Now       time.Time // by the services' clock
	Logic     int64     // that this program has
	Wanted    []topics.Setting

	Cluster    *kafkalog.Cluster
	ClusterErr error
	Topics     []kafkalog.TopicState // of Wanted, in its order
	Groups     []Group
	Inits      []Init // by partition of facts
	Slots      []Slot
	Redis      *Redis
	RedisErr   error
	Rates      *Rates
	Silence    *Silence
}

// Group is a service on a topic.
type Group struct {
	Service, Topic string // without prefix
	State          kafkalog.GroupState
	Log            []kafkalog.Bounds // by partition
	Committed      []int64           // by partition; negative: none
	Err            error             // of the last two
}

// Init is what record 0 of a partition of facts says.
type Init struct {
	Err    error
	Record *pb.PartitionInit
	Newest time.Time // of the partition's last record; zero: it isn't known
}

// Slot is a partition of a stage: its state beside its log.
type Slot struct {
	Stage     string
	Partition int
	Err       error
	Missing   bool
	Unread    error // why this program can't read what is there
	Token     processor.Token
	Log       kafkalog.Bounds
	Committed int64 // negative: none
}

// Redis is what the servers of the state say.
type Redis struct {
	Nodes     []redisstate.Node
	Clustered bool // by --redis
	Access    redisstate.Access
}

// Check makes every check that there are facts for.
func Check(f Facts) (all []Finding) {
	for _, check := range []func(Facts) []Finding{
		brokers, limits, topicsThere, partitionsLead, replication, retention, cleanup, sizes, stamps, kafkaAccess,
		deployment, groups, slots, redisServers, redisAccess, clocks, rates, silence,
	} {
		all = append(all, check(f)...)
	}
	return all
}

func ok(check, says string, a ...any) Finding {
	return Finding{State: OK, Check: check, Says: fmt.Sprintf(says, a...)}
}

func found(s State, check, fix, says string, a ...any) Finding {
	return Finding{State: s, Check: check, Says: fmt.Sprintf(says, a...), Fix: fix}
}

// orOK is the findings, or where there are none that all is well.
func orOK(all []Finding, check, says string, a ...any) []Finding {
	if len(all) == 0 {
		return []Finding{ok(check, says, a...)}
	}
	return all
}

// topic is a topic with the deployment's prefix.
func (f Facts) topic(name string) string { return f.Prefix + name }

// alter is the command that sets a topic's settings.
func (f Facts) alter(topic, setting string) string {
	return fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s", f.Bootstrap, f.topic(topic), setting)
}

// list names at most a few of many.
func list(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
