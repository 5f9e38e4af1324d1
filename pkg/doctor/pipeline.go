package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// deployment: every partition of facts must begin with the same PartitionInit.
func deployment(f Facts) (all []Finding) {
	const check = "deployment"
	var first *pb.PartitionInit
	var broken error
	var empty, other []string
	for p, i := range f.Inits {
		switch {
		case i.Err != nil:
			broken = errors.Join(broken, i.Err)
		case i.Record == nil:
			empty = append(empty, fmt.Sprint(p))
		case first == nil && int(i.Record.Partition) == p && int(i.Record.Partitions) == len(f.Inits):
			first = i.Record
		case first == nil || int(i.Record.Partition) != p || !same(first, i.Record):
			other = append(other, fmt.Sprint(p))
		}
	}
	if broken != nil {
		all = append(all, found(Fail, check, "tierctl init --policy FILE --topic-prefix NEW.", "facts can't be used: %v", broken))
	}
	if len(empty) > 0 {
		all = append(all, found(Fail, check, fmt.Sprintf("tierctl init --policy FILE --partitions %d", len(f.Inits)), "facts partition(s) %s are empty: the deployment hasn't been started there", list(empty)))
	}
	if len(other) > 0 {
		all = append(all, found(Fail, check, "tierctl init --policy FILE --topic-prefix NEW.", "facts partition(s) %s were started as something else than the others: another deployment has written there", list(other)))
	}
	if first == nil {
		return all
	}
	return orOK(all, check, "%d partitions started alike: clock %s, time zone %s, currency %s, policy %s", len(f.Inits), first.Clock, first.TimeZone, first.Currency, first.PolicyFile)
}

func same(a, b *pb.PartitionInit) bool {
	return a.Deployment == b.Deployment && a.Partitions == b.Partitions && a.Clock == b.Clock && a.TimeZone == b.TimeZone &&
		a.Currency == b.Currency && bytes.Equal(a.Policy, b.Policy)
}

// groups: somebody must read each topic, all of its partitions.
func groups(f Facts) (all []Finding) {
	by := map[string][]Group{}
	var order []string
	for _, g := range f.Groups {
		if absent(f, g.Topic) {
			continue // that is said already
		}
		if by[g.Service] == nil {
			order = append(order, g.Service)
		}
		by[g.Service] = append(by[g.Service], g)
	}
	for _, service := range order {
		bad := idle(f, service, by[service])
		members, lag := 0, int64(0)
		for _, g := range by[service] {
			members, lag = max(members, g.State.Members), lag+behind(g)
			bad = append(bad, group(f, g)...)
		}
		all = append(all, orOK(bad, "groups", "%s: %d instance(s) have all partitions; %d records to go", service, members, lag)...)
	}
	return all
}

func absent(f Facts, topic string) bool {
	return slices.ContainsFunc(f.Topics, func(t kafkalog.TopicState) bool {
		return t.Name == f.topic(topic) && t.Err == nil && len(t.Partitions) == 0
	})
}

func behind(g Group) (n int64) {
	for p, at := range g.Log {
		if p < len(g.Committed) {
			n += at.End - min(at.End, max(at.Start, g.Committed[p]))
		}
	}
	return n
}

