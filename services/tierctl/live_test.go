package tierctl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// refuses runs a command that must fail, and say why.
func (d *deployment) refuses(want int, says string, args ...string) {
	d.t.Helper()
	code, _, stderr := d.run(args...)
	if code != want || !strings.Contains(stderr, says) {
		d.t.Errorf("tierctl %s: exit %d, %q; want %d and %q", strings.Join(args, " "), code, stderr, want, says)
	}
}

// liveOrder is a line of an order of an amount of yuan.
func liveOrder(id, customer string, at time.Time, yuan int) string {
	return fmt.Sprintf(`{"topic":"orders","value":{"event_id":%q,"occurred_at":%q,"customer_id":%q,"order_id":%q,"placed":{"amount_minor":"%d00","currency":"CNY"}}}`,
		id, at.UTC().Format(time.RFC3339), customer, id, yuan)
}

func decode(t *testing.T, line string, into any) {
	t.Helper()
	line = strings.ReplaceAll(line, `"customer_id"`, `"CustomerID"`)
	if err := json.Unmarshal([]byte(line), into); err != nil {
		t.Fatal(err)
	}
}

// A history is loaded and the deployment goes live: what fell due before is history, what comes after is live, the wall clock
// judges what is sent, and the command line knows it.
func TestGoingLive(t *testing.T) {
	now := time.Now()
	d := deploy(t, 0)
	d.write("history.jsonl", liveOrder("o1", "anna", now.AddDate(0, 0, -200), 5000)+"\n"+liveOrder("o2", "bert", now.AddDate(0, 0, -1), 5000)+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2", "--clock", "event")
	d.tierctl("send", d.path("history.jsonl"))
	d.tierctl("clock", "advance", "--to", now.AddDate(0, 0, -1).UTC().Format(time.RFC3339))
	if _, _, stderr := d.run("clock", "advance", "--to", "2019-01-01"); !strings.Contains(stderr, "time doesn't go back") {
		t.Errorf("into the past: %q", stderr)
	}
	d.tierctl("clock", "live")
	d.refuses(1, "gone live already", "clock", "live")
	d.refuses(1, "gone live", "clock", "advance", "--to", "2030-01-01")

	d.write("more.jsonl", liveOrder("o3", "anna", now, 4000)+"\n"+liveOrder("o4", "bert", now.AddDate(0, 0, 3), 1)+"\n")
	d.tierctl("send", d.path("more.jsonl"))
	d.tierctl("wait")
	d.tierctl("export", "--out", d.path("out"))
	var got []string
	for line := range strings.SplitSeq(strings.TrimSpace(d.read("out/tier-changes.jsonl")), "\n") {
		var c struct {
			CustomerID, To, Mode string
		}
		decode(t, line, &c)
		got = append(got, c.CustomerID+" "+c.To+" "+c.Mode)
	}
	want := "anna silver BACKFILL, anna base BACKFILL, anna silver LIVE, bert silver BACKFILL"
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("the changes are %s, want %s", g, want)
	}
	if dead := d.read("out/dead-letters.jsonl"); strings.Count(dead, `"FUTURE"`) != 1 || strings.Count(dead, "\n") != 1 {
		t.Errorf("the dead letters are %s, want the one of the future", dead)
	}
}

// A history that runs ahead of the wall clock can't go live yet.
func TestAheadOfTheClock(t *testing.T) {
	d := deploy(t, 0)
	d.write("history.jsonl", liveOrder("o1", "anna", time.Now().AddDate(0, 1, 0), 5000)+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "1", "--clock", "event")
	d.tierctl("send", d.path("history.jsonl"))
	d.tierctl("wait")
	d.refuses(1, "and the wall clock only at", "clock", "live")
	d.tierctl("clock", "advance", "--to", time.Now().AddDate(0, 2, 0).UTC().Format(time.RFC3339)) // the backfill goes on
}
