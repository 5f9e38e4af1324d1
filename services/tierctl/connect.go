package tierctl

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/redisstate"
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
		if err := r.find(ctx); err != nil {
			client.Close()
			return nil, err
		}
	}
	return r, nil
}

// there is how long Kafka and Redis are asked whether they are there: a broker may just be going down, and the next one be
// asked; a Redis may just be coming up.
const there = 5 * time.Second

// find reads what the deployment is. A Kafka that isn't there is told soon; a leader that is being replaced is waited for.
func (r *remote) find(ctx context.Context) error {
	asking, stop := context.WithTimeout(ctx, there)
	defer stop()
	err := again(asking, func() error {
		_, err := r.client.Partitions(asking, r.topic(topics.Facts))
		return err
	})
	if err != nil {
		return err
	}
	return unless(ctx, func(err error) bool { return !kafkalog.Moving(err) }, func() (err error) {
		r.init, err = worker.ReadInit(ctx, r.client, r.TopicPrefix)
		return err
	})
}

func (r *remote) close() { r.client.Close() }

// replacing is how long the nodes of a Redis Cluster are asked: it takes its node time-out, 15 s unless told otherwise, and a vote
// to replace a master that has died.
const replacing = 25 * time.Second

// redis connects to Redis. One that doesn't answer is told soon, and what it refuses at once.
func redis(ctx context.Context, c process.Config) (store *redisstate.Store, err error) {
	within := there
	if strings.Contains(c.Redis, ",") {
		within = replacing
	}
	asking, stop := context.WithTimeout(ctx, within)
	defer stop()
	err = unless(asking, func(err error) bool { return !redisstate.Moving(err) }, func() (err error) {
		store, err = worker.Redis(ctx, c, process.Deps{})
		return err
	})
	return store, err
}

// topic is a topic of this deployment.
func (r *remote) topic(name string) string { return r.TopicPrefix + name }

func (r *remote) partitions() int { return int(r.init.Partitions) }

func (r *remote) now() civil.Instant { return process.WallClock(r.ClockOffset)() }

func (r *remote) group(service, topic string) string {
	return topics.Group(r.TopicPrefix, service, topic)
}
