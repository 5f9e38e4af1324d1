package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tierstream/tierstream/pkg/egress"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/sender"
)

// Config is what a Sender works with.
type Config struct {
	Egress *egress.Filter
	Getenv func(string) string
	Now    func() time.Time
}

// Sender sends webhooks. It can be used from many goroutines.
type Sender struct {
	cfg         Config
	https, http *http.Client
}

// New makes a Sender.
func New(cfg Config) *Sender {
	return &Sender{cfg: cfg, https: cfg.Egress.Client(0, false), http: cfg.Egress.Client(0, true)}
}

// Close ends the connections that are kept open.
func (s *Sender) Close() {
	s.https.CloseIdleConnections()
	s.http.CloseIdleConnections()
}

// Answer is what came back.
type Answer struct {
	Status int
	Body   []byte // its first KiB
}

// Bounds of what is read of an answer: what is kept, and what is read for the sake of the connection.
const (
	bodyKept = 1 << 10
	bodyRead = 64 << 10
)

// Send makes one attempt. It ends with ctx or after the endpoint's timeout. An error is a *sender.Failure, whose text holds
// neither address nor secret.
func (s *Sender) Send(ctx context.Context, e routes.Endpoint, id string, body []byte) (Answer, error) {
	ctx, stop := context.WithTimeout(ctx, e.Timeout)
	defer stop()
	r, err := s.request(ctx, e, id, body)
	if err != nil {
		return Answer{}, failure(e, err.Error())
	}
	client := s.https
	if e.AllowHTTP {
		client = s.http
	}
	resp, err := client.Do(r)
	if err != nil {
		return Answer{}, failure(e, s.reason(ctx, e, err))
	}
	defer func() { _ = resp.Body.Close() }()
	a := Answer{Status: resp.StatusCode}
	a.Body, _ = io.ReadAll(io.LimitReader(resp.Body, bodyKept))
	_, _ = io.CopyN(io.Discard, resp.Body, bodyRead-bodyKept) // so that the connection can be used again
	return a, s.judge(e, resp)
}

// request signs at the moment of the attempt, with the secrets that are in force then.
func (s *Sender) request(ctx context.Context, e routes.Endpoint, id string, body []byte) (*http.Request, error) {
	secrets, err := s.secrets(e)
	if err != nil {
		return nil, err
	}
	target, err := e.URL.Read(s.cfg.Getenv)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the URL in %s can't be read: write it like https://example.com/path", e.URL)
	}
	now := s.cfg.Now()
	signature, err := secrets.Sign(id, now, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Tierstream")
	r.Header.Set(standardwebhooks.HeaderWebhookID, id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return r, nil
}

func (s *Sender) secrets(e routes.Endpoint) (Secrets, error) {
	text, err := e.Secret.Read(s.cfg.Getenv)
	if err != nil {
		return Secrets{}, err
	}
	secrets, err := ParseSecrets(text, s.cfg.Now())
	if err != nil {
		return Secrets{}, fmt.Errorf("the secret in %s: %w", e.Secret, err)
	}
	return secrets, nil
}

// reason is why no answer came, without the URL that net/http puts before it.
func (s *Sender) reason(ctx context.Context, e routes.Endpoint, err error) string {
	var outer *url.Error
	for errors.As(err, &outer) {
		err = outer.Err
	}
	var refused *egress.Refused
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", e.Timeout)
	}
	return err.Error()
}

// judge says what an answer means; nil: it was taken.
func (s *Sender) judge(e routes.Endpoint, r *http.Response) error {
	code := r.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	what := fmt.Sprintf("it answered %d %s", code, http.StatusText(code))
	if code >= 300 && code < 400 {
		what += "; redirects are not followed: give the address that it leads to"
	}
	f := failure(e, what)
	f.Gone = code == http.StatusGone
	f.RetryAfter = retryAfter(r.Header.Get("Retry-After"), s.cfg.Now())
	return f
}

// retryAfter reads the header: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(0, seconds), int64(retryAfterMost/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), retryAfterMost)
	}
	return 0
}

// retryAfterMost keeps what a server says within what can be counted with; how much of it is followed is the schedule's.
const retryAfterMost = 365 * 24 * time.Hour

func failure(e routes.Endpoint, what string) *sender.Failure {
	return &sender.Failure{What: fmt.Sprintf("sending to endpoint %s: %s", e.Name, what)}
}
