package worker

import (
	"context"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// LiveNote is what ingest's commits on the topic events say from the end of a backfill (ClockLive) on: its own memory of
// having passed it. See docs/adr/0002.
const LiveNote = "live"

// Live says of each partition of events whether ingest has passed the end of the backfill there. Under the wall clock there
// never was a backfill.
func Live(ctx context.Context, c *kafkalog.Client, prefix string, init *pb.PartitionInit) ([]bool, error) {
	live := make([]bool, init.Partitions)
	if init.Clock == pb.PartitionInit_WALL {
		for p := range live {
			live[p] = true
		}
		return live, nil
	}
	notes, err := c.Notes(ctx, topics.Group(prefix, topics.Ingest, topics.Events), prefix+topics.Events, len(live))
	for p, n := range notes {
		live[p] = n == LiveNote
	}
	return live, err
}
