package kafkalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// ErrMembers says that a consumer group is in use.
var ErrMembers = errors.New("the group has members")

// RemoveGroup forgets a consumer group with all that it has committed. One that isn't there is no error; one with members is
// ErrMembers.
func (c *Client) RemoveGroup(ctx context.Context, group string) error {
	r, err := c.kafka.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
	if err == nil {
		err = r.Errors[group]
	}
	switch {
	case err == nil, errors.Is(err, kafka.GroupIdNotFound):
		return nil
	case errors.Is(err, kafka.NonEmptyGroup):
		err = ErrMembers
	}
	return fmt.Errorf("removing the consumer group %s: %w", group, err)
}

// RemoveTopic deletes a topic and waits until the brokers no longer show it. One that isn't there is no error.
func (c *Client) RemoveTopic(ctx context.Context, topic string) error {
	r, err := c.kafka.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err == nil {
		err = r.Errors[topic]
	}
	if err != nil && !errors.Is(err, kafka.UnknownTopicOrPartition) {
		return fmt.Errorf("deleting topic %s: %w", topic, err)
	}
	for range createTries {
		if n, err := c.Partitions(ctx, topic); err == nil && n == 0 {
			return nil
		}
		if err := sleep(ctx, backoff); err != nil {
			return err
		}
	}
	return fmt.Errorf("deleting topic %s: the brokers still show it: try again", topic)
}
