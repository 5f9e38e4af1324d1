package sender_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/sender"
)

const (
	signKey = "SECa-signing-key"
	token   = "a-token-in-the-address"
)

// now is when everything is sent.
func now() time.Time { return time.Date(2026, 3, 1, 2, 49, 0, 0, time.UTC) }

func fallen() notice.Notice {
	value, threshold, margin := 6057.82, 8000.0, -1942.18
	return notice.Notice{
		ID: "tier-changes/C0000260/7", Topic: "tier-changes", Type: notice.TierChanged, CustomerID: "C0000260", Seq: 7, Live: true, Direction: "DOWNGRADE",
		From: "银牌", To: "标准", CustomerName: "<!channel> 张三&贸易", DecidedAt: 1772333340_000000,
		Reasons: []notice.Reason{{Code: "KEEP_FAILED", Params: map[string]string{"tier": "银牌", "op": ">=", "window_days": "365"}, Factor: "value.net",
			Value: &value, Threshold: &threshold, Margin: &margin, Text: "Net sales of the last 365 days are 6,057.82, below the 8,000.00 needed to keep 银牌 (short by 1,942.18)."}},
	}
}

// kit sends through a client that goes to the test server whatever the host is.
type kit struct {
	*sender.Sender
	env map[string]string
}

func newKit(t *testing.T, client *http.Client, roots *x509.CertPool) kit {
	t.Helper()
	w, err := message.NewWriter(message.Deployment{Zone: "UTC", Currency: "CNY", Scale: 2})
	if err != nil {
		t.Fatal(err)
	}
	k := kit{env: map[string]string{"SECRET": signKey}}
	k.Sender = sender.New(sender.Config{
		HTTP: client, Dial: (&net.Dialer{}).DialContext, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		Getenv: func(name string) string { return k.env[name] }, Now: now, Writer: w,
	})
	return k
}

func endpoint(kind routes.Kind, locale routes.Locale) routes.Endpoint {
	e := routes.Endpoint{Name: "chat", Kind: kind, URL: routes.Source{Env: "URL"}, Locale: locale, Timeout: 5 * time.Second,
		Link: "https://crm.example/customers/{customer_id}?a=1&b=2"}
	if kind == routes.Feishu || kind == routes.Lark || kind == routes.DingTalk {
		e.Secret = routes.Source{Env: "SECRET"}
	}
	return e
}

// posted is what a chat got.
type posted struct {
	query  map[string][]string
	kind   string
	body   string
	object map[string]any
}

// chat answers one post.
func chat(t *testing.T, answer http.HandlerFunc) (*httptest.Server, *posted) {
	t.Helper()
	got := &posted{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = posted{query: r.URL.Query(), kind: r.Header.Get("Content-Type"), body: string(b)}
		if err := json.Unmarshal(b, &got.object); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %s: %v", r.Method, b, err)
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server, got
}

func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// tell makes one attempt at a chat that answers so.
func tell(t *testing.T, kind routes.Kind, locale routes.Locale, answer http.HandlerFunc) (*posted, error) {
	t.Helper()
	server, got := chat(t, answer)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	k := newKit(t, client, nil)
	k.env["URL"] = server.URL + "/hook/" + token + "?access_token=" + token
	return got, k.Send(context.Background(), endpoint(kind, locale), fallen())
}

func failure(t *testing.T, err error) *sender.Failure {
	t.Helper()
	var f *sender.Failure
	if !errors.As(err, &f) {
		t.Fatalf("%T: %v", err, err)
	}
	for _, secret := range []string{token, signKey, "https://", "Post ", "C0000260", "张三", "\n"} {
		if strings.Contains(f.What, secret) {
			t.Errorf("the error shows %q: %s", secret, f.What)
		}
	}
	if f.Permanent && f.Gone {
		t.Errorf("%+v", f)
	}
	return f
}
