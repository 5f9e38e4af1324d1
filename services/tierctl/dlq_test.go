package tierctl_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/dev"
	"github.com/tierstream/tierstream/services/tierctl"
)

// run is a command with its exit code.
func (d *deployment) run(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = tierctl.Main(append(args, d.args...), strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// letter is what -o json says of a dead letter.
type letter struct {
	ID, Reason, Topic, Former, Outcome, Why string
	Retried                                 *int64
	Value                                   []byte
	Headers                                 map[string]string
}

func (d *deployment) letters(args ...string) (all []letter) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.tierctl(append(args, "-o", "json")...)), &all); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// at runs work on a deployment that keeps its logs in folder, under a clock that is offset.
func at(t *testing.T, folder string, offset time.Duration, work func(d *deployment)) {
	t.Helper()
	s, err := dev.Start(t.Context(), dev.Config{
		Kafka: "127.0.0.1:0", Redis: "127.0.0.1:0", DataDir: folder, Log: io.Discard,
		Settings: process.Config{SessionTimeout: 6 * time.Second, LogLevel: "error", ClockOffset: offset},
	})
	if err != nil {
		t.Fatal(err)
	}
	work(&deployment{t: t, dir: t.TempDir(), args: []string{"--brokers", s.Settings.Brokers[0], "--redis", s.Settings.Redis, "--clock-offset", offset.String()}})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// An order of the day after tomorrow is a dead letter today. When its time has come it is put back, and counts once,
// however often it is retried; what is still wrong is a new dead letter, which names the former.
func TestRetryAfterTheCure(t *testing.T) {
	const late = 2 * 24 * time.Hour
	folder := t.TempDir()
	line := func(id, currency string) string {
		return fmt.Sprintf(`{"topic":"orders","value":{"event_id":%q,"occurred_at":%q,"customer_id":"C1","order_id":%q,"placed":{"amount_minor":"70000","currency":%q}}}`,
			id, time.Now().Add(late-time.Hour).UTC().Format(time.RFC3339), "O-"+id, currency)
	}
	at(t, folder, 0, func(d *deployment) {
		d.write("policy.yaml", testPolicy)
		d.write("events.jsonl", line("early", "CNY")+"\n"+line("foreign", "USD")+"\n"+`{"topic":"orders","value":{"event_id":"x"}}`+"\n")
		d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2", "--clock-offset", late.String())
		d.tierctl("send", d.path("events.jsonl"))
		d.tierctl("wait")
		if all := d.letters("dlq", "list"); len(all) != 3 {
			t.Errorf("%d dead letters, want 3: %v", len(all), all)
		}
	})
	at(t, folder, late, func(d *deployment) {
		future := d.letters("dlq", "list", "--reason", "future")
		if len(future) != 1 || future[0].Retried != nil {
			t.Fatalf("of the future: %+v", future)
		}
		if dry := d.letters("dlq", "retry", "--all", "--dry-run"); len(dry) != 3 || dry[0].Outcome != "would be put back" {
			t.Errorf("a dry run gives %+v", dry)
		}
		d.tierctl("dlq", "retry", future[0].ID)
		d.tierctl("wait")
		d.tierctl("dlq", "retry", "--all")
		d.tierctl("wait")
		if again := d.letters("dlq", "retry", future[0].ID); len(again) != 1 || again[0].Outcome != "had been put back" || again[0].Retried == nil {
			t.Errorf("once more: %+v", again)
		}
		d.tierctl("wait")
		d.tierctl("export", "--as-of", time.Now().Add(late+time.Hour).UTC().Format(time.RFC3339), "--out", d.path("out"))
		if c := d.read("out/customers.jsonl"); strings.Count(c, "\n") != 1 || !strings.Contains(c, `"net_minor":70000,"orders":1,`) {
			t.Errorf("after the retries: %s", c)
		}
		checkList(t, d, future[0])
	})
}

// checkList looks at what list and show say in the end.
func checkList(t *testing.T, d *deployment, cured letter) {
	t.Helper()
	all := d.letters("dlq", "list")
	if len(all) != 5 { // the two that are still wrong came again
		t.Fatalf("%d dead letters: %+v", len(all), all)
	}
	ids := map[string]bool{}
	for _, l := range all {
		ids[l.ID] = true
	}
	for i, l := range all {
		if again := i < 2; again == (l.Retried != nil) || again != ids[l.Former] {
			t.Errorf("letter %d of 5, the newest first: %+v", i, l)
		}
	}
	text := d.tierctl("dlq", "show", cured.ID)
	for _, want := range []string{"FUTURE", `"event_id": "early"`, "orders/", "retried"} {
		if !strings.Contains(text, want) {
			t.Errorf("show says nothing of %s:\n%s", want, text)
		}
	}
	var one letter
	if err := json.Unmarshal([]byte(d.tierctl("dlq", "show", cured.ID, "-o", "json")), &one); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(one.Value), `"early"`) || one.Headers["ts_reason"] != "FUTURE" {
		t.Errorf("show -o json: %+v", one)
	}
	if csv := d.tierctl("dlq", "list", "--limit", "1", "-o", "csv"); strings.Count(csv, "\n") != 2 || !strings.HasPrefix(csv, "id,time,reason,") {
		t.Errorf("-o csv: %q", csv)
	}
}

func TestDeadLetterErrors(t *testing.T) {
	d := deploy(t, 0)
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.write("events.jsonl", `{"topic":"orders","value":{"event_id":"x","order_id":"`+strings.Repeat("y", 600_000)+`"}}`)
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("wait")
	large := d.letters("dlq", "list")
	if len(large) != 1 {
		t.Fatalf("%v", large)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{1, "only its start is kept", []string{"dlq", "retry", large[0].ID}},
		{0, "0 put back, 0 had been before, 1 refused, 0 left", []string{"dlq", "retry", "--all"}},
		{1, "there is no dead letter 0-99", []string{"dlq", "show", "0-99"}},
		{1, "there is no dead letter 7-0", []string{"dlq", "retry", "7-0"}},
		{1, "topic nobodys.dead-letters is not there", []string{"dlq", "list", "--topic-prefix", "nobodys."}},
		{2, "is no dead letter", []string{"dlq", "show", "first"}},
		{2, "is no dead letter", []string{"dlq", "retry", "0-0", "x"}},
		{2, "needs IDs", []string{"dlq", "retry"}},
		{2, "needs IDs", []string{"dlq", "retry", "--topic", "orders"}},
		{2, "not both", []string{"dlq", "retry", "0-0", "--all"}},
		{2, "leave out", []string{"dlq", "retry", "--all", "--reason", "FUTURE"}},
		{2, "is not known", []string{"dlq", "list", "--reason", "BAD"}},
		{2, "is no input", []string{"dlq", "list", "--topic", "facts"}},
		{2, "is neither an age", []string{"dlq", "list", "--since", "-1h"}},
		{2, "is not known", []string{"dlq", "list", "-o", "xml"}},
		{2, "at least 1", []string{"dlq", "list", "--limit", "0"}},
	} {
		code, _, stderr := d.run(c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "tierctl:") > 1 {
			t.Errorf("%v: exit %d, %q; want %d and %q", c.args, code, stderr, c.code, c.says)
		}
	}
}
