package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/tierstream/tierstream/pkg/processor"
)

// GroupConfig names a consumer group and its one topic.
type GroupConfig struct {
	Group, Topic string
	// Waiting is told, with each try, that the topic isn't there yet (nil), or why Kafka doesn't tell; nil: nobody.
	Waiting func(error)
	// Failed is told when a generation could not be joined; nil: nobody.
	Failed func(error)
	// Joined is told of each generation that is; nil: nobody.
	Joined func()
}

// Group is membership in a consumer group.
type Group struct {
	client *Client
	cfg    GroupConfig
}

// Group prepares a membership; Run joins.
func (c *Client) Group(cfg GroupConfig) *Group { return &Group{c, cfg} }

// Claim is one partition for one generation of the group.
type Claim struct {
	Topic      string
	Partition  int
	Partitions int   // of the topic
	Committed  int64 // -1: nothing was ever committed
	// Note gives what each commit says beside the offset, for whoever owns the partition next (Client.Notes); nil or empty:
	// nothing. A commit replaces the offset and the note of the one before it together.
	Note       func() string
	client     *Client
	group      string
	generation *kafka.Generation
	commits    *commits        // of the generation
	over       <-chan struct{} // closed when the generation is
	fenced     *atomic.Bool    // a commit has said that this member is none
}

// Run joins the group and runs f for each partition that it is given, in each generation, until ctx ends. The ctx that
// f gets ends with the generation; the next is joined when all have returned. An f that returns early leaves its
// partition alone until then, and doesn't end the generation for the others, unless it was fenced: then this member is
// no longer one, and joins anew.
func (g *Group) Run(ctx context.Context, f func(ctx context.Context, c Claim)) error {
	partitions, err := g.client.AwaitTopic(ctx, g.cfg.Topic, g.cfg.Waiting)
	if err != nil {
		return nilIfDone(ctx, err)
	}
	group, err := g.join(partitions)
	if err != nil {
		return fmt.Errorf("joining the consumer group %s: %w", g.cfg.Group, err)
	}
	defer func() { _ = group.Close() }()
	for {
		gen, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrGroupClosed):
			return fmt.Errorf("the consumer group %s was closed", g.cfg.Group)
		case err != nil:
			g.failed(err)
			if sleep(ctx, backoff) != nil {
				return nil
			}
			continue
		}
		if g.cfg.Joined != nil {
			g.cfg.Joined()
		}
		g.generation(ctx, gen, partitions, f)
	}
}

func (g *Group) failed(err error) {
	if g.cfg.Failed != nil {
		g.cfg.Failed(g.client.advise(err, access{"Read", g.cfg.Topic, g.cfg.Group}))
	}
}

func nilIfDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (g *Group) join(partitions int) (*kafka.ConsumerGroup, error) {
	return kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: g.cfg.Group, Topics: []string{g.cfg.Topic}, Brokers: g.client.cfg.Brokers,
		Dialer:           g.client.dialer(),
		GroupBalancers:   []kafka.GroupBalancer{everyPartition{topic: g.cfg.Topic, partitions: partitions}},
		SessionTimeout:   g.client.cfg.SessionTimeout,
		RebalanceTimeout: g.client.cfg.SessionTimeout, HeartbeatInterval: g.client.cfg.SessionTimeout / 10,
		JoinGroupBackoff: backoff, StartOffset: kafka.FirstOffset, Timeout: requestTimeout,
	})
}

// generation starts what the generation gives, and waits for it to end.
func (g *Group) generation(ctx context.Context, gen *kafka.Generation, partitions int, f func(context.Context, Claim)) {
	var running sync.WaitGroup
	all := newCommits(func(offsets map[int]int64) error {
		return gen.CommitOffsets(map[string]map[int]int64{g.cfg.Topic: offsets})
	})
	for _, a := range gen.Assignments[g.cfg.Topic] {
		claim := Claim{Topic: g.cfg.Topic, Partition: a.ID, Partitions: partitions, Committed: max(-1, a.Offset),
			client: g.client, group: g.cfg.Group, generation: gen, commits: all, fenced: &atomic.Bool{}}
		running.Add(1)
		gen.Start(func(genCtx context.Context) {
			defer running.Done()
			both, stop := context.WithCancel(genCtx)
			defer stop()
			defer context.AfterFunc(ctx, stop)()
			claim.over = both.Done()
			f(both, claim)
			if !claim.fenced.Load() {
				<-both.Done() // returning earlier would end the generation for the whole group
			}
		})
	}
	running.Wait()
}

