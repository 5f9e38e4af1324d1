package sender

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// aMinute is the window of the bots' limits: Feishu 100, DingTalk and WeCom 20 messages in it.
const aMinute = time.Minute

// codes are what a chat's own error codes mean.
type codes struct {
	gone, slower, dead []int
}

// judge reads a code of the chat's own; nil for 0.
func (c codes) judge(a attempt, code int, said string) *Failure {
	f := c.meaning(a, code, said)
	if f != nil {
		f.coded = true
	}
	return f
}

func (c codes) meaning(a attempt, code int, said string) *Failure {
	said = fmt.Sprintf("code %d: %s", code, said)
	switch {
	case code == 0:
		return nil
	case slices.Contains(c.gone, code):
		return a.gone(said + ": the bot is not there any more: make a new one and put its address where the old one was")
	case slices.Contains(c.slower, code):
		return a.slower(said, aMinute)
	case slices.Contains(c.dead, code):
		return a.dead(said)
	}
	return a.later(said, nil) // wrong signature, address not allowed, word missing: a person can mend these
}

// feishuAnswer reads {"code":0,"msg":"success"}, of older bots {"StatusCode":0}. 19001: no such token; 11232: too often;
// 9499: bad request; 19002: no such message type. 19021, 19022 and 19024 (signature, address, key word) can be mended.
func feishuAnswer(a attempt, body []byte) *Failure {
	var said struct {
		Code       *int   `json:"code"`
		StatusCode *int   `json:"StatusCode"`
		Msg        string `json:"msg"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Code == nil && said.StatusCode == nil {
		return a.later("the answer is none of Feishu's: is this the address of a bot?", nil)
	}
	code := 0
	for _, c := range []*int{said.StatusCode, said.Code} {
		if c != nil {
			code = *c
		}
	}
	return codes{gone: []int{19001}, slower: []int{11232}, dead: []int{9499, 19002}}.judge(a, code, said.Msg)
}

// dingTalkAnswer reads {"errcode":0,"errmsg":"ok"}. 300001: no such token; 130101, 410100, 660026: too often; 400013: the
// group is gone; 40035: bad request. 310000 (signature, address, key word) can be mended.
func dingTalkAnswer(a attempt, body []byte) *Failure {
	return errcode(a, body, "DingTalk", codes{gone: []int{300001, 400013}, slower: []int{130101, 410100, 660026}, dead: []int{40035}})
}

// weComAnswer reads the same. 93000: no such key; 45009, 45033: too often; 40008, 40058, 44004: bad request.
func weComAnswer(a attempt, body []byte) *Failure {
	return errcode(a, body, "WeCom", codes{gone: []int{93000}, slower: []int{45009, 45033}, dead: []int{40008, 40058, 44004}})
}

func errcode(a attempt, body []byte, chat string, c codes) *Failure {
	var said struct {
		Code *int   `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Code == nil {
		return a.later("the answer is none of "+chat+"'s: is this the address of a bot?", nil)
	}
	return c.judge(a, *said.Code, said.Msg)
}

// slackAnswer reads ok.
func slackAnswer(a attempt, body []byte) *Failure {
	if strings.TrimSpace(string(body)) == "ok" {
		return nil
	}
	return a.later("the answer is none of Slack's: is this the address of an incoming webhook?", nil)
}

// noAnswer takes any: Teams' workflows answer with nothing, and older ones with an error inside of a 200.
func noAnswer(a attempt, body []byte) *Failure {
	if strings.Contains(string(body), "endpoint returned HTTP error 429") {
		return a.slower("HTTP 429 inside of the answer", aMinute)
	}
	if strings.Contains(string(body), "Webhook message delivery failed") {
		return a.later(brief(body), nil)
	}
	return nil
}
