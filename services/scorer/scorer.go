// Package scorer is the service that keeps what each customer is worth and how they pay: facts in, scores out.
package scorer

import (
	"context"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// Run runs the service until ctx ends.
func Run(ctx context.Context, c process.Config, d process.Deps) error {
	return worker.Run(ctx, worker.Config{
		Name: topics.Scorer, Input: topics.Facts, Stage: reducer.NewScorer(reducer.Options{}), Heartbeat: civil.Minute, Rebuild: c.Rebuild,
	}, c, d)
}
