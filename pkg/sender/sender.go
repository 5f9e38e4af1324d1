// Package sender tells people of notices by chat and mail: Feishu, Lark, DingTalk, WeCom, Slack, Teams and SMTP. One call
// is one attempt; whoever calls keeps the order, tries again and gives up.
package sender

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

// Config is what a Sender works with. All but TLS is needed.
type Config struct {
	// HTTP posts to chats. It is the one with the egress filter, and follows no redirect.
	HTTP *http.Client
	// Dial connects to mail servers, through the egress filter as well.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS has the roots that mail servers' certificates are checked against; nil: the system's.
	TLS    *tls.Config
	Getenv func(string) string
	Now    func() time.Time
	Writer *message.Writer
}

// Sender sends notices to chats and mail. It can be used from many goroutines.
type Sender struct{ c Config }

// New makes a Sender.
func New(c Config) *Sender { return &Sender{c} }

// Send makes one attempt to tell an endpoint of a notice; every kind of endpoint but webhook. The attempt ends with ctx or
// after the endpoint's timeout. An error is a *Failure; its text holds no URL, no secret and no data of the customer.
func (s *Sender) Send(ctx context.Context, e routes.Endpoint, n notice.Notice) error {
	ctx, stop := context.WithTimeout(ctx, e.Timeout)
	defer stop()
	return s.send(ctx, e, n)
}
