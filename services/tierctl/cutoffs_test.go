package tierctl_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
	"github.com/tierstream/tierstream/services/tierctl"
)

const rankedPolicy = `version: "ranked"
time_zone: Asia/Shanghai
value:
  window_days: 60
  margin: {default: 0.2}
  score:
    contribution: {rank: segment}
    frequency: {rank: all}
credit: {window_days: 90, promptness_days: 120, dso_days: 80}
portfolio: {dead_band: 2%}
segments:
  - {name: small, when: {size: [small, micro]}, value: {score: {contribution: {rank: all}}}, credit: {thin_file: 2, caps: [{cap: overdue, days: 10, grade: CC}]},
     tiers: {silver: {enter: 'value.class == "A"', keep: 'value.rank.net >= 60', grace: 2d}}, signals: {near_upgrade: off},
     alerts: {overdue: {warning: credit.max_days_overdue_judged >= 5, critical: credit.max_days_overdue_judged >= 20 && credit.overdue_judged >= 100}}}
tiers:
  - {name: base}
  - {name: silver, enter: 'value.class in ["A", "B"]', grace: 5d}
  - {name: gold, enter: 'value.class == "A" && value.rank.orders >= 50', keep: 'value.class == "A"'}
  - {name: best, enter: 'value.segment_rank.net >= 70 && value.rank.contribution >= 50 && value.score >= 60', keep: 'value.segment_rank.net >= 50 && value.score >= 50'}
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
			lines := append(d.trade("events.jsonl"), ledger()...)
			d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
			for _, line := range lines {
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
			if !strings.Contains(changes, "within the segment") || strings.Count(changes, `"to":"best"`) < 5 {
				t.Errorf("%d changes by ranks within segments and by scores", strings.Count(changes, `"to":"best"`))
			}
			lines = strings.Split(d.read("live/customers.jsonl"), "\n")
			if !strings.Contains(lines[0], `"cutoff_version":"2024-06-`) || !strings.Contains(lines[0], `"rank":"all"`) {
				t.Error("customers don't name their cut-offs, or what they are ranked among")
			}
			id, _, _ := strings.Cut(strings.TrimPrefix(lines[0], `{"customer_id":"`), `"`)
			if said := d.tierctl("explain", id); !strings.Contains(said, " among all customers; with a weight of ") {
				t.Errorf("explain doesn't say the rank: %s", said)
			}
			if all := d.read("live/portfolio.jsonl"); !strings.Contains(all, `"net_p70@"`) || !strings.Contains(all, `"net_p70@small"`) || !strings.Contains(all, `"contribution_p99@"`) {
				t.Errorf("the portfolio lacks cut-offs within segments: %.500s", all)
			}
			if d.copies() == 0 {
				t.Error("no payment of one for another lies in the partitions of both: what it meets there would depend on who is faster")
			}
		})
	}
}

// A send or an advance that ended before the cut-offs of its midnight came is gone on with after them.
func TestAdvanceWaitsForAMidnightOnItsWay(t *testing.T) {
	d := deploy(t, 0)
	d.write("policy.yaml", rankedPolicy)
	d.write("events.jsonl", d.trade("all.jsonl")[0]+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2", "--clock", "event")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", "2024-03-03T12:00:00Z")
	// Partition 1 tells no such day end, so it stays on its way until somebody says that it is done.
	told := &pb.PortfolioDay{AsOf: int64(civil.FromTime(time.Date(2024, 3, 3, 6, 0, 0, 0, time.UTC))), Ranked: true}
	further := append([]string{"clock", "advance", "--to", "2024-03-03T18:00:00Z", "--timeout", "3s"}, d.args...)
	d.portfolio(told)
	var stderr bytes.Buffer
	if code := tierctl.Main(further, strings.NewReader(""), io.Discard, &stderr); code == 0 || !strings.Contains(stderr.String(), "waiting for the cut-offs of 2024-03-03T06:00:00Z") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	told.Merged = true
	d.portfolio(told)
	d.tierctl(further[:6]...)
}

// What a former deployment told of its days must not count as done.
func TestInitRefusesDaysOfAFormerDeployment(t *testing.T) {
	d := deploy(t, 0)
	if err := d.kafka().EnsureTopics(t.Context(), []kafkalog.Topic{{Name: topics.Portfolio, Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	init := []string{"init", "--policy", d.path("policy.yaml"), "--partitions", "1"}
	d.tierctl(init[:len(init):len(init)]...) // an empty topic is nobody's
	other := deploy(t, 0)
	if err := other.kafka().EnsureTopics(t.Context(), []kafkalog.Topic{{Name: topics.Portfolio, Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	other.portfolio(&pb.PortfolioDay{AsOf: 1, Merged: true})
	if code, _, stderr := other.run(init...); code != 1 || !strings.Contains(stderr, "portfolio has day ends of a former deployment") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	d.portfolio(&pb.PortfolioDay{AsOf: 1, Merged: true})
	d.tierctl(init[:len(init):len(init)]...) // its own
}

// portfolio appends a day end to partition 0 of portfolio.
func (d *deployment) portfolio(day *pb.PortfolioDay) {
	d.t.Helper()
	value, err := proto.Marshal(day)
	if err != nil {
		d.t.Fatal(err)
	}
	client := d.kafka()
	if _, err := client.Produce(d.t.Context(), topics.Portfolio, 0, []kafkalog.Message{{Value: value}}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployment) kafka() *kafkalog.Client {
	d.t.Helper()
	client, err := worker.Kafka(process.Config{Brokers: []string{d.args[1]}}, process.Deps{}, "test")
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(client.Close)
	return client
}

// copies counts the records of events that are there for a customer of another partition.
func (d *deployment) copies() (n int) {
	d.t.Helper()
	client := d.kafka()
	bounds, err := client.Offsets(d.t.Context(), topics.Events)
	if err != nil {
		d.t.Fatal(err)
	}
	for p, b := range bounds {
		err := client.ReadRange(d.t.Context(), topics.Events, p, b.Start, b.End, func(m kafkalog.Message) error {
			if slices.ContainsFunc(m.Headers, func(h kafkalog.Header) bool { return h.Key == topics.SharesHeader && string(h.Value) == "copy" }) {
				n++
			}
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	return n
}
