package doctor

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/redisstate"
)

// RedisSettings are the settings of Redis that the checks look at.
func RedisSettings() []string {
	return []string{"appendfsync", "save", "repl-diskless-load", "cluster-require-full-coverage", "timeout"}
}

// redisServers: each node must keep what it is given, and refuse rather than drop.
func redisServers(f Facts) (all []Finding) {
	if f.RedisErr != nil {
		return []Finding{found(Fail, "redis", "tierctl doctor --redis redis://USER:PASSWORD@HOST:PORT", "%v", f.RedisErr)}
	}
	if f.Redis == nil {
		return nil
	}
	if len(f.Redis.Nodes) == 0 {
		return []Finding{found(Fail, "redis", "redis-cli CLUSTER INFO", "no master answers")}
	}
	for _, n := range f.Redis.Nodes {
		e := exam{node: n}
		for _, check := range []func(*exam){(*exam).answers, (*exam).version, (*exam).memory, (*exam).persistence, (*exam).copies} {
			check(&e)
		}
		e.mode(f.Redis.Clustered)
		if len(e.untold) > 0 {
			e.add(Unknown, e.cli("ACL SETUSER NAME +info '+config|get'"), "doesn't tell %s", strings.Join(e.untold, ", "))
		}
		all = append(all, e.findings...)
	}
	return all
}

// exam is the findings on one node.
type exam struct {
	node     redisstate.Node
	findings []Finding
	untold   []string
}

func (e *exam) add(s State, fix, says string, a ...any) {
	e.findings = append(e.findings, found(s, "redis", fix, "%s %s", e.node.Address, fmt.Sprintf(says, a...)))
}

// cli is a command for this very node.
func (e *exam) cli(command string) string {
	host, port, err := net.SplitHostPort(e.node.Address)
	if err != nil {
		return "redis-cli " + command
	}
	return fmt.Sprintf("redis-cli -h %s -p %s %s", host, port, command)
}

func (e *exam) ok(says string, a ...any) { e.add(OK, "", says, a...) }

// silent notes what a node doesn't tell.
func (e *exam) silent(what string) { e.untold = append(e.untold, what) }

func (e *exam) number(name string) int64 {
	n, _ := strconv.ParseInt(e.node.Info[name], 10, 64) // 0 where it isn't told
	return n
}

// setting is from INFO or from CONFIG, as servers differ in what they let one ask.
func (e *exam) setting(info, config string) string {
	if v := e.node.Info[info]; v != "" {
		return v
	}
	return e.node.Config[config]
}

const slow = 5 * time.Millisecond

func (e *exam) answers() {
	if e.node.Ping > slow {
		e.add(Warn, e.cli("--latency, and move the services nearer"), "answers a PING in %s: every batch waits for two or three of those", e.node.Ping.Round(10*time.Microsecond))
		return
	}
	e.ok("answers a PING in %s", e.node.Ping.Round(time.Microsecond))
}

func (e *exam) version() {
	text := e.node.Info["redis_version"]
	major, err := strconv.Atoi(strings.Split(text, ".")[0])
	switch {
	case err != nil:
		e.silent("its version")
	case major < 7:
		e.add(Fail, "run Redis 7 or newer", "is version %s: its scripts would not be refused as a whole", text)
	default:
		e.ok("is version %s", text)
	}
	if e.node.Info["loading"] == "1" {
		e.add(Warn, "tierctl doctor (again, in a moment)", "is still loading its data: partitions wait")
	}
	if role := e.node.Info["role"]; role != "" && role != "master" {
		e.add(Fail, "--redis redis://HOST-OF-THE-MASTER:PORT", "is a %s: it takes no writes", role)
	}
}

// Shares of maxmemory that are in use, in percent.
const (
	muchMemory = 80
	noMemory   = 95
)

func (e *exam) memory() {
	policy, most, used := e.setting("maxmemory_policy", "maxmemory-policy"), e.number("maxmemory"), e.number("used_memory")
	switch {
	case policy == "":
		e.silent("its maxmemory-policy")
	case policy != "noeviction":
		e.add(Fail, e.cli("CONFIG SET maxmemory-policy noeviction"), "has maxmemory-policy %s: it drops state when memory is short", policy)
	default:
		e.ok("has maxmemory-policy noeviction")
	}
	switch {
	case used == 0:
		e.silent("its memory")
	case most == 0:
		e.add(Warn, e.cli("CONFIG SET maxmemory BYTES (about three quarters of the machine's)"), "has no maxmemory: when the machine's memory is short the system kills it, where it should refuse")
	case used*100 > most*noMemory:
		e.add(Fail, e.cli("CONFIG SET maxmemory BYTES (more)"), "has used %d of %d bytes of maxmemory: soon it refuses writes, and partitions wait", used, most)
	case used*100 > most*muchMemory:
		e.add(Warn, e.cli("CONFIG SET maxmemory BYTES (more)"), "has used %d of %d bytes of maxmemory", used, most)
	default:
		e.ok("has used %d of %d bytes of maxmemory", used, most)
	}
	for _, name := range slices.Sorted(maps.Keys(e.node.Info)) {
		value := e.node.Info[name]
		if _, rest, is := strings.Cut(value, ",expires="); is && strings.HasPrefix(name, "db") && !strings.HasPrefix(rest, "0") {
			e.add(Warn, "a Redis of its own for Tierstream", "has keys with a TTL (%s: %s): state must never expire", name, value)
		}
	}
}

