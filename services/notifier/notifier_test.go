package notifier_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// bodyOf is what a receiver reads of a webhook.
type bodyOf struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		CustomerID string `json:"customer_id"`
		Seq        int64  `json:"seq"`
	} `json:"data"`
}

// order is the seqs that a receiver has taken, by type and customer, each once.
func (r *receiver) order() map[string][]int64 {
	r.t.Helper()
	out := map[string][]int64{}
	for _, x := range r.all() {
		var b bodyOf
		if err := json.Unmarshal([]byte(x.body), &b); err != nil {
			r.t.Fatal(err)
		}
		key := b.Type + " " + b.Data.CustomerID
		if !slices.Contains(out[key], b.Data.Seq) {
			out[key] = append(out[key], b.Data.Seq)
		}
	}
	return out
}

// All three topics, two instances, one of which crashes in the middle, and a receiver that refuses each notice once or
// twice: all of it arrives, verified, in order per customer, under one id, and neither the log nor a metric says whom it is about.
func TestEveryNoticeArrives(t *testing.T) {
	const customers, seqs = 8, 4
	crm := newReceiver(t, func(id string, n int) int {
		if n <= int(id[len(id)-1])%3 {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	})
	var chats atomic.Int64
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chats.Add(1)
		_, _ = io.WriteString(w, `{"code":0,"msg":"success"}`)
	}))
	defer chat.Close()
	w := newWorld(t, fmt.Sprintf(`version: "1"
endpoints:
  - {name: crm, type: webhook, url: "%s/hooks/v1", secret_file: crm-secret, allow_http: true}
  - {name: sales, type: feishu, url_file: sales-url, allow_http: true}
routes:
  - {name: ups, match: {direction: UPGRADE}, to: [crm, sales]}
default: crm
egress: {allow: [127.0.0.1]}
`, crm.URL), map[string]string{"sales-url": chat.URL + "/open-apis/bot/v2/hook/CHATTOKEN"})
	first, second := w.start(), w.start()
	for seq := int64(1); seq <= seqs; seq++ {
		for c := range customers {
			id := fmt.Sprintf("Customer-%d", c)
			mode := pb.Mode_LIVE
			if seq == 2 {
				mode = pb.Mode_BACKFILL
			}
			w.put(id, w.change(id, seq, mode))
			w.put(id, w.alert(id, seq))
			w.put(id, w.signal(id, seq))
		}
		if seq == 2 {
			// In the middle of joining, the embedded Kafka never forgets a member that has gone.
			w.until("both have partitions of every topic", 0, func() bool { return first.works() && second.works() })
			w.until("something has come", 0, func() bool { return len(crm.all()) > 0 })
			first.crash()
			first = w.start()
		}
	}
	w.until("all has come", time.Minute, func() bool { return len(crm.order()) == 3*customers && count(crm.order()) == customers*(3*seqs-1) })
	w.until("the chat has all", 0, func() bool { return chats.Load() >= customers*(seqs-1) })
	for key, got := range crm.order() {
		want := []int64{1, 2, 3, 4}
		if strings.HasPrefix(key, "tier.changed") {
			want = []int64{1, 3, 4}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	for _, i := range []*instance{first, second} {
		w.lint(i)
		i.end(t)
	}
	w.nothingGivenAway()
}

func count(m map[string][]int64) (n int) {
	for _, s := range m {
		n += len(s)
	}
	return n
}

// lint holds metrics against Prometheus' rules, and looks for customers in them.
func (w *world) lint(i *instance) {
	w.t.Helper()
	problems, err := testutil.GatherAndLint(i.registry)
	must(w.t, err)
	for _, p := range problems {
		w.t.Errorf("metric %s: %s", p.Metric, p.Text)
	}
	families, err := i.registry.Gather()
	must(w.t, err)
	for _, f := range families {
		if strings.Contains(f.String(), "Customer-") {
			w.t.Errorf("metric %s names a customer", f.GetName())
		}
	}
}

// nothingGivenAway looks for secrets, tokens and customers in the log.
func (w *world) nothingGivenAway() {
	w.t.Helper()
	for _, word := range []string{"Customer-", secret[6:], "CHATTOKEN", "/hooks/v1", "open-apis"} {
		if strings.Contains(w.log.text(), word) {
			w.t.Errorf("the log holds %q", word)
		}
	}
	if !strings.Contains(w.log.text(), "an attempt failed") && !strings.Contains(w.log.text(), "partition claimed") {
		w.t.Error("the log says nothing at all")
	}
}

// 410 shows on readiness and metrics, with what to do.
func TestDisabledShows(t *testing.T) {
	crm := newReceiver(t, func(string, int) int { return http.StatusGone })
	w := newWorld(t, fmt.Sprintf(`version: "1"
endpoints:
  - {name: crm, type: webhook, url: "%s", secret_file: crm-secret, allow_http: true}
default: crm
egress: {allow: [127.0.0.1]}
`, crm.URL), map[string]string{})
	i := w.start()
	w.until("it is ready", 0, func() bool { return strings.Contains(i.readyz(), "notifier/endpoint/crm ok") })
	w.put("Customer-1", w.change("Customer-1", 1, pb.Mode_LIVE))
	w.until("it isn't", 0, func() bool { return strings.Contains(i.readyz(), "[-] notifier/endpoint/crm disabled") })
	w.until("the dead are counted", 0, func() bool {
		n, err := testutil.GatherAndCount(i.registry, "tierstream_notifier_deliveries_dead_total")
		return err == nil && n == 1
	})
	if text := i.readyz(); !strings.Contains(text, "tierctl webhook enable crm") || !strings.Contains(text, "[+] notifier/tier-changes/0 ok") {
		t.Errorf("readiness:\n%s", text)
	}
	want := `
# HELP tierstream_notifier_endpoint_off 1 where an endpoint gets nothing: it is disabled, or set aside.
# TYPE tierstream_notifier_endpoint_off gauge
tierstream_notifier_endpoint_off{endpoint="crm",reason="disabled"} 1
tierstream_notifier_endpoint_off{endpoint="crm",reason="set aside"} 0
`
	if err := testutil.GatherAndCompare(i.registry, strings.NewReader(want), "tierstream_notifier_endpoint_off"); err != nil {
		t.Error(err)
	}
	i.end(t)
	w.nothingGivenAway()
}

// The egress filter is in the service's way, too: loopback isn't called unless the file allows it, nor is a redirect followed.
func TestEgress(t *testing.T) {
	reached := newReceiver(t, func(string, int) int { return http.StatusOK })
	bounce := httptest.NewServer(http.RedirectHandler(reached.URL, http.StatusPermanentRedirect))
	defer bounce.Close()
	for what, c := range map[string]struct{ url, allow, says string }{
		"loopback": {reached.URL, "10.0.0.0/8", "internal address"}, "redirect": {bounce.URL, "127.0.0.1", "redirects are not followed"},
	} {
		w := newWorld(t, fmt.Sprintf("version: \"1\"\nendpoints:\n  - {name: crm, type: webhook, url: \"%s\", secret_file: crm-secret, allow_http: true}\ndefault: crm\negress: {allow: [%s]}\n", c.url, c.allow), map[string]string{})
		i := w.start()
		w.put("Customer-1", w.change("Customer-1", 1, pb.Mode_LIVE))
		w.until(what+" was refused", 0, func() bool { return strings.Contains(w.log.text(), c.says) })
		i.end(t)
		w.nothingGivenAway()
	}
	if reached.called() > 0 {
		t.Errorf("the receiver was called %d times", reached.called())
	}
}

// A routing file with mistakes is an error in one line that says how to see them all.
func TestBadRoutes(t *testing.T) {
	w := newWorld(t, "version: \"1\"\nendpoints: 3\nnonsense: x\n", map[string]string{})
	err := <-w.start().done
	if err == nil || !strings.Contains(err.Error(), "tierctl routes lint") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	w.routes += ".nowhere"
	if err := <-w.start().done; err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v", err)
	}
}
