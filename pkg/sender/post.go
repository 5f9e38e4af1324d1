package sender

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// answer reads the body of a 2xx: nil where the message was taken.
type answer func(a attempt, body []byte) *Failure

// post sends a body as JSON and judges the answer.
func (s *Sender) post(ctx context.Context, a attempt, to *url.URL, body any, taken answer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return a.dead("the message can't be written: " + err.Error())
	}
	a.hideAddress(to)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), &b)
	if err != nil {
		return a.later(bare(err), err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.c.HTTP.Do(req)
	if err != nil {
		return a.later(bare(err), err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return a.later("the answer broke off: "+bare(err), err)
	}
	said := taken(a, text)
	if said != nil && said.coded { // Feishu's codes come with 200 or 400: they say more than either
		return said
	}
	if f := status(a, resp, text, s.c.Now()); f != nil {
		return f
	}
	if said != nil {
		return said
	}
	return nil
}

// status judges what HTTP itself says; nil for 2xx.
func status(a attempt, resp *http.Response, text []byte, now time.Time) *Failure {
	said := "HTTP " + strconv.Itoa(resp.StatusCode)
	if reason := brief(text); reason != "" {
		said += ": " + reason
	}
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusNotFound || code == http.StatusGone:
		return a.gone(said + ": the chat has no such address any more: make a new one and put it where the old one was")
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		return a.slower(said, retryAfter(resp.Header.Get("Retry-After"), now))
	case code/100 == 3:
		return a.later(said+": redirects are not followed: put the address that it leads to where the old one was", nil)
	case code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity:
		return a.dead(said)
	}
	return a.later(said, nil)
}

// brief is a short plain-text or JSON answer; pages of HTML say nothing on one line.
func brief(text []byte) string {
	if s := strings.TrimSpace(string(text)); !strings.HasPrefix(s, "<") {
		return s
	}
	return ""
}

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads seconds or a date; 0 where there is neither.
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
