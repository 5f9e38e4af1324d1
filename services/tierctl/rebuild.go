package tierctl

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

func rebuildCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "rebuild --yes",
		Short: "Forget what Redis holds, so that scorer and tierchange build it again from facts",
		Long: `Forget the state of scorer and tierchange in Redis, so that both build it again from the start of facts. Stop both services
first, and start them again afterwards.

Nothing is lost: the state is a function of facts. Every change comes out again, the same bytes under the same numbers, and
whoever goes by seq drops it. It takes as long as the services need for all of facts.

Given again after it was broken off, it goes on.`,
		Example: "  tierctl rebuild --yes",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				return usagef("tierctl rebuild forgets the state of all customers: stop scorer and tierchange, and give --yes")
			}
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			return r.rebuild(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do it")
	return c
}

// stages are the services whose state is rebuilt, each with what it reads.
func stages() [][2]string {
	return [][2]string{{topics.Scorer, topics.Facts}, {topics.TierChange, topics.Scores}}
}

func (r *remote) rebuild(ctx context.Context, say io.Writer) error {
	if err := r.rebuildable(ctx); err != nil {
		return err
	}
	states, err := r.states(ctx)
	if err != nil {
		return err
	}
	defer states.close()
	bar := newProgress(say, "keys forgotten", -1)
	for _, s := range stages() {
		if err := states.store.Wipe(ctx, r.TopicPrefix, s[0], r.partitions(), bar.add); err != nil {
			return err
		}
	}
	bar.done()
	// scores is numbered from 1 again, and what it keeps of before begins somewhere in the middle.
	if err := r.client.RemoveTopic(ctx, r.topic(topics.Scores)); err != nil {
		return err
	}
	if err := r.ensureTopics(ctx, r.partitions()); err != nil {
		return err
	}
	for _, s := range stages() {
		if err := r.client.RemoveGroup(ctx, r.group(s[0], s[1])); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(say, "done: start scorer and tierchange; tierctl wait tells when they are through")
	return err
}

// rebuildable says why nothing may be forgotten now.
func (r *remote) rebuildable(ctx context.Context) error {
	bounds, err := r.client.Offsets(ctx, r.topic(topics.Facts))
	if err != nil {
		return err
	}
	for p, b := range bounds {
		if b.Start > 0 {
			return fmt.Errorf("facts partition %d begins at offset %d: what was before is gone, and the state can't be built without it: restore the backup of Redis instead", p, b.Start)
		}
	}
	var names []string
	for _, s := range stages() {
		names = append(names, r.group(s[0], s[1]))
	}
	groups, err := r.client.InspectGroups(ctx, names)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Members > 0 {
			return fmt.Errorf("%w: %d in %s: stop scorer and tierchange first (one that was killed leaves after --session-timeout)", kafkalog.ErrMembers, g.Members, g.Name)
		}
	}
	return nil
}
