package tierctl

import (
	"context"
	"errors"
	"time"

	"github.com/tierstream/tierstream/pkg/doctor"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// facts asks all servers. What doesn't answer leaves its facts away, and says so in an error among them.
func (r *remote) facts(ctx context.Context, service string) doctor.Facts {
	f := doctor.Facts{
		Bootstrap: r.Brokers[0], Prefix: r.TopicPrefix, Service: service, Session: r.SessionTimeout, Now: r.now().Time(),
		Logic: reducer.LogicVersion, Wanted: topics.All((futureSlack + max(0, r.ClockOffset)).Milliseconds()),
	}
	cluster, err := r.client.Inspect(ctx, doctor.BrokerSettings())
	if err != nil {
		f.ClusterErr = err
	} else {
		f.Cluster = &cluster
		r.kafkaFacts(ctx, &f)
	}
	store, err := worker.Redis(ctx, r.Config, process.Deps{})
	if err != nil {
		f.RedisErr = err
		return f
	}
	defer func() { _ = store.Close() }()
	r.redisFacts(ctx, &f, store)
	r.figureFacts(ctx, &f)
	return f
}

func (r *remote) kafkaFacts(ctx context.Context, f *doctor.Facts) {
	var names []string
	for _, t := range f.Wanted {
		names = append(names, r.topic(t.Name))
	}
	var err error
	if f.Topics, err = r.client.InspectTopics(ctx, names, doctor.TopicSettings()); err != nil {
		f.ClusterErr = err
		return
	}
	f.Groups = r.groupFacts(ctx)
	for p, b := range bounds(r.client.Offsets(ctx, r.topic(topics.Facts))) {
		f.Inits = append(f.Inits, r.initFact(ctx, p, b))
	}
}

// bounds is none where they can't be had: what is missing shows among the topics.
func bounds(all []kafkalog.Bounds, err error) []kafkalog.Bounds {
	if err != nil {
		return nil
	}
	return all
}

func (r *remote) initFact(ctx context.Context, partition int, b kafkalog.Bounds) (i doctor.Init) {
	if b.End == 0 {
		return i
	}
	i.Record, i.Err = worker.ReadPartitionInit(ctx, r.client, r.TopicPrefix, partition, b)
	err := r.client.ReadRange(ctx, r.topic(topics.Facts), partition, b.End-1, b.End, func(m kafkalog.Message) error {
		i.Newest = m.Time
		return nil
	})
	if err != nil {
		i.Newest = time.Time{}
	}
	return i
}

// groupFacts is every service on every topic that it reads.
func (r *remote) groupFacts(ctx context.Context) (all []doctor.Group) {
	for _, topic := range topics.Inputs() {
		all = append(all, doctor.Group{Service: topics.Ingest, Topic: topic})
	}
	all = append(all, doctor.Group{Service: topics.Scorer, Topic: topics.Facts}, doctor.Group{Service: topics.TierChange, Topic: topics.Scores},
		doctor.Group{Service: "notifier", Topic: topics.TierChanges})
	var names []string
	for _, g := range all {
		names = append(names, r.group(g.Service, g.Topic))
	}
	states, err := r.client.InspectGroups(ctx, names)
	for i := range all {
		g := &all[i]
		if err != nil {
			g.State, g.Err = kafkalog.GroupState{Name: names[i]}, err
			continue
		}
		g.State = states[i]
		g.Log, g.Err = r.client.Offsets(ctx, r.topic(g.Topic))
		if g.Err == nil {
			g.Committed, g.Err = r.client.Committed(ctx, names[i], r.topic(g.Topic), len(g.Log))
		}
	}
	return all
}

func (r *remote) redisFacts(ctx context.Context, f *doctor.Facts, store *redisstate.Store) {
	nodes, clustered, err := store.Inspect(ctx, doctor.RedisSettings())
	if err != nil {
		f.RedisErr = err
		return
	}
	f.Redis = &doctor.Redis{Nodes: nodes, Clustered: clustered, Access: store.Access(ctx, []*redisstate.Slot{
		store.Slot(r.TopicPrefix, topics.Scorer, 0), store.Slot(r.TopicPrefix, topics.TierChange, 0),
	})}
	for _, s := range [][2]string{{topics.Scorer, topics.Facts}, {topics.TierChange, topics.Scores}} {
		for p := range bounds(r.client.Offsets(ctx, r.topic(s[1]))) {
			f.Slots = append(f.Slots, r.slotFact(ctx, store, s[0], s[1], p))
		}
	}
}

// slotFact asks in an order in which each answer may only have moved away from the next: a partition at work is none
// that is wrong.
func (r *remote) slotFact(ctx context.Context, store *redisstate.Store, stage, topic string, partition int) doctor.Slot {
	s := doctor.Slot{Stage: stage, Partition: partition, Committed: -1}
	committed, err := r.client.Committed(ctx, r.group(stage, topic), r.topic(topic), partition+1)
	if err == nil {
		s.Committed = committed[partition]
	}
	reply, err2 := store.Slot(r.TopicPrefix, stage, partition).Read(ctx, processor.Query{Part: true})
	s.Missing, s.Token, s.Unread = reply.Missing, reply.Token, reducer.Readable(reply.Part)
	log, err3 := r.client.Offsets(ctx, r.topic(topic))
	if err3 == nil && partition < len(log) {
		s.Log = log[partition]
	}
	s.Err = errors.Join(err, err2, err3)
	return s
}
