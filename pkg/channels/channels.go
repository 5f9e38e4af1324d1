// Package channels sends notices to the endpoints of a routing file, each the way it speaks: webhooks, chats, mail. All
// of it goes through one egress filter.
package channels

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/egress"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/sender"
	"github.com/tierstream/tierstream/pkg/webhook"
)

// Config is what Channels are made of.
type Config struct {
	Egress routes.Egress
	Getenv func(string) string
	Now    func() time.Time // the true time: receivers compare what is signed with their own clocks
	Words  message.Deployment
}

// Channels can be used from many goroutines.
type Channels struct {
	webhooks *webhook.Sender
	messages map[bool]*sender.Sender // by whether the endpoint may do without https
	clients  []*http.Client
	now      func() time.Time
}

// New makes Channels.
func New(c Config) (*Channels, error) {
	writer, err := message.NewWriter(c.Words)
	if err != nil {
		return nil, err
	}
	filter := egress.New(egress.Config{Allow: c.Egress.Prefixes, AllowHosts: c.Egress.Hosts})
	out := &Channels{
		webhooks: webhook.New(webhook.Config{Egress: filter, Getenv: c.Getenv, Now: c.Now}), messages: map[bool]*sender.Sender{}, now: c.Now,
	}
	for _, allowHTTP := range []bool{false, true} {
		client := filter.Client(0, allowHTTP)
		out.clients = append(out.clients, client)
		out.messages[allowHTTP] = sender.New(sender.Config{HTTP: client, Dial: filter.DialContext, Getenv: c.Getenv, Now: c.Now, Writer: writer})
	}
	return out, nil
}

// Close ends the connections that are kept open.
func (c *Channels) Close() {
	c.webhooks.Close()
	for _, client := range c.clients {
		client.CloseIdleConnections()
	}
}

// Send makes one attempt under an id. An error is a *sender.Failure, without address, secret and data of the customer.
func (c *Channels) Send(ctx context.Context, e routes.Endpoint, id string, n notice.Notice) error {
	if e.Kind != routes.Webhook {
		return c.messages[e.AllowHTTP].Send(ctx, e, n)
	}
	body, err := webhook.Body(n)
	if err != nil {
		return &sender.Failure{What: err.Error(), Permanent: true}
	}
	_, err = c.webhooks.Send(ctx, e, id, body)
	return err
}

// Test sends a notice of nothing, and gives what a webhook answered. The error is as Send's.
func (c *Channels) Test(ctx context.Context, e routes.Endpoint) (webhook.Answer, error) {
	now := civil.FromTime(c.now())
	if e.Kind != routes.Webhook {
		return webhook.Answer{}, c.messages[e.AllowHTTP].Send(ctx, e, testNotice(now))
	}
	body, err := webhook.TestBody(now)
	if err != nil {
		return webhook.Answer{}, &sender.Failure{What: err.Error(), Permanent: true}
	}
	return c.webhooks.Send(ctx, e, webhook.ID(webhook.TestType, e.Name, int64(now)), body)
}

// testNotice is a tier change that never was.
func testNotice(now civil.Instant) notice.Notice {
	return notice.Notice{
		ID: "test", Topic: "tier-changes", Type: notice.TierChanged, CustomerID: "TEST", Seq: 1, Live: true, DecidedAt: now, Effective: now,
		Direction: "UPGRADE", From: "silver", To: "gold", CustomerName: "Test", JSON: []byte("{}"),
		Reasons: []notice.Reason{{Code: "TEST", Text: "This is a test by tierctl webhook test: nothing has happened."}},
	}
}

// Failure is what an error of Send means.
func Failure(err error) *sender.Failure {
	var f *sender.Failure
	if errors.As(err, &f) {
		return f
	}
	return &sender.Failure{What: err.Error()}
}
