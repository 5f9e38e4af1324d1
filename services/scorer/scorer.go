// Package scorer is the service that keeps what each customer is worth and how they pay: facts in, scores out. Beside the
// owner of partition 0 it merges what all partitions tell of each day end, and puts the day's cut-offs into facts.
package scorer

import (
	"context"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// Run runs the service until ctx ends.
func Run(ctx context.Context, c process.Config, d process.Deps) error {
	shown := newGauges(d.Registry)
	return worker.Run(ctx, worker.Config{
		Name: topics.Scorer, Input: topics.Facts, Stage: reducer.NewScorer(reducer.Options{}), Heartbeat: civil.Minute, Rebuild: c.Rebuild,
		Beside: func(ctx context.Context, client *kafkalog.Client) {
			m := merger{world: &kafkaWorld{client: client, prefix: c.TopicPrefix, clock: d.Clock}, log: d.Log, shown: shown, clock: d.Clock}
			m.run(ctx)
		},
	}, c, d)
}
