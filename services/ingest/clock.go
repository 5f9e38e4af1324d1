package ingest

import (
	"context"
	"slices"
	"time"

	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// clock is whether a claim's records come under the wall clock. Under the event clock a partition of events knows it by
// having passed the end of the backfill, in this generation or, by the note beside the offset it starts from, in an earlier
// one; the other inputs, once any partition of events has.
type clock struct {
	service  *service
	topic    string
	own      int  // the partition
	backfill bool // the deployment began under the event clock
	live     bool
	looked   time.Time
}

// looksEvery is the rest between two looks of an input that waits for the end of a backfill.
const looksEvery = time.Second

// wall says under which clock the records at hand come.
func (c *clock) wall(ctx context.Context, init *pb.PartitionInit) (bool, error) {
	c.backfill = init.Clock == pb.PartitionInit_EVENT
	known := !c.looked.IsZero() && (c.topic == topics.Events || time.Since(c.looked) < looksEvery)
	if c.live || known {
		return c.live, nil
	}
	live, err := worker.Live(ctx, c.service.client, c.service.process.TopicPrefix, init)
	if err != nil {
		return false, err
	}
	c.looked = time.Now()
	c.live = slices.Contains(live, true) && (c.topic != topics.Events || live[c.own])
	return c.live, nil
}

// note is what the commits on events say of it.
func (c *clock) note() string {
	if c.backfill && c.live && c.topic == topics.Events {
		return worker.LiveNote
	}
	return ""
}
