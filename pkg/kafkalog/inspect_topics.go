package kafkalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describegroups"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// TopicState is a topic as the cluster has it.
type TopicState struct {
	Name       string
	Err        error // ErrDenied, or kafka's own; nil with no partitions: there is no such topic
	Operations Operations
	Partitions []PartitionState // in the order of their numbers
	Config     Settings
}

// PartitionState is where a partition is.
type PartitionState struct {
	Leader           int // negative: it has none
	Replicas, InSync int
}

// InspectTopics gives topics by their full names, in that order, with the named settings.
func (c *Client) InspectTopics(ctx context.Context, names, settings []string) ([]TopicState, error) {
	m, err := c.fresh(ctx, &metadata.Request{TopicNames: names, IncludeTopicAuthorizedOperations: true})
	if err != nil {
		return nil, fmt.Errorf("asking Kafka at %s for its topics: %w", strings.Join(c.cfg.Brokers, ","), err)
	}
	by := map[string]TopicState{}
	var there []string
	for _, t := range m.Topics {
		s := TopicState{Name: t.Name, Operations: told(t.TopicAuthorizedOperations)}
		if code := kafka.Error(t.ErrorCode); t.ErrorCode != 0 && code != kafka.UnknownTopicOrPartition {
			s.Err = denied(code)
		}
		slices.SortFunc(t.Partitions, func(a, b metadata.ResponsePartition) int { return int(a.PartitionIndex - b.PartitionIndex) })
		for _, p := range t.Partitions {
			s.Partitions = append(s.Partitions, PartitionState{Leader: int(p.LeaderID), Replicas: len(p.ReplicaNodes), InSync: len(p.IsrNodes)})
		}
		if s.Err == nil && len(s.Partitions) > 0 {
			there = append(there, t.Name)
		}
		by[t.Name] = s
	}
	if len(there) > 0 {
		for name, config := range c.settings(ctx, kafka.ResourceTypeTopic, there, settings) {
			s := by[name]
			s.Config = config
			by[name] = s
		}
	}
	out := make([]TopicState, len(names))
	for i, name := range names {
		out[i] = by[name]
		out[i].Name = name
	}
	return out, nil
}

// GroupState is a consumer group.
type GroupState struct {
	Name       string
	Err        error // ErrDenied, or kafka's own
	State      string
	Operations Operations
	Members    int
	Owned      map[int]bool // partitions that a member has
}

// InspectGroups gives consumer groups of one topic each, in the order of their names.
func (c *Client) InspectGroups(ctx context.Context, names []string) ([]GroupState, error) {
	operations, err := c.groupOperations(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("asking Kafka for the consumer groups: %w", err)
	}
	r, err := c.kafka.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: names})
	if err != nil {
		return nil, fmt.Errorf("asking Kafka for the consumer groups: %w", err)
	}
	by := map[string]GroupState{}
	for _, g := range r.Groups {
		s := GroupState{Name: g.GroupID, Err: denied(g.Error), State: g.GroupState, Operations: operations[g.GroupID], Members: len(g.Members), Owned: map[int]bool{}}
		for _, m := range g.Members {
			for _, t := range m.MemberAssignments.Topics {
				for _, p := range t.Partitions {
					s.Owned[p] = true
				}
			}
		}
		by[g.GroupID] = s
	}
	out := make([]GroupState, len(names))
	for i, name := range names {
		out[i] = by[name]
		out[i].Name = name
	}
	return out, nil
}

// groupOperations asks what kafka-go's own call leaves out.
func (c *Client) groupOperations(ctx context.Context, names []string) (map[string]Operations, error) {
	r, err := c.transport.RoundTrip(ctx, c.kafka.Addr, &describegroups.Request{Groups: names, IncludeAuthorizedOperations: true})
	if err != nil {
		return nil, err
	}
	out := map[string]Operations{}
	for _, g := range r.(*describegroups.Response).Groups {
		out[g.GroupID] = told(g.AuthorizedOperations)
	}
	return out, nil
}
