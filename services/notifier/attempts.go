package notifier

import (
	"context"
	"fmt"
	"time"

	"github.com/tierstream/tierstream/pkg/channels"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/webhook"
	"github.com/tierstream/tierstream/pkg/worker"
)

// attempts are the deliveries of one topic.
type attempts struct {
	notifier *notifier
	topic    string
}

// Send makes one attempt.
func (a *attempts) Send(ctx context.Context, m delivery.Message) delivery.Result {
	e, ok := a.notifier.file.Endpoint(m.Endpoint)
	if !ok {
		return delivery.Result{What: "the routing file no longer has the endpoint", Permanent: true}
	}
	n, err := codec.Notice(a.topic, m.Value)
	if err != nil {
		return delivery.Result{What: "the record can't be read by this version", Permanent: true}
	}
	err = a.notifier.channels.Send(ctx, e, webhook.ID(a.notifier.process.TopicPrefix+a.topic, m.Customer, m.Seq), n)
	if err == nil {
		return delivery.Result{OK: true}
	}
	f := channels.Failure(err)
	return delivery.Result{What: f.What, Permanent: f.Permanent, Gone: f.Gone, RetryAfter: f.RetryAfter}
}

// awaitWords waits until the deployment has been started, and gives what its messages are written in.
func (n *notifier) awaitWords(ctx context.Context) (message.Deployment, error) {
	for said := false; ; said = true {
		init, err := worker.ReadInit(ctx, n.client, n.process.TopicPrefix)
		if err == nil {
			p, err := policy.Parse(init.PolicyFile, init.Policy)
			if err != nil {
				return message.Deployment{}, fmt.Errorf("reading the policy that the deployment was started with: %w", err)
			}
			return message.Deployment{Calendar: p.Calendar, Zone: p.TimeZone, Currency: p.Currency, Scale: p.Scale}, nil
		}
		if !said && ctx.Err() == nil {
			n.deps.Log.Warn().Err(err).Msg("waiting for the deployment's record 0: has tierctl init been run?")
		}
		select {
		case <-ctx.Done():
			return message.Deployment{}, nil
		case <-time.After(time.Second):
		}
	}
}
