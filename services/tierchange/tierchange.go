// Package tierchange is the service that decides tiers: scores in, tier changes out.
package tierchange

import (
	"context"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// Run runs the service until ctx ends.
func Run(ctx context.Context, c process.Config, d process.Deps) error {
	return worker.Run(ctx, worker.Config{
		Name: topics.TierChange, Input: topics.Scores, Stage: reducer.NewTierChange(reducer.Options{}), Rebuild: c.Rebuild,
	}, c, d)
}
