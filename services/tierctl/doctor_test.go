package tierctl_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tierstream/tierstream/pkg/doctor"
)

// findings runs doctor and gives what it finds by check. Where nothing may fail every service has its partitions first.
func (d *deployment) findings(code int, args ...string) map[string][]doctor.Finding {
	d.t.Helper()
	if code == 0 {
		d.settled()
	}
	got, stdout, stderr := d.run(append([]string{"doctor", "-o", "json"}, args...)...)
	var all []doctor.Finding
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || got != code {
		d.t.Fatalf("doctor: exit %d, want %d: %s %v", got, code, stderr, err)
	}
	by := map[string][]doctor.Finding{}
	for _, f := range all {
		by[f.Check] = append(by[f.Check], f)
	}
	return by
}

func states(fs []doctor.Finding) (all []string) {
	for _, f := range fs {
		all = append(all, string(f.State))
	}
	return all
}

// settled waits until every service has its partitions and is through; wait itself doesn't care for the notifier.
func (d *deployment) settled() {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // between two looks
		_, stdout, stderr := d.run("doctor", "-o", "csv")
		if strings.Count(stdout, "ok,groups,") == 4 {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("the groups don't settle: %s%s", stdout, stderr)
		}
	}
}

// The embedded servers are well, but for what they don't tell and for being one each.
func TestDoctorOnEmbeddedServers(t *testing.T) {
	d := deploy(t, 0)
	before := d.findings(1)
	if f := before["topics"]; len(f) != 1 || f[0].State != doctor.Fail || !strings.Contains(f[0].Says, "15 of 15 topics are not there") {
		t.Errorf("before init: %+v", f)
	}
	d.trade("events.jsonl")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("wait")
	for check, fs := range d.findings(0) {
		want := map[string]string{"brokers": "ok warn", "replication": "warn", "redis": "ok unknown", "redis access": "unknown", "clocks": "ok ok unknown",
			"kafka access": "ok ok ok ok ok", "groups": "ok ok ok ok", "state": "ok ok"}[check]
		if want == "" {
			want = "ok"
		}
		if got := strings.Join(states(fs), " "); got != want {
			t.Errorf("%s: %s, want %s: %+v", check, got, want, fs)
		}
	}
	if code, text, stderr := d.run("doctor"); code != 0 || !strings.Contains(text, "fix: ") || !strings.Contains(stderr, " 0 failures") {
		t.Errorf("exit %d:\n%s%s", code, text, stderr)
	}
	if f := d.findings(0, "--as", "scorer")["kafka access"]; len(f) != 1 || !strings.Contains(f[0].Says, "scorer") {
		t.Errorf("--as scorer: %+v", f)
	}
}

// A Redis that has lost everything: doctor says what the services say when they halt, and exits with 1 and one line.
func TestDoctorFindsALostState(t *testing.T) {
	d := deploy(t, 0)
	d.trade("events.jsonl")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("wait")
	d.settled()
	empty := miniredis.RunT(t)
	d.args = append(d.args, "--redis", "redis://"+empty.Addr()) // the last counts
	state := d.findings(1)["state"]
	if len(state) != 4 { // two stages of two partitions
		t.Errorf("%+v", state)
	}
	for _, f := range state {
		if f.State != doctor.Fail || !strings.Contains(f.Says, "its state is missing although the consumer group has committed offset") || !strings.Contains(f.Fix, "restore the backup of Redis") {
			t.Errorf("%+v", f)
		}
	}
	code, _, stderr := d.run("doctor")
	if code != 1 || strings.Count(stderr, "tierctl:") != 1 || !strings.Contains(stderr, "4 of ") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestDoctorWithoutServers(t *testing.T) {
	d := &deployment{t: t, args: []string{"--brokers", "127.0.0.1:1", "--redis", "redis://:secret@127.0.0.1:1"}}
	by := d.findings(1)
	if len(by) != 2 || by["brokers"][0].State != doctor.Fail || by["redis"][0].State != doctor.Fail {
		t.Errorf("%+v", by)
	}
	code, stdout, stderr := d.run("doctor")
	if code != 1 || strings.Contains(stdout+stderr, "secret") {
		t.Errorf("exit %d, and it may tell the password: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := d.run("doctor", "--as", "nobody"); code != 2 || !strings.Contains(stderr, "is no service") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
