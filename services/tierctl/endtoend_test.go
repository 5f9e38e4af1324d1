package tierctl_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/dev"
	"github.com/tierstream/tierstream/services/tierctl"
)

const testPolicy = `version: "e2e"
time_zone: Asia/Shanghai
value: {window_days: 60}
credit: {window_days: 90, promptness_days: 120, dso_days: 80}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= 3000", keep: "value.net >= 2000", grace: 5d}
  - {name: gold, enter: "value.net >= 30000 && credit.max_days_overdue <= 20 && credit.promptness >= 40"}
`

// deployment is the product on embedded servers, and a folder to work in.
type deployment struct {
	t    *testing.T
	dir  string
	args []string
}

func deploy(t *testing.T, offset time.Duration) *deployment {
	t.Helper()
	s, err := dev.Start(t.Context(), dev.Config{
		Kafka: "127.0.0.1:0", Redis: "127.0.0.1:0", Log: io.Discard,
		Settings: process.Config{SessionTimeout: 6 * time.Second, LogLevel: "error", ClockOffset: offset},
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
	d := &deployment{t: t, dir: t.TempDir(), args: []string{
		"--brokers", s.Settings.Brokers[0], "--redis", s.Settings.Redis, "--clock-offset", offset.String()}}
	d.write("policy.yaml", testPolicy)
	return d
}

// lintMetrics holds what the services have shown by now against Prometheus's conventions.
func lintMetrics(t *testing.T, reg *prometheus.Registry) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("metric %s: %s", p.Metric, p.Text)
	}
}

func (d *deployment) path(name string) string { return filepath.Join(d.dir, name) }