func (e *exam) persistence() {
	aof, told := e.node.Info["aof_enabled"]
	fsync, save := e.node.Config["appendfsync"], e.node.Config["save"]
	on := e.cli("CONFIG SET appendonly yes") + " (and appendonly yes in redis.conf)"
	switch {
	case !told:
		e.silent("how it persists")
		return
	case aof != "1" && save == "":
		e.add(Fail, on, "keeps nothing on disk: after a restart the partitions halt and must be rebuilt")
	case aof != "1":
		e.add(Warn, on, "has snapshots only (save %s): after a restart all since the last one is applied again from the log", save)
	case fsync == "no":
		e.add(Warn, e.cli("CONFIG SET appendfsync everysec"), "has appendfsync no: what a crash takes along is up to the system")
	default:
		e.ok("keeps an append-only file (appendfsync %s)", orElse(fsync, "not told"))
	}
	for _, last := range [][2]string{
		{"aof_last_write_status", "df -h (the folder of the append-only file)"}, {"aof_last_bgrewrite_status", e.cli("BGREWRITEAOF") + ", and see its log"},
		{"rdb_last_bgsave_status", e.cli("BGSAVE") + ", and see its log"},
	} {
		if status := e.node.Info[last[0]]; status != "" && status != "ok" {
			e.add(Fail, last[1], "has %s %s: what it holds isn't on disk, and it may refuse writes", last[0], status)
		}
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (e *exam) copies() {
	replicas, told := e.node.Info["connected_slaves"]
	load := e.node.Config["repl-diskless-load"]
	switch {
	case !told:
		e.silent("its replicas")
	case replicas == "0":
		e.add(Warn, "redis-cli -h REPLICA REPLICAOF "+strings.Replace(e.node.Address, ":", " ", 1), "has no replica: while it is down, everything waits")
	default:
		e.ok("has %s replica(s)", replicas)
	}
	if load != "" && load != "disabled" {
		e.add(Warn, e.cli("CONFIG SET repl-diskless-load disabled"), "has repl-diskless-load %s: a replica that takes a copy over an unsteady link can end up with neither", load)
	}
}

func (e *exam) mode(clustered bool) {
	cluster, told := e.node.Info["cluster_enabled"]
	switch {
	case !told:
		e.silent("whether it is part of a cluster")
	case cluster == "1" && !clustered:
		e.add(Fail, "--redis 'redis://HOST:PORT?cluster=true'", "is part of a cluster, and --redis doesn't say so: most partitions' keys live elsewhere")
	case cluster == "1" && e.node.Config["cluster-require-full-coverage"] == "yes":
		e.add(Warn, e.cli("CONFIG SET cluster-require-full-coverage no"), "has cluster-require-full-coverage yes: one dead master stops every partition")
	case cluster == "1":
		e.ok("is part of a cluster")
	default:
		e.ok("stands alone")
	}
}

// redisAccess: the user must be let at the keys of every partition.
func redisAccess(f Facts) []Finding {
	if f.Redis == nil {
		return nil
	}
	a, check := f.Redis.Access, "redis access"
	user := orElse(a.User, "this user")
	switch {
	case len(a.Refused) > 0:
		return []Finding{found(Fail, check, aclOf(f, user), "%s may not do what the services do: %s", user, list(a.Refused))}
	case len(a.Unsure) > 0:
		return []Finding{found(Unknown, check, "redis-cli ACL SETUSER NAME '+acl|whoami' '+acl|dryrun'", "whether %s may do all that the services do can't be asked: %s", user, list(a.Unsure))}
	}
	return []Finding{ok(check, "%s may do what the services do", user)}
}

// aclOf is the rule that lets a user do what the services do.
func aclOf(f Facts, user string) string {
	return fmt.Sprintf("redis-cli ACL SETUSER %s '~{%sscorer:p*' '~{%stierchange:p*' +@read +@write +@scripting +@transaction +@connection +info +time +cluster", strings.ReplaceAll(user, "this user", "NAME"), f.Prefix, f.Prefix)
}