// Commit says that everything below offset is done. processor.ErrFenced: the partition belongs to another owner now.
func (c Claim) Commit(offset int64) error {
	err := c.commit(offset)
	var code kafka.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &code) && (code == kafka.IllegalGeneration || code == kafka.UnknownMemberId || code == kafka.RebalanceInProgress || code == kafka.FencedInstanceID):
		c.fenced.Store(true)
		return processor.ErrFenced
	}
	select {
	case <-c.over: // its connection is closed
		return processor.ErrFenced
	default:
		return fmt.Errorf("committing %s partition %d: %w", c.Topic, c.Partition, c.client.advise(err, access{"Read", c.Topic, c.group}))
	}
}

func (c Claim) commit(offset int64) error {
	note := ""
	if c.Note != nil {
		note = c.Note()
	}
	if note == "" {
		return c.commits.commit(c.Partition, offset)
	}
	ctx, stop := context.WithTimeout(context.Background(), requestTimeout) // also as a last word when all else has ended
	defer stop()
	r, err := c.client.kafka.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: c.group, GenerationID: int(c.generation.ID), MemberID: c.generation.MemberID,
		Topics: map[string][]kafka.OffsetCommit{c.Topic: {{Partition: c.Partition, Offset: offset, Metadata: note}}},
	})
	if err != nil {
		return err
	}
	for _, p := range r.Topics[c.Topic] {
		err = errors.Join(err, p.Error)
	}
	return err
}

// How Consume goes about it.
const (
	commitEvery = 500 * time.Millisecond // while records come
	quietAfter  = 100 * time.Millisecond // without records; then what was put off is committed
)

// IdleWait is how long a reader of a quiet input waits for records; what comes is answered at once.
const IdleWait = 10 * time.Second

// Consume hands the records of a claim to take, batch by batch, and commits each batch that was taken. heard is told each
// error, after which the same is tried again, and nil when all is well again. While records come it commits twice a second,
// and at once when none do. It ends with ctx, or when the claim is fenced.
func (c *Client) Consume(ctx context.Context, claim Claim, take func([]Message) error, heard func(error)) error {
	next, well := max(0, claim.Committed), true
	committed, at := next, time.Time{}
	for ctx.Err() == nil {
		was, wait := next, IdleWait
		if next > committed {
			wait = max(time.Millisecond, min(quietAfter, commitEvery-time.Since(at)))
		}
		err := c.consume(ctx, claim, &next, wait, take)
		// Also when nothing new has come: others wait for a commit that was put off or failed.
		if err == nil && next > committed && (next == was || time.Since(at) >= commitEvery) {
			if err = claim.Commit(next); err == nil {
				committed, at = next, time.Now()
			}
		}
		switch {
		case errors.Is(err, processor.ErrFenced):
			return err
		case ctx.Err() != nil:
		case err != nil:
			well = false
			heard(err)
			_ = sleep(ctx, backoff)
		case !well:
			well = true
			heard(nil)
		}
	}
	if next > committed {
		_ = claim.Commit(next) // whoever is next needn't take it again
	}
	return nil
}

// consume reads and hands on one batch, and moves next behind it.
func (c *Client) consume(ctx context.Context, claim Claim, next *int64, wait time.Duration, take func([]Message) error) error {
	f, err := c.fetch(ctx, claim.Topic, claim.Partition, *next, fetchMost, wait)
	if err != nil {
		return err
	}
	if was := *next; was < f.bounds.Start {
		*next = f.bounds.Start
		return fmt.Errorf("%s partition %d starts at %d, above the group's offset %d: what lay between has expired unread", claim.Topic, claim.Partition, f.bounds.Start, was)
	}
	switch {
	case len(f.messages) > 0:
	case *next > f.bounds.End:
		return fmt.Errorf("%s partition %d ends at %d, below the group's offset %d: the topic was made anew or has lost its tail; if that is meant, set the group's offsets back to its start", claim.Topic, claim.Partition, f.bounds.End, *next)
	default:
		return nil
	}
	if err := take(f.messages); err != nil {
		return err
	}
	*next = f.messages[len(f.messages)-1].Offset + 1
	return nil
}
