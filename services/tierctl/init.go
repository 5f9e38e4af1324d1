package tierctl

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func initCommand() *cobra.Command {
	var policyFile, clock string
	var partitions int
	c := &cobra.Command{
		Use:   "init --policy P [--partitions N] [--clock wall|event]",
		Short: "Make the topics and start the log; again with the same changes nothing",
		Example: `  tierctl init --policy deploy/policies/starter.yaml
  tierctl init --policy deploy/policies/starter.yaml --partitions 16 --clock event`,
		Args: exactly(),
	}
	f := c.Flags()
	f.StringVar(&policyFile, "policy", "", "policy file in force from the start")
	f.IntVar(&partitions, "partitions", 8, "partitions of every topic; they can't be changed later")
	f.StringVar(&clock, "clock", "wall", "what drives time: wall, or event to replay a history")
	oneOf(c, "clock", "wall", "event")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := required(cmd, "policy"); err != nil {
			return err
		}
		kind, ok := map[string]pb.PartitionInit_Clock{"wall": pb.PartitionInit_WALL, "event": pb.PartitionInit_EVENT}[clock]
		if !ok || partitions < 1 || partitions > 1024 {
			return usagef("--clock is wall or event, --partitions 1 to 1024: see tierctl init --help")
		}
		p, err := usePolicy(policyFile)
		if err != nil {
			return err
		}
		r, err := connect(cmd, false)
		if err != nil {
			return err
		}
		defer r.close()
		made, err := r.start(cmd.Context(), p, filepath.Base(policyFile), partitions, kind)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d partitions started, %s clock, policy %s\n", made, partitions, clock, p.Version)
		return err
	}
	return c
}

// futureSlack is how far a broker lets a record of facts lie ahead of its clock.
const futureSlack = time.Hour

// ensureTopics makes the topics that aren't there.
func (r *remote) ensureTopics(ctx context.Context, partitions int) error {
	var all []kafkalog.Topic
	for _, t := range topics.All((futureSlack + max(0, r.ClockOffset)).Milliseconds()) {
		all = append(all, kafkalog.Topic{Name: r.topic(t.Name), Partitions: partitions, Config: t.Config})
	}
	return r.client.EnsureTopics(ctx, all)
}

// start makes topics and writes record 0 where there is none; it says how many it wrote.
func (r *remote) start(ctx context.Context, p *policy.Policy, file string, partitions int, clock pb.PartitionInit_Clock) (made int, err error) {
	if err := r.ensureTopics(ctx, partitions); err != nil {
		return 0, err
	}
	bounds, err := r.client.Offsets(ctx, r.topic(topics.Facts))
	if err != nil {
		return 0, err
	}
	if err := r.unused(ctx, bounds); err != nil {
		return 0, err
	}
	for n, b := range bounds {
		want := &pb.PartitionInit{
			Deployment: r.TopicPrefix + "tierstream", Partitions: int32(partitions), Partition: int32(n), Clock: clock,
			TimeZone: p.TimeZone, Currency: p.Currency, Policy: p.Source, PolicyFile: file,
		}
		if b.End > 0 {
			if err := r.sameInit(ctx, want, n, b); err != nil {
				return made, err
			}
			continue
		}
		if err := r.writeInit(ctx, want, n); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// unused refuses to start a log beside day ends of a log that is no more: what they call done would count for the new one too.
func (r *remote) unused(ctx context.Context, facts []kafkalog.Bounds) error {
	isUsed := func(b kafkalog.Bounds) bool { return b.End > 0 }
	if slices.ContainsFunc(facts, isUsed) {
		return nil
	}
	days, err := r.client.Offsets(ctx, r.topic(topics.Portfolio))
	if err == nil && slices.ContainsFunc(days, isUsed) {
		err = fmt.Errorf("facts is empty, but %s has day ends of a former deployment: remove it, or use another --topic-prefix", r.topic(topics.Portfolio))
	}
	return err
}

func (r *remote) writeInit(ctx context.Context, init *pb.PartitionInit, partition int) error {
	now := r.now()
	value, err := proto.Marshal(&pb.Fact{At: int64(now), Body: &pb.Fact_Init{Init: init}})
	if err != nil {
		return fmt.Errorf("encoding PartitionInit: %w", err)
	}
	_, err = r.client.Produce(ctx, r.topic(topics.Facts), partition, []kafkalog.Message{{Value: value, Time: now.Time()}})
	return err
}

// sameInit refuses to start a log again as something else.
func (r *remote) sameInit(ctx context.Context, want *pb.PartitionInit, partition int, b kafkalog.Bounds) error {
	got, err := worker.ReadPartitionInit(ctx, r.client, r.TopicPrefix, partition, b)
	if err != nil {
		return err
	}
	differs := func(what string, is, asked any) error {
		return fmt.Errorf("facts partition %d was started with %s %v, not %v: that can't change in place: use another --topic-prefix", partition, what, is, asked)
	}
	switch {
	case got.Clock != want.Clock:
		return differs("clock", got.Clock, want.Clock)
	case got.TimeZone != want.TimeZone:
		return differs("time zone", got.TimeZone, want.TimeZone)
	case got.Currency != want.Currency:
		return differs("currency", got.Currency, want.Currency)
	case got.Partitions != want.Partitions:
		return differs("partitions", got.Partitions, want.Partitions)
	case !bytes.Equal(got.Policy, want.Policy):
		return fmt.Errorf("facts partition %d was started with another policy text (%s): use that file", partition, got.PolicyFile)
	}
	return nil
}
