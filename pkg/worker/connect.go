package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Kafka opens the client that a program's settings ask for. id names the program to the brokers.
func Kafka(c process.Config, d process.Deps, id string) (*kafkalog.Client, error) {
	return kafkalog.Open(kafkalog.Config{
		Brokers: c.Brokers, SessionTimeout: c.SessionTimeout, ClientID: id, TLS: c.KafkaTLS, Login: c.KafkaLogin, Dial: d.DialKafka,
		Compressed: []string{c.TopicPrefix + topics.Facts, c.TopicPrefix + topics.Scores},
	})
}

// Redis connects to the Redis that a program's settings ask for.
func Redis(ctx context.Context, c process.Config, d process.Deps) (*redisstate.Store, error) {
	return redisstate.Open(ctx, redisstate.Config{URL: c.Redis, TLS: c.RedisTLS, Login: c.RedisLogin, Dialer: d.DialRedis})
}

// AwaitRedis is Redis for a service: one that doesn't answer yet, or doesn't let it in, is waited for, as Kafka is, and shows on
// readiness and, now and then, in the log. Settings that can't be used are an error at once.
func AwaitRedis(ctx context.Context, c process.Config, d process.Deps) (*redisstate.Store, error) {
	const subject = "redis"
	defer d.Ready.Drop(subject)
	var says seldom
	for {
		store, err := Redis(ctx, c, d)
		if err == nil || ctx.Err() != nil || errors.Is(err, redisstate.ErrSettings) {
			return store, err
		}
		d.Ready.Set(subject, err.Error())
		says.do(func() { d.Log.Warn().Err(err).Msg("waiting for Redis: is it running, and is --redis right?") })
		pause(ctx, awaitPause)
	}
}

// awaitPause is how many failures the rest between two tries is that of: about a third of a second.
const awaitPause = 6

// Membership is a service's consumer group on a topic, whose troubles show on readiness and, now and then, in the log:
// a password that is wrong is nothing that time mends.
func Membership(c process.Config, d process.Deps, service, topic string) kafkalog.GroupConfig {
	group := topics.Group(c.TopicPrefix, service, topic)
	subject := "group/" + group
	log := d.Log.With().Str("topic", c.TopicPrefix+topic).Logger()
	var waits, fails seldom
	return kafkalog.GroupConfig{
		Group: group, Topic: c.TopicPrefix + topic,
		Waiting: func(err error) {
			why := ""
			if err != nil {
				why = err.Error()
			}
			d.Ready.Set(subject, why)
			waits.do(func() {
				log.Warn().Err(err).Msg("waiting for the topic: is Kafka there, and has tierctl init been run?")
			})
		},
		Failed: func(err error) {
			d.Ready.Set(subject, err.Error())
			fails.do(func() { log.Warn().Err(err).Msg("joining the consumer group failed: trying again") })
		},
		Joined: func() { d.Ready.Set(subject, "") },
	}
}

// sayEvery is how often the same trouble is told while it lasts.
const sayEvery = 30 * time.Second

// seldom does something the first time, and then not more often than that. The zero value has done nothing yet.
type seldom struct {
	mu   sync.Mutex
	last time.Time
}

func (s *seldom) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.last.IsZero() || now.Sub(s.last) >= sayEvery {
		s.last = now
		f()
	}
}
