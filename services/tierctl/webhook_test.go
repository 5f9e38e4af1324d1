package tierctl_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/dev"
	"github.com/tierstream/tierstream/services/tierctl"
)

const crmSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// crm is a receiver that verifies with whatever secret it is told, and answers as it is told.
type crm struct {
	*httptest.Server
	code   atomic.Int64
	mu     sync.Mutex
	secret string
	taken  []string // types and customers
	bad    int      // calls that don't verify
}

func newCRM(t *testing.T) *crm {
	c := &crm{secret: crmSecret}
	c.code.Store(http.StatusOK)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		if wh, err := standardwebhooks.NewWebhook(c.secret); err != nil || wh.Verify(body, r.Header) != nil {
			c.bad++
		}
		var b struct {
			Type string
			Data struct{ Customer_ID, To string }
		}
		if err := json.Unmarshal(body, &b); err != nil {
			t.Error(err)
		}
		if c.code.Load() == http.StatusOK {
			c.taken = append(c.taken, strings.TrimSpace(b.Type+" "+b.Data.Customer_ID+" "+b.Data.To))
		}
		w.WriteHeader(int(c.code.Load()))
		_, _ = io.WriteString(w, "hello from the CRM\x1b[31m")
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *crm) verifiesWith(secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secret = secret
}

func (c *crm) got() (string, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.taken, ", "), c.bad
}

