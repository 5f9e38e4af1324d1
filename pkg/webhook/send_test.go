package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/egress"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/sender"
	"github.com/tierstream/tierstream/pkg/webhook"
)

// receiver is a server on loopback and an endpoint that leads to it, with a token in its address.
func receiver(t *testing.T, h http.HandlerFunc) routes.Endpoint {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return endpoint(s.URL)
}

func endpoint(base string) routes.Endpoint {
	return routes.Endpoint{
		Name: "crm", Kind: routes.Webhook, URL: routes.Source{Value: base + "/hook?token=TOKENPART"}, Secret: routes.Source{Env: "CRM_SECRET"},
		Timeout: 5 * time.Second, AllowHTTP: true,
	}
}

func newSender(t *testing.T, allow ...string) *webhook.Sender {
	t.Helper()
	var prefixes []netip.Prefix
	for _, text := range allow {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	s := webhook.New(webhook.Config{
		Egress: egress.New(egress.Config{Allow: prefixes}), Now: time.Now,
		Getenv: func(name string) string { return map[string]string{"CRM_SECRET": secretA + "\n" + secretB}[name] },
	})
	t.Cleanup(s.Close)
	return s
}

// What a receiver with the public library sees: it verifies with either secret, and says what it is.
func TestReceiverVerifies(t *testing.T) {
	n := notice.Notice{
		Type: notice.TierChanged, CustomerID: "C42", Seq: 3, DecidedAt: civil.FromTime(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
		JSON: []byte(`{"change_id":"tier-changes/C42/3","customer_name":"A & B <c>"}`),
	}
	id := webhook.ID("tier-changes", n.CustomerID, n.Seq)
	verified := 0
	e := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for _, secret := range []string{secretA, secretB} {
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Error(err)
			}
			if err := wh.Verify(body, r.Header); err != nil {
				t.Errorf("it doesn't verify: %v", err)
			}
			verified++
		}
		want := `{"type":"tier.changed","timestamp":"2026-03-01T00:00:00Z","data":{"change_id":"tier-changes/C42/3","customer_name":"A & B <c>"}}`
		if string(body) != want {
			t.Errorf("body %s, want %s", body, want)
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Webhook-Id") != id {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, strings.Repeat("thanks ", 100_000))
	})
	body, err := webhook.Body(n)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newSender(t, "127.0.0.0/8").Send(t.Context(), e, id, body)
	if err != nil || a.Status != http.StatusAccepted || verified != 2 || len(a.Body) != 1024 {
		t.Errorf("%d %v, verified %d, kept %d bytes", a.Status, err, verified, len(a.Body))
	}
}

func TestID(t *testing.T) {
	a := webhook.ID("tier-changes", "客户 1", 12)
	if a != webhook.ID("tier-changes", "客户 1", 12) || len(a) != 30 || strings.ContainsAny(a, ". ,") {
		t.Errorf("id %q", a)
	}
	for _, b := range []string{webhook.ID("signals", "客户 1", 12), webhook.ID("tier-changes", "客户 ", 112), webhook.ID("tier-changes", "客户 1", 1)} {
		if a == b {
			t.Errorf("%q twice", a)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status     int
		retryAfter string
		rest       time.Duration
		gone       bool
		says       string
	}{
		{200, "", 0, false, ""}, {204, "", 0, false, ""}, {299, "", 0, false, ""},
		{301, "", 0, false, "redirects are not followed"}, {307, "", 0, false, "redirects are not followed"}, {304, "", 0, false, "304"},
		{400, "", 0, false, "400 Bad Request"}, {410, "", 0, true, "410 Gone"}, {500, "", 0, false, "500"},
		{429, "120", 2 * time.Minute, false, "429"}, {503, "-5", 0, false, "503"}, {503, "soon", 0, false, "503"}, {503, "99999999999999", 365 * 24 * time.Hour, false, "503"},
	} {
		e := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.Header().Set("Retry-After", c.retryAfter)
			w.WriteHeader(c.status)
		})
		_, err := newSender(t, "127.0.0.1/32").Send(t.Context(), e, "msg_1", []byte("{}"))
		if c.says == "" {
			if err != nil {
				t.Errorf("%d: %v", c.status, err)
			}
			continue
		}
		var f *sender.Failure
		if !errors.As(err, &f) || !strings.Contains(f.What, c.says) || f.Gone != c.gone || f.RetryAfter != c.rest || f.Permanent {
			t.Errorf("%d: %+v, want %q, rest %v", c.status, f, c.says, c.rest)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	at := time.Now().Add(90 * time.Second).UTC()
	e := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", at.Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := newSender(t, "127.0.0.1/32").Send(t.Context(), e, "msg_1", []byte("{}"))
	var f *sender.Failure
	if !errors.As(err, &f) || f.RetryAfter < 80*time.Second || f.RetryAfter > 91*time.Second {
		t.Errorf("%+v", f)
	}
}

// Whatever goes wrong: the error names the endpoint, and neither the token in its address nor a secret.
func TestFailuresGiveNothingAway(t *testing.T) {
	ok := receiver(t, func(http.ResponseWriter, *http.Request) {})
	hangs := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server doesn't notice that the client has gone
		<-r.Context().Done()
	})
	hangs.Timeout = 50 * time.Millisecond
	breaks := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		c, _, _ := http.NewResponseController(w).Hijack()
		_, _ = io.WriteString(c, "nonsense\r\n\r\n")
		_ = c.Close()
	})
	noSecret, badSecret, badURL, plain, closed := ok, ok, ok, ok, endpoint("http://127.0.0.1:1")
	noSecret.Secret = routes.Source{Env: "NOT_SET"}
	badSecret.Secret = routes.Source{Value: "whsec_SECRETPART"}
	badURL.URL = routes.Source{Value: "http://[TOKENPART"}
	plain.AllowHTTP = false
	for what, c := range map[string]struct {
		e    routes.Endpoint
		s    *webhook.Sender
		says string
	}{
		"hangs": {hangs, newSender(t, "127.0.0.1/32"), "no answer within 50ms"}, "breaks": {breaks, newSender(t, "127.0.0.1/32"), "malformed"},
		"no secret": {noSecret, newSender(t, "127.0.0.1/32"), "NOT_SET"}, "bad secret": {badSecret, newSender(t, "127.0.0.1/32"), "line 1 is no secret"},
		"bad URL": {badURL, newSender(t, "127.0.0.1/32"), "can't be read"}, "not https": {plain, newSender(t, "127.0.0.1/32"), "allow_http"},
		"refused by the filter": {ok, newSender(t), "internal address"}, "nobody there": {closed, newSender(t, "127.0.0.1/32"), "refused"},
		"no such name": {endpoint("http://nowhere.invalid"), newSender(t), "nowhere.invalid"},
	} {
		_, err := c.s.Send(t.Context(), c.e, "msg_1", []byte("{}"))
		var f *sender.Failure
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "endpoint crm") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), "TOKENPART") || strings.Contains(err.Error(), "SECRETPART") || strings.Contains(err.Error(), secretA[6:])) {
			t.Errorf("%s: the error gives something away: %v", what, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := newSender(t, "127.0.0.1/32").Send(ctx, ok, "msg_1", []byte("{}")); err == nil {
		t.Error("a call that was stopped succeeded")
	}
}
