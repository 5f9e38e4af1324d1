package sender_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

const (
	feishuSign   = "qs78zLc9uSkoxlyZE2HzkiZO8tYO2HQ1xw1PbrBhDYs="
	dingTalkSign = "GN3Zt1iTgmIqBZVb40YzC9/Ju/hRjVx5PjO3DFofme4="
)

const taken = `{"code":0,"msg":"success","data":{}}`

// What each chat gets, in the shape that its manual has. The signatures were computed with openssl.
func TestBodies(t *testing.T) {
	const zh = `原因: 近 365 天净销售额为 6,057.82 元,低于保持 银牌 所需的 8,000.00 元(还差 1,942.18 元)。`
	const en = `Why: Net sales of the last 365 days are 6,057.82, below the 8,000.00 needed to keep 银牌 (short by 1,942.18).`
	const link = "https://crm.example/customers/C0000260?a=1&b=2"
	for kind, c := range map[routes.Kind]struct {
		locale routes.Locale
		answer string
		want   string
	}{
		routes.Feishu: {routes.Chinese, taken, `{"msg_type":"post","timestamp":"1772333340","sign":"` + feishuSign + `","content":{"post":{"zh_cn":{
			"title":"⬇ <!channel> 张三&贸易 (C0000260): 银牌 → 标准","content":[[{"tag":"text","text":"` + zh + `"}],
			[{"tag":"text","text":"建议: 与客户沟通:满足以下条件即可恢复等级。"}],[{"tag":"text","text":"客户: <!channel> 张三&贸易 (C0000260)"}],
			[{"tag":"text","text":"时间: 2026-03-01 02:49 (UTC)"}],[{"tag":"a","text":"查看客户","href":"` + link + `"}]]}}}}`},
		routes.DingTalk: {routes.Chinese, `{"errcode":0,"errmsg":"ok"}`, `{"msgtype":"text","text":{"content":"⬇ <!channel> 张三&贸易 (C0000260): 银牌 → 标准\n` + zh +
			`\n建议: 与客户沟通:满足以下条件即可恢复等级。\n客户: <!channel> 张三&贸易 (C0000260)\n时间: 2026-03-01 02:49 (UTC)\n查看客户: ` + link + `"}}`},
		routes.WeCom: {routes.English, `{"errcode":0,"errmsg":"ok"}`, `{"msgtype":"text","text":{"content":"⬇ <!channel> 张三&贸易 (C0000260): 银牌 → 标准\n` + en +
			`\nWhat to do: Talk to the customer: what follows brings the tier back.\nCustomer: <!channel> 张三&贸易 (C0000260)\nWhen: 2026-03-01 02:49 (UTC)\nOpen the customer: ` + link + `"}}`},
		routes.Slack: {routes.English, "ok", `{"unfurl_links":false,"unfurl_media":false,"text":"*⬇ &lt;!channel&gt; 张三&amp;贸易 (C0000260): 银牌 → 标准*\n` + en +
			`\nWhat to do: Talk to the customer: what follows brings the tier back.\nCustomer: &lt;!channel&gt; 张三&amp;贸易 (C0000260)\nWhen: 2026-03-01 02:49 (UTC)\n<https://crm.example/customers/C0000260?a=1&amp;b=2|Open the customer>"}`},
		routes.Teams: {routes.English, "", `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{
			"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[
			{"type":"RichTextBlock","inlines":[{"type":"TextRun","weight":"Bolder","text":"⬇ <!channel> 张三&贸易 (C0000260): 银牌 → 标准"}]},
			{"type":"RichTextBlock","inlines":[{"type":"TextRun","weight":"Default","text":"` + en + `"}]},
			{"type":"RichTextBlock","inlines":[{"type":"TextRun","weight":"Default","text":"What to do: Talk to the customer: what follows brings the tier back."}]},
			{"type":"RichTextBlock","inlines":[{"type":"TextRun","weight":"Default","text":"Customer: <!channel> 张三&贸易 (C0000260)"}]},
			{"type":"RichTextBlock","inlines":[{"type":"TextRun","weight":"Default","text":"When: 2026-03-01 02:49 (UTC)"}]}],
			"actions":[{"type":"Action.OpenUrl","title":"Open the customer","url":"` + link + `"}]}}]}`},
	} {
		got, err := tell(t, kind, c.locale, says(http.StatusOK, c.answer))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(c.want, "\n\t\t\t", "")), &want); err != nil {
			t.Fatal(kind, err)
		}
		if d := cmp.Diff(want, got.object); d != "" || got.kind != "application/json; charset=utf-8" {
			t.Errorf("%s (-want +got): %s", kind, d)
		}
		if signed := got.query["sign"]; kind == routes.DingTalk && (len(signed) != 1 || signed[0] != dingTalkSign || got.query["timestamp"][0] != "1772333340000" || got.query["access_token"][0] != token) {
			t.Errorf("%v", got.query)
		}
	}
}