// deployRouted is deploy with a routing file, and a file crm-url.
func deployRouted(t *testing.T, crmURL, routes string) *deployment {
	t.Helper()
	d := &deployment{t: t, dir: t.TempDir()}
	d.write("routes.yaml", routes)
	d.write("crm-url", crmURL)
	d.write("crm-secret", crmSecret+"\n")
	d.write("policy.yaml", "version: \"w\"\ntiers:\n  - {name: base}\n  - {name: gold, enter: \"value.net >= 100\"}\n")
	s, err := dev.Start(t.Context(), dev.Config{
		Kafka: "127.0.0.1:0", Redis: "127.0.0.1:0", Log: io.Discard,
		Settings: process.Config{SessionTimeout: 6 * time.Second, LogLevel: "error", Routes: d.path("routes.yaml")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		lintMetrics(t, s.Registry)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d.args = []string{"--brokers", s.Settings.Brokers[0], "--redis", s.Settings.Redis, "--routes", d.path("routes.yaml")}
	return d
}

// fails runs a command that must fail, and gives its exit code and all that it says.
func (d *deployment) fails(args ...string) (int, string) {
	d.t.Helper()
	var out bytes.Buffer
	code := tierctl.Main(append(args, d.args...), strings.NewReader(""), &out, &out)
	if code == 0 {
		d.t.Errorf("tierctl %s: exit 0, it should fail", strings.Join(args, " "))
	}
	return code, out.String()
}

func (d *deployment) until(what string, holds func() bool) {
	d.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !holds(); <-tick.C {
		if time.Since(began) > 90*time.Second {
			d.t.Fatalf("waited in vain until %s; webhook list:\n%s", what, d.tierctl("webhook", "list"))
		}
	}
}

func (d *deployment) order(customer string) {
	d.t.Helper()
	d.write("order.jsonl", fmt.Sprintf(`{"topic":"orders","value":{"event_id":"%[1]s","occurred_at":%[2]q,"customer_id":"%[1]s","order_id":"%[1]s","placed":{"amount_minor":"20000","currency":"CNY"}}}`+"\n",
		customer, time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)))
	d.tierctl("send", d.path("order.jsonl"))
}

// endpoints is webhook list as JSON, by name.
func (d *deployment) endpoints() map[string]map[string]any {
	d.t.Helper()
	var lines []map[string]any
	if err := json.Unmarshal([]byte(d.tierctl("webhook", "list", "-o", "json")), &lines); err != nil {
		d.t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, l := range lines {
		out[l["name"].(string)] = l
	}
	return out
}

// The story of an operator: an order becomes a webhook; the receiver says that it is gone; what came meanwhile is kept,
// listed, and sent again once it is back.
func TestWebhookStory(t *testing.T) {
	c := newCRM(t)
	d := deployRouted(t, c.URL+"/hook?key=TOKENPART", `version: "1"
endpoints:
  - {name: crm, type: webhook, url_file: crm-url, secret_file: crm-secret, allow_http: true}
default: crm
egress: {allow: [127.0.0.1]}
`)
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.order("C1")
	d.until("the CRM knows of C1", func() bool { got, _ := c.got(); return strings.Contains(got, "tier.changed C1 gold") })
	c.code.Store(http.StatusGone)
	d.order("C2")
	d.until("the endpoint is disabled", func() bool { return d.endpoints()["crm"]["state"] == "disabled" })
	d.order("C3")
	d.until("what came is kept", func() bool { return strings.Count(d.tierctl("webhook", "list", "--dead", "-o", "csv"), "\n") >= 3 })
	dead := d.tierctl("webhook", "list", "--dead")
	for _, word := range []string{"msg_", "crm", "tier-changes", "C2", "C3", "disabled", "it answered 410 Gone"} {
		if !strings.Contains(dead, word) {
			t.Errorf("the list of dead deliveries lacks %q:\n%s", word, dead)
		}
	}
	if code, says := d.fails("webhook", "retry", "--endpoint", "crm"); code != 1 || !strings.Contains(says, "tierctl webhook enable crm") {
		t.Errorf("retry while it is off: %d %s", code, says)
	}
	c.code.Store(http.StatusOK)
	d.tierctl("webhook", "enable", "crm")
	d.tierctl("webhook", "retry", "--all")
	d.until("the CRM knows of all", func() bool {
		got, _ := c.got()
		return strings.Contains(got, "C2 gold") && strings.Contains(got, "C3 gold")
	})
	d.until("nothing is left", func() bool {
		e := d.endpoints()["crm"]
		return e["dead"] == 0.0 && e["pending"] == 0.0 && e["state"] == "active"
	})
	if got, bad := c.got(); bad > 0 || strings.Count(got, "C1") > 2 {
		t.Errorf("%d calls didn't verify; taken: %s", bad, got)
	}
	if text := d.tierctl("webhook", "list") + d.tierctl("webhook", "list", "-o", "csv"); strings.Contains(text, "TOKENPART") || strings.Contains(text, crmSecret[6:]) {
		t.Error("the list gives something away")
	}
}

// A test goes the way of deliveries; a rotation changes over without a call that doesn't verify, and prints nothing.
func TestWebhookTestAndRotation(t *testing.T) {
	c := newCRM(t)
	d := &deployment{t: t, dir: t.TempDir()}
	d.write("routes.yaml", fmt.Sprintf(`version: "1"
endpoints:
  - {name: crm, type: webhook, url: "%s", secret_file: crm-secret, allow_http: true}
  - {name: inside, type: webhook, url: "http://10.0.0.1/x", secret_env: CRM_SECRET, allow_http: true}
default: [crm, inside]
egress: {allow: [127.0.0.1]}
`, c.URL))
	d.write("crm-secret", crmSecret+"\n")
	t.Setenv("CRM_SECRET", crmSecret)
	d.args = []string{"--routes", d.path("routes.yaml")}
	if out := d.tierctl("webhook", "test", "crm"); !strings.Contains(out, "200 after") || !strings.Contains(out, "hello from the CRM") || strings.Contains(out, "\x1b") {
		t.Errorf("test says %q", out)
	}
	var said bytes.Buffer
	if code := tierctl.Main(append([]string{"webhook", "rotate-secret", "crm", "--overlap", "1h"}, d.args...), strings.NewReader(""), &said, &said); code != 0 {
		t.Fatalf("rotate-secret: %d %s", code, said.String())
	}
	fresh, _, _ := strings.Cut(d.read("crm-secret"), "\n")
	if strings.Contains(said.String(), fresh) || strings.Contains(said.String(), crmSecret) || !strings.Contains(said.String(), "give the new one to the receiver") {
		t.Errorf("rotate-secret says %d bytes: it must say what to do, and no secret", said.Len())
	}
	if info, err := os.Stat(d.path("crm-secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v %v", info.Mode(), err)
	}
	d.tierctl("webhook", "test", "crm")
	c.verifiesWith(fresh)
	d.tierctl("webhook", "test", "crm")
	if got, bad := c.got(); bad > 0 || strings.Count(got, "webhook.test") != 3 {
		t.Errorf("%d calls didn't verify; taken: %s", bad, got)
	}
	c.code.Store(http.StatusTeapot)
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"webhook", "test", "crm"}, 1, "418"}, {[]string{"webhook", "test", "inside"}, 1, "internal address"},
		{[]string{"webhook", "test", "nobody"}, 1, "it has crm, inside"}, {[]string{"webhook", "rotate-secret", "inside"}, 1, "not in a file"},
		{[]string{"webhook", "rotate-secret", "crm", "--overlap", "-1h"}, 2, "negative"}, {[]string{"webhook", "retry"}, 2, "which?"},
		{[]string{"webhook", "retry", "a", "b"}, 2, "which?"}, {[]string{"webhook", "list", "-o", "xml"}, 2, "table, json or csv"},
		{[]string{"webhook", "test"}, 2, "NAME"},
	} {
		if code, says := d.fails(x.args...); code != x.code || !strings.Contains(says, x.says) {
			t.Errorf("%v: exit %d, %q; want %d, %q", x.args, code, says, x.code, x.says)
		}
	}
	d.args = nil
	if code, says := d.fails("webhook", "list"); code != 2 || !strings.Contains(says, "--routes") {
		t.Errorf("without a routing file: %d %s", code, says)
	}
}
