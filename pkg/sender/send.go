package sender

import (
	"context"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

// send makes the attempt by the kind of the endpoint.
func (s *Sender) send(ctx context.Context, e routes.Endpoint, n notice.Notice) error {
	a := attempt{e: e, hide: []string{n.CustomerID, n.CustomerName}}
	address, err := e.Address(s.c.Getenv)
	if err != nil {
		return a.later(err.Error(), nil)
	}
	a.hideAddress(address)
	secret := ""
	if e.Secret.Set() {
		if secret, err = e.Secret.Read(s.c.Getenv); err != nil {
			return a.later(err.Error(), nil)
		}
		a.hide = append(a.hide, secret)
	}
	m := s.c.Writer.Write(n, e.Locale, e.Link)
	switch e.Kind {
	case routes.Feishu, routes.Lark:
		return s.post(ctx, a, address, feishu(m, e.Locale, secret, s.c.Now()), feishuAnswer)
	case routes.DingTalk:
		return s.post(ctx, a, dingTalkAddress(address, secret, s.c.Now()), text(m, dingTalkBytes), dingTalkAnswer)
	case routes.WeCom:
		return s.post(ctx, a, address, text(m, weComBytes), weComAnswer)
	case routes.Slack:
		return s.post(ctx, a, address, slack(m), slackAnswer)
	case routes.Teams:
		return s.post(ctx, a, address, teams(m), noAnswer)
	case routes.SMTP:
		return s.mail(ctx, a, address, secret, n, m)
	}
	return a.dead("the type " + string(e.Kind) + " is no chat or mail: give the notice to whoever sends webhooks")
}
