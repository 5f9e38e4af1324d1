package tierctl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const rankedPolicy = `version: "ranked"
time_zone: Asia/Shanghai
value: {window_days: 60}
credit: {window_days: 90, promptness_days: 120, dso_days: 80}
portfolio: {dead_band: 2%}
tiers:
  - {name: base}
  - {name: silver, enter: 'value.class in ["A", "B"]', grace: 5d}
  - {name: gold, enter: 'value.class == "A" && value.rank.orders >= 50', keep: 'value.class == "A"'}
`

// With classes and ranks, which depend on all customers: what the services make of a history, sent in pieces, is what simulate makes of
// it, byte for byte, over several partitions as over one; and what an export adds to where the system stands is what clock advance makes.
func TestLiveEqualsSimulateByCutoffs(t *testing.T) {
	for _, partitions := range []string{"4"} {
		t.Run(partitions, func(t *testing.T) {
			d := deploy(t, 0)
			d.write("policy.yaml", rankedPolicy)
			const half = "2024-03-20T10:00:00Z"
			var pieces [2][]string
			for _, line := range d.trade("events.jsonl") {
				n := 0
				if at, after, ok := strings.Cut(line, `"occurred_at":"`); ok && at != "" && after >= half {
					n = 1
				}
				pieces[n] = append(pieces[n], line)
			}
			d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", partitions, "--clock", "event")
			for i, piece := range pieces {
				name := d.path(fmt.Sprint("piece", i))
				d.write(fmt.Sprint("piece", i), strings.Join(piece, "\n"))
				d.tierctl("send", name)
			}
			d.tierctl("send", d.path("piece1"))
			d.tierctl("wait")
			d.tierctl("export", "--as-of", end, "--out", d.path("ahead"))
			d.tierctl("clock", "advance", "--to", end)
			d.tierctl("export", "--as-of", end, "--out", d.path("live"))
			d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
			for _, f := range []string{"customers.jsonl", "tier-changes.jsonl", "dead-letters.jsonl", "portfolio.jsonl"} {
				for _, of := range []string{"live/", "ahead/"} {
					if diff := cmp.Diff(d.read("simulated/"+f), d.read(of+f)); diff != "" {
						t.Errorf("%s%s differs (-simulated +live):\n%.2000s", of, f, diff)
					}
				}
			}
			changes := d.read("live/tier-changes.jsonl")
			if n := strings.Count(changes, `"cutoff_version":"2024-`); n < 20 || !strings.Contains(changes, "the class is A") || !strings.Contains(changes, `"to":"gold"`) {
				t.Errorf("the history shows too little: %d changes by cut-offs", n)
			}
			if !strings.Contains(d.read("live/customers.jsonl"), `"cutoff_version":"2024-06-`) {
				t.Error("customers don't name their cut-offs")
			}
		})
	}
}