// idle: the topics of a service that nobody reads. Of a service that has not been started yet only the records of
// tierctl init wait.
func idle(f Facts, service string, all []Group) []Finding {
	var names []string
	waits, state := int64(0), Warn
	for _, g := range all {
		if g.State.Err != nil || g.Err != nil || g.State.Members > 0 {
			continue
		}
		names = append(names, g.Topic)
		waits += behind(g)
		begun := slices.ContainsFunc(g.Committed, func(at int64) bool { return at >= 0 })
		if behind(g) > int64(len(g.Log)) || begun && behind(g) > 0 {
			state = Fail
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Finding{found(state, "groups", fmt.Sprintf("bin/%s --brokers %s --topic-prefix %q", service, f.Bootstrap, f.Prefix), "%s: nobody reads %s; %d records wait", service, list(names), waits)}
}

func group(f Facts, g Group) []Finding {
	const check = "groups"
	describe := fmt.Sprintf("kafka-consumer-groups.sh --bootstrap-server %s --describe --group %s", f.Bootstrap, g.State.Name)
	switch {
	case errors.Is(g.State.Err, kafkalog.ErrDenied):
		return []Finding{found(Unknown, check, fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME --operation Describe --group %s", f.Bootstrap, g.State.Name), "%s: this user may not look at the group on %s", g.Service, g.Topic)}
	case g.State.Err != nil || g.Err != nil:
		return []Finding{found(Unknown, check, describe, "%s on %s: %v", g.Service, g.Topic, errors.Join(g.State.Err, g.Err))}
	case g.State.Members == 0: // idle has said so
		return nil
	case g.State.State != "Stable":
		return []Finding{found(Warn, check, "tierctl doctor (again, in a moment)", "%s: the group on %s is handing partitions out (%s)", g.Service, g.Topic, g.State.State)}
	}
	var unowned []string
	for p := range g.Log {
		if !g.State.Owned[p] {
			unowned = append(unowned, fmt.Sprint(p))
		}
	}
	if len(unowned) > 0 {
		return []Finding{found(Fail, check, describe, "%s: nobody has partition(s) %s of %s: restart an instance", g.Service, list(unowned), g.Topic)}
	}
	return nil
}

// slots: each stage's state must stand within its log. What is said here of a partition that can't go on is what the
// service says when it halts.
func slots(f Facts) (all []Finding) {
	var stages []string
	for _, s := range f.Slots {
		if !slices.Contains(stages, s.Stage) {
			stages = append(stages, s.Stage)
		}
	}
	for _, stage := range stages {
		var bad []Finding
		n, to, fresh := 0, int64(0), 0
		for _, s := range f.Slots {
			if s.Stage != stage {
				continue
			}
			n++
			if finding, wrong := slot(f, s); wrong {
				bad = append(bad, finding)
			}
			if s.Missing {
				fresh++
			}
			to += s.Log.End - s.Token.Offset
		}
		all = append(all, orOK(bad, "state", "%s: %d partitions stand within their log (%d of them not begun); %d records to apply", stage, n, fresh, to)...)
	}
	return all
}

func slot(f Facts, s Slot) (Finding, bool) {
	at := fmt.Sprintf("%s partition %d", s.Stage, s.Partition)
	halt := func(fix, says string, a ...any) (Finding, bool) {
		return found(Fail, "state", fix, "%s: %s", at, fmt.Sprintf(says, a...)), true
	}
	switch {
	case errors.Is(s.Err, processor.ErrDamaged):
		return halt("verify the partition in Redis, then restore the backup or rebuild it", "%v", s.Err)
	case s.Err != nil:
		return found(Unknown, "state", "tierctl doctor (again, when the rest is well)", "%s: %v", at, s.Err), true
	case s.Missing && s.Committed > 0:
		return halt("restore the backup of Redis, or rebuild the partition from the start of facts", "its state is missing although the consumer group has committed offset %d", s.Committed)
	case s.Missing:
		return Finding{}, false
	case s.Token.Logic > f.Logic:
		return halt("upgrade the program", "its state was written by logic %d, newer than this program's %d", s.Token.Logic, f.Logic)
	case s.Unread != nil:
		return halt("upgrade the program, or rebuild the partition", "its state can't be read: %v", s.Unread)
	case s.Token.Offset < s.Log.Start:
		return halt("restore a backup of Redis that is not older than the log's start, or rebuild the partition from one", "the log starts at %d, above its cursor %d", s.Log.Start, s.Token.Offset)
	case s.Token.Offset > s.Log.End:
		return halt("the log was lost or replaced: rebuild the partition from the log that there is", "the log ends at %d, below its cursor %d", s.Log.End, s.Token.Offset)
	case s.Committed > s.Token.Offset:
		return found(Warn, "state", "redis-cli CONFIG SET appendfsync everysec (if it isn't)", "%s: Redis has lost its tail: it stands at %d, the consumer group has committed %d; what lies between is applied again", at, s.Token.Offset, s.Committed), true
	}
	return Finding{}, false
}