func (d *deployment) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployment) read(name string) string {
	d.t.Helper()
	b, err := os.ReadFile(d.path(name))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// tierctl runs a command that must succeed.
func (d *deployment) tierctl(args ...string) string {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	if code := tierctl.Main(append(args, d.args...), strings.NewReader(""), &stdout, &stderr); code != 0 {
		d.t.Fatalf("tierctl %s: exit %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

// trade writes a generated trade and gives its lines.
func (d *deployment) trade(name string) []string {
	d.t.Helper()
	d.tierctl("loadgen", "--customers", "40", "--days", "150", "--seed", "11", "--out", d.path(name))
	return strings.Split(strings.TrimRight(d.read(name), "\n"), "\n")
}

const end = "2024-06-15T00:00:00Z"

// What the services make of a history is what simulate makes of it, byte for byte, also when everything is sent twice.
func TestLiveEqualsSimulate(t *testing.T) {
	d := deploy(t, 0)
	d.write("events.jsonl", strings.Join(append(d.trade("events.jsonl"), ledger()...), "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event") // again: no change
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", end)
	d.tierctl("export", "--as-of", end, "--out", d.path("live"))
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
	for _, f := range []string{"customers.jsonl", "tier-changes.jsonl", "dead-letters.jsonl", "credit-alerts.jsonl", "signals.jsonl"} {
		if diff := cmp.Diff(d.read("simulated/"+f), d.read("live/"+f)); diff != "" {
			t.Errorf("%s differs (-simulated +live):\n%.2000s", f, diff)
		}
	}
	if n := strings.Count(d.read("live/tier-changes.jsonl"), `"DOWNGRADE"`); n == 0 {
		t.Error("the history has no downgrade: it shows too little")
	}
	for _, f := range []string{"tier-changes.jsonl", "credit-alerts.jsonl", "signals.jsonl"} {
		denseSeq(t, f, d.read("live/"+f))
	}
	for f, words := range map[string][]string{
		"credit-alerts.jsonl": {`"OVERDUE"`, `"RAISED"`, `"CLEARED"`},
		"signals.jsonl":       {`"WILL_DOWNGRADE"`, `"NEAR_UPGRADE"`, `"WITHDRAWN"`},
	} {
		for _, word := range words {
			if !strings.Contains(d.read("live/"+f), word) {
				t.Errorf("the history has no %s in %s: it shows too little", word, f)
			}
		}
	}
	if explained := d.tierctl("explain", "C0000001"); !strings.Contains(explained, "C0000001") || !strings.Contains(explained, "change 1") {
		t.Errorf("explain says:\n%s", explained)
	}
}

// denseSeq says that the lines are in the order of their customers, numbered from 1 on.
func denseSeq(t *testing.T, name, jsonl string) {
	t.Helper()
	last, seq := "", int64(0)
	for line := range strings.SplitSeq(strings.TrimRight(jsonl, "\n"), "\n") {
		var l struct {
			CustomerID string `json:"customer_id"`
			Seq        int64  `json:"seq"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.CustomerID < last || l.CustomerID == last && l.Seq != seq+1 || l.CustomerID > last && l.Seq != 1 {
			t.Errorf("%s: seq %d of %s follows seq %d of %s", name, l.Seq, l.CustomerID, seq, last)
		}
		last, seq = l.CustomerID, l.Seq
	}
}

// Under the wall clock, shuffled, doubled and split over files, value and credit of every customer are simulate's.
func TestWallClockFiguresEqualSimulate(t *testing.T) {
	asOf, err := time.Parse(time.RFC3339, end)
	if err != nil {
		t.Fatal(err)
	}
	d := deploy(t, time.Until(asOf)-time.Hour)
	lines := slices.Concat(remembered(d.trade("events.jsonl"), asOf), ledger(), []string{nobodys})
	d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3")
	lines = append(lines, lines...)
	rand.New(rand.NewPCG(5, 5)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	for i, part := range [][]string{lines[:len(lines)/3], lines[len(lines)/3:]} {
		name := fmt.Sprintf("part%d.jsonl", i)
		d.write(name, strings.Join(part, "\n")+"\n")
		d.tierctl("send", d.path(name))
	}
	d.tierctl("wait")
	d.tierctl("export", "--as-of", end, "--out", d.path("live"))
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
	want, got := figures(t, d.read("simulated/customers.jsonl")), figures(t, d.read("live/customers.jsonl"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures differ (-simulated +live):\n%.2000s", diff)
	}
	const reason = `"MISSING_CUSTOMER"`
	if once, twice := strings.Count(d.read("simulated/dead-letters.jsonl"), reason), strings.Count(d.read("live/dead-letters.jsonl"), reason); once != 1 || twice != 2 {
		t.Errorf("the line without a customer is %d dead letters in simulate and, sent twice, %d live", once, twice)
	}
}

// ledger has lines of what the generated trade lacks: for each of some customers an invoice with all that may be said of it,
// and a payment of one for the next. All is so young that nothing is too old.
func ledger() (lines []string) {
	const customers = 20
	who := func(n int) string { return fmt.Sprintf("C%07d", 1+n%customers) }
	line := func(topic string, n, day int, id, kind, body string) {
		at := time.Date(2024, 5, 8+day, 9, n, 0, 0, time.UTC).Format(time.RFC3339)
		lines = append(lines, fmt.Sprintf(`{"topic":%q,"value":{"event_id":"L%d","source":"books","occurred_at":%q,"customer_id":%q,%q:"L%d",%q:%s}}`,
			topic, len(lines), at, who(n), id, n, kind, body))
	}
	for n := range customers {
		line("invoices", n, 0, "invoice_id", "issued", `{"amount_minor":900000,"currency":"CNY","due_date":"2024-05-20"}`)
		for i, kind := range []string{"OPENING", "DEBIT_NOTE", "CREDIT_NOTE", "WRITE_OFF", "RECOVERY", "NETTING", "ROUNDING"} {
			line("invoices", n, 2+2*i+n/2, "invoice_id", "adjusted", fmt.Sprintf(`{"adjustment_id":"A%d","kind":%q,"amount_minor":%d,"currency":"CNY"}`, i, kind, 1000*(n+i)))
		}
		line("invoices", n, 12+n/2, "invoice_id", "disputed", fmt.Sprintf(`{"amount_minor":%d,"currency":"CNY"}`, 50000*(n%3)))
		line("invoices", n, 14+n/2, "invoice_id", "promised", fmt.Sprintf(`{"amount_minor":200000,"currency":"CNY","by_date":"2024-06-%02d"}`, 1+n/2))
		line("payments", n, 16+n/2, "payment_id", "failed", `{"attempt_id":"T1","reason":"bounced"}`)
		line("payments", n, 18+n, "payment_id", "received", fmt.Sprintf(
			`{"amount_minor":800000,"currency":"CNY","matures_on":"2024-06-%02d","allocations":[{"invoice_id":"L%d","amount_minor":100000},{"invoice_id":"L%d","customer_id":%q,"amount_minor":%d}]}`,
			1+n, n, (n+1)%customers, who(n+1), 500000))
	}
	return lines
}

// remembered are the lines without those that the wall clock refuses as of a moment: of what is no register, the last 35 days
// are known again.
func remembered(lines []string, asOf time.Time) []string {
	return slices.DeleteFunc(lines, func(text string) bool {
		l := codec.ParseLine([]byte(text))
		return l.Topic == "engagements" && l.OccurredAt < civil.FromTime(asOf)-34*civil.FullDay
	})
}

const nobodys = `{"topic":"orders","value":{"event_id":"n1","occurred_at":"2024-02-01T08:00:00Z","order_id":"N1","placed":{"amount_minor":"100","currency":"CNY"}}}`

// figures is the value and credit of each customer.
func figures(t *testing.T, jsonl string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimRight(jsonl, "\n"), "\n") {
		var l struct {
			CustomerID    string `json:"customer_id"`
			Value, Credit json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		out[l.CustomerID] = string(l.Value) + string(l.Credit)
	}
	return out
}

// Wrong use and failures say what is wrong, in one line, with the exit code that the contract gives them.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("version: \"1\"\ntires: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		code int
		says string
		args []string
	}{
		{2, "there is no command", []string{"frobnicate"}},
		{2, "unknown flag: --nope", []string{"simulate", "--nope"}},
		{2, "needs --policy", []string{"simulate"}},
		{2, "neither an instant", []string{"simulate", "--policy", "../../deploy/policies/minimal.yaml", "--events", bad, "--as-of", "soon", "--out", dir}},
		{1, "no such file", []string{"policy", "lint", filepath.Join(dir, "none.yaml")}},
		{1, "1 mistake(s)", []string{"policy", "lint", bad}},
		{1, "1 mistake(s)", []string{"policy", "lint", bad, "-o", "json"}},
		{2, "-o \"xml\"", []string{"policy", "lint", bad, "-o", "xml"}},
		{2, "-o \"xml\"", []string{"version", "-o", "xml"}},
		{1, "has 1 mistake(s), the first in line 2", []string{"init", "--policy", bad}},
		{2, "customers is 0", []string{"loadgen", "--customers", "0"}},
		{2, "days is -3", []string{"loadgen", "--days", "-3"}},
		{2, "days is 0", []string{"demo", "--exit", "--days", "0"}},
		{1, "is it running", []string{"wait", "--brokers", "127.0.0.1:1"}},
		{2, "--timeout 0s is not positive", []string{"wait", "--timeout", "0"}},
		{2, "--timeout -24h0m0s is not positive", []string{"clock", "advance", "--to", "2024-01-01", "--timeout", "-1d"}},
		{2, "--session-timeout 0s is not positive", []string{"wait", "--session-timeout", "0"}},
		{2, `--log-level "loud"`, []string{"wait", "--log-level", "loud"}},
		{2, `tierctl clock has no subcommand "bogus"`, []string{"clock", "bogus"}},
		{2, "no duration", []string{"version", "--session-timeout", "soon"}},
	}
	for _, c := range cases {
		var stdout, stderr bytes.Buffer
		code := tierctl.Main(c.args, strings.NewReader(""), &stdout, &stderr)
		if code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%v: exit %d, %q; want %d and %q", c.args, code, stderr.String(), c.code, c.says)
		}
	}
}

// What the embedded Kafka keeps in a folder is all there is after a restart: Redis is rebuilt from it.
func TestDevRebuildsFromItsFolder(t *testing.T) {
	folder := t.TempDir()
	run := func(work func(d *deployment)) {
		s, err := dev.Start(t.Context(), dev.Config{
			Kafka: "127.0.0.1:0", Redis: "127.0.0.1:0", DataDir: folder, Log: io.Discard,
			Settings: process.Config{SessionTimeout: 6 * time.Second, LogLevel: "error"},
		})
		if err != nil {
			t.Fatal(err)
		}
		work(&deployment{t: t, dir: t.TempDir(), args: []string{"--brokers", s.Settings.Brokers[0], "--redis", s.Settings.Redis}})
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	all := func(d *deployment) string {
		return d.read("out/customers.jsonl") + d.read("out/tier-changes.jsonl") + d.read("out/credit-alerts.jsonl") + d.read("out/signals.jsonl")
	}
	var before, after string
	run(func(d *deployment) {
		d.write("policy.yaml", testPolicy)
		d.trade("events.jsonl")
		d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2", "--clock", "event")
		d.tierctl("send", d.path("events.jsonl"))
		d.tierctl("clock", "advance", "--to", end)
		d.tierctl("export", "--as-of", end, "--out", d.path("out"))
		before = all(d)
	})
	run(func(d *deployment) {
		d.tierctl("clock", "advance", "--to", end)
		d.tierctl("export", "--as-of", end, "--out", d.path("out"))
		after = all(d)
	})
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after the restart (-before +after):\n%.2000s", diff)
	}
}
