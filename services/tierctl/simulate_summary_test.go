package tierctl

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// summed is what simulate --summary says of lines, as rows.
func summed(t *testing.T, policy string, lines []string, more ...string) (all []forecastLine, dir string) {
	t.Helper()
	dir = t.TempDir()
	events, rules := filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "policy.yaml")
	for file, text := range map[string]string{events: strings.Join(lines, "\n"), rules: policy} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := told(t, append([]string{"simulate", "--policy", rules, "--events", events, "--out", dir, "--summary", "-o", "json"}, more...)...)
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	return all, dir
}

func row(t *testing.T, all []forecastLine, what, which string) forecastLine {
	t.Helper()
	i := slices.IndexFunc(all, func(l forecastLine) bool { return l.What == what && l.Which == which })
	if i < 0 {
		t.Fatalf("there is no row of %s %s in %+v", what, which, all)
	}
	return all[i]
}

// A policy owner reads who would be where at the last moment, and how many messages a week has: of the last quarter, or of all of a
// shorter history.
func TestSimulateSummary(t *testing.T) {
	const policy = `version: v
segments: [{name: makers, when: {industry: toys}}]
tiers: [{name: base}, {name: gold, enter: value.net >= 100}]
value: {window_days: 30}
`
	order := func(id, customer, at string) string {
		return fmt.Sprintf(`{"topic":"orders","value":{"event_id":%q,"occurred_at":"%sT12:00:00Z","customer_id":%q,"order_id":%q,"placed":{"amount_minor":"10000","currency":"CNY"}}}`, id, at, customer, id)
	}
	lines := []string{
		`{"topic":"profiles","value":{"event_id":"p","occurred_at":"2026-01-01T12:00:00Z","customer_id":"C1","industry":"toys"}}`,
		`{"topic":"profiles","value":{"event_id":"q","occurred_at":"2026-01-01T12:00:00Z","customer_id":"C3","attributes":{"segment":"old friends"}}}`,
		order("O1", "C1", "2026-01-01"), order("O2", "C2", "2026-01-01"), order("O3", "C2", "2026-06-01"), order("O4", "C1", "2026-06-10"),
	}
	all, _ := summed(t, policy, lines, "--as-of", "2026-01-02", "--as-of", "2026-07-02")
	for _, c := range []struct {
		what, which string
		number      int
		share       float64
	}{
		{"customers in tier", "gold", 1, 1.0 / 3}, {"customers in tier", "base", 2, 2.0 / 3}, {"customers of segment", "makers", 1, 1.0 / 3},
		{"customers of segment", "old friends", 1, 1.0 / 3}, {"customers of segment", "-", 1, 1.0 / 3}, {"customers of grade", "AAA", 0, 0}, {"customers of grade", "BBB", 3, 1}, {"customers of grade", "-", 0, 0},
	} {
		if l := row(t, all, c.what, c.which); l.Number != c.number || l.Share == nil || *l.Share != c.share || l.PerWeek != nil {
			t.Errorf("%s %s: %+v, want %d", c.what, c.which, l, c.number)
		}
	}
	for _, c := range []struct { // downgrades on 31 January (two) and on 1 July
		which        string
		number, most int
		quarter      float64
	}{{"entry", 3, 3, 0}, {"down", 3, 2, 1}, {"up", 2, 1, 2}} {
		if l := row(t, all, "tier changes", c.which); l.Number != c.number || *l.Most != c.most || *l.PerWeek != c.quarter/13 || l.Share != nil {
			t.Errorf("%s: %+v %v %v, want %+v", c.which, l, *l.PerWeek, *l.Most, c)
		}
	}
	short, _ := summed(t, policy, lines[:4], "--as-of", "2026-01-15T12:00:00Z") // two weeks
	if l := row(t, short, "tier changes", "entry"); *l.PerWeek != 1.5 {
		t.Errorf("in two weeks: %+v %v", l, *l.PerWeek)
	}
	if l := row(t, short, "messages", "all"); l.Number != 3 {
		t.Errorf("%+v", l)
	}
}

// What is counted is what is in the files.
func TestSimulateSummaryIsOfTheFiles(t *testing.T) {
	trade := filepath.Join(t.TempDir(), "trade.jsonl")
	told(t, "loadgen", "--customers", "30", "--days", "200", "--seed", "3", "--out", trade)
	src, err := os.ReadFile(trade)
	if err != nil {
		t.Fatal(err)
	}
	all, dir := summed(t, "version: v\n", strings.Split(strings.TrimSpace(string(src)), "\n"))
	count := func(what string) (n int) {
		for _, l := range all {
			if strings.HasPrefix(l.What, what) {
				n += l.Number
			}
		}
		return n
	}
	lines := 0
	for what, file := range map[string]string{"customers in tier": "customers", "customers of grade": "customers", "tier changes": "tier-changes", "alerts": "credit-alerts", "signals": "signals"} {
		b, err := os.ReadFile(filepath.Join(dir, file+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(b), "\n")
		if n != count(what) || n == 0 {
			t.Errorf("%s: %d in the summary, %d in %s", what, count(what), n, file)
		}
		if raised := strings.Count(string(b), `"state":"RAISED"`); file != "customers" && file != "tier-changes" && raised != count(what+" raised") {
			t.Errorf("%s: %d raised in the summary, %d in %s", what, count(what+" raised"), raised, file)
		}
		if file != "customers" {
			lines += n
		}
	}
	if n := count("messages"); n != lines {
		t.Errorf("%d messages, the files have %d", n, lines)
	}
}
