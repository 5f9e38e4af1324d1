package kafkalog

import "github.com/segmentio/kafka-go"

// everyPartition shares a group's topic out as kafka-go's range balancer does, and by its name, so that members of either
// kind make one group. But it leaves no partition out: kafka-go shares out what one broker shows at that moment, and one that
// has just come up may not know the topic yet. What nobody is given nobody reads before the next rebalance.
type everyPartition struct {
	kafka.RangeGroupBalancer
	topic      string
	partitions int // that it has at least
}

// AssignGroups is called on the member that leads, with what its broker shows.
func (b everyPartition) AssignGroups(members []kafka.GroupMember, shown []kafka.Partition) kafka.GroupMemberAssignments {
	n := b.partitions
	for _, p := range shown {
		if p.Topic == b.topic {
			n = max(n, p.ID+1)
		}
	}
	all := make([]kafka.Partition, n)
	for id := range all {
		all[id] = kafka.Partition{Topic: b.topic, ID: id}
	}
	return b.RangeGroupBalancer.AssignGroups(members, all)
}
