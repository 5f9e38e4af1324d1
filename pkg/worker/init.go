package worker

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ErrNoInit says that a partition of facts is empty.
var ErrNoInit = errors.New("the deployment hasn't been started: run tierctl init")

// ReadInit gives what record 0 of facts says, once every partition has one.
func ReadInit(ctx context.Context, c *kafkalog.Client, prefix string) (*pb.PartitionInit, error) {
	bounds, err := c.Offsets(ctx, prefix+topics.Facts)
	if err != nil {
		return nil, err
	}
	var first *pb.PartitionInit
	for p, b := range bounds {
		if b.End == 0 {
			return nil, fmt.Errorf("facts partition %d is empty: %w", p, ErrNoInit)
		}
		init, err := ReadPartitionInit(ctx, c, prefix, p, b)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = init
		}
	}
	return first, nil
}

// ReadPartitionInit reads record 0 of one partition.
func ReadPartitionInit(ctx context.Context, c *kafkalog.Client, prefix string, p int, b kafkalog.Bounds) (*pb.PartitionInit, error) {
	if b.Start > 0 {
		return nil, fmt.Errorf("facts partition %d starts at offset %d: record 0, which says what the deployment is, has been trimmed: restore it", p, b.Start)
	}
	f := &pb.Fact{}
	err := c.ReadRange(ctx, prefix+topics.Facts, p, 0, 1, func(m kafkalog.Message) error { return proto.Unmarshal(m.Value, f) })
	if err != nil {
		return nil, fmt.Errorf("reading record 0 of facts partition %d: %w", p, err)
	}
	if f.GetInit() == nil {
		return nil, fmt.Errorf("record 0 of facts partition %d is not PartitionInit: the topic belongs to something else: use another --topic-prefix", p)
	}
	return f.GetInit(), nil
}
