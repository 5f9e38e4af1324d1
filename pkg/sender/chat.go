package sender

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/routes"
)

// object is a JSON object.
type object = map[string]any

// feishu is the body for a custom bot of Feishu or Lark: rich text ("post"), in which text is never markup.
// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
func feishu(m message.Message, locale routes.Locale, secret string, now time.Time) object {
	var paragraphs [][]object
	for _, l := range fit(body(m), feishuBytes) {
		paragraphs = append(paragraphs, []object{{"tag": "text", "text": l}})
	}
	if m.Link.URL != "" {
		paragraphs = append(paragraphs, []object{{"tag": "a", "text": m.Link.Text, "href": m.Link.URL}})
	}
	language := "en_us"
	if locale == routes.Chinese {
		language = "zh_cn"
	}
	out := object{"msg_type": "post", "content": object{"post": object{language: object{"title": m.Title, "content": paragraphs}}}}
	if secret != "" {
		at := strconv.FormatInt(now.Unix(), 10)
		out["timestamp"], out["sign"] = at, sign(at+"\n"+secret, "")
	}
	return out
}

// dingTalkAddress adds DingTalk's signature, which is in the address.
// https://open.dingtalk.com/document/orgapp/customize-robot-security-settings
func dingTalkAddress(u *url.URL, secret string, now time.Time) *url.URL {
	if secret == "" {
		return u
	}
	signed, query := *u, u.Query()
	at := strconv.FormatInt(now.UnixMilli(), 10)
	query.Set("timestamp", at)
	query.Set("sign", sign(secret, at+"\n"+secret))
	signed.RawQuery = query.Encode()
	return &signed
}

// sign is HMAC-SHA256 in base64.
func sign(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// text is the body for a group robot of DingTalk or WeCom: plain text, since neither has a way to escape markup.
// https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
// https://developer.work.weixin.qq.com/document/path/91770
func text(m message.Message, most int) object {
	return object{"msgtype": "text", "text": object{"content": plain(m, most)}}
}

// slack is the body for an incoming webhook: text with &, < and > escaped, so that nobody is called and nothing is linked
// by what producers wrote. https://docs.slack.dev/messaging/formatting-message-text
func slack(m message.Message) object {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	lines := append([]string{"*" + escape(m.Title) + "*"}, fit(body(m), slackBytes)...)
	for i := 1; i < len(lines); i++ {
		lines[i] = escape(lines[i])
	}
	if m.Link.URL != "" {
		lines = append(lines, "<"+escape(m.Link.URL)+"|"+escape(m.Link.Text)+">")
	}
	return object{"text": strings.Join(lines, "\n"), "unfurl_links": false, "unfurl_media": false}
}

// teams is the body for a workflow's webhook: an adaptive card of text runs, in which text is never markup.
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
func teams(m message.Message) object {
	block := func(line string, weight string) object {
		return object{"type": "RichTextBlock", "inlines": []object{{"type": "TextRun", "text": line, "weight": weight}}}
	}
	blocks := []object{block(m.Title, "Bolder")}
	for _, l := range fit(body(m), teamsBytes) {
		blocks = append(blocks, block(l, "Default"))
	}
	card := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": blocks}
	if m.Link.URL != "" {
		card["actions"] = []object{{"type": "Action.OpenUrl", "title": m.Link.Text, "url": m.Link.URL}}
	}
	return object{"type": "message", "attachments": []object{{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}
