//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// everything is a policy that uses all that goes on over the whole portfolio: classes, ranks among all and within segments, scores
// by them, segments with sections of their own, advice, and the guard against payments that stop.
const everything = `
version: "everything"
time_zone: Asia/Shanghai
currency: CNY
portfolio: {percentiles: [50, 90]}
value:
  recognise: invoiced
  margin: {default: 0.3}
  serve: {minute: 1.5, visit: 200, complaint: 50, return: 15}
  score:
    contribution: {rank: segment}
    frequency: {rank: all}
credit:
  quiet_feed: {business_days: 3}
  advice:
    - {tiers: [gold, platinum], grade: A, limit: 200000, share: 0.2, terms_days: 60}
    - {grade: BB, limit: 20000, terms_days: 30}
    - {limit: 0}
segments:
  - name: makers
    when: {industry: [electronics, machinery]}
    credit: {caps: [{cap: overdue, days: 60, grade: CC}]}
  - name: lost
    when: {lifecycle: dormant}
tiers:
  - name: standard
  - name: silver
    enter: value.net >= 10000
    keep: value.net >= 8000
    grace: 30d
  - name: gold
    enter: value.class in ["A", "B"] && value.score >= 40 && credit.grade >= "BB"
    keep: value.class in ["A", "B"] && credit.max_days_overdue <= 60
    grace: 30d
    hold: 90d
  - name: platinum
    enter: value.class == "A" && value.rank.contribution >= 90 && value.segment_rank.net >= 50
    keep: value.class == "A"
    grace: 30d
`

// Two years of a trade in four currencies whose feed of payments stops for two months in the second, under a policy that uses
// everything, on three partitions: the files are simulate's, byte for byte.
func TestTwoYears(t *testing.T) {
	s := start(t, 1)
	s.policy(everything)
	s.tierctl("loadgen", "--customers", "60", "--days", "730", "--seed", "11", "--foreign", "15", "--out", s.path("trade.jsonl"))
	lines := strings.Split(strings.TrimRight(s.read("trade.jsonl"), "\n"), "\n")
	lines = append(lines, feedOfTwoYears(t)...)
	s.write("events.jsonl", strings.Join(lines, "\n")+"\n")
	const end = "2026-01-05"
	s.tierctl("simulate", "--policy", s.path("policy.yaml"), "--events", s.path("events.jsonl"), "--as-of", end, "--out", s.path("simulated"))
	s.tierctl("init", "--policy", s.path("policy.yaml"), "--clock", "event", "--partitions", "3")
	s.tierctl("send", s.path("events.jsonl"))
	s.tierctl("clock", "advance", "--to", end)
	s.exportsAs(end, append([]string{"portfolio.jsonl"}, files...))
	for _, seen := range []string{`"PORTFOLIO"`, `"TIME"`} {
		if !strings.Contains(s.read("simulated/tier-changes.jsonl"), seen) {
			t.Errorf("no change is of %s", seen)
		}
	}
}

// feedOfTwoYears says each day how far the payments are complete, but for two months.
func feedOfTwoYears(t *testing.T) (lines []string) {
	t.Helper()
	for month := range 24 {
		if month == 14 || month == 15 {
			continue
		}
		for day := range 28 {
			at := fmt.Sprintf("%d-%02d-%02dT02:00:00Z", 2024+month/12, 1+month%12, 1+day)
			value, err := json.Marshal(map[string]any{
				"event_id": "feed " + at, "occurred_at": at, "payment_id": "bank", "complete_through": map[string]string{"feed": "bank", "until": at},
			})
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf(`{"topic":"payments","value":%s}`, value))
		}
	}
	return lines
}
