package tierctl

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// remote is a running deployment, as the command line reaches it.
type remote struct {
	process.Config
	client *kafkalog.Client
	init   *pb.PartitionInit
	status *status // tells what is waited for; nil: nobody
}

// connect reaches Kafka; with found it also wants the deployment to have been started.
func connect(cmd *cobra.Command, found bool) (*remote, error) {
	c, err := settings(cmd)
	if err != nil {
		return nil, err
	}
	r, err := open(cmd.Context(), c, found)
	if err == nil {
		r.status = newStatus(cmd.ErrOrStderr())
	}
	return r, err
}

func open(ctx context.Context, c process.Config, found bool) (*remote, error) {
	client, err := worker.Kafka(c, process.Deps{}, "tierctl")
	if err != nil {
		return nil, err
	}
	r := &remote{Config: c, client: client}
	if found {
		if r.init, err = worker.ReadInit(ctx, client, c.TopicPrefix); err != nil {
			client.Close()
			return nil, err
		}
	}
	return r, nil
}

func (r *remote) close() { r.client.Close() }

// topic is a topic of this deployment.
func (r *remote) topic(name string) string { return r.TopicPrefix + name }

func (r *remote) partitions() int { return int(r.init.Partitions) }

func (r *remote) now() civil.Instant { return process.WallClock(r.ClockOffset)() }

func (r *remote) group(service, topic string) string {
	return topics.Group(r.TopicPrefix, service, topic)
}