// What each answer means for the next attempt.
func TestAnswers(t *testing.T) {
	type outcome struct {
		permanent, gone bool
		wait            time.Duration
	}
	later, dead, gone := outcome{}, outcome{permanent: true}, outcome{gone: true}
	after := func(d time.Duration) outcome { return outcome{wait: d} }
	for _, c := range []struct {
		kind   routes.Kind
		answer http.HandlerFunc
		want   outcome
		says   string
	}{
		{routes.Feishu, says(200, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`), later, "code 19021: sign match fail"},
		{routes.Feishu, says(200, `{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`), gone, "make a new one"},
		{routes.Lark, says(200, `{"code":11232,"msg":"frequency limited"}`), after(time.Minute), "11232"},
		{routes.Lark, says(400, `{"code":9499,"msg":"Bad Request"}`), dead, "code 9499"},
		{routes.Lark, says(400, `{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`), gone, "code 19001"},
		{routes.Lark, says(400, `{"code":19021,"msg":"sign match fail"}`), later, "code 19021"},
		{routes.Lark, says(500, `{"code":0}`), later, "HTTP 500"},
		{routes.Lark, says(200, `<html>log in</html>`), later, "none of Feishu's"},
		{routes.DingTalk, says(200, `{"errcode":310000,"errmsg":"sign not match `+signKey+` C0000260"}`), later, "code 310000: sign not match *** ***"},
		{routes.DingTalk, says(200, `{"errcode":300001,"errmsg":"token is not exist"}`), gone, "make a new one"},
		{routes.DingTalk, says(200, `{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`), after(time.Minute), "130101"},
		{routes.WeCom, says(200, `{"errcode":93000,"errmsg":"invalid webhook url, hint: [1]"}`), gone, "93000"},
		{routes.WeCom, says(200, `{"errcode":45009,"errmsg":"api freq out of limit"}`), after(time.Minute), "45009"},
		{routes.WeCom, says(200, `{"errcode":40058,"errmsg":"text.content exceed max length 2048"}`), dead, "40058"},
		{routes.WeCom, says(200, `{}`), later, "none of WeCom's"},
		{routes.Slack, says(400, "invalid_payload"), dead, "HTTP 400: invalid_payload"},
		{routes.Slack, says(403, "action_prohibited"), later, "HTTP 403: action_prohibited"},
		{routes.Slack, says(404, "no_service"), gone, "HTTP 404: no_service"},
		{routes.Slack, says(410, "channel_is_archived"), gone, "HTTP 410"},
		{routes.Slack, says(429, "", "Retry-After", "30"), after(30 * time.Second), "HTTP 429"},
		{routes.Slack, says(503, "", "Retry-After", "Sun, 01 Mar 2026 02:50:00 GMT"), after(time.Minute), "HTTP 503"},
		{routes.Slack, says(429, "", "Retry-After", "999999999"), after(24 * time.Hour), "HTTP 429"},
		{routes.Slack, says(429, "", "Retry-After", "-5"), later, "HTTP 429"},
		{routes.Slack, says(200, "hello"), later, "none of Slack's"},
		{routes.Slack, says(500, "rollup_error"), later, "HTTP 500"},
		{routes.Slack, says(302, "", "Location", "https://elsewhere.example/"+token), later, "redirects are not followed"},
		{routes.Teams, says(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x"), after(time.Minute), "429"},
		{routes.Teams, says(200, "Webhook message delivery failed with error: y"), later, "delivery failed"},
		{routes.Teams, says(502, "<html>\n<body>bad</body></html>"), later, "HTTP 502"},
	} {
		_, err := tell(t, c.kind, routes.English, c.answer)
		f := failure(t, err)
		if got := (outcome{f.Permanent, f.Gone, f.RetryAfter}); got != c.want || !strings.Contains(f.What, c.says) || !strings.HasPrefix(f.What, "telling endpoint chat ("+string(c.kind)+"): ") {
			t.Errorf("%s: %+v, want %+v and %q", c.kind, f, c.want, c.says)
		}
	}
	if _, err := tell(t, routes.Teams, routes.English, says(202, "")); err != nil {
		t.Error(err)
	}
}

// A server that is away, hangs or isn't configured: worth another attempt, and no secret in the words.
func TestNoAnswer(t *testing.T) {
	server, _ := chat(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	k := newKit(t, server.Client(), nil)
	e := endpoint(routes.Slack, routes.English)
	f := failure(t, k.Send(context.Background(), e, fallen()))
	if f.Permanent || !strings.Contains(f.What, "environment variable URL: is empty") {
		t.Errorf("%+v", f)
	}
	k.env["URL"] = "https://me:" + token + "@chat.example/hook"
	if f = failure(t, k.Send(context.Background(), e, fallen())); !strings.Contains(f.What, "must not hold a name or password") {
		t.Errorf("%+v", f)
	}
	k.env["URL"], e.Timeout = server.URL+"/"+token, 50*time.Millisecond
	f = failure(t, k.Send(context.Background(), e, fallen()))
	if f.Permanent || !errors.Is(f, context.DeadlineExceeded) || !strings.Contains(f.What, "no answer within the timeout") {
		t.Errorf("%+v", f)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if f = failure(t, k.Send(ctx, e, fallen())); !errors.Is(f, context.Canceled) {
		t.Errorf("%+v", f)
	}
	server.Close()
	if f = failure(t, k.Send(context.Background(), e, fallen())); f.Permanent || !strings.Contains(f.What, "refused") {
		t.Errorf("%+v", f)
	}
	if f = failure(t, k.Send(context.Background(), endpoint(routes.Webhook, ""), fallen())); !f.Permanent {
		t.Errorf("%+v", f)
	}
}

// Long messages lose lines, never their title or link, and no character is cut in two.
func TestLongMessages(t *testing.T) {
	server, got := chat(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	k := newKit(t, server.Client(), nil)
	k.env["URL"] = server.URL
	n := fallen()
	n.Reasons = nil
	for range 5 {
		n.Reasons = append(n.Reasons, notice.Reason{Code: "LATER", Text: strings.Repeat("长", 300)})
	}
	if err := k.Send(context.Background(), endpoint(routes.WeCom, routes.Chinese), n); err != nil {
		t.Fatal(err)
	}
	text := got.object["text"].(map[string]any)["content"].(string)
	if len(text) > 2048 || len(text) < 1000 || !strings.HasPrefix(text, "⬇ ") || !strings.Contains(text, "\n…\n查看客户: https://") || strings.Contains(text, "\ufffd") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
