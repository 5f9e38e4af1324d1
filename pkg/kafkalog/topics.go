package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/segmentio/kafka-go"
)

// Topic is a topic to be made.
type Topic struct {
	Name       string
	Partitions int
	Config     map[string]string
}

// createTries bounds how often a topic that is just being made is asked for.
const createTries = 50

// EnsureTopics makes the topics that aren't there. One that is there with another partition count is an error: it
// can't be changed without moving customers.
func (c *Client) EnsureTopics(ctx context.Context, topics []Topic) error {
	for _, t := range topics {
		n, err := c.Partitions(ctx, t.Name)
		switch {
		case err != nil:
			return err
		case n == t.Partitions:
			continue
		case n > 0:
			return fmt.Errorf("topic %s has %d partitions, not %d: use that many, or another --topic-prefix", t.Name, n, t.Partitions)
		}
		if err := c.create(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) create(ctx context.Context, t Topic) error {
	cfg := kafka.TopicConfig{Topic: t.Name, NumPartitions: t.Partitions, ReplicationFactor: -1}
	for _, name := range slices.Sorted(maps.Keys(t.Config)) {
		cfg.ConfigEntries = append(cfg.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: t.Config[name]})
	}
	r, err := c.kafka.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{cfg}})
	if err == nil {
		err = r.Errors[t.Name]
	}
	if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
		return fmt.Errorf("making topic %s: %w", t.Name, c.advise(err, access{"Create", t.Name, ""}))
	}
	for range createTries {
		if n, err := c.seen(ctx, t.Name); err == nil && n == t.Partitions {
			return nil
		}
		if err := sleep(ctx, backoff/4); err != nil {
			return err
		}
	}
	return fmt.Errorf("making topic %s: the brokers don't show it yet: try again", t.Name)
}
